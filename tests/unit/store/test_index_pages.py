"""How many pages of the search index a beginning takes is told before it is asked for, whatever lies around it."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from byre.db import Connection
from byre.store import message_index
from byre.store.index_pages import pages_of, words_of

WORDS = ("회의", "회사", "회", "호", "횡단", "meeting", "meet", "me", "tomorrow", "uncommon", "zebra")
COMMON = {"회의": 9000, "meeting": 7000, "tomorrow": 5000, "uncommon": 5000}
ENTRY_BYTES = 9
PAGE_BYTES = 4000


@pytest.fixture
def filled(connection: Connection) -> Connection:
    """Some words stand in thousands of messages, others in ten; and many rare words begin otherwise."""
    draw = random.Random(1)
    bodies = [word for word in WORDS for _ in range(COMMON.get(word, 10))]
    bodies += [f"{draw.choice('abdghk')}{draw.randrange(10**9)}" for _ in range(3000)]
    bodies += [f"unz{draw.randrange(10**9)}" for _ in range(3000)]
    draw.shuffle(bodies)
    connection.execute("BEGIN")
    message_index.add(
        connection,
        [message_index.IndexEntry(at << 36, 1, 1, has_file=False, body=body) for at, body in enumerate(bodies, 1)],
    )
    connection.execute("COMMIT")
    return connection


@pytest.mark.parametrize(
    ("beginning", "entries"),
    [
        *(("회", 9020), ("회의", 9000), ("회사", 10), ("회의실", 0), ("횡", 10), ("me", 7020), ("meeting", 7000)),
        *(("meetings", 0), ("tomorrowx", 0), ("t", 5000), ("uncommon", 5000)),
        *(("un", 5000 + 3000 * 2), ("z", 10), ("zz", 0), ("zq", 0), ("힣", 0), ("\ud800", 0)),
    ],
)
@pytest.mark.parametrize("is_optimised", [False, True])
def test_pages_are_those_of_the_words_that_begin_so(
    filled: Connection, beginning: str, entries: int, is_optimised: bool
) -> None:
    if is_optimised:
        message_index.optimise(filled)
    segments = len({row[0] for row in filled.execute("SELECT segid FROM message_index_idx")})
    assert pages_of(filled, beginning) == pytest.approx(entries * ENTRY_BYTES / PAGE_BYTES, rel=0.3, abs=4 * segments)


def test_of_an_empty_index_there_are_none(connection: Connection) -> None:
    assert pages_of(connection, "회") == 0


def test_an_index_that_looks_otherwise_costs_time_only(filled: Connection) -> None:
    filled.execute("UPDATE message_index_data SET block = x'00' WHERE id > 100")
    assert pages_of(filled, "회의") == 0
    filled.execute("DELETE FROM message_index_data WHERE id > 100")
    assert pages_of(filled, "회의") == 0


def test_words_of_a_leaf_come_in_order(filled: Connection) -> None:
    leaves = filled.execute("SELECT block FROM message_index_data WHERE id > 100 AND id >> 31 & 63 = 0").fetchall()
    words = [list(words_of(bytes(block))) for (block,) in leaves]
    assert all(one < two for leaf in words for one, two in pairwise(leaf))
    assert {word[1:].decode() for leaf in words for word in leaf if word[:1] == b"0"} >= {"회의", "meeting", "zebra"}


def test_leaves_that_make_no_sense_end() -> None:
    for block in (b"", b"\0\0", b"\0\0\0\x08abcd\x04", b"\0\0\xff\xff", b"\0\0\0\x06\x01a\x04\xff\xff\xff"):
        assert len(list(words_of(block))) <= 1
