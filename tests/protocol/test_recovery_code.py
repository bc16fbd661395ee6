"""A new recovery code at a real relay: at each instant one code opens the account, and in the end the new one alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from byre.client.connection import RelayClient
from byre.client.events import RecoveryCodeChanged
from byre.client.recovery_fetch import fetch_by_code
from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.identity.recovery import open_recovery_file, split_copy
from byre.relay.key_file import KeyFile
from byre.store import Store
from byre.store.archive import is_restored
from tests.fakes.key_store import FakeKeyStore
from tests.fakes.sqlcipher_pages import plain_pages
from tests.fakes.world import Client, World
from tests.protocol.test_key_lost import is_kept, lose


async def opens(world: World, probe: Client, code: str) -> bool:
    """Whether a code gives anna's key to whoever asks the relay."""
    relay = probe.engine._network.relay(world.relay.url)
    try:
        code, _, file = await fetch_by_code(relay, "anna", code)
    except UsageError as error:
        if error.code != "wrong_recovery_code":
            raise
        return False
    open_recovery_file(code, split_copy(file)[0])
    return True


async def test_a_new_code_opens_what_the_old_one_opened(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        keys = FakeKeyStore()
        phone = await world.account("anna", key_store=keys)
        assert phone.created is not None
        old = phone.created.recovery_code
        await world.until(lambda: is_kept(phone), step_s=30)
        before = (await fetch_by_code(phone.engine._network.relay(world.relay.url), "anna", old))[2]
        new = await phone.engine.recovery_code.propose()
        assert await phone.engine.recovery_code.confirm(new) is True
        await phone.wait(RecoveryCodeChanged)
        await world.stop(phone)
        lose(keys)
        phone = await world.restart(phone)
        recovery, relay = phone.engine.key_recovery, world.relay.url
        with pytest.raises(UsageError) as caught:
            await recovery.with_code(old, relay=relay, handle="anna")
        assert caught.value.code == "wrong_recovery_code"
        await recovery.with_code(new, relay=relay, handle="anna")
        await world.stop(phone)
        other = await world.client("other")
        with pytest.raises(UsageError) as caught:
            await other.engine.account.restore(code=old, relay=relay, handle="anna")
        assert caught.value.code == "wrong_recovery_code"
        restored = await other.engine.account.restore(code=new, relay=relay, handle="anna")
        assert restored.account_id == phone.created.account_id
        await world.stop(other)
        await world.relay.stop()
        kept = world.relay.folder / "relay.keys"
        keys_of_relay = KeyFile.restore(kept, kept.read_bytes())
        pages = b"".join(plain_pages(world.relay.folder / "relay.db", keys_of_relay.durable.reveal()))
        assert bytes.fromhex(restored.account_id) in pages
        assert split_copy(before)[0] not in pages


async def test_a_backup_from_before_does_not_bring_the_old_code_back(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        phone, probe = await world.account("anna"), await world.client("probe")
        assert phone.created is not None
        old, backup = phone.created.recovery_code, tmp_path / "anna.byre"
        backup_code = await phone.engine.backups.export(str(backup))
        world.clock.advance(60)
        new = await phone.engine.recovery_code.propose()
        assert await phone.engine.recovery_code.confirm(new) is True
        await world.stop(phone)
        again = await world.client("elsewhere")
        await again.engine.backups.restore(str(backup), backup_code)
        session = again.engine._profile.session

        async def is_over() -> bool:
            return not await session.context.store.read(lambda tx: is_restored(tx.settings))

        await world.until(is_over, step_s=30)
        pc = await world.linked_pc(again)  # a further list, and with it the account's record
        assert [await opens(world, probe, code) for code in (old, new)] == [False, True]
        assert pc.is_running


class Power:
    """Goes at one step of the phone's writing and publishing: before it or after it, nothing more happens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._folder, self._left, self._is_after = folder, 0, False
        self.is_gone = asyncio.Event()
        self.steps = 0
        write, publish = Store.write, RelayClient.directory_put_account

        async def writes(store: Store, work: Callable[[Any], Any]) -> Any:
            return await self._step(lambda: write(store, work), is_ours=store._vault.directory == self._folder)

        async def publishes(relay: RelayClient, *arguments: Any, **options: Any) -> Any:
            return await self._step(lambda: publish(relay, *arguments, **options), is_ours=True)

        monkeypatch.setattr(Store, "write", writes)
        monkeypatch.setattr(RelayClient, "directory_put_account", publishes)

    def goes_at(self, step: int, *, is_after: bool) -> None:
        self._left, self._is_after, self.steps = step, is_after, 0
        self.is_gone.clear()

    def is_back(self) -> None:
        self._left = 0

    async def _step(self, work: Callable[[], Awaitable[Any]], *, is_ours: bool) -> Any:
        if not is_ours or not self._left:
            return await work()
        self.steps += 1
        if self.steps == self._left and self._is_after:
            await work()
        if self.steps >= self._left:
            self.is_gone.set()
            raise EnvironmentFault("there is no power", code="io_error")
        return await work()


@pytest.mark.logs_errors
async def test_whatever_is_cut_off_one_of_the_codes_opens_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        phone, probe = await world.account("anna"), await world.client("probe")
        assert phone.created is not None
        await world.until(lambda: is_kept(phone), step_s=30)
        old, power = phone.created.recovery_code, Power(monkeypatch, phone.folder)
        is_cut, outcomes = True, set()
        step = 0
        while is_cut:
            step += 1
            for is_after in (False, True):
                new = await phone.engine.recovery_code.propose()
                power.goes_at(step, is_after=is_after)
                with contextlib.suppress(ByreError):
                    await phone.engine.recovery_code.confirm(new)
                is_cut = power.is_gone.is_set()
                works = [await opens(world, probe, code) for code in (old, new)]
                assert works.count(True) == 1, (step, is_after, works)
                await world.stop(phone)
                power.is_back()
                phone = await world.restart(phone)
                await settled(world, phone)
                old_works, new_works = [await opens(world, probe, code) for code in (old, new)]
                assert old_works != new_works
                outcomes.add((step, new_works))
                assert new_works or step == 1, "what was stored comes true"
                if new_works:
                    old = new
        assert (1, False) in outcomes
        assert step > 4


async def settled(world: World, client: Client) -> None:
    async def is_settled() -> bool:
        return not await client.engine.recovery_code.is_pending()

    await world.until(is_settled, step_s=30)
