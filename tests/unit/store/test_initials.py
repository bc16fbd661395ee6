"""초성 search."""

from __future__ import annotations

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
