"""Catching up: messages a second through the receiving engine: `python -m tests.bench.catch_up [--quick]`.

A device was away; its relay held messages of several rooms for it. They are handed to the engine as the network does,
in bursts of so many as the connection takes at once: envelopes opened, MLS decrypted and verified, stored, indexed,
told as events; a burst counts when it may be acknowledged, on the disk (synchronous=FULL). The receipts that follow are
encrypted, stored and sent meanwhile, every two seconds as on any device that catches up, and count; those of the last
two seconds come later. The sender is closed before, and the relay that takes the receipts is a process of its own, as
it is in life: their shares do not. Compared in the same run: the same envelopes one by one, which is what live traffic
costs, and one bare fsync of the same disk. At the end every text must be in the store once and be found by the search,
or there are no figures.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from byre.client.connection.receiving import TAKEN_AT_ONCE
from byre.client.delivery.fan_out import seal_for_all
from byre.client.events import MessageReceived
from byre.client.views import RoomId
from byre.crypto.random import system_random
from byre.demo.process import RelayProcess
from byre.system.collector import settle
from byre.wire.content import Content, encode_content
from byre.wire.content_bodies import Text
from byre.wire.envelope import MLS_MESSAGE
from byre.wire.ids import RUN_ID_SIZE, MessageId, RunId
from tests.bench.timing import parse_quick, percentile, print_result
from tests.fakes.world import Client, RunningRelay, World

GOAL_PER_SECOND = 2500
ROOMS = 10
WORDS = (
    "회의",
    "내일 오후에",
    "자료를",
    "보내 주세요",
    "deadline",
    "확인했습니다",
    "커피",
    "release",
    "서버",
    "그래요",
)

Envelope = tuple[bytes, bytes]
SETTLED_S = 1.0


class RelayBeside(RunningRelay):
    """A relay in a process of its own, where a world expects its own one."""

    process: RelayProcess | None = None

    async def start(self) -> None:
        """Start it on a free port."""
        self.process = await RelayProcess.start(self.folder, logs=self.folder.parent)
        self.port = int(self.process.url.rsplit(":", 1)[1])

    async def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            await self.process.stop()


async def measure(messages: int, one_by_one: int) -> dict[str, Any]:
    """Return the figures of one run: `messages` in bursts, then `one_by_one` singly."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.relay = RelayBeside(world.relay.folder, world.clock, world.relay.limits)
        async with world:
            sender, receiver = await world.account("sender"), await world.account("receiver")
            await receiver.engine.contacts.add("sender")
            rooms = [await sender.engine.rooms.create(["receiver"], f"room {number}") for number in range(ROOMS)]

            async def joined() -> bool:
                return {room.room_id for room in await receiver.engine.rooms.list()} >= set(rooms)

            await world.until(joined)
            await world.until(lambda: _has_settled(sender, rooms))
            dice = random.Random(7)
            envelopes = await held_for(sender, rooms, [_text(dice, number) for number in range(messages + one_by_one)])
            await world.stop(sender)
            fsync_ms = _fsync_ms(Path(folder))
            settle()  # as every process of ours does when it stands
            bursts = await _fed(receiver, envelopes[:messages], TAKEN_AT_ONCE)
            singles = await _fed(receiver, envelopes[messages:], 1)
            await _check(receiver, rooms, messages + one_by_one)
    return {
        "goal": {"per_second": GOAL_PER_SECOND},
        "measured": "sealed envelopes handed to the engine until they may be acknowledged; synchronous=FULL. Receipts"
        " go out meanwhile, to a relay in a process of its own; the sender is closed",
        "messages": messages,
        "rooms": ROOMS,
        "burst": TAKEN_AT_ONCE,
        "per_second": bursts["per_second"],
        "cpu_us_per_message": bursts["cpu_us_per_message"],
        "one_by_one": {"messages": one_by_one, **singles},
        "disk_fsync_ms_p50": fsync_ms,
    }


async def held_for(sender: Client, rooms: Sequence[RoomId], texts: Sequence[str]) -> list[Envelope]:
    """Encrypt and seal `texts`, room by turn, as the sender's device does, to everybody else in the rooms."""
    session = sender.engine._profile.session
    groups = session.rooms._inbox._groups  # type: ignore[attr-defined]
    lives = [await groups.current(bytes.fromhex(room)) for room in rooms]
    run_id, now_ms = RunId(os.urandom(RUN_ID_SIZE)), session.context.clock.now_ms()
    made: list[Envelope] = []
    for number, text in enumerate(texts):
        at = number // 3 % len(lives)  # people write a few lines in a row
        content = Content(MessageId(os.urandom(16)), run_id, number, now_ms + number, Text(text))
        group, message = lives[at].group.encrypt(encode_content(content), random=system_random)
        lives[at] = lives[at].with_group(group)
        made += [
            (each.mid, each.envelope)
            for each in seal_for_all(lives[at].recipients(), MLS_MESSAGE, message, system_random)
        ]
    return made


async def _has_settled(sender: Client, rooms: Sequence[RoomId]) -> bool:
    """Whether the sender's device says nothing by itself (its name): from here on its ratchets are used beside it."""
    groups = sender.engine._profile.session.rooms._inbox._groups  # type: ignore[attr-defined]
    before = [await groups.current(bytes.fromhex(room)) for room in rooms]
    await asyncio.sleep(SETTLED_S)
    return all([await groups.current(bytes.fromhex(room)) is live for room, live in zip(rooms, before, strict=True)])


async def _fed(receiver: Client, envelopes: Sequence[Envelope], at_once: int) -> dict[str, float]:
    """Hand envelopes over as the network does; figures per message."""
    session = receiver.engine._profile.session
    mailbox = session.context.own.mailbox.mailbox_id
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    for first in range(0, len(envelopes), at_once):
        await session.on_envelopes(session.context.own.relay, mailbox, envelopes[first : first + at_once])
    taken_s, taken_cpu_s = time.perf_counter() - start_s, time.process_time() - start_cpu_s
    count = max(1, len(envelopes))
    return {
        "per_second": round(count / taken_s, 1),
        "cpu_us_per_message": round(1e6 * taken_cpu_s / count, 1),
    }


async def _check(receiver: Client, rooms: Sequence[RoomId], expected: int) -> None:
    told = [event.message for event in receiver.events if isinstance(event, MessageReceived)]
    numbers = sorted(int(message.text.split()[0][1:]) for message in told)
    stored = await receiver.engine._profile.session.context.store.read(
        lambda tx: sum(tx.messages.count(room.id) for room in tx.rooms.all() if room.group_id.hex() in rooms)
    )
    found = await receiver.engine.messages.search(f"n{expected - 1}")
    if numbers != list(range(expected)) or stored != expected or len(found) != 1:
        raise SystemExit(f"told {len(numbers)}, stored {stored}, found {len(found)}: not {expected}")


def _text(dice: random.Random, number: int) -> str:
    return f"n{number} " + " ".join(dice.choices(WORDS, k=dice.randint(2, 12)))


def _fsync_ms(folder: Path) -> float:
    """The median of one page written and fsynced, where the profile lies."""
    taken = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(40):
            file.write(bytes(4096))
            start_s = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - start_s) * 1000)
    return percentile(taken, 50)


def main() -> None:
    is_quick = parse_quick(__doc__ or "")
    print_result("catch_up", asyncio.run(measure(1_000 if is_quick else 10_000, 100 if is_quick else 500)))


if __name__ == "__main__":
    main()
