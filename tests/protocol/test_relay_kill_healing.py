"""The relay killed while it heals a damaged file of held messages, and again while the next start does.

What is intact comes once and in order, what is lost is told once, and the relay starts again by itself. Two kills in
every second state in the suite; all of them, at more instants, by `BYRE_RELAY_KILLS=50`.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from byre.relay.key_file import KeyFile
from tests.fakes.hasty_clock import HastyClock
from tests.fakes.killed_relay import HEALING_STATES, KilledRelay
from tests.fakes.ledger import Ledger
from tests.fakes.relay_user import User, until
from tests.fakes.sqlcipher_pages import PAGE, plain_pages

KILLS = int(os.environ.get("BYRE_RELAY_KILLS", "1"))
SEED = int(os.environ.get("BYRE_KILL_SEED", "20261122"))
PLAYED = [*HEALING_STATES][:: 1 if KILLS > 1 else 2]
COUNT = 100  # two lots
LEAF = b"\x0d"


def keys_of(relay: KilledRelay) -> KeyFile:
    path = relay.path / "relay.keys"
    return KeyFile.restore(path, path.read_bytes())


def damaged(relay: KilledRelay, mid: bytes) -> set[bytes]:
    """Flip a bit of the page with this message's row, under the relay; return the mids that stand on that page."""
    for start, key in keys_of(relay).buckets.items():
        file = relay.path / f"held-{start}.db"
        for number, page in enumerate(plain_pages(file, key.reveal())):
            if page[:1] == LEAF and mid in page:
                with file.open("r+b") as raw:
                    raw.seek(number * PAGE + 1500)
                    (byte,) = raw.read(1)
                    raw.seek(-1, os.SEEK_CUR)
                    raw.write(bytes([byte ^ 1]))
                return {page[at : at + 16] for at in range(PAGE - 16)}
    raise AssertionError("the message is not held")


class Story:
    """Alice writes to Bob, who is away; a page of what is held goes bad; the relay dies where it heals that."""

    def __init__(self, relay: KilledRelay, seed: int) -> None:
        clock = HastyClock()
        self.relay = relay
        self.dice = random.Random(seed)
        self.alice, self.bob = (User(relay.url, 2 * seed + number, clock) for number in range(2))

    async def play(self, state: str) -> None:
        """Hold, damage, die, die again, start; judge."""
        relay, alice, bob = self.relay, self.alice, self.bob
        ledger = Ledger()
        await relay.start()
        bob.detach()
        sent = [ledger.send(alice, bob, 600) for _ in range(COUNT)]
        await until(lambda: not ledger.unconfirmed(), "all is held")
        bob.told.envelopes.clear()
        relay.signal(signal.SIGKILL)
        await relay.ended()

        await relay.start(state, self.dice.randrange(1, 4))
        await until(lambda: alice.relay.is_connected, "connected")
        epochs = [keys_of(relay).store_epoch]
        begun = len(alice.told.stores) - 1
        bad = damaged(relay, self.dice.choice(sent))
        bob.attach()
        await until(lambda: not relay.is_alive or len(set(bob.told.mids)) > COUNT - 20, "healed or dead")
        relay.signal(signal.SIGKILL)
        await relay.ended()
        await relay.start(state, self.dice.randrange(1, 4))
        relay.signal(signal.SIGKILL)
        await relay.ended()

        await relay.start()
        bob.attach()
        intact = [mid for mid in sent if mid not in bad]
        await until(lambda: set(intact) <= set(bob.told.mids), "all that is intact comes")
        lost = [mid for mid in sent if mid not in bob.told.mids]
        assert 0 < len(lost) < 12, (state, len(lost))
        assert ledger.complaints() == [f"I1 lost {mid.hex()}" for mid in lost], state
        epochs.append(keys_of(relay).store_epoch)
        await until(lambda: alice.told.stores[-1] == epochs[-1], "senders learn of it")
        assert list(dict.fromkeys(alice.told.stores[begun:])) == epochs
        assert epochs[0] != epochs[1]
        for mid in lost:
            alice.relay.send(mid=mid, mailbox=bob.mailbox, token=bob.token, ttl_s=0, body=b"again")
        await until(lambda: not ledger.missing(), "what was lost is taken anew")
        relay.signal(signal.SIGTERM)
        assert await relay.ended() == 0
        assert ledger.residue(relay.path) == [], state


@pytest.mark.timeout(300 + 60 * KILLS)
@pytest.mark.xdist_group("kill")
async def test_killed_while_it_heals_it_starts_again_and_loses_what_lay_on_the_bad_page_alone(tmp_path: Path) -> None:
    relay = KilledRelay(tmp_path / "relay")
    story = Story(relay, SEED)
    await relay.start()
    for user in (story.alice, story.bob):
        await user.network.start()
        await user.register()
    relay.signal(signal.SIGKILL)
    await relay.ended()
    try:
        for state in PLAYED * KILLS:
            await story.play(state)
    except BaseException:
        relay.signal(signal.SIGKILL)
        raise
    finally:
        for user in (story.alice, story.bob):
            await user.network.stop()
