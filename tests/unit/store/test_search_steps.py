"""By whatever steps a page is looked for: the same messages in the same order as a plain scan gives, page by page, with
every filter. What the steps cost is made up, so that each of them is taken. BYRE_SEARCH_SEEDS asks for more."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from byre.db import Connection
from byre.store import NewMessage, SearchFilter, Transaction, search
from byre.store.search_query import SearchQuery
from tests.unit.store import plain_scan
from tests.unit.store.profile import ALICE, BOB, NOW, room, text

SEEDS = range(4 * int(os.environ.get("BYRE_SEARCH_SEEDS", "1")))
KOREAN = ["회의", "회사", "회의록", "일정", "오늘", "확인", "부탁", "파일", "사진", "하자", "해요", "ㅋㅋ", "회", "의"]
ENGLISH = ["meeting", "meet", "me", "file", "files", "the", "tomorrow", "a", "b", "c", "check", "please", "ok", "I"]
OTHER = ["👍", "東京", "3시", "Ａｂ", "don't", "ㄳ"]
QUERIES = (
    *("회의", "회", "회의 file", "file 회의", "the 회의 확인", "a b c", "e 회", "회 의 일", "m", "me", "me t", "zq"),
    *("zq 회", "tomorrowx", "meeting", "meetin", "확인 부탁", '"확인 부탁"', '"the meeting"', '"meeting the'),
    *('"회의 일', "회ㅇ", "확인 파이", "회 회", "the the t", "👍 회", "東 a", "3시", "ab", "don't", "없는 the", ""),
    *("회의 하", "오늘 회ㅇ", "회의 zq", "a a a b", "ok 파", "일정 m", "i", "ㅋ", "please check m"),
)


def said(draw: random.Random, number: int) -> str:
    """Mostly one language; some words meet only long ago, some never."""
    words = draw.choice((KOREAN, KOREAN, ENGLISH, ENGLISH, OTHER, [*KOREAN, *ENGLISH] if number < 60 else KOREAN))
    return " ".join(draw.choice(words) for _ in range(draw.randint(1, 6)))


def written(draw: random.Random, count: int) -> Iterator[NewMessage]:
    for number in range(count):
        yield text(
            number,
            said(draw, number),
            at=number * 1000,
            own=draw.random() < 0.3,
            in_room=draw.choice((1, 1, 1, 2)),
            has_file=draw.random() < 0.1,
            kind="system" if draw.random() < 0.02 else "text",
        )


def narrowed(draw: random.Random, count: int) -> SearchFilter:
    since = NOW + draw.randrange(count) * 1000
    return SearchFilter(
        room=draw.choice((None, None, 1, 2)),
        sender=draw.choice((None, None, None, ALICE, BOB)),
        since=draw.choice((None, None, since)),
        until=draw.choice((None, None, since + draw.randrange(count) * 1000)),
        has_file=draw.random() < 0.1,
    )


def expected(messages: list[NewMessage], asked: str, where: SearchFilter) -> list[bytes]:
    """Names of the messages, newest first."""
    fitting = [
        one
        for one in reversed(messages)
        if one.kind == "text"
        and where.room in (None, one.room)
        and where.sender in (None, one.account_id)
        and (where.since is None or one.sent_at >= where.since)
        and (where.until is None or one.sent_at < where.until)
        and (one.has_file or not where.has_file)
    ]
    if not asked:
        return [one.message_id for one in fitting] if where.sender or where.has_file else []
    exact = [one.message_id for one in fitting if plain_scan.holds(asked, one.body)]
    wider = None if exact else SearchQuery.parse(asked).typing()
    return [one.message_id for one in fitting if wider.matcher()(one.body)] if wider else exact


def paged(tx: Transaction, asked: str, where: SearchFilter, limit: int) -> Iterator[bytes]:
    before = None
    while hits := tx.search.find(asked, limit, where=where, before=before):
        assert len(hits) <= limit
        yield from (hit.message.message_id for hit in hits)
        before = hits[-1].message.id


@pytest.mark.parametrize("seed", SEEDS)
def test_every_way_leads_to_the_same_pages(
    tx: Transaction, connection: Connection, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(seed)
    connection.execute("BEGIN")
    for number in (1, 2):
        tx.rooms.add(room(number))
    messages = list(written(draw, 300))
    tx.messages.add_many(messages)
    for asked in QUERIES:
        monkeypatch.setattr(search, "_FEW", draw.choice((0, 0, 4, 256)))
        monkeypatch.setattr(search, "_BATCH", draw.choice((1, 2, 5, 64)))
        monkeypatch.setattr(search, "_SAMPLE_SIZE", draw.choice((1, 3, 64)))
        prices = [draw.choice((0, 1, 3, 20)) for _ in range(3)]
        monkeypatch.setattr(search, "pages_of", lambda _, beginning, prices=prices: prices[len(beginning.encode()) % 3])
        where = draw.choice((SearchFilter(), narrowed(draw, len(messages))))
        limit = draw.choice((1, 2, 7, 50))
        found = list(paged(tx, asked, where, limit))
        assert found == expected(messages, asked, where), ascii((asked, where, limit))
