"""A fake engine for the window's tests: sample people and rooms, a scripted linking handshake, nothing real.

It plays `byre.client.api.EngineApi` in memory. Tests drive the far side with the methods of `FakeEngine` itself:
`receive`, `advance`, `phone_scans`, `phone_matches`, `refuse`. No sleeps, no clock: `now_ms` is a field.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from byre.client import events as ev
from byre.client.events import EventBus
from byre.client.views import (
    AccountId,
    DeviceId,
    DeviceView,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    ProfileState,
    Role,
    RoomId,
    RoomKind,
    RoomState,
    RoomView,
    Sender,
    Status,
    Trust,
)
from byre.errors import EnvironmentFault, UsageError
from tests.fakes.engine_account import FakeAccount
from tests.fakes.engine_constants import CODE, RECOVERY_CODE, at, hex_id
from tests.fakes.engine_copies import FakeBackups, FakeKeyRecovery, FakeNetwork, FakeRecoveryCode, FakeSettings
from tests.fakes.engine_erasing import FakeErasures, FakeWipes
from tests.fakes.engine_sample import PEOPLE, ROOMS, SAMPLE, Person, own_person
from tests.fakes.engine_services import (
    FakeContacts,
    FakeDevices,
    FakeLinking,
    FakeMessages,
    FakeRooms,
)

__all__ = ["CODE", "RECOVERY_CODE", "FakeEngine", "at", "hex_id"]


class FakeEngine:
    """`EngineApi` in memory."""

    def __init__(
        self,
        *,
        state: ProfileState = ProfileState.READY,
        role: Role | None = Role.LINKED,
        sample: bool = True,
        passphrase: str | None = None,
    ) -> None:
        self.events = EventBus()
        self.now_ms = at(11, 40)
        self.me = own_person()
        self.role = role
        self.passphrase = passphrase
        self.refusals: dict[str, list[str]] = {}
        self.calls: list[tuple[str, object]] = []
        self.values: dict[str, object] = {}
        self.started = self.stopped = False
        self.connected = True
        self.people: dict[str, Person] = {p.handle: p for p in PEOPLE} if sample else {}
        self.trust: dict[str, Trust] = {p.handle: p.trust for p in self.people.values()}
        self.room_views: dict[RoomId, RoomView] = {}
        self.room_members: dict[RoomId, list[str]] = {}
        self.rows: dict[RoomId, list[MessageView]] = {}
        self.drafts: dict[RoomId, str] = {}
        self.strangers: set[AccountId] = set()
        self.changes: dict[str, str] = {}
        self.roles: dict[tuple[RoomId, AccountId], str] = {}
        self.device_views = [
            DeviceView(DeviceId(hex_id("phone", 32)), "휴대전화", Role.PRIMARY, linked_at=at(9, 0, day=1)),
            DeviceView(DeviceId(hex_id("pc", 32)), "거실 PC", Role.LINKED, current=True, linked_at=at(20, 12, day=3)),
            DeviceView(DeviceId(hex_id("laptop", 32)), "노트북", Role.LINKED, linked_at=at(13, 38, day=14)),
        ]
        if role is Role.PRIMARY:
            self.device_views = [replace(d, current=d.role is Role.PRIMARY) for d in self.device_views]
        shown = role if state is not ProfileState.NEW else None
        self._status = Status(state, shown, connected=False, has_passphrase=passphrase is not None)
        self._offers = 0
        self._tries = 3
        self._gives_key = False
        self.has_key_store = True
        self._serial = 0
        self._finish: asyncio.Future[None] | None = None
        if state is ProfileState.READY:
            self._status = self._ready_status()
        if sample and state is not ProfileState.NEW:
            self._fill()
        self.account = FakeAccount(self)
        self.linking = FakeLinking(self)
        self.devices = FakeDevices(self)
        self.contacts = FakeContacts(self)
        self.rooms = FakeRooms(self)
        self.messages = FakeMessages(self)
        self.wipes = FakeWipes(self)
        self.erasures = FakeErasures(self)
        self.settings = FakeSettings(self)
        self.backups = FakeBackups(self)
        self.network = FakeNetwork(self)
        self.key_recovery = FakeKeyRecovery(self)
        self.recovery_code = FakeRecoveryCode(self)

    async def start(self) -> None:
        self.check("start")
        self.started = True

    async def stop(self) -> None:
        self.stopped = True

    async def reconnect(self) -> None:
        """Try now."""
        self.check("reconnect")
        self.connect(True)

    # -- what tests do to it

    def refuse(self, call: str, *codes: str) -> None:
        """Let the next calls of that name fail with these codes."""
        self.refusals.setdefault(call, []).extend(codes)

    def check(self, call: str, argument: object = None) -> None:
        self.calls.append((call, argument))
        waiting = self.refusals.get(call)
        if waiting:
            code = waiting.pop(0)
            kind = EnvironmentFault if code in ("relay_unreachable", "disk_full", "key_unavailable") else UsageError
            raise kind("Refused by the script.", code=code)

    def receive(self, room_id: RoomId, handle: str, text: str, *, read: bool = False) -> MessageView:
        """A message arrives."""
        message = self._message(room_id, handle, text, self.now_ms)
        self._append(message, unread=0 if read else 1)
        self.events.publish(ev.MessageReceived(message))
        self.events.publish(ev.RoomChanged(room_id))
        return message

    def happen(self, room_id: RoomId, handle: str, event: str) -> MessageView:
        """Something happens in a room: its line comes with the room's change, as no message."""
        line = self._message(room_id, handle, f"@{event}", self.now_ms)
        self._append(line, unread=0)
        self.events.publish(ev.RoomChanged(room_id))
        return line

    def advance(self, message_id: MessageId, state: MessageState, unread_by: int = 0) -> None:
        """An own message gets further."""
        for room_id, rows in self.rows.items():
            for i, row in enumerate(rows):
                if row.message_id == message_id:
                    rows[i] = replace(row, state=state, unread_by=unread_by)
                    view = self.room_views[room_id]
                    if view.last_message is not None and view.last_message.message_id == message_id:
                        self.room_views[room_id] = replace(view, last_message=rows[i])
                    self.events.publish(ev.MessageStateChanged(message_id, room_id, state, unread_by))

    def connect(self, connected: bool, next_try_s: int | None = 15, reason: str = "relay_unreachable") -> None:
        self.connected = connected
        self._status = replace(self._status, connected=connected)
        next_try_at = None if connected or next_try_s is None else self.now_ms + next_try_s * 1000
        self.events.publish(ev.ConnectionChanged(connected, next_try_at, "" if connected else reason))
        self.events.publish(ev.StatusChanged(self._status))

    def change_key(self, handle: str, reason: str = "key") -> None:
        """The directory names another key for a known person, or (`history`) its key signed two histories."""
        self.changes[handle] = reason
        self.set_trust(handle, Trust.CHANGED)
        self.events.publish(ev.KeyChanged(self.people[handle].account_id, handle, reason))

    def fork(self) -> None:
        """The own account's key has signed two lists."""
        self._status = replace(self._status, is_forked=True)
        self.events.publish(ev.OwnListForked(7))

    def damage(self) -> None:
        """The open database turns out to be damaged: the engine closes the profile."""
        self._status = replace(self._status, state=ProfileState.LOCKED, connected=False, is_damaged=True)
        self.events.publish(ev.ProfileDamaged())
        self.events.publish(ev.StatusChanged(self._status))

    def remove_me(self) -> None:
        """The account removed this device."""
        self._status = replace(self._status, state=ProfileState.NEW, role=None, connected=False, is_removed=True)
        self.events.publish(ev.StatusChanged(self._status))

    def set_trust(self, handle: str, trust: Trust) -> None:
        self.trust[handle] = trust
        person = self.people[handle]
        for room_id, members in self.room_members.items():
            if handle in members:
                self.room_views[room_id] = replace(self.room_views[room_id], trust=self._room_trust(members))
        self.events.publish(ev.ContactChanged(person.account_id))

    def phone_scans(self) -> None:
        """PC side: the phone read the QR and its user agreed; digits are known on both sides."""
        self.events.publish(ev.LinkCodeShown(CODE, "seoyeon", "relay.example", self.now_ms + 300_000))

    def phone_matches(self) -> None:
        """PC side: the digits were typed right."""
        self.events.publish(ev.LinkReady("seoyeon", "relay.example", self.me.account_id))

    def end_link(self, code: str) -> None:
        self.events.publish(ev.LinkEnded(code))

    def invite(self, handle: str, title: str) -> RoomId:
        """A stranger opens a room with us."""
        person = Person(handle, title, 5, Trust.UNVERIFIED)
        self.people[handle] = person
        self.trust[handle] = Trust.UNVERIFIED
        room_id = self._room(title, RoomKind.DIRECT, [handle], state=RoomState.REQUEST)
        self._append(self._message(room_id, handle, "안녕하세요, 처음 인사드립니다.", self.now_ms), unread=1)
        sender = Sender(person.account_id, handle, DeviceId(hex_id(handle, 32)), person.name)
        self.events.publish(ev.RoomRequested(room_id, sender))
        self.events.publish(ev.RoomChanged(room_id))
        return room_id

    def room(self, title: str) -> RoomId:
        return next(r for r, v in self.room_views.items() if v.title == title)

    def texts(self, room_id: RoomId) -> list[str]:
        return [m.text for m in self.rows[room_id]]

    # -- inside

    def _ready_status(self) -> Status:
        current = next(d for d in self.device_views if d.current)
        return Status(
            state=ProfileState.READY,
            role=self.role,
            connected=self.connected,
            account_id=self.me.account_id,
            device_id=current.device_id,
            handle=self.me.handle,
            host="relay.example",
            name=self.me.name,
            relay="https://relay.example",
            has_passphrase=self.passphrase is not None,
        )

    def _become(self, state: ProfileState, role: Role | None = None) -> None:
        if role is not None:
            self.role = role
        self._status = self._ready_status() if state is ProfileState.READY else replace(self._status, state=state)
        self.events.publish(ev.StatusChanged(self._status))

    def _fill(self) -> None:
        for title, kind, handles, unread in ROOMS:
            self._room(title, kind, handles, unread=unread)
        for title, handle, text, hour, minute, day, state, unread_by in SAMPLE:
            room_id = self.room(title)
            message = self._message(room_id, handle, text, at(hour, minute, day=day), MessageState(state), unread_by)
            self._append(message)
        order = {v.title: i for i, v in enumerate(self.room_views.values())}
        for room_id, view in self.room_views.items():
            self.room_views[room_id] = replace(view, unread=ROOMS[order[view.title]][3])

    def _room(
        self, title: str, kind: RoomKind, handles: Sequence[str], *, unread: int = 0,
        state: RoomState = RoomState.ACTIVE,
    ) -> RoomId:  # fmt: skip
        room_id = RoomId(hex_id(f"room {title} {len(self.room_views)}", 32))
        self.room_members[room_id] = list(handles)
        self.rows[room_id] = []
        peer = self.people[handles[0]].account_id if kind is RoomKind.DIRECT and handles else None
        self.room_views[room_id] = RoomView(
            room_id,
            title,
            kind,
            state,
            self._room_trust(handles),
            unread,
            len(handles) + 1,
            self.now_ms,
            None,
            peer,
            may_set_retention=True,
        )
        return room_id

    def _room_trust(self, handles: Sequence[str]) -> Trust:
        kinds = {self.trust.get(h, Trust.UNVERIFIED) for h in handles}
        for worst in (Trust.CHANGED, Trust.UNVERIFIED):
            if worst in kinds:
                return worst
        return Trust.VERIFIED

    def _sender(self, handle: str) -> Sender:
        person = self.me if handle in ("", self.me.handle) else self.people[handle]
        return Sender(person.account_id, person.handle, DeviceId(hex_id(person.handle, 32)), person.name)

    def _message(
        self, room_id: RoomId, handle: str, text: str, ms: int, state: MessageState = MessageState.RECEIVED,
        unread_by: int = 0,
    ) -> MessageView:  # fmt: skip
        self._serial += 1
        own = handle == ""
        kind, detail = MessageKind.TEXT, ""
        if text.startswith("@"):
            kind, _, rest = MessageKind.SYSTEM, "", text[1:]
            text, _, detail = rest.partition(" ")
        return MessageView(
            MessageId(hex_id(f"message {self._serial}", 32)), room_id, self._sender(handle), text, ms,
            state if own else MessageState.RECEIVED, self._serial, own, kind, unread_by, detail,
        )  # fmt: skip

    def _append(self, message: MessageView, unread: int = 0) -> None:
        self.rows[message.room_id].append(message)
        view = self.room_views[message.room_id]
        self.room_views[message.room_id] = replace(
            view, last_message=message, last_activity=message.sent_at, unread=view.unread + unread
        )
