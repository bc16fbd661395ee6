"""The profile of an engine through its states: new, locked, open; and the way from one to the next.

```
 NEW ──begin──▶ open, incomplete ──complete──▶ READY ──lock──▶ LOCKED ──open──▶ READY
  ▲                   │                               │
  ├──── destroy ──────┘  (handle taken, no Welcome)   │ removed by its account
  └──── erase ─────── REMOVED: reads as `new` ◀───────┘
                          └── begin_anew (linked again, history kept) ──▶ open, incomplete
```
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from byre.client.connection import Route
from byre.client.context import JOINING, REMOVED, OwnIdentity, is_removed, read_own
from byre.client.events import ProfileRewound
from byre.client.network_settings import NetworkSettings, read_route
from byre.client.profile_states import ProfileStates
from byre.client.rewound import Marking, begin_anew, raise_mark
from byre.client.session import Session, Surroundings
from byre.client.views import ProfileState
from byre.client.wiping.fading import erase_overdue
from byre.crypto.secret import Secret
from byre.errors import ByreError, EnvironmentFault, InternalBug, UsageError
from byre.store import Certifier, ProfileVault, Store, Transaction
from byre.store.salvage import Salvage
from byre.store.vault_copies import Progress
from byre.store.vault_key_store import KeyStore

log = logging.getLogger(__name__)

Fill = Callable[[Transaction], None]
PROBE = "probe"


class Profile(ProfileStates):
    """Vault, store and session of one profile folder: the ways from one state to the next."""

    def __init__(
        self,
        vault: ProfileVault,
        surroundings: Surroundings,
        *,
        certify: Certifier,
        key_store: KeyStore | None,
        network_settings: NetworkSettings,
    ) -> None:
        super().__init__(vault)
        self._surroundings = surroundings
        self._certify = certify
        self._key_store = key_store
        self._network_settings = network_settings
        self._store: Store | None = None
        self._marking = Marking()
        self.changing = asyncio.Lock()

    async def give_up_damaged(self) -> None:
        """Close a store that is known to be damaged; nothing happens where it is not, or is closed already.

        Also where it was one before it, closed for a rewind, that met the damage, and was heard later.
        """
        if self._store is not None and (self._was_found_damaged or self._store.is_damaged):
            await self.close()

    async def require_lockable(self, passphrase: str | None) -> None:
        """Refuse a profile without passphrase where no key store works.

        Raises:
            UsageError: code passphrase_required.
        """
        if passphrase:
            return
        try:
            if self._key_store is None:
                raise EnvironmentFault("there is no key store", code="key_unavailable")
            await asyncio.get_running_loop().run_in_executor(None, _probe, self._key_store, self._surroundings.random)
        except EnvironmentFault:
            raise UsageError("There is no key store here: choose a passphrase.", code="passphrase_required") from None

    async def begin(self, passphrase: str | None, own: OwnIdentity, fill: Fill) -> Session:
        """Make the profile of a new account; `fill` writes everything in one transaction.

        Raises:
            UsageError: code passphrase_required. EnvironmentFault: disk_full and the like; nothing remains then.
        """
        with self._between():
            await self._vault.create(passphrase)
            try:
                store, _, _ = await self._open_store()
                await store.write(lambda tx: self._fill(store, tx, fill))
                await raise_mark(self._vault, store)
                await store.fold()  # `open` destroys a store without an account: a lost WAL must not make one of it
            except BaseException:
                await self._close_store()
                await self._vault.destroy()
                raise
            self._session = Session(self._surroundings, store, own, self._vault.returning)
        return self._session

    async def begin_anew(self, own: OwnIdentity, fill: Fill) -> Session:
        """Link a removed profile again: another device, the same history. Raises as `begin`."""
        session, store = self._session, self._store
        if session is None or store is None or not session.is_removed:
            raise InternalBug("only a removed profile is begun anew")

        now_ms = self._surroundings.clock.now_ms()

        def replace(tx: Transaction) -> None:
            tx.account.forget_device()
            tx.erasures.start_all_own(now_ms)
            fill(tx)

        await session.stop()
        try:
            await store.write(replace)
            await store.fold()
        except BaseException:
            await self._read_on(store)
            raise
        self._session = Session(self._surroundings, store, own, self._vault.returning)
        return self._session

    async def retire(self) -> None:
        """The account has removed this device: stop, and keep what there is to be read."""
        session, store = self._session, self._store
        if session is None or store is None:
            raise InternalBug("there is nothing to retire")
        now_ms = self._surroundings.clock.now_ms()
        await store.write(lambda tx: tx.settings.put(REMOVED, now_ms))
        await session.stop()
        await self._read_on(store)

    async def give_up(self) -> None:
        """A linking came to nothing: back to `new`, or to the history that was here before it."""
        session, store = self._session, self._store
        if session is not None and store is not None and await store.read(is_removed):
            await store.write(lambda tx: tx.settings.delete(JOINING))
            await session.stop()
            await self._read_on(store)
        else:
            await self.destroy()

    async def keep_marks_up(self) -> None:
        """Let the numbers by which an older copy is told grow where they are due (`rewound`)."""
        if self._store is not None:
            await self._marking.keep_up(self._vault, self._store, self._surroundings.clock)

    async def rewind(self) -> Session:
        """The open profile turned out to be an older copy: open it anew as one. Raises as `open`; it is locked then.

        The store is closed in between: nothing under way may write a ratchet that was used since.
        """
        session, self._session = self.session, None
        try:
            await session.stop()
            await self._close_store()
            store, route, _ = await self._open_store()
            await self._network_settings.opened(store, route)
            await self._rewind(store)
            own = await store.read(read_own)
            if own is None:
                raise InternalBug("a profile lost its account")
        except BaseException:
            await self.close()
            raise
        self._session = Session(self._surroundings, store, own, self._vault.returning)
        return self._session

    async def _rewind(self, store: Store) -> None:
        around = self._surroundings
        now_ms = around.clock.now_ms()
        await store.write(lambda tx: begin_anew(tx, random=around.random, now_ms=now_ms))
        around.events.publish(ProfileRewound())

    async def _read_on(self, store: Store) -> None:
        own = await store.read(read_own)
        if own is None:
            raise InternalBug("a removed profile lost its account")
        self._session = Session(self._surroundings, store, own, self._vault.returning)
        await self._session.start_reading()

    async def open(self, passphrase: str | None) -> Session | None:
        """Unlock and read the account; None when the store holds none, which is then destroyed.

        Raises:
            UsageError: wrong_passphrase, passphrase_required. EnvironmentFault: key_unavailable, db_damaged, …
        """
        await self.give_up_damaged()
        try:
            await self._vault.unlock(passphrase)
            store, route, own = await self._open_store()
            await self._network_settings.opened(store, route)
            if await raise_mark(self._vault, store):
                await self._rewind(store)
                own = await store.read(read_own)
            if own is None:
                await store.sweep.whole()  # before it is given up for empty
            await erase_overdue(store, self._surroundings.clock.now_ms())
        except BaseException as error:
            await self._close_store()
            self._vault.lock()
            if isinstance(error, EnvironmentFault) and error.code == "db_damaged":
                self._was_found_damaged = True
            raise
        self._was_found_damaged = False
        if own is None:
            await self.destroy()
            return None
        self._session = Session(self._surroundings, store, own, self._vault.returning)
        return self._session

    async def restore(self, backup: Path, code: str, passphrase: str | None, on_progress: Progress) -> Session:
        """Make a new profile of what a backup holds. Raises as `begin` and `Copies.read_backup`; nothing remains then.

        A crash half way leaves a profile without an account, which the next `open` destroys.
        """
        with self._between():
            await self._vault.create(passphrase)
            try:
                now_ms = self._surroundings.clock.now_ms()
                await self._vault.copies.read_backup(backup, code, now_ms=now_ms, on_progress=on_progress)
                session = await self.open(passphrase)
            except BaseException:
                await self._close_store()
                await self._vault.destroy()
                raise
        return _expected(session)

    async def salvage(self, passphrase: str | None) -> tuple[Salvage, Session]:
        """Bring a locked, damaged profile back and open it; one whose database is whole is opened as it is.

        Raises as `open` and `Copies.salvage`.
        """
        await self.give_up_damaged()
        if self.state is not ProfileState.LOCKED:
            raise UsageError("Only a locked profile can be salvaged.", code="wrong_state")
        await self._vault.unlock(passphrase, to_salvage=True)
        try:
            now_ms = self._surroundings.clock.now_ms()
            done = await self._vault.copies.salvage(now_ms=now_ms, usable=_can_be_opened, keep_whole=True)
        except BaseException:
            self._vault.lock()
            raise
        self._was_found_damaged = False
        return done, _expected(await self.open(passphrase))

    async def set_aside(self) -> None:
        """Keep a locked profile that cannot be opened, and be new. Raises as `ProfileVault.set_aside`."""
        await self.give_up_damaged()
        await self._vault.set_aside()
        self._was_found_damaged = False

    async def close(self) -> None:
        """Stop the session, close the store and forget the keys."""
        session, self._session = self._session, None
        try:
            if session is not None:
                await session.stop()
        except ByreError as error:
            log.warning("the session did not end in order: %s", error.code)
        finally:
            try:
                await self._close_store()
            finally:
                self._vault.lock()

    async def panic(self) -> None:
        """Destroy everything: what makes it readable first, at once, then the files. No certificate, no way back.

        Raises:
            EnvironmentFault: key_unavailable (the key store refused; the key file and all files are destroyed
                nevertheless), io_error.
        """
        fault: EnvironmentFault | None = None
        try:
            await self._vault.destroy(keys_only=True)
        except EnvironmentFault as error:
            fault = error
        with self._between():
            await self.close()
            await self._vault.destroy()
        self._was_found_damaged = False
        if fault is not None:
            raise fault

    async def destroy(self) -> None:
        """Give up an account that never came to be, or what its account's removal of this device left.

        Raises:
            UsageError: code wrong_state: the account counts. EnvironmentFault: code db_damaged: nobody can tell.
                Nothing is destroyed then.
        """
        self.require_undamaged()
        if self._session is not None and self._session.is_complete:
            raise InternalBug("a complete profile is not to be destroyed")
        if self._store is not None and await self._store.read(_counts):
            raise UsageError("There is an account here already.", code="wrong_state")
        with self._between():
            await self.close()
            await self._vault.destroy()
        self._was_found_damaged = False

    def _fill(self, store: Store, tx: Transaction, fill: Fill) -> None:
        fill(tx)
        self._network_settings.begun(store, tx)

    async def _open_store(self) -> tuple[Store, Route | None, OwnIdentity | None]:
        """Open the store and read what is needed before anything else: how relays are reached, and whose it is."""
        self._store, (route, own) = await Store.open_and_read(
            self._vault,
            lambda tx: (read_route(tx), read_own(tx)),
            certify=self._certify,
            clock_ms=self._surroundings.clock.now_ms,
            random=self._surroundings.random,
            on_damage=self._damage_met,
        )
        return self._store, route, own

    def _damage_met(self) -> None:
        self._was_found_damaged = True
        self._tell_damage()

    async def _close_store(self) -> None:
        store, self._store = self._store, None
        self._network_settings.closed()
        if store is not None:
            await store.close()


def _counts(tx: Transaction) -> bool:
    """Whether there is an account that was made or linked to its end, and that has not removed this device."""
    row = tx.account.get()
    return row is not None and row.is_published and row.is_linked and not is_removed(tx)


def _can_be_opened(tx: Transaction) -> bool:
    """Whether the account, its device list and its mailbox came together, of one that counts or did."""
    try:
        return read_own(tx) is not None and (_counts(tx) or is_removed(tx))
    except ByreError:
        return False


def _expected(session: Session | None) -> Session:
    if session is None:
        raise InternalBug("a copy of a profile has an account")
    return session


@contextlib.asynccontextmanager
async def or_closed(profile: Profile) -> AsyncIterator[None]:
    """Lock the profile where running it fails half-way: an open one that does not run would read as `new`."""
    try:
        yield
    except BaseException:
        await profile.close()
        raise


async def finish_destroying(profile: Profile) -> None:
    """Go on with a destruction that a crash cut off; nothing happens where there was none.

    Raises:
        EnvironmentFault: as `ProfileVault.destroy`.
    """
    await profile._vault.destroy(to_finish=True)


async def reopen(profile: Profile, passphrase: str | None) -> Session | None:
    """Open an incomplete profile anew, if `passphrase` is the one that it was made with; else leave it locked."""
    if profile.has_passphrase != bool(passphrase):
        return None
    await profile.close()
    try:
        return await profile.open(passphrase)
    except UsageError:
        return None


def _probe(key_store: KeyStore, random: Callable[[int], bytes]) -> None:
    key_store.put(PROBE, Secret(random(32)))
    key_store.delete(PROBE)
