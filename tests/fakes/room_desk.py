"""One device at a desk: real MLS rooms on paper, a real store without a thread, and stand-ins that take notes.

desk = RoomDesk(tx, person, rooms)       rooms: what `paper_rooms.room_of` gave this person
desk.commits.added                       intents with their delays, instead of commits
desk.outbox.sent                         rows that would have left the device
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from byre.client.events import Event, EventBus
from byre.client.rooms.intents import Intent
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.showing import member_rows
from byre.errors import ByreError
from byre.store import OutboxRow, RoomRow, Transaction
from tests.fakes.identities import NOW_MS, RELAY, Person
from tests.fakes.paper_rooms import context_of


def outbox_row(mid: bytes, kind: str, **columns: Any) -> OutboxRow:
    """Return a row on its way that expires in a minute."""
    values: dict[str, Any] = {
        "id": 0,
        "message_id": mid,
        "relay": RELAY,
        "mailbox_id": bytes(16),
        "token": bytes(32),
        "ciphertext": b"sealed",
        "state": "queued",
        "ttl_s": 60,
        "created_at": NOW_MS,
        "expires_at": NOW_MS + 60_000,
    }
    return OutboxRow(mid=mid, kind=kind, **{**values, **columns})


@dataclass
class CommitsOnPaper:
    """Takes intents; `refusal` is what `bring_about` raises."""

    added: list[tuple[bytes, Intent, int]] = field(default_factory=list)
    brought_about: list[tuple[bytes, Intent]] = field(default_factory=list)
    woken: list[bytes] = field(default_factory=list)
    refusal: ByreError | None = None

    async def add(self, group_id: bytes, intent: Intent, *, delay_ms: int = 0) -> int:
        self.added.append((group_id, intent, delay_ms))
        return len(self.added)

    async def bring_about(self, group_id: bytes, intent: Intent) -> None:
        self.brought_about.append((group_id, intent))
        if self.refusal is not None:
            raise self.refusal

    def wake(self, group_id: bytes) -> None:
        self.woken.append(group_id)


class OutboxOnPaper:
    """Makes plain rows and keeps what is dispatched."""

    def __init__(self) -> None:
        self.sent: list[OutboxRow] = []

    def rows(self, item: bytes, sealed: Sequence[Any], *, room: int | None, kind: str, **more: Any) -> list[OutboxRow]:
        rows = []
        for each in sealed:
            to = each.recipient
            rows.append(
                outbox_row(
                    each.mid,
                    kind,
                    room=room,
                    account_id=to.account_id,
                    device_id=to.device_id,
                    message_id=item,
                    content=more.get("content"),
                    ciphertext=each.envelope,
                )
            )
        return rows

    def dispatch(self, rows: Sequence[OutboxRow], echo: Any = None) -> None:
        self.sent += rows


class GroupsOnPaper:
    """Current groups in a dictionary; nobody else holds one."""

    def __init__(self, rooms: dict[bytes, LiveRoom]) -> None:
        self.rooms = rooms

    async def current(self, group_id: bytes) -> LiveRoom | None:
        return self.rooms.get(group_id)

    @asynccontextmanager
    async def held(self, group_id: bytes) -> AsyncIterator[LiveRoom | None]:
        yield self.rooms.get(group_id)

    def put(self, room: LiveRoom) -> None:
        self.rooms[room.group_id] = room

    def forget(self, group_id: bytes) -> None:
        self.rooms.pop(group_id, None)


class Notes:
    """An object whose every method, awaited or not, notes its name and arguments and returns what was `given`."""

    def __init__(self, notes: list[Any], **given: Any) -> None:
        self._notes = notes
        self._given = given

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def noted(*arguments: Any, **options: Any) -> Any:
            self._notes.append((name, *arguments, *options.values()))
            value = self._given.get(name)
            if isinstance(value, Exception):
                raise value
            return _Either(value)

        return noted


class _Either:
    """A value that may be awaited or used at once; as a truth value it is what it stands for."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Any:
        return self._value
        yield

    def __bool__(self) -> bool:
        return bool(self._value)


class RoomDesk:
    """What the services of rooms take; see the module."""

    def __init__(self, tx: Transaction, person: Person, *rooms: LiveRoom, **more: Any) -> None:
        self.tx, self.person = tx, person
        self.events = EventBus()
        self.told: list[Event] = []
        self.events.subscribe(self.told.append)
        self.commits, self.outbox = CommitsOnPaper(), OutboxOnPaper()
        self.groups = GroupsOnPaper({room.group_id: room for room in rooms})
        self.context = context_of(person, tx, events=self.events, **more)
        self.context.own.device_list = person.device_list
        self.context.own.require_listed = lambda: None
        self.context.own.credential = lambda: SimpleNamespace()

    async def settle(self) -> None:
        """Let every background task come to its end."""
        for _ in range(20):
            await asyncio.sleep(0)

    def write_room(self, room: LiveRoom | None = None, **columns: Any) -> RoomRow:
        """Store a row (and members and epoch of `room`); return it."""
        values: dict[str, Any] = {
            "id": 0,
            "group_id": b"g" * 32 if room is None else room.group_id,
            "kind": "group",
            "state": "active",
            "relay": RELAY,
            "group_tag": bytes(16),
            "created_at": NOW_MS,
            "last_activity": NOW_MS,
        }
        number = self.tx.rooms.add(RoomRow(**{**values, **columns}))
        if room is not None:
            self.tx.members.replace(number, member_rows(number, room))
            group = room.group
            self.tx.groups.save_epoch(room.group_id, group.epoch, group.epoch_bytes(), group.ratchet_bytes())
        row = self.tx.rooms.by_number(number)
        assert row is not None, "just written"
        return row
