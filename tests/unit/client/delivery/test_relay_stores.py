"""A relay that has another store than before has lost what it held; one that is met for the first time has not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from byre.client.delivery.relay_stores import RelayStores
from byre.store import OutboxRow
from tests.fakes.delivery_context import GROUP, ME, NOW, DeliveryContext

RELAY = "https://relay.test"


class Bench:
    def __init__(self, around: DeliveryContext) -> None:
        self.around = around
        self.sent: list[bytes | None] = []
        self.sealed: list[tuple[bytes, bytes]] = []
        self.stores = RelayStores(around.context, self, lambda group, device: self.sealed.append((group, device)))  # type: ignore[arg-type]

    def dispatch(self, rows: Sequence[OutboxRow]) -> None:
        self.sent += [row.mid for row in rows]

    async def reached(self, epoch: bytes, relay: str = RELAY) -> None:
        self.stores.reached(relay, epoch)
        await self.around.settle()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    around = DeliveryContext(tmp_path)
    room = around.room()

    def row(number: int, state: str, *, kept: bool, relay: str = RELAY) -> OutboxRow:
        return OutboxRow(
            id=0,
            message_id=bytes([number]) * 16,
            device_id=bytes([number]) * 16,
            account_id=ME,
            room=room,
            kind="message",
            relay=relay,
            mailbox_id=b"m" * 16,
            token=b"t" * 32,
            mid=bytes([number]) * 16,
            ciphertext=b"sealed" if kept else None,
            state=state,
            ttl_s=60,
            created_at=NOW,
            expires_at=NOW + 60_000,
        )

    rows = [
        row(1, "stored", kept=False),
        row(2, "stored", kept=True),
        row(3, "stored", kept=False, relay="https://other.test"),
    ]
    around.store.now(lambda tx: tx.outbox.add(rows))
    yield Bench(around)
    await around.close()


async def test_nothing_is_lost_while_the_store_is_the_same(bench: Bench) -> None:
    for _ in range(2):
        await bench.reached(b"one")
    assert (bench.sent, bench.sealed) == ([], [])


async def test_what_is_kept_goes_again_and_the_rest_is_sealed_anew(bench: Bench) -> None:
    await bench.reached(b"one")
    await bench.reached(b"two")
    assert (bench.sent, bench.sealed) == ([b"\x02" * 16], [(GROUP, b"\x01" * 16)])
    await bench.reached(b"two")
    assert len(bench.sent) == 1


async def test_each_relay_has_a_store_of_its_own(bench: Bench) -> None:
    await bench.reached(b"one")
    await bench.reached(b"two", "https://other.test")
    assert (bench.sent, bench.sealed) == ([], [])


async def test_relays_that_were_reached_before_are_looked_at(bench: Bench) -> None:
    await bench.reached(b"one")
    bench.around.network.store_epochs = {RELAY: b"two"}
    bench.stores.begin()
    await bench.around.settle()
    assert bench.sealed == [(GROUP, b"\x01" * 16)]
