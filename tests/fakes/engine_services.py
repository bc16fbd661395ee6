"""The use cases of the fake engine: the Protocols of `byre.client.api` over the state of one `FakeEngine`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from byre.client import events as ev
from byre.client.views import (
    AccountId,
    ContactView,
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
    SearchHitView,
    Trust,
)
from byre.errors import PeerError, UsageError
from tests.fakes.engine_constants import CODE, hex_id
from tests.fakes.engine_sample import PEOPLE, Person

if TYPE_CHECKING:
    from tests.fakes.engine import FakeEngine


class FakeLinking:
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
        self._e.people = {p.handle: p for p in PEOPLE}
        self._e.trust = {p.handle: p.trust for p in PEOPLE}
        self._e._fill()
        self._e._become(ProfileState.READY, Role.LINKED)
        self._e.events.publish(ev.DeviceLinked(device, "거실 PC"))
        return device

    async def accept(self, uri: str) -> LinkRequest:
        self._e.check("linking.accept", uri)
        self._e._tries, self._e._gives_key = 3, uri.startswith("byre://key#")
        if self._e._gives_key:
            return LinkRequest("거실 PC", "", self._e.now_ms + 272_000, wants_key=True)
        if not uri.startswith("byre://link#"):
            raise PeerError("Not a link.", code="bad_link")
        return LinkRequest("거실 PC", "Linux", self._e.now_ms + 272_000)

    async def confirm(self, code: str) -> None:
        self._e.check("linking.confirm", code)
        if code != CODE:
            self._e._tries -= 1
            raise UsageError("Wrong digits.", code="code_mismatch" if self._e._tries >= 0 else "offer_used")
        if self._e._gives_key:
            return
        device = DeviceView(DeviceId(hex_id("new pc", 32)), "거실 PC", Role.LINKED, linked_at=self._e.now_ms)
        self._e.device_views.append(device)
        self._e.events.publish(ev.DeviceLinked(device.device_id, device.name))

    async def cancel(self) -> None:
        self._e.check("linking.cancel")


class FakeDevices:
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


class FakeContacts:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    def _view(self, person: Person) -> ContactView:
        number = f"{int(hex_id(person.handle, 60), 16):060d}"[-60:]
        trust = self._e.trust[person.handle]
        changed = number[::-1] if trust is Trust.CHANGED else ""
        return ContactView(
            person.account_id, person.handle, person.name, trust, number,
            change=self._e.changes.get(person.handle, "key") if changed else "", changed_safety_number=changed,
            safety_qr=f"byre://safety#{person.account_id}",
        )  # fmt: skip

    async def add(self, handle: str) -> ContactView:
        self._e.check("contacts.add", handle)
        known = self._e.people.get(handle) or self._e.people.get(handle.partition("@")[0])
        if known is None:
            raise UsageError("Nobody.", code="no_such_handle")
        self._e.events.publish(ev.ContactChanged(known.account_id))
        return self._view(known)

    async def list(self) -> Sequence[ContactView]:
        return tuple(self._view(p) for p in self._e.people.values() if p.account_id not in self._e.strangers)

    async def get(self, account_id: AccountId) -> ContactView:
        for person in self._e.people.values():
            if person.account_id == account_id:
                return self._view(person)
        raise UsageError("Nobody.", code="no_such_contact")

    async def check_qr(self, account_id: AccountId, text: str) -> bool:
        self._e.check("contacts.check_qr", (account_id, text))
        if not text.startswith("byre://safety#"):
            raise PeerError("No safety number.", code="bad_safety_uri")
        return text.endswith(account_id[:8])

    async def mark_verified(self, account_id: AccountId) -> None:
        self._e.check("contacts.mark_verified", account_id)
        self._set(account_id, Trust.VERIFIED)

    async def accept_changed_key(self, account_id: AccountId) -> None:
        self._e.check("contacts.accept_changed_key", account_id)
        self._set(account_id, Trust.UNVERIFIED)

    def _set(self, account_id: AccountId, trust: Trust) -> None:
        handle = next(p.handle for p in self._e.people.values() if p.account_id == account_id)
        self._e.set_trust(handle, trust)


class FakeRooms:
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
                         Trust.VERIFIED, is_self=True, is_admin=True,
                         role="owner" if self._e.room_views[room_id].may_set_retention else "member")  # fmt: skip
        others = []
        for handle in self._e.room_members[room_id]:
            p = self._e.people[handle]
            devices = [DeviceView(DeviceId(hex_id(handle + str(i), 32)), "", Role.LINKED if i else Role.PRIMARY)
                       for i in range(p.devices)]  # fmt: skip
            role = self._e.roles.get((room_id, p.account_id), "member")
            rules = self._e.room_views[room_id].may_set_retention and self._e.room_views[room_id].kind is RoomKind.GROUP
            others.append(MemberView(p.account_id, p.handle, p.name, tuple(devices), self._e.trust[handle],
                                     is_admin=role != "member", role=role, may_be_removed=rules,
                                     roles_to_give=("member", "admin", "owner") if rules else ()))  # fmt: skip
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
        self._e.room_members[room_id] = [
            h for h in self._e.room_members[room_id] if self._e.people[h].account_id != account_id
        ]
        count = len(self._e.room_members[room_id]) + 1
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], member_count=count)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def set_role(self, room_id: RoomId, account_id: AccountId, role: str) -> None:
        self._e.check("rooms.set_role", (room_id, account_id, role))
        self._e.roles[room_id, account_id] = role
        self._e.events.publish(ev.RoomChanged(room_id))

    async def rename(self, room_id: RoomId, title: str) -> None:
        self._e.check("rooms.rename", (room_id, title))
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], title=title)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def set_retention(self, room_id: RoomId, seconds: int) -> None:
        self._e.check("rooms.set_retention", (room_id, seconds))
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], retention_s=seconds)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def leave(self, room_id: RoomId) -> None:
        self._e.check("rooms.leave", room_id)
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], state=RoomState.LEFT)
        self._e.events.publish(ev.RoomChanged(room_id))

    async def relay_held(self, room_id: RoomId) -> int | None:
        return sum(m.state is MessageState.STORED for m in self._e.rows[room_id]) if self._e.connected else None


class FakeMessages:
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

    async def find(
        self, query: str, *, room_id: RoomId | None = None, sender: AccountId | None = None, since: int | None = None,
        until: int | None = None, has_file: bool = False, before: MessageId | None = None, limit: int = 50,
    ) -> Sequence[SearchHitView]:  # fmt: skip
        self._e.check("messages.find", (query, room_id, sender, since, until))
        found = [
            m for m in await self.search(query, room_id, 10_000)
            if (since is None or m.sent_at >= since) and (until is None or m.sent_at < until)
            and sender in (None, m.sender.account_id)
        ]  # fmt: skip
        if before is not None:
            found = found[next(i for i, m in enumerate(found) if m.message_id == before) + 1 :]
        hits = []
        for message in found[:limit]:
            at = message.text.casefold().find(query.casefold())
            first = max(0, at - 12)
            cut = message.text[first : at + 80]
            marks = ((at - first, at - first + len(query)),)
            hits.append(SearchHitView(message, ((at, at + len(query)),), cut, marks))
        return tuple(hits)

    async def first_since(self, room_id: RoomId, time_ms: int) -> MessageView | None:
        self._e.check("messages.first_since", (room_id, time_ms))
        rows = self._e.rows[room_id]
        return next((m for m in rows if m.sent_at >= time_ms), rows[-1] if rows else None)

    async def mark_read(self, room_id: RoomId, up_to: MessageId) -> None:
        self._e.check("messages.mark_read", (room_id, up_to))
        for at, row in enumerate(self._e.rows[room_id]):
            if row.timer_s and not row.is_own and row.expires_at is None:
                self._e.rows[room_id][at] = replace(row, expires_at=self._e.now_ms + row.timer_s * 1000)
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
        self._e.room_views[room_id] = replace(self._e.room_views[room_id], draft=text[:240])
