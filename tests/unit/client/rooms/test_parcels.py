"""Blobs out and in: one per relay, a door that opens, pointers kept until they led somewhere."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.connection.blobs import StoredBlob
from byre.client.delivery.fan_out import Recipient
from byre.client.rooms.parcels import BLOB, ParcelPorts, Parcels
from byre.crypto.random import system_random
from byre.errors import EnvironmentFault, PeerError
from byre.identity.leaf import DeliveryAddress
from byre.identity.mailbox import open_envelope
from byre.identity.room_head import seal_claim_body
from byre.store import Transaction
from byre.wire.blob_pointer import MESSAGE_IN_BLOB, TREE_IN_BLOB, BlobPointer, decode_blob_pointer
from byre.wire.envelope import BLOB_POINTER
from tests.fakes.identities import RELAY, Person
from tests.fakes.paper_rooms import context_of, room_of

OTHER = "https://other.example"
BIG = b"m" * 70_000


class PaperBlobs:
    """Relays' blobs in memory; `dead` tokens are refused."""

    def __init__(self) -> None:
        self.data: dict[bytes, bytes] = {}
        self.puts: list[tuple[str, bytes, int]] = []
        self.finished: list[bytes] = []
        self.dead: set[bytes] = set()
        self.fault: Exception | None = None

    async def put(self, url: str, data: bytes, *, mailbox: bytes, token: bytes, readers: int, ttl_s: int) -> StoredBlob:
        if token in self.dead:
            raise PeerError("The relay refused.", code="relay_token")
        self.puts.append((url, token, readers))
        blob_id = system_random(16)
        self.data[blob_id] = data
        return StoredBlob(url, blob_id, b"w" * 32, tuple(system_random(32) for _ in range(readers)))

    async def get(self, url: str, blob_id: bytes, capability: bytes, size_bytes: int) -> bytes:
        if self.fault is not None:
            raise self.fault
        if blob_id not in self.data:
            raise PeerError("The relay refused.", code="relay_absent")
        return self.data[blob_id]

    async def finish(self, url: str, blob_id: bytes, capability: bytes) -> None:
        self.finished.append(capability)


class Bench:
    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.anna, self.ben = Person("anna"), Person("ben")
        self.taken: list[tuple[bytes, ...]] = []
        self.refusal: PeerError | None = None
        self.context = context_of(self.ben, tx, network=SimpleNamespace(dialer=None))
        self.parcels = Parcels(self.context, ParcelPorts(message=self._take, welcome=self._take))
        self.blobs = PaperBlobs()
        self.parcels._blobs = self.blobs  # type: ignore[assignment]

    async def _take(self, *arguments: bytes) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(arguments)

    def recipient(self, person: Person, url: str = RELAY, token: bytes | None = None) -> Recipient:
        address: DeliveryAddress = person.primary.info().address
        address = replace(address, relay_url=url, token=token or address.token)  # type: ignore[arg-type]
        return Recipient(person.account_id, person.primary.id, address)

    async def arrive(self, pointer: BlobPointer) -> None:
        self.parcels.on_pointer(self.tx, pointer.encode(), b"mid" + bytes(13))()
        await self.context.tasks.ended("blobs to fetch")

    @property
    def kept(self) -> list[str]:
        return [row.reason for row in self.tx.inbox.kept()]


async def test_one_blob_per_relay_with_a_capability_for_each_reader(tx: Transaction) -> None:
    bench = Bench(tx)
    own = bench.recipient(bench.ben)
    readers = [bench.recipient(bench.anna), bench.recipient(bench.anna), bench.recipient(bench.anna, OTHER)]
    parcel = await bench.parcels.put(BIG, readers, own=own)
    assert [(url, count) for url, _, count in bench.blobs.puts] == [(RELAY, 2), (OTHER, 1)]
    assert bench.blobs.puts[0][1] == own.address.token, "the own token is known to be good"
    sealed = bench.parcels.pointers(parcel, readers)
    opened = [open_envelope(bench.anna.primary.mailbox.box_private, each.envelope) for each in sealed]
    assert {each.type for each in opened} == {BLOB_POINTER}
    assert len({decode_blob_pointer(each.body).capability for each in opened}) == 3


async def test_a_dead_token_is_no_obstacle_while_another_opens(tx: Transaction) -> None:
    bench = Bench(tx)
    readers = [bench.recipient(bench.anna, OTHER, bytes((number,)) * 32) for number in (1, 2)]
    bench.blobs.dead = {b"\x01" * 32}
    await bench.parcels.put(BIG, readers, own=bench.recipient(bench.ben))
    assert bench.blobs.puts == [(OTHER, b"\x02" * 32, 2)]
    bench.blobs.dead.add(b"\x02" * 32)
    with pytest.raises(PeerError) as caught:
        await bench.parcels.put(BIG, readers, own=bench.recipient(bench.ben))
    assert caught.value.code == "relay_token"


@pytest.mark.parametrize("kind", [MESSAGE_IN_BLOB, TREE_IN_BLOB])
async def test_what_a_pointer_leads_to_is_taken_and_finished(tx: Transaction, kind: int) -> None:
    bench = Bench(tx)
    me = bench.recipient(bench.ben)
    parcel = await bench.parcels.put(BIG, [me], own=me)
    _, pointer = parcel.pointer(RELAY, kind, b"a Welcome" if kind == TREE_IN_BLOB else b"")
    await bench.arrive(pointer)
    mid = b"mid" + bytes(13)
    assert bench.taken == [(mid, BIG) if kind == MESSAGE_IN_BLOB else (mid, b"a Welcome", BIG)]
    assert bench.blobs.finished == [pointer.capability]
    assert not bench.kept


async def test_a_relay_that_is_away_is_asked_again(tx: Transaction) -> None:
    bench = Bench(tx)
    me = bench.recipient(bench.ben)
    _, pointer = (await bench.parcels.put(BIG, [me], own=me)).pointer(RELAY, MESSAGE_IN_BLOB)
    bench.blobs.fault = EnvironmentFault("away", code="relay_unreachable")
    await bench.arrive(pointer)
    assert (bench.kept, bench.taken, bench.blobs.finished) == ([BLOB], [], [])
    bench.blobs.fault = None
    bench.parcels.fetch_soon()
    await bench.context.tasks.ended("blobs to fetch")
    assert (bench.kept, len(bench.taken)) == ([], 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"blob_id": b"n" * 16}, "relay_absent"),
        ({"digest": b"h" * 48}, "wrong_blob"),
        ({"key": b"k" * 32}, "bad_ciphertext"),
        ({"kind": 9}, "newer_version"),
    ],
)
async def test_what_can_never_be_read_is_recorded_once(tx: Transaction, change: dict[str, Any], code: str) -> None:
    bench = Bench(tx)
    me = bench.recipient(bench.ben)
    _, pointer = (await bench.parcels.put(BIG, [me], own=me)).pointer(RELAY, MESSAGE_IN_BLOB)
    await bench.arrive(replace(pointer, **change))
    assert [row.reason for row in tx.inbox.undecryptable()] == [code]
    assert (bench.kept, bench.taken) == ([], [])


async def test_a_claim_s_commit_is_inside_or_where_it_points(tx: Transaction) -> None:
    bench = Bench(tx)
    room = room_of(bench.anna, bench.ben)["ben"]
    me = bench.recipient(bench.ben)
    _, pointer = (await bench.parcels.put(BIG, [me], own=me)).pointer(RELAY, MESSAGE_IN_BLOB)
    for content, commit in ((b"\x00\x01 a commit", b"\x00\x01 a commit"), (pointer.encode(), BIG)):
        body = seal_claim_body(
            room.group.export_secret,
            group_tag=room.context.group_tag,
            epoch=room.epoch,
            commit=content,
            random=system_random,
        )
        assert await bench.parcels.commit_in(room, body) == commit
    assert not bench.blobs.finished, "other members read it, too"


async def test_a_blob_that_came_to_nothing_is_withdrawn(tx: Transaction) -> None:
    bench = Bench(tx)
    me = bench.recipient(bench.ben)
    await bench.parcels.withdraw(await bench.parcels.put(BIG, [me], own=me))
    assert bench.blobs.finished == [b"w" * 32]
