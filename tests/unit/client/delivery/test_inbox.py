"""Envelopes in their order: each taken once, none before its time, and what we stumble over stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.delivery.inbox import BROKEN, Inbox, InboxPorts
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.crypto.random import system_random
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError
from byre.identity.mailbox import seal_envelope
from byre.store import Transaction
from byre.wire.envelope import BLOB_POINTER, ECHO, MLS_MESSAGE, REJOIN_REQUEST, REMOVED
from tests.fakes.identities import Person
from tests.fakes.paper_rooms import room_of
from tests.fakes.room_desk import RoomDesk
from tests.refusals import refused

GROUP = b"g" * 32


class Bench:
    """Anna's inbox; `read` are the mids whose messages arrived, `handed` what went to others."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.anna, self.ben = Person("anna"), Person("ben")
        rooms = room_of(self.anna, self.ben)
        self.ben_room: LiveRoom = rooms["ben"]
        self.desk = RoomDesk(tx, self.anna, rooms["anna"])
        self.desk.write_room(rooms["anna"])
        self.desk.context.store.write = self._write
        self.read: list[bytes] = []
        self.handed: list[tuple[str, bytes]] = []
        self.fault: Exception | None = None
        self.port_fault: ByreError | None = None
        self.stumbles_at = b""
        self.mids = 0
        contents: Any = SimpleNamespace(take=self._arrived)
        merging = Merging(self.desk.context, SimpleNamespace(learn=lambda *_: None))  # type: ignore[arg-type]
        self.inbox = Inbox(
            self.desk.context,
            self.desk.groups,  # type: ignore[arg-type]
            contents,
            merging,
            InboxPorts(
                welcome=self._port("welcome"),
                rejoin_request=self._port("rejoin"),
                removed=self._port("removed"),
                blob=self._blob,
                missing_commits=lambda group_id: self.handed.append(("missing", group_id)),
                epoch_changed=lambda group_id, judged: None,
                proposal_came=lambda group_id: None,
            ),
        )

    async def _write(self, work: Callable[[Transaction], Any]) -> Any:
        """All or nothing, as in a store."""
        connection = self.tx.inbox._connection
        connection.execute("SAVEPOINT one")
        try:
            result = work(self.tx)
        except BaseException:
            connection.execute("ROLLBACK TO one")
            raise
        finally:
            connection.execute("RELEASE one")
        return result

    def _arrived(self, burst: Any, arrival: Any) -> None:
        if arrival.mid == self.stumbles_at and self.fault is not None:
            raise self.fault
        self.read.append(arrival.mid)

    def _port(self, name: str) -> Any:
        async def port(body: bytes, mid: bytes, *_: Any) -> None:
            if self.port_fault is not None:
                raise self.port_fault
            self.handed.append((name, body))

        return port

    def _blob(self, tx: Transaction, pointer: bytes, mid: bytes) -> Callable[[], None]:
        return lambda: self.handed.append(("blob", pointer))

    def sealed(self, kind: int, body: bytes) -> tuple[bytes, bytes]:
        self.mids += 1
        return self.mids.to_bytes(16), seal_envelope(self.anna.primary.mailbox.box_public, kind, body)

    def text(self) -> tuple[bytes, bytes]:
        group, message = self.ben_room.group.encrypt(b"hello", random=system_random)
        self.ben_room = self.ben_room.with_group(group)
        return self.sealed(MLS_MESSAGE, message)

    async def come(self, *envelopes: tuple[bytes, bytes], mailbox_id: bytes = b"") -> None:
        await self.inbox.on_envelopes(mailbox_id or self.anna.primary.mailbox.mailbox_id, list(envelopes))

    @property
    def recorded(self) -> list[str]:
        return [row.reason for row in self.tx.inbox.undecryptable()]


async def test_messages_are_read_in_their_order_and_once(tx: Transaction) -> None:
    bench = Bench(tx)
    envelopes = [bench.text() for _ in range(20)]
    await bench.come(*envelopes)
    await bench.come(*envelopes[::-1])
    assert bench.read == [mid for mid, _ in envelopes]


async def test_echoes_are_dropped_and_junk_is_recorded(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.come(
        bench.sealed(ECHO, b"x"), (b"j" * 16, b"junk"), bench.sealed(9, b"of a later version"), bench.text()
    )
    assert (len(bench.read), bench.handed) == (1, [])
    assert sorted(bench.recorded) == ["bad_ciphertext", "newer_version"]
    await bench.come(bench.sealed(MLS_MESSAGE, b"no MLS"))
    assert len(bench.recorded) == 3


async def test_another_mailbox_is_none_of_ours(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.come(bench.text(), mailbox_id=b"o" * 16)
    assert (bench.read, bench.recorded) == ([], [])


@pytest.mark.parametrize(("kind", "name"), [(REJOIN_REQUEST, "rejoin"), (REMOVED, "removed")])
async def test_what_others_take_is_handed_on_until_they_have_it(tx: Transaction, kind: int, name: str) -> None:
    bench = Bench(tx)
    envelope = bench.sealed(kind, b"body")
    bench.port_fault = EnvironmentFault("full", code="disk_full")
    assert await refused(bench.come(envelope)) == "disk_full"
    bench.port_fault = None
    for _ in range(2):
        await bench.come(envelope)
    assert bench.handed == [(name, b"body")]


async def test_a_pointer_to_a_blob_is_kept_once(tx: Transaction) -> None:
    bench = Bench(tx)
    envelope = bench.sealed(BLOB_POINTER, b"pointer")
    for _ in range(2):
        await bench.come(envelope)
    assert bench.handed == [("blob", b"pointer")]


@pytest.mark.logs_errors
async def test_what_we_stumble_over_is_put_aside_and_the_others_are_read(tx: Transaction) -> None:
    bench = Bench(tx)
    envelopes = [bench.text() for _ in range(3)]
    bench.stumbles_at, bench.fault = envelopes[1][0], RuntimeError("ours")
    await bench.come(*envelopes)
    assert [mid for mid in bench.read if mid != envelopes[1][0]][-2:] == [envelopes[0][0], envelopes[2][0]]
    assert bench.recorded == [BROKEN]
    assert [row.reason for row in tx.inbox.kept(GROUP)] == [BROKEN]
    bench.fault = None
    await bench.inbox.retry_kept(GROUP)
    assert (bench.read[-1], tx.inbox.kept(GROUP)) == (envelopes[1][0], [])


@pytest.mark.parametrize(
    "fault", [EnvironmentFault("full", code="disk_full"), UsageError("closing", code="locked")], ids=["full", "locked"]
)
async def test_a_store_that_cannot_take_leaves_everything_with_the_relay(tx: Transaction, fault: ByreError) -> None:
    bench = Bench(tx)
    envelope = bench.text()

    async def refuses(_: Any) -> Any:
        raise fault

    store: Any = bench.desk.context.store
    write, store.write = store.write, refuses
    assert await refused(bench.come(envelope)) == fault.code
    store.write = write
    await bench.come(envelope)
    assert bench.read == [envelope[0]]


async def test_after_the_close_nothing_is_taken(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.inbox.close()
    assert await refused(bench.come(bench.text())) == "locked"
    assert await refused(bench.inbox.take_fetched(b"m" * 16, b"message")) == "locked"


async def test_a_commit_of_another_epoch_or_none_at_all_changes_nothing(tx: Transaction) -> None:
    bench = Bench(tx)
    epoch = bench.desk.groups.rooms[GROUP].epoch
    assert await refused(bench.inbox.take_commit(GROUP, epoch + 1, b"commit")) == "wrong_epoch"
    assert await refused(bench.inbox.take_commit(b"u" * 32, 0, b"commit")) == "wrong_epoch"
    with pytest.raises(PeerError):
        await bench.inbox.take_commit(GROUP, epoch, b"this is no commit")
    group, text = bench.ben_room.group.encrypt(b"hello", random=system_random)
    assert await refused(bench.inbox.take_commit(GROUP, epoch, text)) == "malformed"
    assert (group.epoch, bench.desk.groups.rooms[GROUP].epoch, bench.recorded) == (epoch, epoch, [])
