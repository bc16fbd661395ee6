"""Search over messages: filters, pages, snippets, one syllable, and what is still being typed."""

from __future__ import annotations

import unicodedata

import pytest

from byre.store import SearchFilter, SearchHit, Transaction, search
from tests.unit.store.profile import ALICE, BOB, NOW, room, text
from tests.unit.store.test_search_query import BODIES
from tests.unit.store.test_wipes import JOURNAL


@pytest.fixture
def corpus(tx: Transaction) -> Transaction:
    tx.rooms.add(room(1))
    tx.rooms.add(room(2))
    written = ["회의 하나", "주간회의실", "안녕하세요", "hello there", "파일 회의록", "좋아요 👍"]
    for number, body in enumerate(written):
        own, in_room = number % 2 == 0, 1 + number // 3
        tx.messages.add(text(number, body, at=number * 1000, own=own, in_room=in_room, has_file=number == 4))
    return tx


def bodies(hits: list[SearchHit]) -> list[str]:
    return [hit.message.body for hit in hits]


@pytest.mark.parametrize(
    ("query", "where", "expected"),
    [
        ("회의", SearchFilter(), ["파일 회의록", "주간회의실", "회의 하나"]),
        ("회의", SearchFilter(room=1), ["주간회의실", "회의 하나"]),
        ("회의", SearchFilter(sender=ALICE), ["파일 회의록", "회의 하나"]),
        ("회의", SearchFilter(sender=BOB, room=1), ["주간회의실"]),
        ("회의", SearchFilter(sender=b"?" * 32), []),
        ("회의", SearchFilter(has_file=True), ["파일 회의록"]),
        ("", SearchFilter(has_file=True), ["파일 회의록"]),
        ("", SearchFilter(sender=BOB), ["좋아요 👍", "hello there", "주간회의실"]),
        ("", SearchFilter(room=1), []),
        ("회의", SearchFilter(since=NOW + 1000, until=NOW + 4000), ["주간회의실"]),
        ("회의", SearchFilter(since=NOW + 1000), ["파일 회의록", "주간회의실"]),
        ("회의", SearchFilter(until=NOW), []),
        ("회", SearchFilter(), ["파일 회의록", "주간회의실", "회의 하나"]),
        ("회", SearchFilter(room=2), ["파일 회의록"]),
        ("회", SearchFilter(sender=BOB), ["주간회의실"]),
        ("회", SearchFilter(sender=b"?" * 32), []),
        ("회", SearchFilter(since=NOW + 1000, until=NOW + 4000), ["주간회의실"]),
        ("회의 하", SearchFilter(), ["회의 하나"]),
        ("👍", SearchFilter(), ["좋아요 👍"]),
        (unicodedata.normalize("NFD", "회의실"), SearchFilter(), ["주간회의실"]),
        ("he", SearchFilter(), ["hello there"]),
    ],
)
def test_filters_narrow_what_is_found(
    corpus: Transaction, query: str, where: SearchFilter, expected: list[str]
) -> None:
    assert bodies(corpus.search.find(query, 9, where=where)) == expected


@pytest.mark.parametrize(
    ("body", "query", "marked"),
    [
        ("ㅋㅋㅠㅠ", "ㅠㅠ", ["ㅠㅠ"]),
        ("ㅋㅋㅠㅠ", "ㅋㅋ", ["ㅋㅋ"]),
        ("네ㄳ", "네", ["네"]),
        ("네ㄳ 네", "ㄱㅅ", ["ㄳ"]),
        ("ㄱㅅ요", "ㄳ", ["ㄱㅅ"]),
        ("\uffbb\uffda", "크", ["\uffbb\uffda"]),
        ("ㅋ\uffbb", "ㅋㅋ", ["ㅋ\uffbb"]),
        ("㉠ 아님", "ㄱ", ["㉠"]),
        ("회\u200b의록", "회의", ["회\u200b의"]),
        ("회의록", "회\u200b의", ["회의"]),
        ("co\u00adoperate", "cooperate", ["co\u00adoperate"]),
        ("葛\U000e0100城市", "葛城", ["葛\U000e0100城"]),
        ("안녕\ufeff하세요", "안녕하세요", ["안녕\ufeff하세요"]),
        ("❤\ufe0f 하트", "❤", ["❤\ufe0f"]),
        ("좋아👍🏽👍🏽!", "👍", ["👍🏽👍🏽"]),
        ("나는 👩\u200d🚀 입니다", "👩", ["👩\u200d🚀"]),
        ("나는 👩\u200d🚀 입니다", "🚀", ["👩\u200d🚀"]),
        ("❤\ufe0f\u200d🔥🔥", "🔥", ["❤\ufe0f\u200d🔥🔥"]),
        ("👍🏽a", "a", ["a"]),
    ],
)
def test_lone_letters_stay_alone_and_what_nobody_sees_is_no_matter(
    tx: Transaction, body: str, query: str, marked: list[str]
) -> None:
    tx.rooms.add(room(1))
    tx.messages.add(text(1, body))
    tx.messages.add(text(2, "큐 너 긗 갃 다른 말", at=1))
    ((hit,)) = tx.search.find(query, 9)
    assert [hit.message.body[start:end] for start, end in hit.highlights] == marked
    assert [hit.snippet[start:end] for start, end in hit.snippet_highlights] == marked


def test_the_index_is_asked_once_where_it_has_no_full_page(
    corpus: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    select = search.select_indexed
    monkeypatch.setattr(search, "select_indexed", lambda *given: asked.append(given) or select(*given))
    assert bodies(corpus.search.find("hell", 9)) == ["hello there"]
    assert len(asked) == 1


@pytest.mark.parametrize("query", ["회의", "회", "회ㅇ", "회의 회"])
@pytest.mark.parametrize("looked_through", [1, 2000])
def test_pages_follow_one_another_without_gap(
    corpus: Transaction, query: str, looked_through: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(search, "_BATCH", 2)
    found: list[str] = []
    before = None
    while hits := corpus.search.find(query, 1, before=before):
        found += bodies(hits)
        before = hits[-1].message.id
    assert found == ["파일 회의록", "주간회의실", "회의 하나"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("회으", ["파일 회의록", "주간회의실", "회의 하나"]),
        ("안녀", ["안녕하세요"]),
        ("안녕핫", ["안녕하세요"]),
        ("회의시", ["주간회의실"]),
    ],
)
def test_a_syllable_on_its_way_finds_what_it_may_become(corpus: Transaction, typed: str, expected: list[str]) -> None:
    assert bodies(corpus.search.find(typed, 9)) == expected


def test_a_text_that_is_there_as_typed_is_not_widened(corpus: Transaction) -> None:
    corpus.messages.add(text(77, "회으", at=9000))
    (hit,) = corpus.search.find("회으", 9)
    assert hit.message.body == "회으"
    assert corpus.search.find("회으", 9, before=hit.message.id) == []


@pytest.mark.parametrize("sign", ["각", "é", "👩🏽\u200d🚀", "❤️", "요"])
@pytest.mark.parametrize("shift", range(5))
def test_a_snippet_does_not_cut_what_is_shown_as_one(tx: Transaction, sign: str, shift: int) -> None:
    sign = unicodedata.normalize("NFD", sign)
    tx.rooms.add(room(1))
    tx.messages.add(text(1, f"{'x' * shift} {sign * 60} here {sign * 60}"))
    (hit,) = tx.search.find("here", 9)
    shown = hit.snippet.strip("…").replace("here", "").replace("x", "").replace(" ", "")
    assert shown == sign * (len(shown) // len(sign))
    ((start, end),) = hit.snippet_highlights
    assert hit.snippet[start:end] == "here"


@pytest.mark.parametrize("is_deleted", [False, True])
def test_pages_that_began_wider_stay_wider_when_what_was_typed_arrives(corpus: Transaction, is_deleted: bool) -> None:
    (first,) = corpus.search.find("회으", 1)
    if is_deleted:  # the message that the first page ended with: then what is there now decides
        corpus.erasures.erase([first.message.id])
    else:
        corpus.messages.add(text(77, "회으", at=9000))
    assert bodies(corpus.search.find("회으", 9, before=first.message.id)) == ["주간회의실", "회의 하나"]


def test_of_long_texts_fewer_are_looked_through(corpus: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        corpus.messages.add(text(50 + number, "회의 " + "가나 " * 50, at=10_000 + number))
    asked: list[object] = []
    select = search.select_indexed
    monkeypatch.setattr(search, "select_indexed", lambda *given: asked.append(given) or select(*given))
    monkeypatch.setattr(search, "_BATCH", 2)
    monkeypatch.setattr(search, "_CHARACTERS", 400)
    assert bodies(corpus.search.find("회의 하", 9)) == ["회의 하나"]
    assert len(asked) == 3  # two and four candidates, then all parts


def test_hidden_rooms_are_left_out_either_way(corpus: Transaction) -> None:
    corpus.wipes.begin(JOURNAL, {1: 0})
    assert bodies(corpus.search.find("회", 9)) == bodies(corpus.search.find("회의", 9)) == ["파일 회의록"]


def test_a_short_message_is_its_own_snippet(corpus: Transaction) -> None:
    (hit,) = corpus.search.find("의실", 9)
    assert (hit.snippet, hit.highlights, hit.snippet_highlights) == ("주간회의실", ((3, 5),), ((3, 5),))
    assert "회의" not in repr(hit)


@pytest.mark.parametrize("lead", [0, 9, 501, 999])
def test_a_long_message_is_cut_around_the_first_match(tx: Transaction, lead: int) -> None:
    tx.rooms.add(room())
    tx.messages.add(text(1, "가나 " * (lead // 3) + "드디어 회의실\n" + "다라 " * ((1000 - lead) // 3)))
    (hit,) = tx.search.find("회의실", 9)
    ((start, end),) = hit.snippet_highlights
    assert hit.snippet[start:end] == "회의실"
    assert hit.message.body[slice(*hit.highlights[0])] == "회의실"
    assert len(hit.snippet) <= search._SNIPPET_CHARACTERS + 2
    assert "\n" not in hit.snippet
    assert hit.snippet.startswith("…") == (lead > 30)
    assert hit.snippet.endswith("…") == (lead < 900)


@pytest.mark.parametrize(("query", "body", "is_there"), BODIES)
def test_the_index_finds_what_the_pattern_matches(tx: Transaction, query: str, body: str, is_there: bool) -> None:
    tx.rooms.add(room())
    tx.messages.add(text(1, body))
    assert bool(tx.search.find(query, 9)) is is_there


def test_tending_an_index_of_few_segments_has_nothing_to_do(corpus: Transaction) -> None:
    before = bodies(corpus.search.find("회의", 9))
    while corpus.search.tend():
        pass
    assert not corpus.search.tend()
    assert bodies(corpus.search.find("회의", 9)) == before
