"""A reproducible profile for the store's benchmark: chats of people who write Korean and some English.

Words are drawn by rank (Zipf), rooms by size (a few large ones, many small ones), times run forward. What is drawn
depends on the seed and the count only. Inserted with the repository's own statements, many to a transaction.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, islice
from typing import TypeVar

from byre.db import Connection
from byre.db.transaction import write_transaction
from byre.store import RoomRow, Transaction, message_index
from byre.store.index_upkeep import SETTING, current_tables
from byre.store.message_index import IndexEntry
from byre.store.messages import TIE_BITS, author_number
from byre.store.settings import SettingsRepository

T = TypeVar("T")

FIRST_MS = 1_600_000_000_000
STEP_MS = 130_000
ROOMS = 500
LARGE_ROOM = 1
LARGE_SHARE = 0.1
AUTHORS = 40
KOREAN_SHARE = 0.72
_BATCH = 20_000

RARE = "깊은산속옹달샘"
INSIDE = "회의록정리본"
"""A compound that stands in few messages: `록정` is two syllables inside a word."""


def _words(text: str) -> list[str]:
    return text.split()


_STEMS = _words(
    """
    회의 일정 오늘 내일 점심 저녁 사진 파일 확인 부탁 감사 안녕 지금 이따 아침 주말 회사 학교 집에 도착 출발
    버스 지하철 택시 커피 맥주 영화 음악 운동 병원 약속 생일 선물 가족 친구 엄마 아빠 동생 언니 오빠 누나
    선생님 팀장님 대표님 프로젝트 보고서 발표 자료 메일 전화 문자 주소 번호 비밀번호 계좌 송금 영수증 예약
    취소 변경 시간 장소 날씨 비가 눈이 바람 더워 추워 진짜 정말 아마 그래서 그런데 하지만 그리고 나중에 먼저
    다시 같이 혼자 조금 많이 빨리 천천히 좋아 싫어 괜찮아 미안 고마워 사랑해 보고싶어 재밌어 피곤해 배고파
    졸려 바빠 힘들어 축하해 화이팅 대박 헐 음 네 아니 응
    """
)
_ENDINGS = _words(
    """
    은 는 이 가 을 를 에 에서 으로 도 만 까지 부터 요 해요 했어요 합니다 할게요 하자 했어 인데 이라서 들 님
    씨
    """
)
_ENGLISH = _words(
    """
    the meeting is moved to tomorrow please check file when you can ok thanks see later lunch dinner project
    deadline review update release branch test build server client call email send link picture great sorry
    yes no maybe train bus home office week month number address invoice budget draft final version note
    list time place question answer
    """
)
_EXTRA = ("👍", "😂", "🙏", "ㅋㅋㅋ", "ㅎㅎ", "ㅠㅠ", "!", "?", "...", "^^")


@dataclass(frozen=True, slots=True)
class Written:
    """One message of the corpus."""

    room: int
    author: int
    at_ms: int
    body: str


def corpus(count: int, seed: int = 1) -> Iterator[Written]:
    """`count` messages in the order of their times."""
    draw = random.Random(seed)
    korean = [stem + ending for stem in _STEMS for ending in ("", *_ENDINGS)]
    draw.shuffle(korean)
    words = _by_rank([*_STEMS, *korean]), _by_rank(_ENGLISH)
    rooms = _by_rank(list(range(2, ROOMS + 1)), exponent=0.8)
    rare = max(1, count // 20)
    for number in range(count):
        is_korean = draw.random() < KOREAN_SHARE
        pool, weights = words[0] if is_korean else words[1]
        body = draw.choices(pool, cum_weights=weights, k=1 + int(draw.expovariate(1 / 6)))
        if draw.random() < 0.2:
            body.append(draw.choice(_EXTRA))
        if number % rare == rare // 2:
            body.append(RARE)
        if number % rare == rare // 3:
            body.append(INSIDE)
        is_large = draw.random() < LARGE_SHARE
        room = LARGE_ROOM if is_large else draw.choices(rooms[0], cum_weights=rooms[1])[0]
        yield Written(room, draw.randrange(AUTHORS), FIRST_MS + number * STEP_MS, " ".join(map(str, body)))


def fill(connection: Connection, count: int, seed: int = 1) -> None:
    """Write the corpus into a database without messages: rooms, authors, messages, index, what the room list shows."""
    authors: list[int] = []
    rooms: dict[int, int] = {}

    def begin(inside: Connection) -> None:
        tx = Transaction(inside)
        rooms.update({number: tx.rooms.add(_room(number)) for number in range(1, ROOMS + 1)})
        authors.extend(author_number(inside, _id(number, 32), _id(number, 16)) for number in range(AUTHORS))

    write_transaction(connection, begin)
    numbers = iter(range(count))
    written = corpus(count, seed)
    while batch := list(islice(written, _BATCH)):
        write_transaction(connection, partial(_add, batch=batch, rooms=rooms, authors=authors, numbers=numbers))
    write_transaction(connection, _sum_up)
    SettingsRepository(connection).put(SETTING, current_tables())


def group_id(number: int) -> bytes:
    """The group id (32 bytes) of the corpus's room `number`."""
    return _id(number, 32)


def room_number(tx: Transaction, number: int) -> int:
    """The local number of the corpus's room `number`."""
    room = tx.rooms.get(group_id(number))
    assert room is not None
    return room.id


def _add(
    connection: Connection, batch: list[Written], rooms: dict[int, int], authors: list[int], numbers: Iterator[int]
) -> None:
    rows, entries = [], []
    for message in batch:
        position, room, author = message.at_ms << TIE_BITS, rooms[message.room], authors[message.author]
        name = _id(next(numbers), 16)
        is_own = message.author == 0
        state = "read" if is_own else "received"
        times = (message.at_ms, message.at_ms)
        rows.append((position, room, name, author, "text", state, is_own, *times, message.body))
        entries.append(IndexEntry(position, room, author, has_file=False, body=message.body))
    connection.executemany(
        "INSERT INTO message (id, room, message_id, author, kind, state, is_own, sent_at, received_at, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    message_index.add(connection, entries)


def _sum_up(connection: Connection) -> None:
    connection.execute(
        "UPDATE room SET (last_message, last_kind, last_text, last_author, last_activity) = (SELECT max(m.id), m.kind,"
        f" substr(m.body, 1, 160), m.author, m.id >> {TIE_BITS:d} FROM message m WHERE m.room = room.id)"
        " WHERE EXISTS (SELECT 1 FROM message m WHERE m.room = room.id)"
    )


def _room(number: int) -> RoomRow:
    return RoomRow(
        id=0,
        group_id=group_id(number),
        kind="group",
        state="active",
        relay="http://relay.test",
        group_tag=_id(number, 16),
        created_at=FIRST_MS,
        last_activity=FIRST_MS,
        title=f"방 {number}",
    )


def _id(number: int, size: int) -> bytes:
    return random.Random(number).randbytes(size)


def _by_rank(items: list[T], exponent: float = 1.0) -> tuple[list[T], list[float]]:
    """Items with the cumulated weights of their ranks."""
    return list(items), list(accumulate(1 / (rank + 2) ** exponent for rank in range(len(items))))
