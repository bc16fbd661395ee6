"""Damage of any page of a profile: what is asked works or is `db_damaged`, and salvage brings back what there is."""

from __future__ import annotations

import itertools
import os
import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from byre.client.engine import Engine
from byre.client.events import ProfileDamaged, StatusChanged
from byre.client.snapshots import FIRST_LOOK_S
from byre.client.sweeping import FIRST_S
from byre.client.views import ProfileState, RoomState
from byre.errors import ByreError, EnvironmentFault, UsageError
from tests.fakes.world import Client, MemoryKeyStore, World
from tests.protocol.room_steps import acquainted, has_devices, shows, texts

PAGE = 4096
EVERYTHING = bool(os.environ.get("BYRE_DAMAGE_ALL"))
SAID = [f"이야기 {number} about the weather" for number in range(12)]
Hurt = Callable[[bytearray, int], bytearray]


def flipped(raw: bytearray, page: int) -> bytearray:
    raw[page * PAGE + 1000 + page % 2000] ^= 1
    return raw


def zeroed(raw: bytearray, page: int) -> bytearray:
    raw[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    return raw


def cut_off(raw: bytearray, page: int) -> bytearray:
    return raw[: page * PAGE]


KINDS: dict[str, Hurt] = {"flipped": flipped, "zeroed": zeroed, "cut off": cut_off}


async def talked(world: World) -> tuple[Client, Client, str]:
    """Anna and Ben, who have talked; anna has stopped."""
    anna, ben = await acquainted(world, "anna", "ben")
    room = await anna.engine.rooms.create(["ben"], title="team")
    await has_devices(world, ben, room, 2)
    for number, text in enumerate(SAID):
        await (anna, ben)[number % 2].engine.messages.send(room, text)
    await shows(world, anna, room, *SAID)
    return anna, ben, str(room)


class Outcome:
    """What became of one damaged copy of a profile."""

    def __init__(self, world: World, folder: Path, key_store: MemoryKeyStore) -> None:
        self._world = world
        self._folder = folder
        self._key_store = key_store
        self.codes: set[str] = set()

    async def _ask(self, engine: Engine, ask: Callable[[], Awaitable[object]]) -> bool:
        """Every copy but the first is an older one to the directory and is opened anew: what met that asks again."""
        for is_last in (False, True):
            async with engine._profile.changing:
                pass
            try:
                await ask()
            except ByreError as error:
                if error.code == "locked" and not is_last:
                    continue
                self.codes.add(error.code)
                return False
            return True
        raise AssertionError

    async def of(self, room: str) -> str:
        """`works`, `salvaged`, `emptied` (the account alone is left) or `refused`; anything else fails."""
        before = (self._folder / "store.1.db").read_bytes()
        client = await self._world.client(self._folder.name, key_store=self._key_store)
        engine: Engine = client.engine
        try:
            await self._ask(engine, lambda: engine.account.unlock())
            asked = [
                await self._ask(engine, lambda: engine.rooms.list()),
                await self._ask(engine, lambda: engine.messages.list(room, 100)),  # type: ignore[arg-type]
                await self._ask(engine, lambda: engine.messages.search("이야기")),
                await self._ask(engine, lambda: engine.messages.send(room, "new")),  # type: ignore[arg-type]
            ]
            async with engine._profile.changing:
                pass
            assert self.codes <= {"db_damaged"}
            if all(asked) and not engine.account.status().is_damaged:
                assert engine.account.status().state is ProfileState.READY
                return "works"
            assert self.codes <= {"db_damaged"}  # none, where work behind the scenes met the page
            assert engine.account.status().state is ProfileState.LOCKED
            assert engine.account.status().is_damaged
            done = None

            async def salvage() -> None:
                nonlocal done
                done = await engine.backups.salvage()

            if not await self._ask(engine, salvage):
                assert self.codes == {"db_damaged"}
                assert engine.account.status().state is ProfileState.LOCKED
                assert (self._folder / "store.1.db").exists()
                return "refused"
            assert engine.account.status().state is ProfileState.READY
            assert not engine.account.status().is_damaged
            assert (self._folder / "damaged.1.1.db").stat().st_size >= min(len(before), PAGE)
            assert not (self._folder / "damaged.1").exists()
            assert done is not None
            has_rooms = bool(await engine.rooms.list())
            assert has_rooms or (done.from_database, done.from_snapshot) == (0, 0)
            await engine.messages.search("이야기")
            return "salvaged" if has_rooms else "emptied"
        finally:
            await self._world.stop(client)
            assert not client.bugs


def chosen(pages: int, kind: str, *, has_snapshot: bool) -> list[int]:
    """All pages, or a few: the same ones in every run."""
    if EVERYTHING:
        return list(range(pages))
    return sorted(random.Random(kind).sample(range(1, pages), 3))[has_snapshot:]


@pytest.mark.timeout(3600 if EVERYTHING else 300)
async def test_any_page_may_be_damaged(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, _, room = await talked(world)
        world.clock.advance(FIRST_LOOK_S + 1)
        await world.until(lambda: (anna.folder / "snapshot.1.db").exists())
        await world.stop(anna)
        whole = (anna.folder / "store.1.db").read_bytes()
        for kind, has_snapshot in itertools.product(KINDS, (True, False)):
            outcomes: dict[str, list[int]] = {}
            for page in chosen(len(whole) // PAGE, kind, has_snapshot=has_snapshot):
                folder = tmp_path / f"{kind} {page} {has_snapshot}"
                shutil.copytree(anna.folder, folder)
                if not has_snapshot:
                    (folder / "snapshot.1.db").unlink()
                (folder / "store.1.db").write_bytes(KINDS[kind](bytearray(whole), page))
                store = MemoryKeyStore()
                store.entries = dict(anna.options["key_store"].entries)
                outcome = await Outcome(world, folder, store).of(room)
                outcomes.setdefault(outcome, []).append(page)
                shutil.rmtree(folder)
            if EVERYTHING:
                print(kind, has_snapshot, outcomes)
            assert not has_snapshot or not outcomes.keys() & {"refused", "emptied"}
            assert kind == "cut off" or "emptied" not in outcomes


async def test_damage_that_is_met_while_open_closes_the_profile_and_messages_wait(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben, room = await talked(world)
        assert anna.engine.account.status().is_damaged is False
        store = anna.engine.account._profile._store  # type: ignore[attr-defined]
        with pytest.raises(UsageError) as wrong:
            await anna.engine.backups.salvage()
        assert wrong.value.code == "wrong_state"
        since = len(anna.events)
        store._database.give_up()  # as a page that does not hold would
        await anna.wait(ProfileDamaged)
        status = await anna.wait(StatusChanged, since=since)
        assert (status.status.state, status.status.is_damaged) == (ProfileState.LOCKED, True)
        assert (anna.folder / "damaged.1").exists()
        await ben.engine.messages.send(room, "while you are away")  # type: ignore[arg-type]
        done = await anna.engine.backups.salvage()
        assert done.from_database >= len(SAID)
        assert not anna.engine.account.status().is_damaged

        async def is_back() -> bool:
            return all(each.state is RoomState.ACTIVE for each in await anna.engine.rooms.list())

        await world.until(is_back, step_s=61)
        await ben.engine.messages.send(room, "welcome back")  # type: ignore[arg-type]

        async def arrives() -> bool:
            return "welcome back" in await texts(anna, room)  # type: ignore[arg-type]

        await world.until(arrives)


@pytest.mark.parametrize("to_salvage", [False, True])
async def test_late_word_of_damage_leaves_no_second_session_behind(tmp_path: Path, *, to_salvage: bool) -> None:
    """A store that was closed for a rewind has met damage, and is heard when the next one is open already."""
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        profile = anna.engine.account._profile  # type: ignore[attr-defined]
        first, first_store = profile.open_session, profile._store
        profile._damage_met()
        await (anna.engine.backups.salvage() if to_salvage else anna.engine.account.unlock())
        assert profile.open_session is not first
        assert not first.context.tasks.is_running("sweep for damage")
        with pytest.raises(UsageError) as closed:
            await first_store.write(lambda tx: None)
        assert closed.value.code == "locked"
        assert anna.engine.account.status().state is ProfileState.READY


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
async def test_a_lost_manifest_is_told_and_written_anew_and_nothing_else_changes(
    tmp_path: Path, passphrase: str | None
) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await has_devices(world, ben, room, 2)
        await anna.engine.messages.send(room, "before")
        if passphrase:
            await anna.engine.account.change_lock(None, passphrase)
        await world.stop(anna)
        manifest = anna.folder / "manifest"
        whole = manifest.read_bytes()
        manifest.write_bytes(bytes(len(whole)))
        anna = await world.restart(anna)
        status = anna.engine.account.status()
        assert (status.state, status.is_damaged) == (ProfileState.LOCKED, True)
        assert status.has_passphrase is bool(passphrase)
        with pytest.raises(EnvironmentFault) as told:
            await anna.engine.account.unlock(passphrase)
        assert told.value.code == "db_damaged"
        done = await anna.engine.backups.salvage(passphrase)
        assert done.was_whole
        assert manifest.read_bytes() == whole
        await anna.engine.account.lock()
        assert (await anna.engine.backups.salvage(passphrase)).was_whole  # asked for without need
        assert not list(anna.folder.glob("damaged*"))
        assert {each.state for each in await anna.engine.rooms.list()} == {RoomState.ACTIVE}
        await ben.engine.messages.send(room, "after")
        await shows(world, anna, room, "before", "after")


async def test_the_sweep_meets_damage_of_a_page_that_nobody_reads(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        await world.stop(anna)
        database = anna.folder / "store.1.db"
        whole = database.read_bytes()
        unread = await _first_unread(world, anna, whole)
        anna = await world.restart(anna)
        database.write_bytes(flipped(bytearray(whole), unread))
        world.clock.advance(FIRST_S + 1)
        await anna.wait(ProfileDamaged)
        await world.stop(anna)
        anna = await world.restart(anna)
        assert anna.engine.account.status().is_damaged


async def _first_unread(world: World, client: Client, whole: bytes) -> int:
    """A page that a start does not read: the last one but those on the free list hold rows or the index."""
    folder = client.folder.with_name("tried")
    for page in range(len(whole) // PAGE - 1, 0, -1):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(client.folder, folder)
        (folder / "store.1.db").write_bytes(flipped(bytearray(whole), page))
        store = MemoryKeyStore()
        store.entries = dict(client.options["key_store"].entries)
        tried = await world.client("tried", key_store=store)
        is_fine = not tried.engine.account.status().is_damaged
        await world.stop(tried)
        if is_fine:
            return page
    raise AssertionError("every page is read at the start")


async def test_no_damage_makes_a_profile_new_or_lets_another_be_made_over_it(tmp_path: Path) -> None:
    """Whatever fails while an account starts to run: it is locked, and creating or restoring destroys nothing."""
    async with World(tmp_path) as world:
        anna = await world.account("anna")
        recovery = anna.created.recovery_code if anna.created else ""
        await world.stop(anna)

        files = {path.name: path.read_bytes() for path in anna.folder.iterdir() if path.name != "profile.lock"}
        fault = EnvironmentFault("the disk cannot be read", code="io_error")
        with pytest.MonkeyPatch.context() as patched:

            async def fails(_: object) -> None:
                raise fault

            patched.setattr("byre.client.session.Session.start_delivery", fails)
            engine = await world.opened(anna)
            with pytest.raises(EnvironmentFault):
                await engine.start()
            assert engine.account.status().state is ProfileState.LOCKED
            for work in (
                lambda: engine.account.create(handle="evil", name="n", relay=world.relay.url),
                lambda: engine.account.restore(code=recovery, relay=world.relay.url, handle="anna"),
                lambda: engine.linking.offer(relay=world.relay.url, device_name="x"),
                lambda: engine.backups.restore(str(tmp_path / "none"), recovery),
            ):
                with pytest.raises(ByreError) as caught:
                    await work()
                assert caught.value.code in ("locked", "wrong_state", "db_damaged", "wrong_backup_code")
            await engine.stop()
        assert {path.name for path in anna.folder.iterdir()} >= set(files)
        assert (anna.folder / "key.1").read_bytes() == files["key.1"]
        again = await world.restart(anna)
        assert again.engine.account.status().state is ProfileState.READY
