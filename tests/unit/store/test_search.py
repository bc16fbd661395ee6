"""Search over messages: filters, pages, snippets, one syllable, and what is still being typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import pytest

from byre.db import Connection
from byre.store import MessageRow, SearchFilter, SearchHit, Transaction, search
from byre.store.messages import select_indexed
from byre.store.search_query import SearchQuery
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


Asked = list[tuple[str, str]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The expressions that the index is asked for, and how, in order."""
    found: Asked = []
    bodies = search.SearchRepository._bodies

    def noted_bodies(self: search.SearchRepository, tail: str, parameters: Sequence[Any]) -> list[tuple[int, str]]:
        found.append((parameters[0], tail))
        return bodies(self, tail, parameters)

    def noted(connection: Connection, tail: str, parameters: Sequence[Any]) -> list[MessageRow]:
        found.append((parameters[0], tail))
        return select_indexed(connection, tail, parameters)

    monkeypatch.setattr(search.SearchRepository, "_bodies", noted_bodies)
    monkeypatch.setattr(search, "select_indexed", noted)
    return found


def expressions(asked: Asked) -> list[str]:
    return [expression for expression, _ in asked]


def test_the_index_is_asked_once_where_it_has_no_full_page(corpus: Transaction, asked: Asked) -> None:
    assert bodies(corpus.search.find("hell", 9)) == ["hello there"]
    assert expressions(asked) == ['"hel" *']


@pytest.mark.parametrize("query", ["회의", "회", "회ㅇ", "회의 회"])
@pytest.mark.parametrize("few", [0, 2000])
def test_pages_follow_one_another_without_gap(
    corpus: Transaction, query: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_FEW", few)
    monkeypatch.setattr(search, "_BATCH", 2)
    found: list[str] = []
    before = None
    while hits := corpus.search.find(query, 1, before=before):
        found += bodies(hits)
        before = hits[-1].message.id
    assert found == ["파일 회의록", "주간회의실", "회의 하나"]


def test_what_the_index_has_next_to_nothing_of_is_asked_for_at_once(
    corpus: Transaction, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt word costs no look at a thousand messages that begin as it does."""
    monkeypatch.setattr(search, "_BATCH", 2)
    monkeypatch.setattr(search, "_FEW", 2)
    corpus.messages.add_many([text(100 + number, "hello", at=10_000 + number) for number in range(50)])
    assert corpus.search.find("hellx", 9) == []
    asked.clear()
    assert corpus.search.find("helx", 9) == []
    assert expressions(asked) == ['"hel" *', '"helx" *']


def test_dear_parts_are_asked_for_one_after_the_other(
    corpus: Transaction, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of `a b` the index merges the words that begin with the rarer letter, as long as that is enough."""
    monkeypatch.setattr(search, "_BATCH", 2)
    monkeypatch.setattr(search, "_FEW", 2)
    monkeypatch.setattr(
        search, "pages_of", lambda _connection, beginning: {"a": 5, "b": 1, "c": 90, "회": 90}[beginning]
    )
    corpus.messages.add_many([text(1000 + number, "b c", at=10_000 + number) for number in range(200)])
    corpus.messages.add_many([text(2000 + number, "a c", at=20_000 + number) for number in range(60)])
    corpus.messages.add_many([text(3000, "a b 회", at=5_000), text(3001, "a b 회", at=10_190)])
    assert bodies(corpus.search.find("회 a b", 2)) == ["a b 회", "a b 회"]
    assert list(dict.fromkeys(expressions(asked))) == ['"b" *', '"a" * AND "b" *']
    asked.clear()
    assert bodies(corpus.search.find("회 a c b", 2)) == []
    assert list(dict.fromkeys(expressions(asked))) == ['"b" *', '"회" * AND "a" * AND "c" * AND "b" *']


def test_many_dear_parts_are_added_in_few_steps(corpus: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "pages_of", lambda *_: 50)
    query = SearchQuery.parse("a b c d e f g h i j k l m n o p")
    steps = corpus.search._dearer(query)
    assert steps[-1] == (16 * 50 * search._PER_PAGE, query)
    assert sum(price for price, _ in steps) < 3 * steps[-1][0]


@pytest.mark.parametrize(("english", "is_upwards"), [("hello", True), ("hello 회의", False)])
def test_words_that_seem_never_to_meet_are_looked_for_from_the_oldest_on(
    corpus: Transaction, asked: Asked, english: str, is_upwards: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_SAMPLE_SIZE", 5)
    corpus.messages.add_many([text(1000 + number, "회의", at=10_000 + 2 * number) for number in range(20)])
    corpus.messages.add_many([text(2000 + number, english, at=10_001 + 2 * number) for number in range(20)])
    corpus.messages.add(text(3000, "회의 hello", at=9_000))
    assert bodies(corpus.search.find("회의 hell", 50))[-1] == "회의 hello"
    assert [how for _, how in asked] == [search._UPWARDS if is_upwards else search._DOWNWARDS]


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


@pytest.mark.parametrize(("characters", "batches"), [(200, 3), (20, 2)])
def test_of_long_texts_fewer_are_looked_through(
    corpus: Transaction, asked: Asked, characters: int, batches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        corpus.messages.add(text(50 + number, "회의 " + "가나 " * 50, at=10_000 + number))
    monkeypatch.setattr(search, "_BATCH", 2)
    monkeypatch.setattr(search, "_FEW", 0)
    monkeypatch.setattr(search, "_CHARACTERS", characters)
    monkeypatch.setattr(search, "pages_of", lambda *_: 5)
    assert bodies(corpus.search.find("회의 하", 1)) == ["회의 하나"]
    assert expressions(asked) == ['"회의"'] * batches + ['"회의" AND "하" *']


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
