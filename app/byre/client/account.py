"""The account's life on this device: created, restored from its recovery code, unlocked, locked.

Creating: everything is stored before the relay hears of it, so that a crash can go on with the same keys and no handle
is lost to an account that nobody holds. It counts once the directory has its record.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence

from byre.client.context import OwnIdentity, write_own
from byre.client.directory import typed_account, typed_relay
from byre.client.events import StatusChanged
from byre.client.interruption import Interrupted
from byre.client.key_copies import COPY_PUBLIC
from byre.client.linking_pc import PcLinking
from byre.client.names import display_name, write_name
from byre.client.new_identity import new_identity, restored_identity
from byre.client.profile import Profile, or_closed, reopen
from byre.client.profile_states import require_new
from byre.client.recovery_fetch import fetch_by_code, wrong_recovery_code
from byre.client.registration import write_recovery
from byre.client.removal import Removal
from byre.client.session import Session, Surroundings
from byre.client.views import AccountId as ShownAccountId
from byre.client.views import Created, ProfileState, Role, SignedListView, Status
from byre.client.views import DeviceId as ShownDeviceId
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.account import AccountKey
from byre.identity.directory_entry import DirectoryEntry, verify_lookup
from byre.identity.handle import Address
from byre.identity.recovery import (
    copy_key_pair,
    fetch_key,
    new_recovery_code,
    open_recovery_file,
    seal_recovery_file,
    split_copy,
)
from byre.store import OwnDeviceRow, Transaction


class Account:
    """`AccountApi` over the profile."""

    def __init__(
        self,
        profile: Profile,
        surroundings: Surroundings,
        *,
        device_name: str,
        is_connected: Callable[[str], bool],
    ) -> None:
        self._profile = profile
        self._around = surroundings
        self._device_name = device_name
        self._is_connected = is_connected
        self._linking: PcLinking | None = None
        self._removal: Removal | None = None

    def attach(self, linking: PcLinking, removal: Removal) -> None:
        """Take the PC's linking, which an unfinished start resumes, and the end of a device that was removed."""
        self._linking, self._removal = linking, removal

    async def create(self, *, handle: str, name: str, relay: str, passphrase: str | None = None) -> Created:
        """Make an account with this device as its primary.

        Raises:
            UsageError: code bad_handle, bad_relay, bad_params, wrong_state, locked, handle_taken, passphrase_required.
            EnvironmentFault: code relay_unreachable, disk_full, …; `create` may be called again and goes on.
        """
        address, relay_url, name = typed_account(handle, relay), typed_relay(relay), display_name(name)
        async with self._profile.changing:
            require_new(self._profile)
            session = await self._resumable(address, relay_url, passphrase)
            if session is None:
                await self._profile.require_lockable(passphrase)
                await self._require_free(address, relay_url)
                session = await self._begin(
                    new_identity(
                        address, relay_url, name, random=self._around.random, now_ms=self._around.clock.now_ms()
                    ),
                    passphrase,
                )
            code = new_recovery_code(self._around.random)
            await self._publish(session, code)
        return self._created(session, code)

    async def needs_passphrase(self) -> bool:
        """Whether a new profile needs a passphrase, since no key store works here; asks it, and it may ask its user."""
        if self._profile.state is not ProfileState.NEW or self._profile.removed is not None:
            return False
        try:
            await self._profile.require_lockable(None)
        except UsageError:
            return True
        return False

    async def restore(self, *, code: str, relay: str, handle: str, passphrase: str | None = None) -> Created:
        """Take the account over with its recovery code, as a new primary in place of the lost one.

        Raises:
            UsageError: code wrong_recovery_code, no_such_handle, bad_handle, bad_relay, wrong_state, locked,
                passphrase_required. EnvironmentFault: code relay_unreachable, disk_full, …
            PeerError: the relay's records do not verify.
        """
        address, relay_url = typed_account(handle, relay), typed_relay(relay)
        async with self._profile.changing:
            require_new(self._profile)
            await self._profile.require_lockable(passphrase)
            entry, account_key, file = await self._fetch(address, relay_url, code)
            if self._profile.incomplete is not None:
                await self._profile.destroy()
            now_ms = self._around.clock.now_ms()
            own = restored_identity(entry, account_key, relay_url, random=self._around.random, now_ms=now_ms)
            fetch = fetch_key(code)

            def fill(tx: Transaction) -> None:
                write_own(tx, own, now_ms, is_published=False, is_linked=True)
                write_recovery(tx, split_copy(file)[0], fetch)  # a copy of the lost phone's key dies with it
                tx.settings.put(COPY_PUBLIC, copy_key_pair(code)[1].hex())
                self._write_devices(tx, own, entry, now_ms)

            session = await self._profile.begin(passphrase, own, fill)
            await self._register(session)
        return self._created(session, "")

    async def unlock(self, passphrase: str | None = None) -> None:
        """Open a locked profile; nothing happens when it is open.

        Raises:
            UsageError: code wrong_state (no profile), wrong_passphrase, passphrase_required.
            EnvironmentFault: code key_unavailable, db_damaged, …; nothing is changed or deleted.
        """
        async with self._profile.changing:
            if self._profile.state is ProfileState.READY or self._profile.removed is not None:
                return
            if self._profile.state is ProfileState.NEW:
                raise UsageError("There is no account here yet.", code="wrong_state")
            session = await self._profile.open(passphrase)
            if session is not None:
                await self._go_on(session)
        self._around.events.publish(StatusChanged(self.status()))

    async def rename(self, name: str) -> None:
        """Call oneself otherwise: told to the own devices and to the members of all rooms.

        Raises:
            UsageError: code bad_params, wrong_state, locked, or not_allowed on a removed device.
        """
        name = display_name(name)
        session = self._profile.session
        session.context.own.require_listed()
        profile = await session.own_name.change(name)
        if await session.rooms.has_device_room():
            await session.rooms.send_to_own_devices(profile)
        await session.rooms.tell_name(is_changed_here=True)
        self._around.events.publish(StatusChanged(self.status()))

    async def panic(self) -> None:
        """Destroy the profile of this device at once, whatever its state: the keys first, then the files.

        Raises:
            UsageError: code wrong_state (there is nothing). EnvironmentFault: key_unavailable, io_error.
        """
        async with self._profile.changing:
            if self._profile.state is ProfileState.NEW and self._profile.open_session is None:
                raise UsageError("There is no account here yet.", code="wrong_state")
            await self._profile.panic()
        self._around.events.publish(StatusChanged(self.status()))

    async def erase(self) -> None:
        """See `Removal.erase`."""
        if self._removal is not None:
            await self._removal.erase()

    async def change_lock(self, current: str | None, passphrase: str | None, *, use_key_store: bool = True) -> str:
        """Lock the profile by another passphrase, or by none; returns the key mode: A, B or C.

        Args:
            current: the passphrase that it has now, None if it has none.

        Raises:
            UsageError: code wrong_passphrase, passphrase_required (no key store either), wrong_state, locked.
            EnvironmentFault: code key_unavailable, disk_full, …: nothing was changed.
        """
        async with self._profile.changing:
            store = self._profile.readable.context.store
            mode = await store.change_lock(current, passphrase=passphrase, use_key_store=use_key_store)
        self._around.events.publish(StatusChanged(self.status()))
        return mode

    async def forked_lists(self) -> Sequence[SignedListView]:
        """See `OwnList.forked_lists`."""
        return await self._profile.session.own_list.forked_lists()

    async def accept_fork(self) -> None:
        """See `OwnList.accept_fork`."""
        await self._profile.session.own_list.accept_fork()
        self._around.events.publish(StatusChanged(self.status()))

    async def lock(self) -> None:
        """Close the store and forget its keys; `unlock` opens it again.

        It waits for no relay: an account that is being made is left as a crash would leave it (`create` says `locked`,
        and goes on when it is called again after `unlock`).

        Raises:
            UsageError: code wrong_state or locked.
        """
        is_changing = self._profile.changing.locked()
        with self._profile.relay_waits.ended():
            async with self._profile.changing:
                if (is_changing and self._is_being_made()) or self._profile.readable:
                    await self._profile.close()
        self._around.events.publish(StatusChanged(self.status()))

    def status(self) -> Status:
        """Return the state of the profile now."""
        state = self._profile.state
        removed = self._profile.removed
        if removed is not None:
            return self._status_of(removed, state)
        if state is not ProfileState.READY:
            is_locked = state is ProfileState.LOCKED
            return Status(
                state,
                None,
                connected=False,
                has_passphrase=is_locked and self._profile.has_passphrase,
                is_damaged=is_locked and self._profile.is_damaged,
            )
        return self._status_of(self._profile.session, state)

    def _status_of(self, session: Session, state: ProfileState) -> Status:
        own = session.context.own
        return Status(
            state=state,
            role=None if session.is_removed else Role.PRIMARY if own.is_primary else Role.LINKED,
            connected=not session.is_removed and self._is_connected(own.relay),
            account_id=ShownAccountId(own.account_id.hex()),
            device_id=ShownDeviceId(own.device_id.hex()),
            handle=own.handle,
            host=own.host,
            name=own.name,
            relay=own.relay,
            has_passphrase=self._profile.has_passphrase,
            is_removed=session.is_removed,
            is_forked=own.is_forked,
            key_mode=session.context.store.key_mode,
        )

    async def go_on(self, session: Session) -> None:
        """Run the account of a profile that was opened otherwise, and say so."""
        await self._go_on(session)
        self._around.events.publish(StatusChanged(self.status()))

    async def _go_on(self, session: Session) -> None:
        """Continue what the store says: a complete account, one being made (waits for `create`), one being linked."""
        async with or_closed(self._profile):
            row = await session.context.store.read(lambda tx: tx.account.get())
            if row is None or not row.is_published:
                return
            if session.is_removed:
                await session.start_reading()
            elif row.is_linked and not session.context.own.is_listed:
                await self._profile.retire()  # it was told in an earlier run, and stopped before it could act on it
            elif row.is_linked:
                await session.start_delivery()
                session.complete()
                if self._linking is not None:  # in the background: a start never waits for the relay
                    session.context.tasks.spawn(self._linking.introduce(session), "introduce this device")
            elif self._linking is not None:
                await self._linking.resume(session)

    def _is_being_made(self) -> bool:
        session = self._profile.incomplete
        return session is not None and session.context.own.is_primary

    async def _resumable(self, address: Address, relay_url: str, passphrase: str | None) -> Session | None:
        """Return the session of a creation that was cut off, if it was this one; another one's is destroyed."""
        session = self._profile.incomplete
        if session is None:
            return None
        own = session.context.own
        if own.account_key is not None and (own.handle, own.relay) == (address.handle, relay_url):
            session = await reopen(self._profile, passphrase)
            if session is not None:
                return session
        await self._profile.destroy()
        return None

    async def _begin(self, own: OwnIdentity, passphrase: str | None) -> Session:
        now_ms = self._around.clock.now_ms()

        def fill(tx: Transaction) -> None:
            write_own(tx, own, now_ms, is_published=False, is_linked=True)
            write_name(tx, own.name, now_ms)
            self._write_devices(tx, own, None, now_ms)

        return await self._profile.begin(passphrase, own, fill)

    async def _publish(self, session: Session, code: str) -> None:
        """Seal the recovery file under a code that is shown once, then register."""
        file = seal_recovery_file(code, session.context.own.require_account_key(), self._around.random)
        fetch = fetch_key(code)
        copy_public = copy_key_pair(code)[1]

        def write(tx: Transaction) -> None:
            write_recovery(tx, file, fetch)
            tx.settings.put(COPY_PUBLIC, copy_public.hex())

        await session.context.store.write(write)
        await self._register(session)

    async def _register(self, session: Session) -> None:
        """Make the account known and reachable; from here on it counts."""
        own = session.context.own
        try:
            async with self._profile.relay_waits.wait():
                await session.registration.register_mailbox()
                await session.registration.publish_account(own.device_list)
        except PeerError as error:
            await self._profile.destroy()
            if error.code == "relay_taken":
                raise UsageError("This handle is taken.", code="handle_taken") from None
            raise
        await session.context.store.write(_mark_published)
        with contextlib.suppress(EnvironmentFault):
            await session.context.store.fold()  # a published account without its mark would be given up as unfinished
        await session.start_delivery()
        with contextlib.suppress(
            EnvironmentFault, Interrupted
        ):  # it counts; maintenance goes on when the relay is back
            async with self._profile.relay_waits.wait():
                await session.registration.publish_device()
                await session.key_packages.publish_first()
                if len(own.device_list.devices) == 1:  # otherwise a linked device brings this one into its rooms
                    await session.rooms.ensure_own_rooms()
        session.complete()

    def _created(self, session: Session, code: str) -> Created:
        own = session.context.own
        self._around.events.publish(StatusChanged(self.status()))
        return Created(ShownAccountId(own.account_id.hex()), ShownDeviceId(own.device_id.hex()), code)

    async def _require_free(self, address: Address, relay_url: str) -> None:
        async with self._profile.relay_waits.wait():
            entry = await self._around.network.relay(relay_url).directory_get(handle=address.handle)
        if entry is not None:
            raise UsageError("This handle is taken.", code="handle_taken")

    async def _fetch(self, address: Address, relay_url: str, code: str) -> tuple[DirectoryEntry, AccountKey, bytes]:
        async with self._profile.relay_waits.wait():
            code, answer, file = await fetch_by_code(self._around.network.relay(relay_url), address.handle, code)
        entry = verify_lookup(
            answer.account_record,
            answer.device_lists,
            answer.device_records,
            handle=address.handle,
            host=address.host,
        )
        entry.record.expect_recovery_file(file)
        try:
            account_key = open_recovery_file(code, split_copy(file)[0])
        except PeerError as error:
            if error.code == "wrong_recovery_code":
                raise wrong_recovery_code() from None
            raise
        if account_key.account_id != entry.record.account_id:
            raise wrong_recovery_code()
        return entry, account_key, file

    def _write_devices(self, tx: Transaction, own: OwnIdentity, entry: DirectoryEntry | None, now_ms: int) -> None:
        tx.own_devices.put(OwnDeviceRow(own.device_id, self._device_name, "primary", now_ms, own.certificate.encoded))
        known = {device.certificate.device_id: device.certificate for device in entry.devices} if entry else {}
        for listed in own.device_list.devices:
            if listed.device_id != own.device_id:
                certificate = known.get(listed.device_id)
                encoded = b"" if certificate is None else certificate.encoded
                tx.own_devices.put(OwnDeviceRow(listed.device_id, "", "linked", now_ms, encoded))


def _mark_published(tx: Transaction) -> None:
    row = tx.account.get()
    if row is not None:
        tx.account.put(dataclasses.replace(row, is_published=True))
