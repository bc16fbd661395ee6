"""Views: what is read off rows, and what a member may be made."""

from __future__ import annotations

from typing import Any

import pytest

from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.showing import Showing, member_rows
from byre.client.views import MessageKind, Trust
from byre.store import MessageRow, NewMessage, OwnDeviceRow, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.paper_rooms import room_of
from tests.fakes.room_desk import RoomDesk

GROUP = b"g" * 32


class Peers:
    """Handles, names and trust from dictionaries."""

    def __init__(self, own: Person, *others: Person) -> None:
        self.own = own.account_id
        self.handles = {person.account_id: person.handle for person in (own, *others)}
        self.names: dict[bytes, str] = {}
        self.trust: dict[bytes, Trust] = {}

    def handle_of(self, tx: Transaction, account: bytes) -> str:
        return self.handles.get(account, "")  # type: ignore[call-overload, no-any-return]

    def name_of(self, tx: Transaction, account: bytes) -> str:
        return self.names.get(account, "")

    def trust_of(self, tx: Transaction, account: bytes) -> Trust:
        return self.trust.get(account, Trust.UNVERIFIED)

    def is_own(self, account: bytes) -> bool:
        return account == self.own


class Bench:
    def __init__(self, tx: Transaction) -> None:
        self.anna, self.ben, self.carl = Person("anna"), Person("ben"), Person("carl")
        self.room: LiveRoom = room_of(self.anna, self.ben, self.carl)["anna"]
        self.desk = RoomDesk(tx, self.anna, self.room)
        self.peers = Peers(self.anna, self.ben, self.carl)
        self.showing = Showing(self.peers, lambda: NOW_MS)  # type: ignore[arg-type]

    def message(self, room: int, number: int, **columns: Any) -> MessageRow:
        values: dict[str, Any] = {
            "room": room,
            "message_id": bytes([number]) * 16,
            "account_id": self.ben.account_id,
            "device_id": self.ben.primary.id,
            "kind": "text",
            "state": "received",
            "is_own": False,
            "sent_at": NOW_MS,
            "received_at": NOW_MS,
            "body": "음매",
        }
        row = self.desk.tx.messages.add(NewMessage(**{**values, **columns}))
        assert row is not None
        return row


def test_member_rows_say_who_sits_where_and_who_may_change_the_room(tx: Transaction) -> None:
    bench = Bench(tx)
    rows = member_rows(7, bench.room)
    assert [(row.room, row.leaf, row.device_id, row.is_admin) for row in rows] == [
        (7, 0, bench.anna.primary.id, True),
        (7, 1, bench.ben.primary.id, False),
        (7, 2, bench.carl.primary.id, False),
    ]


def test_a_room_is_as_trusted_as_its_least_trusted_member(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(bench.room, title="외양간")
    view = bench.showing.room(tx, row)
    assert (view.title, view.member_count, view.trust, view.last_message) == ("외양간", 3, Trust.UNVERIFIED, None)
    assert view.may_set_retention
    bench.peers.trust = {bench.ben.account_id: Trust.VERIFIED, bench.carl.account_id: Trust.VERIFIED}
    assert bench.showing.room(tx, row).trust is Trust.VERIFIED
    bench.peers.trust[bench.carl.account_id] = Trust.CHANGED
    assert bench.showing.room(tx, row).trust is Trust.CHANGED
    bench.peers.trust = {bench.anna.account_id: Trust.CHANGED}  # oneself is no question of trust
    assert bench.showing.room(tx, row).trust is Trust.UNVERIFIED


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("외양간 2", "외양간 2"),
        ("\u202elive", "live"),
        ("\u200b", ""),
        ("가\u3164", "가"),
        ("   ", ""),
        ("a\u2028b", "a b"),
        ("🐮 음매", "🐮 음매"),
    ],
)
def test_a_title_that_a_stranger_chose_is_cleaned_as_names_are(tx: Transaction, title: str, shown: str) -> None:
    bench = Bench(tx)
    assert bench.showing.room(tx, bench.desk.write_room(bench.room, title=title)).title == shown


def test_a_direct_room_is_called_as_its_peer_calls_itself_else_by_handle(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(kind="direct", peer_account=bench.ben.account_id, title="never shown")
    assert (bench.showing.room(tx, row).title, bench.showing.room(tx, row).peer_handle) == ("ben", "ben")
    bench.peers.names[bench.ben.account_id] = "벤"
    assert bench.showing.room(tx, row).title == "벤"


def test_a_line_shows_its_sender_as_it_is_called_now(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(bench.room)
    line = bench.message(row.id, 1)
    view = bench.showing.message(tx, line, GROUP)
    assert (view.text, view.room_id, view.sender.handle, view.sender.name) == ("음매", GROUP.hex(), "ben", "")
    bench.peers.names[bench.ben.account_id] = "벤"
    assert [each.sender.name for each in bench.showing.messages(tx, [line])] == ["벤"]
    last = bench.showing.room(tx, tx.rooms.get(GROUP) or row).last_message
    assert last is not None
    assert last.message_id == view.message_id
    tx.drafts.put(row.id, "쓰다 만 글", NOW_MS)
    rows = tx.rooms.all()
    assert bench.showing.rooms(tx, rows) == [bench.showing.room(tx, each) for each in rows]
    assert bench.showing.rooms(tx, rows)[0].last_message == last
    assert bench.showing.rooms(tx, rows)[0].draft == "쓰다 만 글"


def test_the_list_shows_nothing_of_a_text_that_is_over(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(bench.room)
    bench.message(row.id, 1, timer_s=5, expires_at=NOW_MS + 1)
    for now_ms, is_shown in ((NOW_MS, True), (NOW_MS + 1, False)):
        showing = Showing(bench.peers, lambda now_ms=now_ms: now_ms)  # type: ignore[arg-type, misc]
        room = tx.rooms.get(GROUP)
        assert room is not None
        assert (showing.room(tx, room).last_message is not None) is is_shown
        assert (showing.rooms(tx, tx.rooms.listed())[0].last_message is not None) is is_shown


def test_a_system_line_names_whom_it_is_about(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(bench.room)
    bench.peers.names[bench.carl.account_id] = "칼"
    about = bench.message(row.id, 1, kind="system", body="member_added", detail=bench.carl.account_id.hex())
    odd = bench.message(row.id, 2, kind="system", body="retitled", detail="no account")
    views = bench.showing.messages(tx, [about, odd])
    assert [(view.kind, view.detail, view.detail_name) for view in views] == [
        (MessageKind.SYSTEM, "carl", "칼"),
        (MessageKind.SYSTEM, "no account", ""),
    ]


@pytest.mark.parametrize("is_live", [True, False])
def test_members_come_by_handle_oneself_first_with_what_may_be_made_of_them(tx: Transaction, is_live: bool) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(bench.room)
    bench.peers.handles[bench.anna.account_id] = "zoe"
    views = bench.showing.members(tx, row, bench.room if is_live else None)
    assert [view.handle for view in views] == ["zoe", "ben", "carl"]
    assert [view.is_self for view in views] == [True, False, False]
    assert [view.is_admin for view in views] == [True, False, False]
    assert [view.devices[0].current for view in views] == [is_live, False, False]
    assert [view.may_be_removed for view in views] == [False, is_live, is_live]
    assert [view.role for view in views[:2]] == (["owner", "member"] if is_live else [views[0].role, views[1].role])
    assert bool(views[1].roles_to_give) is is_live


def test_own_devices_have_names_and_nobody_elses(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.desk.write_room(bench.room)
    for device_id, name in ((bench.anna.primary.id, "휴대전화"), (bench.ben.primary.id, "borrowed")):
        tx.own_devices.put(OwnDeviceRow(device_id, name, "primary", 1))
    views = bench.showing.members(tx, row, bench.room)
    assert [view.devices[0].name for view in views if view.is_self] == ["휴대전화"]
    assert [view.devices[0].name for view in views if not view.is_self] == ["", ""]
