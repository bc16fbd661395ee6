"""What the search index holds, and what a query asks it."""

from __future__ import annotations

import unicodedata

import pytest

from byre.store import bigrams


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("회의실", ["회의", "의실", "실"]),
        ("회", ["회"]),
        ("Hello, World", ["hello", "world"]),
        ("회의 10시 ok", ["회의", "의", "10", "시", "ok"]),
        ("", []),
        ("!? ...", []),
        ("ＡＢＣ", ["abc"]),
        ("日本語テスト", ["日本", "本語", "語テ", "テス", "スト", "ト"]),
    ],
)
def test_text_becomes_words_and_bigrams(text: str, expected: list[str]) -> None:
    assert bigrams.tokens(text) == expected


def test_decomposed_hangul_is_the_same_text() -> None:
    assert bigrams.tokens(unicodedata.normalize("NFD", "회의실")) == bigrams.tokens("회의실")


def test_no_text_makes_a_rooms_token() -> None:
    token = bigrams.room_token(7)
    assert token not in bigrams.tokens(f"{token} rm7 \ue000")
    assert bigrams.index_text("안녕", 7) == f"{token} 안녕 녕"


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
    ],
)
def test_a_query_becomes_an_expression(query: str, expression: str) -> None:
    assert bigrams.match_expression(query) == expression


def test_a_room_narrows_the_expression_and_alone_asks_nothing() -> None:
    assert bigrams.match_expression("회의", 3) == f'"{bigrams.room_token(3)}" AND "회의"'
    assert bigrams.match_expression("...", 3) == ""
