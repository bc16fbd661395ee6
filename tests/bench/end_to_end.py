"""Send to received and send to shown across real processes: `python -m tests.bench.end_to_end [--quick]`.

A relay, one account's phone and another's window, all on loopback. Times run from the moment before the sender's RPC
line is written until the receiving process has told (`message.received`) or painted (`ui.shown`) it. Compared in the
same run: one line to a process and back, which is what pipes and scheduling alone cost.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from byre.demo.stage import Device, Stage, eventually
from byre.demo.words import new_handle, new_text
from tests.bench.timing import parse_quick, print_result, summary


async def measure(messages: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), with_windows=False)
        try:
            return await _measure(stage, messages)
        finally:
            await stage.close()


async def _measure(stage: Stage, messages: int) -> dict[str, Any]:
    relay = await stage.open()
    sender, receiver = stage.phone("sender"), stage.pc("receiver")
    for device in (sender, receiver):
        await device.start()
        device.handle = new_handle(device.name)
        await device.call(
            "account.create", handle=device.handle, name=device.name, relay=relay.url, passphrase=device.passphrase
        )
        await device.wait_until_connected()
    await receiver.call("contact.add", handle=sender.handle)
    room_id = (await sender.call("room.create", members=[receiver.handle]))["room_id"]

    async def joined() -> bool:
        return room_id in [room["room_id"] for room in (await receiver.call("room.list"))["rooms"]]

    await eventually("the receiver is in the room", joined)
    await receiver.call("ui.open_room", room_id=room_id)
    pipe, received, shown = [], [], []
    for number in range(messages + 10):
        start = time.monotonic()
        await sender.call("status")
        pipe.append((time.monotonic() - start) * 1000)
        told, painted = await _one(sender, receiver, room_id)
        if number >= 10:  # the first ones warm caches
            received.append(told)
            shown.append(painted)
    before = time.monotonic()
    texts = [new_text() for _ in range(messages)]
    await asyncio.gather(*(sender.call("message.send", room_id=room_id, text=text) for text in texts))

    async def all_there() -> bool:
        return set(texts) <= set(await receiver.texts(room_id))

    await eventually("the burst has arrived", all_there)
    burst_s = time.monotonic() - before
    return {
        "goal_ms": {"shown_p50": 15},
        "ms": {"pipe_round_trip": summary(pipe), "received": summary(received), "shown": summary(shown)},
        "burst": {"messages": messages, "per_second": round(messages / burst_s, 1)},
    }


async def _one(sender: Device, receiver: Device, room_id: str) -> tuple[float, float]:
    since = len(receiver.rpc.notices)
    start = time.monotonic_ns()
    message_id = (await sender.call("message.send", room_id=room_id, text=new_text()))["message_id"]
    await receiver.rpc.wait_for("message.received", lambda p: p["message_id"] == message_id, since=since)
    told = (time.monotonic_ns() - start) / 1e6
    shown = await receiver.rpc.wait_for("ui.shown", lambda p: p["message_id"] == message_id, since=since)
    return told, (shown["at_ns"] - start) / 1e6


def main() -> None:
    messages = 50 if parse_quick(__doc__ or "") else 500
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print_result("end_to_end", asyncio.run(measure(messages)))


if __name__ == "__main__":
    main()
