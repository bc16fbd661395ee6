"""Copies of a profile: backups that the user makes and restores, the rolling snapshot, salvage of a damaged profile.

```
 READY ──export──▶ file + code        NEW ──restore(file, code)──▶ READY, every room rejoins in a new run
 LOCKED, db_damaged on unlock ──salvage──▶ READY, likewise
```
A backup is this device: account and device keys, rooms and messages, no MLS state. One of the two must stop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from byre.client.profile import Profile
from byre.client.profile_states import require_new
from byre.client.session import Session
from byre.client.views import SalvageView
from byre.crypto.random import Random
from byre.errors import ByreError, PeerError, UsageError
from byre.identity.recovery import new_recovery_code, normalise_code
from byre.store import Transaction
from byre.store.archive import EXPORTS

_MOST_EXPORTS = 50

Progress = Callable[[float], None]
"""Called with 0..1 in the engine's loop."""


def _ignore(fraction: float) -> None:
    pass


class Backups:
    """`BackupsApi`.

    Args:
        go_on: runs the account of a profile that was just opened.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        random: Random,
        now_ms: Callable[[], int],
        go_on: Callable[[Session], Awaitable[None]],
    ) -> None:
        self._profile = profile
        self._random = random
        self._now_ms = now_ms
        self._go_on = go_on

    async def export(self, path: str, on_progress: Progress = _ignore) -> str:
        """Write an encrypted backup to a file, replacing one that is there; return the code that opens it.

        The code is shown once and stored nowhere. Messages that disappear are not in the file; a wipe does not reach
        it, and its certificate says that there is one.

        Raises:
            UsageError: code wrong_state, locked. EnvironmentFault: code disk_full, io_error, db_damaged.
        """
        context = self._profile.session.context
        code = new_recovery_code(self._random)
        target, now_ms = _path(path), self._now_ms()
        # Noted first: once the file is there nothing may fail any more, or its code would be shown to nobody.
        await context.store.write(lambda tx: _note_export(tx, now_ms))
        try:
            await context.store.snapshots.write_backup(target, normalise_code(code), _in_loop(on_progress))
        except BaseException:
            with contextlib.suppress(ByreError):
                await asyncio.shield(context.store.write(lambda tx: _forget_export(tx, now_ms)))
            raise
        return code

    async def restore(
        self, path: str, code: str, *, passphrase: str | None = None, on_progress: Progress = _ignore
    ) -> None:
        """Become the device that a backup was made of, on a machine where nothing is yet.

        Raises:
            UsageError: code wrong_backup_code, wrong_state, locked, passphrase_required.
            EnvironmentFault: code disk_full, io_error, db_newer: nothing remains then.
        """
        try:
            code = normalise_code(code)
        except PeerError:
            raise UsageError("This is not the code of a backup.", code="wrong_backup_code") from None
        async with self._profile.changing:
            require_new(self._profile)
            await self._profile.require_lockable(passphrase)
            if self._profile.incomplete is not None:
                await self._profile.destroy()
            session = await self._profile.restore(_path(path), code, passphrase, _in_loop(on_progress))
            await self._go_on(session)

    async def salvage(self, passphrase: str | None = None) -> SalvageView:
        """Bring a damaged profile back from what can be read of it and its snapshot; keep the damaged file aside.

        Raises:
            UsageError: code wrong_state (new, or open), wrong_passphrase, passphrase_required.
            EnvironmentFault: code db_damaged (there is nothing to bring back), key_unavailable, disk_full, io_error.
        """
        async with self._profile.changing:
            done, session = await self._profile.salvage(passphrase)
            await self._go_on(session)
        return SalvageView(
            from_database=done.from_database,
            from_snapshot=done.from_snapshot,
            lost_messages=done.lost_messages,
            lost_pages=done.lost_pages,
            was_whole=done.was_whole,
        )

    async def set_aside(self) -> None:
        """Keep a locked profile that cannot be opened in a folder of its own, and be new: to link or restore anew.

        Nothing is deleted. Raises: UsageError: code wrong_state. EnvironmentFault: code io_error.
        """
        async with self._profile.changing:
            await self._profile.set_aside()


def _note_export(tx: Transaction, now_ms: int) -> None:
    tx.settings.put(EXPORTS, [*_exports(tx), now_ms][-_MOST_EXPORTS:])


def _forget_export(tx: Transaction, at_ms: int) -> None:
    """One came to nothing, in a wipe since perhaps: a certificate names those that there are."""
    times = _exports(tx)
    if at_ms in times:
        times.remove(at_ms)
        tx.settings.put(EXPORTS, times)


def _exports(tx: Transaction) -> list[int]:
    known = tx.settings.get(EXPORTS)
    return [time for time in known if isinstance(time, int)] if isinstance(known, list) else []


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise UsageError("This is no name of a file.", code="bad_params")
    return Path(text).expanduser()


def _in_loop(on_progress: Progress) -> Progress:
    loop = asyncio.get_running_loop()

    def tell(fraction: float) -> None:
        with contextlib.suppress(RuntimeError):  # the loop ended meanwhile: nobody watches any more
            loop.call_soon_threadsafe(on_progress, fraction)

    return tell
