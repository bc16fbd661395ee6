"""The account of the fake engine: made, restored, opened, locked, given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from byre.client import events as ev
from byre.client.views import Created, DeviceId, ProfileState, Role, SignedListView, Status
from byre.errors import UsageError
from tests.fakes.engine_constants import RECOVERY_CODE, at, hex_id

if TYPE_CHECKING:
    from tests.fakes.engine import FakeEngine


class FakeAccount:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def create(self, *, handle: str, name: str, relay: str, passphrase: str | None = None) -> Created:
        self._e.check("account.create", (handle, name, relay, passphrase))
        self._e.me = replace(self._e.me, handle=handle, name=name)
        self._e.passphrase = passphrase
        for i, d in enumerate(self._e.device_views):
            self._e.device_views[i] = replace(d, current=d.role is Role.PRIMARY)
        self._e._become(ProfileState.READY, Role.PRIMARY)
        return Created(self._e.me.account_id, DeviceId(hex_id("phone", 32)), RECOVERY_CODE)

    async def needs_passphrase(self) -> bool:
        self._e.check("account.needs_passphrase")
        return not self._e.has_key_store

    async def restore(self, *, code: str, relay: str, handle: str, passphrase: str | None = None) -> Created:
        self._e.check("account.restore", (code, relay, handle, passphrase))
        if code.replace("-", "").replace(" ", "").upper() != RECOVERY_CODE.replace("-", ""):
            raise UsageError("The recovery code is wrong.", code="wrong_recovery_code")
        self._e._become(ProfileState.READY, Role.PRIMARY)
        return Created(self._e.me.account_id, DeviceId(hex_id("phone", 32)), "")

    async def unlock(self, passphrase: str | None = None) -> None:
        self._e.check("account.unlock", passphrase)
        if passphrase != self._e.passphrase:
            raise UsageError("Wrong passphrase.", code="wrong_passphrase")
        self._e._become(ProfileState.READY)

    async def rename(self, name: str) -> None:
        self._e.check("account.rename", name)
        self._e.me = replace(self._e.me, name=name)
        self._e._status = replace(self._e._status, name=name)
        self._e.events.publish(ev.ContactChanged(self._e.me.account_id))

    async def panic(self) -> None:
        self._e.check("account.panic")
        self._e._status = Status(state=ProfileState.NEW, role=None, connected=False)
        self._e.events.publish(ev.StatusChanged(self._e._status))

    async def erase(self) -> None:
        self._e.check("account.erase")
        self._e._status = Status(state=ProfileState.NEW, role=None, connected=False)
        self._e.events.publish(ev.StatusChanged(self._e._status))

    async def forked_lists(self) -> Sequence[SignedListView]:
        ids = tuple(d.device_id for d in self._e.device_views)
        return (SignedListView(7, at(9, 0), ids, True), SignedListView(7, at(9, 30), ids[:1], False))

    async def accept_fork(self) -> None:
        self._e.check("account.accept_fork")
        self._e._status = replace(self._e._status, is_forked=False)
        self._e.events.publish(ev.StatusChanged(self._e._status))

    async def lock(self) -> None:
        self._e.check("account.lock")
        self._e._become(ProfileState.LOCKED)

    async def change_lock(self, current: str | None, passphrase: str | None, *, use_key_store: bool = True) -> str:
        self._e.check("account.change_lock", (current, passphrase, use_key_store))
        if current != self._e.passphrase:
            raise UsageError("Wrong passphrase.", code="wrong_passphrase")
        if passphrase is None and not use_key_store:
            raise UsageError("A passphrase is needed.", code="passphrase_required")
        self._e.passphrase = passphrase
        mode = "A" if passphrase is None else "B" if use_key_store else "C"
        self._e._status = replace(self._e._status, has_passphrase=passphrase is not None, key_mode=mode)
        self._e.events.publish(ev.StatusChanged(self._e._status))
        return mode

    def status(self) -> Status:
        return self._e._status
