"""Send to received and send to shown across real processes: `python -m tests.bench.end_to_end [--quick]`.

A relay, one account's phone and another's window, all on loopback, started as a user starts them. Times run from the
moment before the sender's RPC line is written until the receiving process has told (`message.received`) or its window
has painted the message (`ui.shown`): every promise is kept meanwhile, both databases commit with synchronous=FULL. The
figures are medians of several rounds, each with processes and profiles of its own. Compared in the same run: one line
to a process and back, which is what pipes and scheduling alone cost, and one fsync of the same disk.

A last round runs with stamps on the way (`tests/bench/stamps`), and says where the time goes:

    asked     the RPC line has reached the sender's engine      decrypt   envelope opened, decrypted, rows written
    encrypt   MLS, sealing, rows                                commit    COMMIT with its fsync, back in the loop
    commit    COMMIT with its fsync, back in the loop           paint     event, layout, painted
    relay     sender's socket, relay, receiver's socket
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from byre.demo.stage import Device, Stage, eventually
from byre.demo.words import new_handle, new_text
from tests.bench.timing import parse_quick, percentile, print_result, summary

WARM_UP = 10
STAMPS = Path(__file__).parent / "stamps"
STAGES = (
    ("asked", "start", "sender asked"),
    ("encrypt", "sender asked", "sender encrypted"),
    ("sender_commit", "sender encrypted", "sender stored"),
    ("relay", "sender stored", "receiver came"),
    ("decrypt", "receiver came", "receiver decrypted"),
    ("receiver_commit", "receiver decrypted", "receiver told"),
    ("paint", "receiver told", "shown"),
)


async def measure(messages: int, rounds: int) -> dict[str, Any]:
    """Return the figures of `rounds` rounds of `messages` each, and of one with stamps."""
    taken = [await _round(messages) for _ in range(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        stamped = await _stamped(messages, Path(folder))
    fields = ("pipe_round_trip", "received", "shown")
    return {
        "goal_ms": {"shown_p50": 15},
        "measured": "sender's RPC line written -> told, painted; real processes, synchronous=FULL on both sides",
        "ms": {name: summary([value for each in taken for value in each[name]]) for name in fields},
        "rounds": {
            "count": rounds,
            "shown_p50": [percentile(each["shown"], 50) for each in taken],
            "shown_p50_median": round(statistics.median(percentile(each["shown"], 50) for each in taken), 2),
        },
        "stages_ms_p50": stamped,
        "disk_fsync_ms_p50": _fsync_ms(),
        "burst": {
            "messages": messages,
            "per_second": round(statistics.median(each["burst_per_second"][0] for each in taken), 1),
        },
    }


async def _round(messages: int) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), with_windows=False)
        try:
            sender, receiver, room_id = await _set(stage)
            pipe, received, shown = [], [], []
            for number in range(messages + WARM_UP):
                start = time.monotonic()
                await sender.call("status")
                pipe.append((time.monotonic() - start) * 1000)
                start_ns, told_ns, shown_ns = await _one(sender, receiver, room_id)
                if number >= WARM_UP:  # the first ones warm caches
                    received.append((told_ns - start_ns) / 1e6)
                    shown.append((shown_ns - start_ns) / 1e6)
            burst = await _burst(sender, receiver, room_id, messages)
        finally:
            await stage.close()
    return {"pipe_round_trip": pipe, "received": received, "shown": shown, "burst_per_second": [burst]}


async def _set(stage: Stage) -> tuple[Device, Device, str]:
    """Start everything; returns sender, receiver and the room that is open in the receiver's window."""
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
    return sender, receiver, room_id


async def _one(sender: Device, receiver: Device, room_id: str) -> tuple[int, int, int]:
    """Send one text; returns the moments (ns) of asking, of being told and of being painted."""
    since = len(receiver.rpc.notices)
    start = time.monotonic_ns()
    message_id = (await sender.call("message.send", room_id=room_id, text=new_text()))["message_id"]
    await receiver.rpc.wait_for("message.received", lambda p: p["message_id"] == message_id, since=since)
    told = time.monotonic_ns()
    shown = await receiver.rpc.wait_for("ui.shown", lambda p: p["message_id"] == message_id, since=since)
    return start, told, shown["at_ns"]


async def _burst(sender: Device, receiver: Device, room_id: str, messages: int) -> float:
    """Ask for all sends at once; returns messages a second until the receiver lists them all."""
    before = time.monotonic()
    texts = [new_text() for _ in range(messages)]
    await asyncio.gather(*(sender.call("message.send", room_id=room_id, text=text) for text in texts))

    async def all_there() -> bool:
        return set(texts) <= set(await receiver.texts(room_id))

    await eventually("the burst has arrived", all_there)
    return messages / (time.monotonic() - before)


async def _stamped(messages: int, folder: Path) -> dict[str, float]:
    """One more round, with stamps; the median of each stage."""
    added = {"BYRE_BENCH_STAMPS": str(folder), "PYTHONPATH": f"{STAMPS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    with tempfile.TemporaryDirectory() as profiles:
        stage = Stage(Path(profiles), with_windows=False)
        try:
            sender, receiver, room_id = await _set(stage)
            sent = [await _one(sender, receiver, room_id) for _ in range(messages + WARM_UP)]
        finally:
            await stage.close()
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
    return _spans(sent[WARM_UP:], folder)


def _spans(sent: list[tuple[int, int, int]], folder: Path) -> dict[str, float]:
    marks = sorted(
        (int(at), f"{file.name.partition('.')[0]} {name}")
        for file in folder.iterdir()
        for at, _, name in (line.partition(" ") for line in file.read_text().splitlines())
    )
    spans: dict[str, list[float]] = {name: [] for name, _, _ in STAGES}
    for start_ns, _, shown_ns in sent:
        at = _first_in_order({"start": start_ns, "shown": shown_ns}, marks)
        for name, begin, end in STAGES:
            if begin in at and end in at:
                spans[name].append((at[end] - at[begin]) / 1e6)
    return {name: percentile(values, 50) for name, values in spans.items() if values}


def _first_in_order(ends: Mapping[str, int], marks: list[tuple[int, str]]) -> dict[str, int]:
    """The first of each stamp between start and shown that comes after the stamp before it."""
    at, latest = dict(ends), ends["start"]
    for _, _, end in STAGES[:-1]:
        found = next((ns for ns, name in marks if name == end and latest <= ns <= ends["shown"]), None)
        if found is None:
            return at
        at[end] = latest = found
    return at


def _fsync_ms() -> float:
    """The median of one page written and fsynced where the profiles lie."""
    taken = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(40):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - start) * 1000)
    return percentile(taken, 50)


def main() -> None:
    is_quick = parse_quick(__doc__ or "")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print_result("end_to_end", asyncio.run(measure(40 if is_quick else 200, 1 if is_quick else 5)))


if __name__ == "__main__":
    main()
