"""kill -9 of devices at seeded instants and of the relay, while everybody writes: nothing is lost, nothing is doubled.

A text counts as sent when its device's RPC answered. A device killed before it answered may or may not have stored the
text: then its own list after the restart decides, and every other device must show the same.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter

import pytest

from byre.demo.process import ProcessGone
from byre.demo.stage import Device, eventually
from byre.demo.words import new_mark
from tests.end2end.conftest import Cast

SEED = int(os.environ.get("BYRE_KILL_SEED", "20261122"))
KILLS_PER_DEVICE = 17 if os.environ.get("BYRE_SOAK") != "1" else 400
RELAY_KILLS = 3
SETTLE_S = 150.0


@pytest.fixture(autouse=True)
def _no_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases alone: a key store's own process does not always outlive clients that die while it answers them."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")


class Writer:
    """Writes numbered texts from one device, across its restarts, and remembers which were confirmed."""

    def __init__(self, device: Device, room_id: str, rng: random.Random) -> None:
        self.device = device
        self.room_id = room_id
        self.rng = rng
        self.confirmed: list[str] = []
        self.deaths = 0

    async def live_and_die(self, times: int) -> None:
        """Write, get killed at a random instant, come back; `times` times."""
        for _ in range(times):
            instant = self.rng.uniform(0.0, 0.6)
            writing = asyncio.ensure_future(self._write_until_dead())
            await asyncio.sleep(instant)
            await self.device.rpc.kill_and_wait()
            await writing
            self.deaths += 1
            await self.device.start()

    async def _write_until_dead(self) -> None:
        while True:
            first = len(self.confirmed)
            at_once = self.rng.choice((1, 1, 2, 6))  # several share a transaction
            texts = [f"{self.device.name} {first + number} {new_mark()}" for number in range(at_once)]
            calls = [self.device.call("message.send", room_id=self.room_id, text=text) for text in texts]
            answers = await asyncio.gather(*calls, return_exceptions=True)
            self.confirmed += [t for t, answer in zip(texts, answers, strict=True) if isinstance(answer, dict)]
            for answer in answers:
                if isinstance(answer, ProcessGone | ConnectionError):
                    return
                if isinstance(answer, BaseException):
                    raise answer
            await asyncio.sleep(self.rng.uniform(0.0, 0.2))


async def kill_the_relay(cast: Cast, times: int, rng: random.Random) -> None:
    for _ in range(times):
        await asyncio.sleep(rng.uniform(2.0, 6.0))
        assert cast.relay is not None
        await cast.relay.kill_and_wait()
        await asyncio.sleep(rng.uniform(0.0, 1.0))
        cast.relay = await cast.relay.restart()


@pytest.mark.slow
@pytest.mark.xdist_group("kill")
@pytest.mark.timeout(600)
async def test_kills_lose_nothing_and_double_nothing(cast: Cast) -> None:
    rng = random.Random(SEED)
    anna = await cast.account("anna")
    bela = await cast.account("bela")
    pc = await cast.linked("pc", anna)
    room_id = await cast.room(anna, [pc, bela], title="kill")
    devices = [anna, pc, bela]
    writers = [Writer(device, room_id, random.Random(rng.random())) for device in devices]
    await asyncio.gather(
        *(writer.live_and_die(KILLS_PER_DEVICE) for writer in writers), kill_the_relay(cast, RELAY_KILLS, rng)
    )
    assert sum(writer.deaths for writer in writers) >= 50

    confirmed = Counter(text for writer in writers for text in writer.confirmed)
    assert confirmed, "nobody ever wrote anything"
    shown: dict[str, Counter[str]] = {}

    async def all_equal() -> bool:
        for device in devices:
            shown[device.name] = Counter(await device.texts(room_id))
        first, *rest = shown.values()
        return all(other == first for other in rest) and not confirmed - first

    try:
        await eventually("all devices show the same texts", all_equal, SETTLE_S)
    except TimeoutError:
        everything = set().union(*shown.values())
        lost = {name: sorted(everything - set(texts)) for name, texts in shown.items()}
        never = sorted(set(confirmed) - everything)
        pytest.fail(f"seed {SEED}: lacking {lost}, confirmed but nowhere {never}")
    doubled = {name: [text for text, count in texts.items() if count > 1] for name, texts in shown.items()}
    assert doubled == {"anna": [], "pc": [], "bela": []}, f"seed {SEED}"
