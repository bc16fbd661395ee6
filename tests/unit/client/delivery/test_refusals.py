"""Contents that a relay refused: at once for another token, a few times for the same one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.client.delivery import refusals
from byre.client.delivery.outbox import MESSAGE
from byre.client.delivery.refusals import Refusals
from byre.store import OutboxRow, Transaction
from tests.unit.client.delivery.test_sending import Bench


class Refused:
    """Anna's text that was refused for all whom it is for."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.refusals = Refusals(bench.desk.context, bench.desk.groups, bench.sending)  # type: ignore[arg-type]

    def rows(self) -> list[OutboxRow]:
        """What left since the last time, refused: the rows as the store has them now."""
        desk, tx = self.bench.desk, self.bench.tx
        tokens = {to.device_id: to.address.token for to in self.bench.room.recipients()}
        left = [row.device_id for row in desk.outbox.sent]
        desk.outbox.sent.clear()
        tx.outbox.expire(0, room=self.bench.row.id)
        rows = [row for row in tx.outbox.of_kind(MESSAGE, room=self.bench.row.id) if row.device_id in left]
        return [replace(row, token=tokens[row.device_id]) for row in rows]

    async def later(self, seconds: float) -> None:
        self.bench.desk.context.clock.advance(seconds)
        await self.bench.desk.settle()


async def test_what_was_refused_is_sealed_anew_at_once_for_whom_takes_another_token_by_now(tx: Transaction) -> None:
    bench = Bench(tx)
    refused = Refused(bench)
    await bench.text("missed")
    rows = refused.rows()
    await refused.refusals.address_anew([*rows, replace(rows[0], room=None), replace(rows[0], room=10**6)])
    assert bench.sent == [], "the same tokens would be refused again"
    others = [replace(row, token=b"an old one" if row.device_id == bench.ben.primary.id else row.token) for row in rows]
    await refused.refusals.address_anew([*others, replace(others[0], device_id=b"?" * 16)])
    assert bench.sent == [(MESSAGE, bench.ben.primary.id)]
    await bench.desk.context.tasks.stop()


async def test_the_same_token_is_tried_a_few_times_once_for_all_and_then_waits_to_be_heard(
    tx: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "AGAIN_S", (5.0, 10.0, 20.0))  # rows on paper live for a minute
    bench = Bench(tx)
    refused = Refused(bench)
    await bench.text("missed")
    to = sorted(bench.sent)
    for wait_s in refusals.AGAIN_S:
        rows = refused.rows()
        await refused.refusals.address_anew(rows)
        await refused.refusals.address_anew(rows[:1])
        await bench.desk.settle()
        await refused.later(wait_s - 1)
        assert bench.sent == []
        await refused.later(1)
        assert sorted(bench.sent) == to
    await refused.refusals.address_anew(refused.rows())
    await bench.desk.settle()
    await refused.later(10**6)
    assert bench.sent == []
    assert await bench.sending.seal_again(bench.room.group_id, bench.ben.primary.id) == 1
    assert [row.attempts for row in bench.desk.outbox.sent] == [0]


async def test_nothing_is_tried_again_for_what_was_taken_or_erased_meanwhile(tx: Transaction) -> None:
    bench = Bench(tx)
    refused = Refused(bench)
    await bench.text("erased")
    await refused.refusals.address_anew(refused.rows())
    await bench.desk.settle()
    tx.erasures.erase([message.id for message in tx.messages.page(bench.row.id, 1)])
    await refused.later(refusals.AGAIN_S[0])
    assert bench.sent == []
