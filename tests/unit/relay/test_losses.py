"""A lost file of held messages stops the relay until its operator says that it is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from byre.client.connection import Gone, Granted, Progress
from byre.errors import EnvironmentFault
from byre.relay.key_file import KeyFile
from byre.relay.losses import losses
from tests.fakes.relay import TEST_LIMITS, RelayClock, RunningRelay, running_relay, seeded
from tests.fakes.relay_user import until, users
from tests.protocol.test_relay_heads import Room


async def told(path: Path, *, is_accepted: bool = False) -> dict[str, Any]:
    text = await losses(path, RelayClock(), limits=TEST_LIMITS, is_accepted=is_accepted, random=seeded(8))
    return dict(json.loads(text))


async def with_something_held(relay: RunningRelay) -> Path:
    """Leave a message and a commit's body in a file of the relay and stop it; return the file."""
    async with users(relay.url, 2) as (alice, bob):
        bob.detach()
        await until(lambda: relay.relay.services.mailboxes.cached(bob.mailbox).socket is None)  # type: ignore[union-attr]
        mid = alice.send(bob)
        await until(lambda: alice.told.has(mid, Progress.STORED))
        room = Room(alice.relay, await alice.relay.relay_id())
        await room.create()
        await room.claim(0, b"commit")
    await relay.stop()
    (file,) = relay.path.glob("held-*.db")
    return file


def damage(file: Path, how: str) -> None:
    if how == "missing":
        file.unlink()
    elif how == "empty":
        file.write_bytes(b"")
    else:
        file.write_bytes(bytes(4096) + file.read_bytes()[4096:])


@pytest.mark.parametrize("how", ["missing", "empty", "damaged"])
async def test_what_is_lost_is_told_counted_and_gone_without_once_it_is_accepted(tmp_path: Path, how: str) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        file = await with_something_held(relay)
        damage(file, how)
        with pytest.raises(EnvironmentFault) as caught:
            await relay.start_again()
        assert caught.value.code == ("db_damaged" if how == "damaged" else "db_missing")
        keys = (relay.path / "relay.keys").read_bytes()
        only_told = await told(relay.path)
        (lost,) = only_told["lost"]
        assert (lost["file"], lost["state"], lost["messages"], lost["commit_bodies"]) == (file.name, how, None, 1)
        assert (only_told["accepted"], only_told["accepted_ever"]) == (False, 0)
        assert (relay.path / "relay.keys").read_bytes() == keys
        accepted = await told(relay.path, is_accepted=True)
        assert (accepted["accepted"], accepted["accepted_ever"], accepted["lost"]) == (True, 1, only_told["lost"])
        after = KeyFile.restore(relay.path / "relay.keys", (relay.path / "relay.keys").read_bytes())
        before = KeyFile.restore(relay.path / "relay.keys", keys)
        assert after.buckets == {}
        assert after.store_epoch != before.store_epoch
        assert (after.relay_id, after.durable.reveal()) == (before.relay_id, before.durable.reveal())
        await relay.start_again()
        assert (relay.counters["held_now"], relay.counters["lost_buckets"]) == (0, 1)
        async with users(relay.url, 1) as (alice,):
            room = Room(alice.relay, await alice.relay.relay_id())
            assert await room.get(0) == Gone(1)
            assert await room.claim(1, b"later") == Granted(2)


async def test_where_nothing_is_lost_nothing_is_changed(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        file = await with_something_held(relay)
        before = (file.read_bytes(), (relay.path / "relay.keys").read_bytes())
        found = await told(relay.path, is_accepted=True)
        assert (found["lost"], found["accepted"], found["accepted_ever"]) == ([], False, 0)
        assert (file.read_bytes(), (relay.path / "relay.keys").read_bytes()) == before
        await relay.start_again()
        assert relay.counters["held_now"] == 1


async def test_a_lost_durable_file_cannot_be_accepted(tmp_path: Path) -> None:
    async with running_relay(tmp_path / "relay") as relay:
        await relay.stop()
        kept = (relay.path / "relay.db").read_bytes()
        (relay.path / "relay.db").unlink()
        with pytest.raises(EnvironmentFault) as caught:
            await told(relay.path, is_accepted=True)
        assert caught.value.code == "db_missing"
        with pytest.raises(EnvironmentFault):
            await told(tmp_path / "elsewhere", is_accepted=True)
        (relay.path / "relay.db").write_bytes(kept)
        await relay.start_again()
    assert not (tmp_path / "elsewhere").exists()
