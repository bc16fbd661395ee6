"""A fake engine for the window's tests: sample people and rooms, a scripted linking handshake, nothing real.

It plays `byre.client.api.EngineApi` in memory. Tests drive the far side with the methods of `FakeEngine` itself:
`receive`, `advance`, `phone_scans`, `phone_matches`, `refuse`. No sleeps, no clock: `now_ms` is a field.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from byre.client import events as ev
from byre.client.events import EventBus
from byre.client.views import (
    AccountId,
    ContactView,
    Created,
    DeviceId,
    DeviceView,
    LinkOffer,
    LinkRequest,
    MemberView,
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
    WipeCertificate,
    WipePreview,
)
from byre.errors import EnvironmentFault, PeerError, UsageError
from tests.fakes.engine_sample import PEOPLE, ROOMS, SAMPLE, Person, own_person

RECOVERY_CODE = "7GQF-2M9K-XW3A-P8RD-6TBN-4HJC-9VEZ"
CODE = "482916"


def at(hour: int, minute: int, *, day: int = 20) -> int:
    """A moment of the sample day, 20 November 2026, local time, in ms."""
    return int(datetime(2026, 11, day, hour, minute).timestamp() * 1000)


def hex_id(name: str, digits: int) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:digits]


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
        self.device_views = [
            DeviceView(DeviceId(hex_id("phone", 32)), "휴대전화", Role.PRIMARY, linked_at=at(9, 0, day=1)),
            DeviceView(DeviceId(hex_id("pc", 32)), "거실 PC", Role.LINKED, current=True, linked_at=at(20, 12, day=3)),
            DeviceView(DeviceId(hex_id("laptop", 32)), "노트북", Role.LINKED, linked_at=at(13, 38, day=14)),
        ]
        if role is Role.PRIMARY:
            self.device_views = [replace(d, current=d.role is Role.PRIMARY) for d in self.device_views]
        self._status = Status(state=state, role=role if state is not ProfileState.NEW else None, connected=False)
        self._offers = 0
        self._tries = 3
        self._serial = 0
        self._finish: asyncio.Future[None] | None = None
        if state is ProfileState.READY:
            self._status = self._ready_status()
        if sample and state is not ProfileState.NEW:
            self._fill()
        self.account = _Account(self)
        self.linking = _Linking(self)
        self.devices = _Devices(self)
        self.contacts = _Contacts(self)
        self.rooms = _Rooms(self)
        self.messages = _Messages(self)
        self.wipes = _Wipes(self)
        self.settings = _Settings(self)

    async def start(self) -> None:
        self.check("start")
        self.started = True

    async def stop(self) -> None:
        self.stopped = True

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

    def connect(self, connected: bool) -> None:
        self.connected = connected
        self._status = replace(self._status, connected=connected)
        self.events.publish(ev.ConnectionChanged(connected))

    def change_key(self, handle: str) -> None:
        """The directory names another key for a known person."""
        self.set_trust(handle, Trust.CHANGED)

    def set_trust(self, handle: str, trust: Trust) -> None:
        self.trust[handle] = trust
        person = self.people[handle]
        for room_id, members in self.room_members.items():
            if handle in members:
                self.room_views[room_id] = replace(self.room_views[room_id], trust=self._room_trust(members))
        self.events.publish(ev.ContactChanged(person.account_id))
        for room_id, members in self.room_members.items():
            if handle in members:
                self.events.publish(ev.RoomChanged(room_id))

    def phone_scans(self) -> None:
        """PC side: the phone read the QR and its user agreed; digits are known on both sides."""
        self.events.publish(ev.LinkCodeShown(CODE, "seoyeon", "relay.example"))

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
            room_id, title, kind, state, self._room_trust(handles), unread, len(handles) + 1, self.now_ms, None, peer
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
        last = message if message.kind is MessageKind.TEXT else view.last_message
        self.room_views[message.room_id] = replace(
            view, last_message=last, last_activity=message.sent_at, unread=view.unread + unread
        )


class _Account:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def create(self, *, handle: str, name: str, relay: str, passphrase: str | None = None) -> Created:
        self._e.check("account.create", (handle, name, relay, passphrase))
        self._e.me = replace(self._e.me, handle=handle, name=name)
        self._e.passphrase = passphrase
        for i, d in enumerate(self._e.device_views):
            self._e.device_views[i] = replace(d, current=d.role is Role.PRIMARY)
        self._e._become(ProfileState.READY, Role.PRIMARY)
        return Created(self._e.me.account_id, DeviceId(hex_id("phone", 32)), RECOVERY_CODE)

    async def restore(self, *, code: str, relay: str, handle: str, passphrase: str | None = None) -> Created:
        self._e.check("account.restore", (code, relay, handle, passphrase))
        if code.replace("-", "").replace(" ", "").upper() != RECOVERY_CODE.replace("-", ""):
            raise UsageError("The recovery code is wrong.", code="wrong_recovery_code")
        self._e._become(ProfileState.READY, Role.PRIMARY)
        return Created(self._e.me.account_id, DeviceId(hex_id("phone", 32)), "")

    async def unlock(self, passphrase: str | None = None) -> None:
        self._e.check("account.unlock", passphrase)
        if passphrase != self._e.passphrase:
            raise UsageError("Wrong passphrase.", code="wrong_passphrase")
        self._e._become(ProfileState.READY)

    def status(self) -> Status:
        return self._e._status


class _Linking:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def offer(self, *, relay: str, device_name: str, passphrase: str | None = None) -> LinkOffer:
        self._e.check("linking.offer", (relay, device_name, passphrase))
        self._e._offers += 1
        uri = "byre://link#AWh0dHBzOi8vcmVsYXkuZXhhbXBsZQAA" + hex_id(f"offer {self._e._offers}", 64) * 2
        return LinkOffer(uri, self._e.now_ms + 300_000)

    async def finish(self, accept: bool) -> DeviceId | None:
        self._e.check("linking.finish", accept)
        if not accept:
            return None
        device = DeviceId(hex_id("pc", 32))
        self._e._fill()
        self._e._become(ProfileState.READY, Role.LINKED)
        self._e.events.publish(ev.DeviceLinked(device, "거실 PC"))
        return device

    async def accept(self, uri: str) -> LinkRequest:
        self._e.check("linking.accept", uri)
        if not uri.startswith("byre://link#"):
            raise PeerError("Not a link.", code="bad_link")
        self._e._tries = 3
        return LinkRequest("거실 PC", "Linux")

    async def confirm(self, code: str) -> None:
        self._e.check("linking.confirm", code)
        if code != CODE:
            self._e._tries -= 1
            raise UsageError("Wrong digits.", code="code_mismatch" if self._e._tries else "offer_used")
        device = DeviceView(DeviceId(hex_id("new pc", 32)), "거실 PC", Role.LINKED, linked_at=self._e.now_ms)
        self._e.device_views.append(device)
        self._e.events.publish(ev.DeviceLinked(device.device_id, device.name))

    async def cancel(self) -> None:
        self._e.check("linking.cancel")


class _Devices:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def list(self) -> Sequence[DeviceView]:
        return tuple(self._e.device_views)

    async def remove(self, device_id: DeviceId) -> None:
        self._e.check("devices.remove", device_id)
        for i, d in enumerate(self._e.device_views):
            if d.device_id == device_id:
                if self._e.role is Role.PRIMARY:
                    del self._e.device_views[i]
                else:
                    self._e.device_views[i] = replace(d, removal_pending=True)
                self._e.events.publish(ev.DeviceRevoked(device_id))
                return

    async def rename(self, name: str) -> None:
        self._e.check("devices.rename", name)
        self._e.device_views = [replace(d, name=name) if d.current else d for d in self._e.device_views]


class _Contacts:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    def _view(self, person: Person) -> ContactView:
        number = f"{int(hex_id(person.handle, 60), 16):060d}"[-60:]
        return ContactView(person.account_id, person.handle, person.name, self._e.trust[person.handle], number)

    async def add(self, handle: str) -> ContactView:
        self._e.check("contacts.add", handle)
        known = self._e.people.get(handle) or self._e.people.get(handle.partition("@")[0])
        if known is None:
            raise UsageError("Nobody.", code="no_such_handle")
        self._e.events.publish(ev.ContactChanged(known.account_id))
        return self._view(known)

    async def list(self) -> Sequence[ContactView]:
        return tuple(self._view(p) for p in self._e.people.values())

    async def mark_verified(self, account_id: AccountId) -> None:
        self._e.check("contacts.mark_verified", account_id)
        self._set(account_id, Trust.VERIFIED)

    async def accept_changed_key(self, account_id: AccountId) -> None:
        self._e.check("contacts.accept_changed_key", account_id)
        self._set(account_id, Trust.UNVERIFIED)

    def _set(self, account_id: AccountId, trust: Trust) -> None:
        handle = next(p.handle for p in self._e.people.values() if p.account_id == account_id)
        self._e.set_trust(handle, trust)


class _Rooms:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def create(self, members: Sequence[str], title: str | None = None) -> RoomId:
        self._e.check("rooms.create", (tuple(members), title))
        handles = [m.partition("@")[0] if m not in self._e.people else m for m in members]
        for handle in handles:
            if handle not in self._e.people:
                raise UsageError("Nobody.", code="no_such_handle")
        kind = RoomKind.DIRECT if len(handles) == 1 and not title else RoomKind.GROUP
        if kind is RoomKind.DIRECT:
            for room_id, known in self._e.room_members.items():
                if known == handles and self._e.room_views[room_id].kind is kind:
                    return room_id
        room_id = self._e._room(title or self._e.people[handles[0]].name, kind, handles)
        self._e.events.publish(ev.RoomChanged(room_id))
        return room_id

    async def list(self) -> Sequence[RoomView]:
        return tuple(self._e.room_views.values())

    async def get(self, room_id: RoomId) -> RoomView:
        if room_id not in self._e.room_views:
            raise UsageError("No such room.", code="no_such_room")
        return self._e.room_views[room_id]

    async def members(self, room_id: RoomId) -> Sequence[MemberView]:
        own = MemberView(self._e.me.account_id, self._e.me.handle, self._e.me.name, tuple(self._e.device_views),
                         Trust.VERIFIED, is_self=True, is_admin=True)  # fmt: skip
        others = []
        for handle in self._e.room_members[room_id]:
            p = self._e.people[handle]
            devices = [DeviceView(DeviceId(hex_id(handle + str(i), 32)), "", Role.LINKED if i else Role.PRIMARY)
                       for i in range(p.devices)]  # fmt: skip
            others.append(MemberView(p.account_id, p.handle, p.name, tuple(devices), self._e.trust[handle]))
        return (own, *others)

    async def accept(self, room_id: RoomId) -> None:
        self._e.check("rooms.accept", room_id)
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], state=RoomState.ACTIVE)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def add(self, room_id: RoomId, members: Sequence[str]) -> None:
        self._e.check("rooms.add", (room_id, tuple(members)))
        self._e.room_members[room_id] += [m for m in members if m not in self._e.room_members[room_id]]
        count = len(self._e.room_members[room_id]) + 1
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], member_count=count)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def remove(self, room_id: RoomId, account_id: AccountId) -> None:
        self._e.check("rooms.remove", (room_id, account_id))

    async def leave(self, room_id: RoomId) -> None:
        self._e.check("rooms.leave", room_id)
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], state=RoomState.LEFT)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def relay_held(self, room_id: RoomId) -> int | None:
        return sum(m.state is MessageState.STORED for m in self._e.rows[room_id]) if self._e.connected else None


class _Messages:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def send(self, room_id: RoomId, text: str) -> MessageId:
        self._e.check("messages.send", (room_id, text))
        unread_by = len(self._e.room_members[room_id])
        message = self._e._message(room_id, "", text, self._e.now_ms, MessageState.QUEUED, unread_by)
        self._e._append(message)
        self._e.events.publish(ev.MessageSent(message))
        self._e.events.publish(ev.RoomChanged(room_id))
        return message.message_id

    async def list(self, room_id: RoomId, limit: int, before: MessageId | None = None) -> Sequence[MessageView]:
        rows = self._e.rows[room_id]
        end = len(rows)
        if before is not None:
            end = next(i for i, m in enumerate(rows) if m.message_id == before)
        return tuple(reversed(rows[max(0, end - limit) : end]))

    async def around(self, room_id: RoomId, message_id: MessageId, limit: int) -> Sequence[MessageView]:
        rows = self._e.rows[room_id]
        where = next((i for i, m in enumerate(rows) if m.message_id == message_id), None)
        if where is None:
            raise UsageError("No such message.", code="no_such_message")
        return tuple(reversed(rows[max(0, where - limit // 2) : where + limit - limit // 2]))

    async def search(self, query: str, room_id: RoomId | None = None, limit: int = 50) -> Sequence[MessageView]:
        self._e.check("messages.search", query)
        wanted = query.casefold()
        found = [
            m for r, rows in self._e.rows.items() if room_id in (None, r) for m in rows
            if m.kind is MessageKind.TEXT and wanted in m.text.casefold()
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda m: -m.sent_at)[:limit])

    async def mark_read(self, room_id: RoomId, up_to: MessageId) -> None:
        self._e.check("messages.mark_read", (room_id, up_to))
        view = self._e.room_views[room_id]
        if view.unread:
            self._e.room_views[room_id] = replace(view, unread=0)
            self._e.events.publish(ev.RoomChanged(room_id))

    async def retry(self, message_id: MessageId) -> None:
        self._e.check("messages.retry", message_id)
        self._e.advance(message_id, MessageState.QUEUED, 1)

    async def draft(self, room_id: RoomId) -> str:
        return self._e.drafts.get(room_id, "")

    async def save_draft(self, room_id: RoomId, text: str) -> None:
        self._e.drafts[room_id] = text


class _Wipes:
    STEPS = ("hide", "delete", "rebuild", "scan", "switch", "destroy", "certify")

    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine
        self.remnants: tuple[str, ...] = ()
        self.gate: asyncio.Event | None = None
        self.done: list[WipeCertificate] = []

    async def preview(self, room_id: RoomId) -> WipePreview:
        self._e.check("wipes.preview", room_id)
        return WipePreview(len(self._e.rows[room_id]), 2, 1, "A")

    async def wipe(self, room_id: RoomId) -> WipeCertificate:
        self._e.check("wipes.wipe", room_id)
        for i, step in enumerate(self.STEPS):
            self._e.events.publish(ev.WipeProgressed(room_id, step, (i + 0.5) / len(self.STEPS)))
            if step == "rebuild" and self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(0)
        count = len(self._e.rows[room_id])
        self._e.rows[room_id] = []
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], last_message=None, unread=0)
        self._e.events.publish(ev.RoomErased(room_id))
        certificate = WipeCertificate(
            wipe_id=hex_id("wipe", 32), created_at=at(11, 42),
            counts={"rooms": 1, "messages": count, "attachments": 0, "index_entries": 41_870},
            scanned={"pages": 21_344, "wal_frames": 0, "files": 37, "needles": 64},
            remnants=self.remnants, generation=6, key_mode="A",
            limits=("copied_before", "hibernation", "exports", "other_devices", "process_memory"),
            exports=(), signature="4c1e" + "0" * 120 + "a907", certificate_json='{"wipe_id": "sample"}',
        )  # fmt: skip
        self.done.append(certificate)
        return certificate

    async def certificates(self) -> Sequence[WipeCertificate]:
        return tuple(self.done)


class _Settings:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def get(self, name: str) -> object | None:
        return self._e.values.get(name)

    async def put(self, name: str, value: object) -> None:
        self._e.values[name] = value
