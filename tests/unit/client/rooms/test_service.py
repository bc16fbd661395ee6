"""`RoomsApi`: what is refused before anything is asked of a relay, and what is asked otherwise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.events import RoomChanged
from byre.client.rooms.intents import AddDevices, RemoveAccount, Retitle, SetRetention, SetRole
from byre.client.rooms.service import Rooms, account_bytes, group_bytes
from byre.errors import UsageError
from byre.identity.room_context import AccountRole
from byre.store import MemberRow, NewMessage, RoomRow, Transaction
from tests.fakes.identities import NOW_MS, Person
from tests.fakes.room_desk import RoomDesk, outbox_row

GROUP = b"g" * 32
ROOM: Any = GROUP.hex()
BEN = b"b" * 32


class Founding:
    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def group(self, members: Any, title: str) -> bytes:
        self.asked.append(("group", tuple(members), title))
        return GROUP

    async def direct(self, peer: bytes) -> bytes:
        self.asked.append(("direct", peer))
        return GROUP

    async def packages(self, accounts: Any, *, with_own: bool) -> tuple[Any, ...]:
        self.asked.append(("packages", tuple(accounts), with_own))
        return ()


class Bench:
    def __init__(self, tx: Transaction) -> None:
        self.anna = Person("anna")
        self.desk = RoomDesk(tx, self.anna)
        self.founding = Founding()
        self.left: list[bytes] = []
        self.accepted: list[bytes] = []
        self.rooms = Rooms(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            self.desk.commits,  # type: ignore[arg-type]
            self.founding,  # type: ignore[arg-type]
            SimpleNamespace(leave=self._leave),  # type: ignore[arg-type]
            SimpleNamespace(resolve=self._resolve),  # type: ignore[arg-type]
            SimpleNamespace(  # type: ignore[arg-type]
                room=lambda tx, row: row, rooms=lambda tx, rows: rows, members=lambda tx, row, live: (row, live)
            ),
            self.accepted.append,
        )

    async def _leave(self, group_id: bytes) -> None:
        self.left.append(group_id)

    async def _resolve(self, handle: str) -> Any:
        return SimpleNamespace(account_id=handle.encode() * 32)

    def room(self, *accounts: bytes, **columns: Any) -> RoomRow:
        row = self.desk.write_room(**columns)
        members = [MemberRow(row.id, bytes([at]) * 16, who, at, b"") for at, who in enumerate(accounts)]
        self.desk.tx.members.replace(row.id, members)
        return row


def refused(error: pytest.ExceptionInfo[UsageError], code: str) -> bool:
    return error.value.code == code


async def test_a_room_needs_a_member_and_a_title_that_fits(tx: Transaction) -> None:
    bench = Bench(tx)
    bad = ("소" * 86, "a\nb", "\0", "x\u202ey", "\u3164")
    for members, title in (([], None), *((["b"], each) for each in bad)):
        with pytest.raises(UsageError) as caught:
            await bench.rooms.create(members, title)
        assert refused(caught, "bad_params")
    assert bench.founding.asked == []


async def test_one_member_without_a_title_is_the_direct_room_which_exists_once(tx: Transaction) -> None:
    bench = Bench(tx)
    assert await bench.rooms.create(["b"]) == ROOM
    assert await bench.rooms.create(["b", "b"]) == ROOM
    assert await bench.rooms.create(["b"], "title") == ROOM
    assert await bench.rooms.create(["b", "c"]) == ROOM
    assert bench.founding.asked == [
        ("direct", BEN),
        ("direct", BEN),
        ("group", (BEN,), "title"),
        ("group", (BEN, b"c" * 32), ""),
    ]
    bench.founding.asked.clear()
    bench.room(group_id=b"h" * 32, kind="direct", peer_account=BEN, state="removed")
    assert await bench.rooms.create(["b"]) == ROOM
    own = bench.anna.account_id
    bench.room(own, group_id=b"h2" * 16, group_tag=b"h2" * 8, kind="direct", peer_account=BEN)  # the other one left it
    assert await bench.rooms.create(["b"]) == ROOM
    asked = {"group_tag": b"i" * 16, "kind": "direct", "peer_account": BEN, "state": "request"}
    bench.room(own, BEN, group_id=b"i" * 32, **asked)
    assert await bench.rooms.create(["b"]) == (b"i" * 32).hex()
    assert len(bench.founding.asked) == 2


async def test_a_device_that_is_not_listed_changes_nothing(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.room()

    def not_listed() -> None:
        raise UsageError("removed", code="not_allowed")

    bench.desk.context.own.require_listed = not_listed
    for work in (
        bench.rooms.create(["b"]),
        bench.rooms.accept(ROOM),
        bench.rooms.add(ROOM, ["b"]),
        bench.rooms.leave(ROOM),
        bench.rooms.rename(ROOM, "x"),
    ):
        with pytest.raises(UsageError) as caught:
            await work
        assert refused(caught, "not_allowed")
    assert (bench.left, bench.desk.commits.brought_about) == ([], [])


async def test_the_list_leaves_out_device_rooms_and_superseded_ones(tx: Transaction) -> None:
    bench = Bench(tx)
    shown = bench.room()
    bench.room(group_id=b"h" * 32, group_tag=b"h" * 16, kind="device")
    bench.room(group_id=b"i" * 32, group_tag=b"i" * 16, superseded_by=GROUP)
    assert [row.id for row in await bench.rooms.list()] == [shown.id]  # type: ignore[attr-defined]
    with pytest.raises(UsageError) as caught:
        await bench.rooms.get((b"h" * 32).hex())  # type: ignore[arg-type]
    assert refused(caught, "no_such_room")


@pytest.mark.parametrize("room_id", ["zz", "", "00"])
async def test_what_names_no_room_is_refused(tx: Transaction, room_id: Any) -> None:
    with pytest.raises(UsageError) as caught:
        await Bench(tx).rooms.get(room_id)
    assert refused(caught, "no_such_room")


async def test_accepting_makes_receipts_due_for_what_strangers_wrote(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.room(state="request")
    for number, (account, kind) in enumerate(((BEN, "text"), (BEN, "system"), (bench.anna.account_id, "text"))):
        tx.messages.add(_message(row.id, number, account, kind))
    await bench.rooms.accept(ROOM)
    due = tx.receipts.due_in(row.id, NOW_MS, 10)
    assert [(each.account_id, each.message_id) for each in due] == [(BEN, bytes([0]) * 16)]
    assert (bench.accepted, bench.desk.told) == ([GROUP], [RoomChanged(ROOM)])
    changed = tx.rooms.by_number(row.id)
    assert changed is not None
    assert changed.state == "active"


@pytest.mark.parametrize("state", ["rejoining", "jammed"])
async def test_a_request_is_accepted_while_its_room_is_out_of_step(tx: Transaction, state: str) -> None:
    bench = Bench(tx)
    row = bench.room(state=state, requester_account=BEN, requester_device=b"d" * 16)
    await bench.rooms.accept(ROOM)
    changed = tx.rooms.by_number(row.id)
    assert changed is not None
    assert (changed.state, changed.requester_account, changed.requester_device) == (state, None, None)
    with pytest.raises(UsageError):
        await bench.rooms.accept(ROOM)


@pytest.mark.parametrize("state", ["left", "removed", "rejoining", "jammed"])
async def test_only_a_request_is_accepted_and_only_an_active_room_changed(tx: Transaction, state: str) -> None:
    bench = Bench(tx)
    bench.room(bench.anna.account_id, BEN, state=state)
    for work in (
        bench.rooms.accept(ROOM),
        bench.rooms.add(ROOM, ["c"]),
        bench.rooms.remove(ROOM, BEN.hex()),  # type: ignore[arg-type]
        bench.rooms.rename(ROOM, "x"),
        bench.rooms.set_role(ROOM, BEN.hex(), "admin"),  # type: ignore[arg-type]
        bench.rooms.set_retention(ROOM, 60),
    ):
        with pytest.raises(UsageError) as caught:
            await work
        assert refused(caught, "wrong_state")
    assert (bench.accepted, bench.desk.commits.brought_about) == ([], [])


async def test_what_a_group_may_be_told_becomes_an_intent(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.room(bench.anna.account_id, BEN)
    await bench.rooms.add(ROOM, ["c"])
    await bench.rooms.remove(ROOM, BEN.hex())  # type: ignore[arg-type]
    await bench.rooms.rename(ROOM, "  a   byre ")
    await bench.rooms.set_role(ROOM, BEN.hex(), "admin")  # type: ignore[arg-type]
    await bench.rooms.set_retention(ROOM, 60)
    assert [intent for _, intent in bench.desk.commits.brought_about] == [
        AddDevices(()),
        RemoveAccount(BEN),
        Retitle("a byre"),
        SetRole(BEN, AccountRole.ADMIN),
        SetRetention(60),
    ]
    assert bench.founding.asked == [("packages", (b"c" * 32,), False)]


async def test_what_a_group_may_not_be_told_is_refused(tx: Transaction) -> None:
    bench = Bench(tx)
    own: Any = bench.anna.account_id
    bench.room(own, BEN)
    ben: Any = BEN.hex()
    for work, code in (
        (bench.rooms.remove(ROOM, (b"x" * 32).hex()), "no_such_member"),  # type: ignore[arg-type]
        (bench.rooms.remove(ROOM, own.hex()), "not_allowed"),
        (bench.rooms.remove(ROOM, "no hex"), "bad_params"),  # type: ignore[arg-type]
        (bench.rooms.rename(ROOM, "x\u202ey"), "bad_params"),
        (bench.rooms.rename(ROOM, "소" * 86), "bad_params"),
        (bench.rooms.rename(ROOM, "x\ny"), "bad_params"),
        (bench.rooms.set_role(ROOM, ben, "king"), "bad_params"),
        (bench.rooms.set_role(ROOM, ben, "Admin"), "bad_params"),
        (bench.rooms.set_role(ROOM, (b"x" * 32).hex(), "admin"), "no_such_member"),  # type: ignore[arg-type]
        (bench.rooms.set_retention(ROOM, 4), "bad_params"),
        (bench.rooms.set_retention(ROOM, 2_419_201), "bad_params"),
    ):
        with pytest.raises(UsageError) as caught:
            await work
        assert refused(caught, code), code
    assert bench.desk.commits.brought_about == []


async def test_a_direct_room_has_two_members_and_no_title(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.room(bench.anna.account_id, BEN, kind="direct", peer_account=BEN)
    for work in (
        bench.rooms.add(ROOM, ["c"]),
        bench.rooms.remove(ROOM, BEN.hex()),  # type: ignore[arg-type]
        bench.rooms.rename(ROOM, "x"),
        bench.rooms.set_role(ROOM, BEN.hex(), "admin"),  # type: ignore[arg-type]
    ):
        with pytest.raises(UsageError) as caught:
            await work
        assert refused(caught, "not_allowed")


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [
        ("group", "active", ""),
        ("direct", "request", ""),
        ("note", "active", "not_allowed"),
        ("group", "left", "wrong_state"),
        ("group", "rejoining", "wrong_state"),
    ],
)
async def test_who_may_leave_what(tx: Transaction, kind: str, state: str, code: str) -> None:
    bench = Bench(tx)
    bench.room(kind=kind, state=state)
    if not code:
        await bench.rooms.leave(ROOM)
    else:
        with pytest.raises(UsageError) as caught:
            await bench.rooms.leave(ROOM)
        assert refused(caught, code)
    assert bench.left == ([] if code else [GROUP])


async def test_messages_that_relays_hold_are_counted(tx: Transaction) -> None:
    bench = Bench(tx)
    row = bench.room()
    for number, (kind, state) in enumerate((("message", "stored"), ("message", "queued"), ("content", "stored"))):
        tx.outbox.add(
            [outbox_row(bytes([number]) * 16, kind, state=state, room=row.id, account_id=BEN, device_id=b"d" * 16)]
        )
    assert await bench.rooms.relay_held(ROOM) == 1


def test_ids_are_hex() -> None:
    assert (group_bytes(ROOM), account_bytes(ROOM)) == (GROUP, GROUP)


def _message(room: int, number: int, account: bytes, kind: str) -> NewMessage:
    return NewMessage(
        room=room,
        message_id=bytes([number]) * 16,
        account_id=account,
        device_id=b"d" * 16,
        kind=kind,
        state="received",
        is_own=False,
        sent_at=NOW_MS,
        received_at=NOW_MS,
        body="음매",
    )
