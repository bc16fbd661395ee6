"""Search beside a plain scan of every message, on random texts of many scripts: the same messages, no more, no less,
and the same places marked. BYRE_SEARCH_SEEDS asks for more of them."""

from __future__ import annotations

import os
import random
import sys
import unicodedata
from collections.abc import Sequence

import pytest

from byre.db import Connection
from byre.store import SearchHit, Transaction, bigrams, message_index
from byre.store.search_query import SearchQuery, _with_places
from tests.unit.store import plain_scan
from tests.unit.store.profile import room, text

SEEDS = range(int(os.environ.get("BYRE_SEARCH_SEEDS", "1")))
LETTERS: dict[str, Sequence[str]] = {
    "hangul": "회의실가각간하핫흥부탁확인ㅋㅎㅏㅇ",
    "letters": "ㅋㅎㅠㅠㅜㄳㅇㅏㅘㄲᄋ네ᅲᆫᆪ",
    "han": "日本語中文人々東京〇𠮷",
    "kana": "コーヒーがぎﾊﾟｶﾞてすと",
    "english": "abcmeting",
    "accented": ["é", "ü", "ß", "ﬁ", "Å", "x\u0302", "İ", "e\u0301", "ñ", "Œ"],
    "greek": "οδοΣςσ",
    "thai": "การประชุมวันนี้ำเเก่า",
    "burmese": "မြန်မာစာ",
    "hindi": "हिन्दीकीका",
    "arabic": ["م", "ح", "َ", "ّ", "د", "ال", "ـ", "ﷺ"],
    "hebrew": ["ש", "ל", "ו", "ם", "ָ", "ׁ"],
    "digits": "0123456789٣½²Ⅳ",
    "emoji": ["👍", "👍🏽", "❤️", "👩\u200d🚀", "🇰🇷", "1️⃣"],
    "unseen": ["회\u200b의", "a\u00adb", "\ufeff", "葛\U000e0100", "\u2060", "가\u3164", "ᄀ\u200bᅡ"],
    "signs": [*"_-.,!?'\"*():^/\\@#%+~", "…", "·", "・", "\u200d", "\u00a0", "\x00", "。", "「", "―", "\u202e"],
}


def word(draw: random.Random) -> str:
    letters = LETTERS[draw.choice(list(LETTERS))]
    made = "".join(draw.choice(letters) for _ in range(draw.randint(1, 5)))
    made = made.upper() if draw.random() < 0.2 else made
    return unicodedata.normalize(draw.choice(("NFC", "NFC", "NFD", "NFKD")), made) if draw.random() < 0.4 else made


def body(draw: random.Random) -> str:
    return "".join(word(draw) + draw.choice(("", " ", " ", "\n")) for _ in range(draw.randint(1, 8)))


def query(draw: random.Random, bodies: Sequence[str]) -> str:
    """A piece of a message, cut anywhere; or words, some of them quoted."""
    if draw.random() < 0.6:
        said = draw.choice(bodies)
        first = draw.randrange(len(said))
        cut = said[first : first + draw.randint(1, 6)]
        return unicodedata.normalize("NFD", cut) if draw.random() < 0.2 else cut
    return " ".join(draw.choice(("{}", "{}", '"{}"', '"{}')).format(word(draw)) for _ in range(draw.randint(1, 3)))


def covered(hit: SearchHit) -> set[int]:
    """Which characters of the folded body are marked; a letter and its accents are marked together."""
    text, place = _with_places(hit.message.body)
    return {
        at
        for at, (start, stop) in enumerate(map(place, range(len(text))))
        if any(first < stop and start < end for first, end in hit.highlights)
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_finds_and_marks_what_a_plain_scan_finds(tx: Transaction, connection: Connection, seed: int) -> None:
    draw = random.Random(seed)
    bodies = [body(draw) for _ in range(200)]
    connection.execute("BEGIN")
    tx.rooms.add(room(1))
    tx.messages.add_many([text(number, said, at=number) for number, said in enumerate(bodies)])
    for _ in range(150):
        asked = query(draw, bodies)
        hits = tx.search.find(asked, 1000)
        expected = {said for said in bodies if plain_scan.holds(asked, said)}
        if not expected and SearchQuery.parse(asked).typing() is not None:
            continue  # what is still being typed is read in a wider sense
        assert {hit.message.body for hit in hits} == expected, ascii(asked)
        for hit in hits:
            _check_marks(asked, hit)


def _check_marks(asked: str, hit: SearchHit) -> None:
    said = hit.message.body
    assert plain_scan.is_in_order(hit.highlights), ascii((asked, said))
    wanted = set[int]().union(*(plain_scan.marked(part, plain_scan.folded(said)) for part in plain_scan.parts(asked)))
    folded, place = _with_places(said)
    assert folded == plain_scan.folded(said), ascii(said)
    marked = covered(hit)
    picture = plain_scan.pictures(folded)
    whole, grown = wanted, set[int]()
    while whole != grown:  # with the marks of letters, and with what is one picture
        places, pictures = {place(one) for one in whole}, {picture[one] for one in whole}
        more = {at for at in range(len(folded)) if place(at) in places or picture[at] in pictures}
        whole, grown = more, whole
    assert marked <= whole, ascii((asked, said))
    for part in plain_scan.parts(asked):
        assert marked & plain_scan.marked(part, folded), ascii((asked, said))


def test_every_character_is_one_word_of_the_index_or_none(tx: Transaction, connection: Connection) -> None:
    """What unicode61 would split, drop or fold by itself could not be taken out again, and would count as a remnant."""
    numbers = [*range(0x80, 0x3400), *range(0x3400, 0xA000, 97), *range(0xA000, 0xAC00), *range(0xAC00, 0xD7B0, 97)]
    numbers += [*range(0xD7B0, 0xD800), *range(0xF900, 0x17000), *range(0x1D000, 0x20000)]
    numbers += [*range(0x20000, sys.maxunicode + 1, 997)]
    every = [one for one in map(chr, numbers) if unicodedata.category(one)[0] in "LMNS"]
    connection.execute("BEGIN")
    expected: set[str] = set()
    for at in range(0, len(every), 5000):
        said = " ".join(f"q{one}z" for one in every[at : at + 5000])
        message_index.add(connection, [message_index.IndexEntry(at + 1, 1, 1, has_file=False, body=said)])
        expected.update(bigrams.index_text(said, room=1, author=1, has_file=False).split(" "))
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'message_index', 'row')")
    found = {str(term) for (term,) in connection.execute("SELECT term FROM temp.words")}
    assert found == expected


@pytest.mark.parametrize(
    "asked",
    [
        *(
            '" OR 1=1 --',
            "NEAR(가 나, 3)",
            "body:회의",
            "-회의",
            "+회의 ^회의",
            "회의*",
            "(회의",
            "{a b}: c",
            "AND OR NOT",
        ),
        *("회의\x00의", "\x00", "\ud800", "'; DROP TABLE message; --", "%", "_", "\\", '""""', "a" * 70_000),
        *("가" * 20_000, "가 " * 3000, "ab " * 3000, '"' * 3001, '"가 나 ' * 1500, "👍" * 5000, "a.b" * 3000),
    ],
)
def test_whatever_is_typed_is_a_query(tx: Transaction, asked: str) -> None:
    tx.rooms.add(room(1))
    tx.messages.add(text(1, "주간회의 a b c near or and not"))
    for hit in tx.search.find(asked, 9):
        assert plain_scan.holds(asked, hit.message.body)
