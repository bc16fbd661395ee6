"""What the search index holds, and what a query asks it."""

from __future__ import annotations

import unicodedata

import pytest

from byre.store import bigrams


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("좋아요👍🏽!", ["좋아", "아요", "요", "\ue000em1f44d"]),
        ("❤\ufe0f ok", ["\ue000em2764", "ok"]),
        ("👩\u200d🚀", ["\ue000em1f469", "\ue000em1f680"]),
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
    assert bigrams.index_text("안녕", room=7, author=3, has_file=False) == f"{token} {bigrams.author_token(3)} 안녕 녕"


def test_a_file_is_marked() -> None:
    marked = bigrams.index_text("안녕", room=7, author=3, has_file=True).split()
    assert bigrams.FILE_TOKEN in marked
    assert bigrams.FILE_TOKEN not in bigrams.index_text("fi", room=7, author=3, has_file=False).split()
