"""Copies of the profile and the ways to relays, in the fake engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from byre.client import events as ev
from byre.client.views import LinkOffer, NetworkView, ProfileState, Role, SalvageView, Status
from byre.errors import EnvironmentFault, UsageError
from tests.fakes.engine_constants import RECOVERY_CODE

if TYPE_CHECKING:
    from tests.fakes.engine import FakeEngine

NEW_CODE = "K3WT-8PXA-5HQ2-M9ZD-7VCN-4GRB-6EJF"
BACKUP_CODE = "9KTR-4WZP-2MHC-7XAQ-5DNB-8GEV-3FYJ"


class FakeBackups:
    """Backups are files that say so; `gate` holds them half-way."""

    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine
        self.gate: asyncio.Event | None = None
        self.found = SalvageView(1_204, 37)

    async def _through(self, on_progress: Callable[[float], None]) -> None:
        for step in range(5):
            on_progress(step / 4)
            if step == 2 and self.gate is not None:
                await self.gate.wait()
            await asyncio.sleep(0)

    async def export(self, path: str, on_progress: Callable[[float], None] = lambda _f: None) -> str:
        self._e.check("backups.export", path)
        await self._through(on_progress)
        Path(path).write_bytes(b"byre backup")  # noqa: ASYNC240 - a fake
        return BACKUP_CODE

    async def restore(
        self, path: str, code: str, *, passphrase: str | None = None,
        on_progress: Callable[[float], None] = lambda _f: None,
    ) -> None:  # fmt: skip
        self._e.check("backups.restore", (path, code, passphrase))
        if code.replace("-", "").replace(" ", "").upper() != BACKUP_CODE.replace("-", ""):
            raise UsageError("Wrong code.", code="wrong_backup_code")
        await self._through(on_progress)
        self._e.passphrase = passphrase
        self._e._become(ProfileState.READY, Role.PRIMARY)

    async def salvage(self, passphrase: str | None = None) -> SalvageView:
        self._e.check("backups.salvage", passphrase)
        if passphrase != self._e.passphrase:
            raise UsageError("Wrong passphrase.", code="wrong_passphrase")
        self._e._become(ProfileState.READY)
        return self.found

    async def set_aside(self) -> None:
        self._e.check("backups.set_aside")
        if self._e._status.state is not ProfileState.LOCKED:
            raise UsageError("It is open.", code="wrong_state")
        self._e._status = Status(state=ProfileState.NEW, role=None, connected=False)
        self._e.events.publish(ev.StatusChanged(self._e._status))


class FakeNetwork:
    """Takes what looks right."""

    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine
        self.view = NetworkView(proxy=None, ca_pem="", pins={})

    def get(self) -> NetworkView:
        return self.view

    async def put(
        self, *, proxy: str | None = None, ca_pem: str | None = None, pins: Mapping[str, str] | None = None
    ) -> None:
        self._e.check("network.put", (proxy, ca_pem, dict(pins) if pins is not None else None))
        if proxy and not proxy.startswith(("socks5h://", "http://")):
            raise UsageError("No proxy.", code="bad_proxy")
        if ca_pem and "BEGIN CERTIFICATE" not in ca_pem:
            raise UsageError("No certificate.", code="bad_certificate")
        if pins and any(len(pin) != 64 for pin in pins.values()):
            raise EnvironmentFault("No pin.", code="bad_certificate")
        old = self.view
        self.view = replace(
            old,
            proxy=old.proxy if proxy is None else proxy or None,
            ca_pem=old.ca_pem if ca_pem is None else ca_pem,
            pins=old.pins if pins is None else dict(pins),
        )


class FakeKeyRecovery:
    """A lost key comes back by the recovery code or by the phone."""

    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    def is_possible(self) -> bool:
        return self._e._status.state is ProfileState.LOCKED

    async def ask_phone(self, relay: str) -> LinkOffer:
        self._e.check("key_recovery.ask_phone", relay)
        return LinkOffer("byre://key#AWh0dHBzOi8vcmVsYXkuZXhhbXBsZQAA", self._e.now_ms + 300_000)

    async def with_code(self, code: str, *, relay: str, handle: str, passphrase: str | None = None) -> None:
        self._e.check("key_recovery.with_code", (code, relay, handle, passphrase))
        if code != RECOVERY_CODE:
            raise UsageError("Wrong code.", code="wrong_recovery_code")
        self._e._become(ProfileState.READY)

    async def cancel(self) -> bool:
        self._e.check("key_recovery.cancel")
        return True


class FakeRecoveryCode:
    """Another recovery code; `relay_away` keeps it pending."""

    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine
        self._proposed = ""
        self.relay_away = self._pending = False

    async def propose(self) -> str:
        self._e.check("recovery_code.propose")
        self._proposed = NEW_CODE
        return NEW_CODE

    async def confirm(self, code: str) -> bool:
        self._e.check("recovery_code.confirm", code)
        if code != self._proposed:
            raise UsageError("Wrong code.", code="wrong_recovery_code")
        self._pending = self.relay_away
        if not self._pending:
            self._e.events.publish(ev.RecoveryCodeChanged())
        return not self._pending

    async def is_pending(self) -> bool:
        return self._pending


class FakeSettings:
    def __init__(self, engine: FakeEngine) -> None:
        self._e = engine

    async def get(self, name: str) -> object | None:
        return self._e.values.get(name)

    async def put(self, name: str, value: object) -> None:
        self._e.values[name] = value
