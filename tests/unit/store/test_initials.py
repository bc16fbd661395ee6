"""초성 search."""

from __future__ import annotations

import random
import unicodedata

import pytest

from byre.store.initials import NameIndex, initials_of, matches


def test_initials_of_mixed_text() -> None:
    assert initials_of("회의 Room 3") == "ㅎㅇ room 3"
    assert initials_of(unicodedata.normalize("NFD", "회의")) == "ㅎㅇ"


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("ㅎㅇ", "회의", True),
        ("ㅎㅇ", "주간 회의방", True),
        ("회ㅇ", "회의", True),
        ("회ㅇ", "하의", False),
        ("의", "회의", True),
        ("ROOM", "my room", True),
        ("ㄲ", "까치", True),
        ("ㄱ", "까치", False),
        ("회의실장", "회의실", False),
        ("ㅋㅋ", "ㅋㅋ방", True),
    ],
)
def test_matching(query: str, name: str, expected: bool) -> None:
    assert matches(query, name) is expected
    assert (NameIndex([(1, name)]).find(query) == [1]) is expected


def test_an_index_follows_changes_and_keeps_its_order() -> None:
    index = NameIndex([("a", "회의"), ("b", "휴일")])
    index.put("c", "하늘")
    assert index.find("ㅎ") == ["a", "b", "c"]
    assert index.find("") == ["a", "b", "c"]
    index.put("a", "점심")
    index.remove("b")
    index.remove("b")
    assert index.find("ㅎ") == ["c"]
    assert index.find("ㅈㅅ") == ["a"]


@pytest.mark.parametrize(
    ("query", "name", "is_there"),
    [
        ("ㄳ", "감사합니다", True),
        ("ㄱㅅ", "감사합니다", True),
        ("좋ㄳ", "좋감사", True),
        ("ㄳ", "가나", False),
        ("ㅄ", "부산", True),
        ("ㅠㅠ", "ㅋㅋㅠㅠ", True),
        ("너", "너ㄳ", True),
        ("ㄴㄱㅅ", "너ㄳ", True),
        ("회의", "회\u200b의", True),
        ("\u1112\u110b", "회의", True),
        (unicodedata.normalize("NFD", "회ㅇ"), unicodedata.normalize("NFD", "주간 회의"), True),
        ("ａｌ", "Alice", True),
        ("al", "Ａｌｉｃｅ", True),
        ("strasse", "Straße", True),
        ("ㄲ", "가", False),
        ("👍ㅎ", "👍하나", True),
        ("ก", "กาน", True),
        ("שלו", "שלום", True),
        ("%", "100%", True),
        ("회의실을", "회의실", False),
    ],
)
def test_what_is_typed_in_another_way_is_the_same(query: str, name: str, is_there: bool) -> None:
    assert matches(query, name) is is_there
    assert NameIndex([(1, name)]).find(query) == ([1] if is_there else [])


def test_names_are_found_as_a_plain_look_at_each_syllable_finds_them() -> None:
    draw = random.Random(7)
    letters = "가각나난하회의힣까ab1 👍"
    names = ["".join(draw.choice(letters) for _ in range(draw.randint(1, 6))) for _ in range(300)]
    index = NameIndex(enumerate(names))
    firsts = {
        "가": "ㄱ",
        "각": "ㄱ",
        "나": "ㄴ",
        "난": "ㄴ",
        "하": "ㅎ",
        "회": "ㅎ",
        "의": "ㅇ",
        "힣": "ㅎ",
        "까": "ㄲ",
    }
    for _ in range(300):
        said = draw.choice(names).strip() or "a"
        first = draw.randrange(len(said))
        query = "".join(firsts.get(one, one) if draw.random() < 0.5 else one for one in said[first : first + 3]).strip()
        expected = [
            at
            for at, name in enumerate(names)
            if any(
                all(one in (two, firsts.get(two)) for one, two in zip(query, name[start:], strict=False))
                for start in range(len(name) - len(query) + 1)
            )
        ]
        assert index.find(query) == expected, query
