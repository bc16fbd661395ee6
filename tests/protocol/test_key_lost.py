"""A key store that lost, changed or refuses the outer secret: the phone or the recovery code bring it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from byre.client.engine import Engine
from byre.client.events import KeyReturned, LinkCodeShown, LinkEnded
from byre.client.key_copies import KeptCopy, kept_copy, read_state
from byre.client.views import ProfileState, RoomId
from byre.crypto.secret import Secret
from tests.fakes.key_store import FakeKeyStore
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, shows
from tests.refusals import refused


def state_of(engine: Engine) -> ProfileState:
    return engine.account.status().state


def files_of(client: Client) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in client.folder.iterdir() if path.is_file()}


async def is_kept(client: Client) -> bool:
    session = client.engine._profile.session
    state = await session.context.store.read(read_state)
    return state is not None and state.is_kept and state.generation == session.context.store.generation


async def notes_of(client: Client) -> RoomId | None:
    return next((row.room_id for row in await client.engine.rooms.list() if row.kind == "note"), None)


class Story:
    """A phone with a PC, each with a key store of its own; the PC holds a note."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stores = {"anna": FakeKeyStore(), "pc": FakeKeyStore()}

    async def begin(self) -> None:
        world = self.world
        self.phone = await world.account("anna", key_store=self.stores["anna"])
        self.pc = await world.linked_pc(self.phone, "pc", key_store=self.stores["pc"])
        for client in (self.phone, self.pc):
            await world.until(lambda client=client: is_kept(client), step_s=30)
        self.notes: RoomId = await world.until(lambda: notes_of(self.pc))
        await self.pc.engine.messages.send(self.notes, "still here")

    async def recover_pc(self) -> None:
        """The PC shows its QR, the phone scans it, its user types the code."""
        since = len(self.pc.events)
        offer = await self.pc.engine.key_recovery.ask_phone(self.world.relay.url)
        asked = await self.phone.engine.linking.accept(offer.uri)
        assert (asked.device_name, asked.wants_key) == ("pc", True)
        code = await self.pc.wait(LinkCodeShown, since=since)
        await self.phone.engine.linking.confirm(code.code)
        await self.pc.wait(KeyReturned, since=since)


def lose(store: FakeKeyStore) -> None:
    store.entries.clear()


def change(store: FakeKeyStore) -> None:
    for name in store.entries:
        store.entries[name] = bytes(32)


def lock(store: FakeKeyStore) -> None:
    store.is_away = True


@pytest.mark.parametrize("harm", [change, lock])
async def test_the_phone_gives_a_pc_its_key_back(tmp_path: Path, harm: Callable[[FakeKeyStore], None]) -> None:
    async with World(tmp_path) as world:
        story = Story(world)
        await story.begin()
        await world.stop(story.pc)
        harm(story.stores["pc"])
        before = files_of(story.pc)
        pc = story.pc = await world.restart(story.pc)
        assert state_of(pc.engine) is ProfileState.LOCKED
        assert await refused(pc.engine.account.unlock()) == "key_unavailable"
        assert files_of(pc) == before
        assert pc.engine.key_recovery.is_possible()
        await story.recover_pc()
        assert state_of(pc.engine) is ProfileState.READY
        await shows(world, pc, story.notes, "still here")
        await pc.engine.messages.send(story.notes, "and goes on")
        await shows(world, story.phone, story.notes, "still here", "and goes on")
        again = await world.restart(pc)  # what the key store took back stays; a refusing one is asked for again
        assert state_of(again.engine) is (ProfileState.LOCKED if harm is lock else ProfileState.READY)


async def test_a_wipe_s_new_key_takes_the_old_one_s_place_on_the_phone(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        story = Story(world)
        await story.begin()
        (profile_id, first, secret) = story.pc.engine._profile.returning.copy() or (b"", 0, Secret(b""))
        certificate = await story.pc.engine.wipes.wipe(story.notes)
        assert "key_copy_pending" in certificate.limits
        await world.until(lambda: is_kept(story.pc), step_s=30)
        store = story.phone.engine._profile.session.context.store

        async def copy() -> KeptCopy | None:
            return await store.read(lambda tx: kept_copy(tx, profile_id))

        kept = await copy()
        assert kept is not None
        assert kept.copy.generation == first + 1
        assert kept.copy.secret != secret
        assert await store.read(lambda tx: tx.erasures.debt()) > 0
        await world.stop(story.pc)
        lose(story.stores["pc"])
        story.pc = await world.restart(story.pc)
        await story.recover_pc()
        await story.phone.engine.devices.remove(kept_device(kept))
        await world.until(lambda: gone(copy), step_s=60)


def kept_device(kept: KeptCopy) -> str:
    return kept.holder_of  # type: ignore[return-value]


async def gone(copy: Callable[[], object]) -> bool:
    return await copy() is None  # type: ignore[misc]


async def test_the_recovery_code_opens_the_phone_itself(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        story = Story(world)
        await story.begin()
        created, relay = story.phone.created, world.relay.url
        assert created is not None
        await world.stop(story.phone)
        lose(story.stores["anna"])
        phone = story.phone = await world.restart(story.phone)
        recovery = phone.engine.key_recovery
        before = files_of(phone)
        assert await refused(recovery.with_code("0" * 28, relay=relay, handle="anna")) == "wrong_recovery_code"
        assert await refused(recovery.with_code(created.recovery_code, relay=relay, handle="bo")) == "no_such_handle"
        assert await refused(recovery.with_code(created.recovery_code, relay="ftp://x", handle="anna")) == "bad_relay"
        assert files_of(phone) == before
        await recovery.with_code(created.recovery_code, relay=relay, handle="anna")
        assert state_of(phone.engine) is ProfileState.READY
        await shows(world, phone, story.notes, "still here")
        assert await refused(recovery.with_code(created.recovery_code, relay=relay, handle="anna")) == "wrong_state"


async def test_with_a_passphrase_the_key_alone_opens_nothing(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        story = Story(world)
        await story.begin()
        assert await story.pc.engine.account.change_lock(None, "소 잃고") == "B"
        await world.stop(story.pc)
        lose(story.stores["pc"])
        pc = story.pc = await world.restart(story.pc)
        assert await refused(pc.engine.account.unlock("소 잃고")) == "key_unavailable"
        await story.recover_pc()
        assert state_of(pc.engine) is ProfileState.LOCKED
        assert await refused(pc.engine.account.unlock("외양간")) == "wrong_passphrase"
        await pc.engine.account.unlock("소 잃고")
        await shows(world, pc, story.notes, "still here")


async def test_wrong_digits_and_strange_profiles_get_nothing(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        story = Story(world)
        await story.begin()
        (bo,) = await acquainted(world, "bo")
        await world.stop(story.pc)
        lose(story.stores["pc"])
        pc = story.pc = await world.restart(story.pc)
        offer = await pc.engine.key_recovery.ask_phone(world.relay.url)
        assert await refused(bo.engine.linking.accept(offer.uri)) == "no_key_copy"
        await story.phone.engine.linking.accept(offer.uri)
        code = (await pc.wait(LinkCodeShown)).code
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for expected in ("code_mismatch", "code_mismatch", "code_mismatch", "offer_used"):
            assert await refused(story.phone.engine.linking.confirm(wrong)) == expected
        assert (await pc.wait(LinkEnded)).code == "offer_used"
        assert state_of(pc.engine) is ProfileState.LOCKED
        await world.linked_pc(story.phone, "laptop")  # its code is not taken for the one that was wrong three times
        await story.recover_pc()
        assert state_of(pc.engine) is ProfileState.READY


async def test_an_open_profile_and_a_new_one_ask_for_no_key(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        (anna,) = await acquainted(world, "anna")
        fresh = await world.client("fresh")
        for engine in (anna.engine, fresh.engine):
            assert not engine.key_recovery.is_possible()
            assert await refused(engine.key_recovery.ask_phone(world.relay.url)) == "wrong_state"
        assert not await fresh.engine.key_recovery.cancel()
