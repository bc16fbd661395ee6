"""Handing rows to the connection: at once, or one handful after the other, always in order."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from byre.client.delivery.outbox import Outbox
from byre.client.tasks import TaskSupervisor
from byre.store import OutboxRow


class PaperNetwork:
    """Relays that write down what they are given."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def relay(self, url: str) -> PaperNetwork:
        return self

    def send(self, *, mid: bytes, **_: Any) -> None:
        self.sent.append(mid)


def row(number: int) -> OutboxRow:
    return OutboxRow(
        id=number,
        message_id=b"m" * 16,
        device_id=b"d" * 16,
        account_id=b"a" * 32,
        room=1,
        kind="message",
        relay="https://relay.example",
        mailbox_id=b"b" * 16,
        token=b"t" * 32,
        mid=number.to_bytes(16),
        ciphertext=b"envelope",
        state="queued",
        ttl_s=60,
        created_at=0,
        expires_at=1,
    )


def outbox() -> tuple[Outbox, PaperNetwork, TaskSupervisor]:
    network, tasks = PaperNetwork(), TaskSupervisor()
    context: Any = SimpleNamespace(network=network, tasks=tasks, random=lambda size: bytes(size))
    return Outbox(context, lambda changes: None, lambda rows: None), network, tasks


async def test_a_few_rows_go_at_once() -> None:
    box, network, _ = outbox()
    box.dispatch([row(1), row(2)])
    assert network.sent == [(1).to_bytes(16), (2).to_bytes(16)]


async def test_many_rows_leave_the_loop_in_between_and_keep_their_order() -> None:
    box, network, tasks = outbox()
    box.dispatch([row(number) for number in range(1000)])
    box.dispatch([row(1000)])
    assert network.sent == []
    await asyncio.sleep(0)
    assert 0 < len(network.sent) < 100
    await tasks.ended("outbox dispatch")
    assert network.sent == [number.to_bytes(16) for number in range(1001)]
    box.dispatch([row(1001)])
    assert network.sent[-1] == (1001).to_bytes(16)
