"""The relay killed (SIGKILL) in each state of a message's life, at seeded instants: the invariants hold every time.

One kill per state in the suite; the whole by `BYRE_RELAY_KILLS=50`.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from tests.fakes.hasty_clock import HastyClock
from tests.fakes.killed_relay import CLEAN_S, STATES, KilledRelay
from tests.fakes.ledger import Ledger
from tests.fakes.relay_user import User, until

KILLS = int(os.environ.get("BYRE_RELAY_KILLS", "1"))
SEED = int(os.environ.get("BYRE_KILL_SEED", "20261122"))
MOST_QUEUED = 500


class Traffic:
    """One sender, one receiver who is there, one who comes and goes."""

    def __init__(self, relay: KilledRelay, seed: int) -> None:
        clock = HastyClock()
        self.relay = relay
        self.dice = random.Random(seed)
        self.ledger = Ledger()
        self.alice, self.there, self.away = (User(relay.url, 3 * seed + number, clock) for number in range(3))

    @property
    def everybody(self) -> list[User]:
        return [self.alice, self.there, self.away]

    @property
    def is_connected(self) -> bool:
        return self.alice.relay.is_connected and self.there.relay.is_connected

    async def begin(self) -> None:
        for user in self.everybody:
            await user.network.start()
            await user.register()

    async def end(self) -> None:
        for user in self.everybody:
            await user.network.stop()

    async def until_dead(self, state: str) -> None:
        """Write, come and go until the kill point is reached."""
        ttl_s = 1 if "expir" in state else 0
        for turn in range(4000):
            if not self.relay.is_alive:
                return
            if turn % (1 + turn // 100) == 0:  # a relay that gets little of its machine is given longer and longer
                if self.dice.random() < 0.5:
                    self.away.detach()
                else:
                    self.away.attach()
            is_behind = len(self.alice.relay._queue) > MOST_QUEUED
            for _ in range(0 if is_behind else self.dice.randrange(1, 8)):
                receiver = self.dice.choice([self.there, self.away])
                size = self.dice.choice([100, 512, 4096])
                if receiver is self.away and ttl_s and self.dice.random() < 0.5:
                    self.away.detach()
                    self.ledger.send(self.alice, receiver, size, ttl_s=ttl_s)
                else:
                    self.ledger.send(self.alice, receiver, size)
            await asyncio.sleep(self.dice.random() * 0.02)
            if "drain" in state and self.dice.random() < 0.5:
                self.relay.signal(signal.SIGTERM)
                await self.relay_is_gone()
        raise AssertionError(f"the state {state!r} was never reached")

    async def relay_is_gone(self) -> None:
        await until(lambda: not self.relay.is_alive, "the relay's end")


def most_times(state: str) -> int:
    """How often a relay may come by a state before it is killed there, plus one."""
    if "drain" in state:
        return 2
    return 4 if "expir" in state else 25


def is_over(traffic: Traffic, mid: bytes, code: str, retry_after_ms: int) -> bool:
    """Tell whether this is the answer to a repeat of what lived for a second and is not erased yet: later, again.

    `test_relay_time` has that answer by itself.
    """
    return mid in traffic.ledger.short_lived and code == "busy" and retry_after_ms >= 1000 * CLEAN_S


@pytest.mark.timeout(300 + 30 * KILLS)
@pytest.mark.xdist_group("kill")
@pytest.mark.parametrize("state", STATES)
async def test_killed_in_a_state_it_loses_doubles_and_reorders_nothing(tmp_path: Path, state: str) -> None:
    relay = KilledRelay(tmp_path / "relay")
    seed = SEED + list(STATES).index(state)
    traffic = Traffic(relay, seed)
    await relay.start()
    await traffic.begin()
    try:
        relay.signal(signal.SIGKILL)
        await relay.ended()
        for _ in range(KILLS):
            await relay.start(state, traffic.dice.randrange(1, most_times(state)))
            await until(lambda: traffic.is_connected or not relay.is_alive, "connected")
            await traffic.until_dead(state)
            assert await relay.ended() == -signal.SIGKILL
        await relay.start()
        traffic.away.attach()
        await until(lambda: not traffic.ledger.missing(), "everything arrived")
        assert traffic.ledger.complaints() == []
        assert [failure for failure in traffic.alice.told.failures if not is_over(traffic, *failure)] == []
        await until(lambda: not traffic.ledger.unconfirmed(), "nothing will be sent again")
        for _ in range(200):  # until the last acknowledgement is through
            # not on the loop's own thread: where it takes a minute, the devices would go dumb meanwhile, be cut off for
            # that, and never come to their last acknowledgements
            residue = await asyncio.to_thread(traffic.ledger.residue, relay.path)
            if not residue:
                break
            await asyncio.sleep(0.1)
        assert residue == []
        relay.signal(signal.SIGTERM)
        assert await relay.ended() == 0
    except BaseException:
        relay.signal(signal.SIGKILL)
        raise
    finally:
        await traffic.end()
