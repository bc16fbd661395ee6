"""What the search index holds, and what a query asks it."""

from __future__ import annotations

import unicodedata

import pytest

from byre.store import bigrams
from byre.store.bigrams import emoji_token as emoji


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("좋아요👍🏽!", ["좋아", "아요", "요", emoji("👍")]),
        ("❤\ufe0f ok", [emoji("❤"), "ok"]),
        ("👩\u200d🚀", [emoji("👩"), emoji("🚀")]),
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


def test_marks_are_short_and_each_has_one_meaning() -> None:
    every_emoji = (chr(number) for number in (*range(0x2300, 0x2C00), *range(0x1F000, 0x1FB00)))
    numbers = [*range(3000), *range(19_990, 20_010), 123_456_789]
    marks = [*map(bigrams.room_token, numbers), *map(bigrams.author_token, numbers), *map(emoji, every_emoji)]
    assert len({*marks, bigrams.FILE_TOKEN}) == len(marks) + 1
    assert {len(mark) for mark in marks[:3000]} == {len(emoji("👍"))} == {2}


def test_a_file_is_marked() -> None:
    marked = bigrams.index_text("안녕", room=7, author=3, has_file=True).split()
    assert bigrams.FILE_TOKEN in marked
    assert bigrams.FILE_TOKEN not in bigrams.index_text("fi", room=7, author=3, has_file=False).split()


def test_marks_are_told_from_words() -> None:
    marks = [bigrams.room_token(7), bigrams.author_token(25_000), bigrams.FILE_TOKEN]
    assert all(map(bigrams.is_mark, marks))
    assert not any(map(bigrams.is_mark, ["회의", "he", "", emoji("👍"), "\ue004"]))


def test_what_needs_no_care_is_compared_as_it_is() -> None:
    for one in ("회의 a", "会議", "👍"):
        assert bigrams.is_normalised(one)
        assert bigrams.normalised(one) == one
    for one in ("회\u200b의", "ㅋ", "\u1100", "ＡＢ", "한", "❤\ufe0f"):
        assert not bigrams.is_normalised(unicodedata.normalize("NFD", one))
