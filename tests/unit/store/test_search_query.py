"""What a query asks the index, and what it marks in a message."""

from __future__ import annotations

import unicodedata

import pytest

from byre.db import Connection
from byre.store import bigrams
from byre.store.search_query import BEGINNINGS, SearchQuery, match_expression


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ("회의", '"회의"'),
        ("회의실", '"회의 의실"'),
        ("회", '"회" *'),
        ("hel", '"hel" *'),
        ("hello 회의", '"hello" * AND "회의"'),
        ('"회의 안건"', '"회의 의 안건"'),
        ('"안녕 hel', '"안녕 녕 hel" *'),
        ('"hello world"', '"hello world" *'),
        ('"" ', ""),
        ('"!?"', ""),
        ("  ", ""),
        ('a"b', '"a" * AND "b" *'),
        ("3시", '"3 시" *'),
        ("회의3", '"회의 의 3" *'),
        ("don't", '"don t" *'),
        (
            "NEAR(회의 3) OR ^a AND NOT b:c",
            '"near 회의" AND "3" * AND "or" * AND "a" * AND "and" * AND "not" * AND "b c" *',
        ),
        ("좋아👍", f'"좋아 아 {bigrams.emoji_token("👍")}"'),
    ],
)
def test_a_query_becomes_an_expression(query: str, expression: str) -> None:
    assert match_expression(query) == expression


def test_a_room_narrows_the_expression_and_alone_asks_nothing() -> None:
    assert match_expression("회의", 3) == f'"{bigrams.room_token(3)}" AND "회의"'
    assert match_expression("...", 3) == ""


def test_senders_and_files_narrow_it_further() -> None:
    query = SearchQuery.parse("회의")
    author, other = bigrams.author_token(1), bigrams.author_token(2)
    assert query.expression(authors=[1, 2]) == f'("{author}" OR "{other}") AND "회의"'
    assert query.expression(has_file=True) == f'"{bigrams.FILE_TOKEN}" AND "회의"'
    assert query.expression(authors=[]) == ""
    assert SearchQuery.parse("").expression(has_file=True) == f'"{bigrams.FILE_TOKEN}"'


@pytest.mark.parametrize(
    ("typed", "cheap"),
    [
        ("회의", '"회의"'),
        ("회의 회", '"회의"'),
        ("회", ""),
        ("ab", ""),
        ("👍", f'"{bigrams.emoji_token("👍")}"'),
        ("3시", '"3"'),
        ("abc", '"abc" *'),
        ("file", '"fil" *'),
        ("meeting file 회의", '"meeti" * AND "fil" * AND "회의"'),
        ('"hello worlds', '"hello world" *'),
        ('"hello wo', '"hello"'),
    ],
)
def test_the_index_is_asked_for_what_it_answers_quickly(typed: str, cheap: str) -> None:
    assert SearchQuery.parse(typed).cheap().expression() == cheap


@pytest.mark.parametrize(
    ("typed", "cheap"),
    [
        ("프로젝ㅌ", '"프로 로젝"'),
        ("회ㅇ", ""),
        ("회의3시ㅇ", '"회의 의 3"'),
        ("hel회ㅇ", '"hel"'),
        ("hello 의실ㅇ", '"hello" * AND "의실"'),
    ],
)
def test_of_an_unfinished_syllable_what_stands_before_it_is_asked(typed: str, cheap: str) -> None:
    wider = SearchQuery.parse(typed).typing()
    assert wider is not None
    assert wider.cheap().expression() == cheap


def test_the_index_keeps_the_beginnings_that_are_asked_for(connection: Connection) -> None:
    ((sql,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'message_index'").fetchall()
    assert f"prefix='{' '.join(map(str, BEGINNINGS))}'" in sql


BODIES = [
    ("회의", "주간회의실", True),
    ("회의", "회 의", False),
    ("의 회", "회의실 회의", True),
    ("hel", "Help", True),
    ("elp", "Help", False),
    ("hel회의", "hel회의", True),
    ("hel회의", "hel 회의", True),
    ("hel회의", "help 회의", False),
    ("el회의", "hel회의", False),
    ("의3", "회의 3층", True),
    ("회3", "회의 3층", False),
    ('"회의 안건"', "주간회의, 안건은", True),
    ('"회의 안건"', "회의실 안건", False),
    ("👍", "좋아👍🏽", True),
    ("👍👍", "👍 👍", True),
    ("foo_bar", "foo_bar", True),
    ("ＡＢＣ", "abcd", True),
]


@pytest.mark.parametrize(("query", "body", "is_there"), BODIES)
def test_the_pattern_matches_as_the_index_does(query: str, body: str, is_there: bool) -> None:
    assert SearchQuery.parse(query).matcher()(body) is is_there


@pytest.mark.parametrize(
    ("query", "body", "marked"),
    [
        ("회의", "주간회의실 회의", ["회의", "회의"]),
        ("회의 의실", "주간회의실", ["회의실"]),
        ("hel", "Help hello shell", ["Hel", "hel"]),
        ("file", "ein ﬁle", ["ﬁle"]),
        ("ﬁ", "ein file", ["fi"]),
        ("👍", "좋아👍🏽", ["👍🏽"]),
        ('"회의 안건"', "새 회의, 안건", ["회의, 안건"]),
        ('"a b c d"', "a x c d, a b x d, a b c d", ["a b c d"]),
        ("없는말", "주간회의실", []),
        ("", "주간회의실", []),
    ],
)
def test_matches_are_marked_in_the_text_as_it_was_written(query: str, body: str, marked: list[str]) -> None:
    assert [body[start:end] for start, end in SearchQuery.parse(query).highlights(body)] == marked


def test_decomposed_text_is_marked_by_whole_syllables() -> None:
    body = unicodedata.normalize("NFD", "오늘 회의실에서")
    (span,) = SearchQuery.parse("의실").highlights(body)
    assert unicodedata.normalize("NFC", body[slice(*span)]) == "의실"
    assert SearchQuery.parse(unicodedata.normalize("NFD", "의실")).expression() == '"의실"'


@pytest.mark.parametrize(
    ("typed", "body", "marked"),
    [
        ("회ㅇ", "회의", "회의"),
        ("회으", "회의", "회의"),
        ("회으", "회은", "회은"),
        ("안녀", "안녕", "안녕"),
        ("핫", "하세요", "하세"),
        ("달", "닭", "닭"),
        ("일글", "일그러", "일그러"),
        ("회의ㄱ", "회의가", "회의가"),
    ],
)
def test_a_syllable_on_its_way_is_found_by_the_wider_reading(typed: str, body: str, marked: str) -> None:
    wider = SearchQuery.parse(typed).typing()
    assert wider is not None
    assert wider.matcher()(body)
    assert [body[start:end] for start, end in wider.highlights(body)] == [marked]


@pytest.mark.parametrize("query", ["", "hello", "👍", "ㅎ", "日本", "회의 hello"])
def test_nothing_else_has_a_wider_reading(query: str) -> None:
    assert SearchQuery.parse(query).typing() is None


def test_what_a_syllable_may_become_is_looked_up_and_not_gone_through() -> None:
    wider = SearchQuery.parse("핫").typing()
    assert wider is not None
    (part,) = wider.parts
    assert len(part.endings) > 500
    assert isinstance(part.endings, frozenset)  # asked for at every place of every text that is looked through
