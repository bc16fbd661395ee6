"""The vault of a profile: whether it is new, locked or ready, and the way to its database key.

```
 new ──create──▶ ready ──lock──▶ locked ──unlock──▶ ready          destroy: from any state to new
```
Mode A: the key-encryption key is a random secret in the OS key store. Mode C: it is stretched from a passphrase.
Mode B: it takes both.
What must never happen here: an empty database over an existing one, an outer secret in a file, a key store that fails
and a profile that is given up for it. Every refusal leaves all files as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.db import Worker
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.store.schema import create_database
from byre.store.vault_change import SALT_BYTES, change, new_outer_secret, require_passphrase, stretched
from byre.store.vault_copies import Copies
from byre.store.vault_damage import DamageMark
from byre.store.vault_files import file_faults, sync_file, sync_folder
from byre.store.vault_key_file import KeyFile, KeyMode, PassphraseCosts
from byre.store.vault_key_store import KeyStore
from byre.store.vault_manifest import Manifest
from byre.store.vault_mark import RunMark
from byre.store.vault_presumed import destroy_later_keys, is_manifest_lost, manifest_or_presumed
from byre.store.vault_profile import CREATING, DESTROYING, MANIFEST, ProfileFiles, damaged, mark_destroyed
from byre.store.vault_return import KeyReturn
from byre.store.vault_rotation import KEY_BYTES, NextGeneration, OpenKeys, Rotation, entry_name
from byre.store.vault_sources import KeySources
from byre.store.vault_thread import on_thread

_PROFILE_ID_BYTES = 16


class VaultState(StrEnum):
    """`ready` means unlocked in this process."""

    NEW = "new"
    LOCKED = "locked"
    READY = "ready"


class ProfileVault:
    """One profile folder. `key_store` None: this machine has none, or it is not to be used."""

    def __init__(
        self,
        directory: Path,
        *,
        random: Random,
        key_store: KeyStore | None = None,
        costs: PassphraseCosts | None = None,
    ) -> None:
        self._files = ProfileFiles(directory, random)
        self._random = random
        self._key_store = key_store
        self._costs = costs or PassphraseCosts()
        self._keys: OpenKeys | None = None
        self.worker: Worker | None = None
        """The thread that unlocked this profile, for its database; `lock` ends it."""
        self._is_out_of_key_store = False  # a destruction has seen to it: its second half cannot read the mode any more
        self.copies = Copies(self._files, random, self._costs, self._ready)
        self.returning = KeyReturn(self._files, key_store, lambda: self._keys)
        self.damage = DamageMark(self._files, lambda: self._keys)

    @property
    def directory(self) -> Path:
        return self._files.directory

    @property
    def generation(self) -> int:
        """The generation that is open."""
        return self._ready().manifest.generation

    @property
    def database_path(self) -> Path:
        return self._files.database(self.generation)

    @property
    def database_key(self) -> Secret:
        return self._ready().key

    def state(self) -> VaultState:
        """What is there.

        Raises:
            EnvironmentFault: `db_damaged` (kept as it is), `db_newer`, `io_error`.
        """
        if self._keys is not None:
            return VaultState.READY
        if self._counts_as_new():
            return VaultState.NEW
        if MANIFEST not in self._files.names():
            raise damaged("the profile's manifest is missing")
        self._files.read_manifest()
        return VaultState.LOCKED

    def mode(self) -> KeyMode | None:
        """The key mode of an existing profile, None of a new one. It is told also where the manifest is lost."""
        if self._keys is not None:
            return self._keys.key_file.mode
        if self._counts_as_new():
            return None
        return self._files.read_key_file(manifest_or_presumed(self._files)).mode

    async def create(self, passphrase: str | None = None) -> None:
        """Make a new profile and unlock it. A crash in between leaves it `new`.

        With a passphrase it is mode B, or C where no key store works; without one it is mode A.

        Raises:
            UsageError: `wrong_state` (there is one), `passphrase_required` (no key store that works and no passphrase).
            EnvironmentFault: `db_damaged`, `disk_full`, `io_error`.
        """
        await self._open_by(lambda: self._create(passphrase or None))

    async def unlock(self, passphrase: str | None = None, *, to_salvage: bool = False) -> None:
        """Open the way to the database key; nothing to do if it is open.

        Args:
            to_salvage: open it also where the database is missing, empty, or was found damaged; a manifest that is
                lost is written anew (`vault_presumed`) once the key file has opened.

        Raises:
            UsageError: `wrong_state` (new), `passphrase_required`, `wrong_passphrase`.
            EnvironmentFault: `key_unavailable` (try again, the phone, or link anew: nothing is lost), `db_damaged`.
        """
        if self._keys is None:
            await self._open_by(lambda: self._unlock(passphrase or None, to_salvage))
            self.returning.forget()

    async def change(self, current: str | None, *, passphrase: str | None, use_key_store: bool = True) -> KeyMode:
        """Another passphrase or mode for the open profile; not while its generation changes.

        Args:
            current: the passphrase of now, if it has one.
            passphrase: the new one, None for none.
            use_key_store: False to keep no part of the key in the OS key store.

        Raises:
            UsageError: `locked`, `wrong_passphrase`, `passphrase_required`.
            EnvironmentFault: `key_unavailable`, `disk_full`, `io_error`: nothing was changed.
        """
        keys = self._ready()

        def changed() -> OpenKeys:
            require_passphrase(keys, current)
            return change(
                self._files,
                self._key_store,
                self._random,
                keys,
                passphrase=passphrase or None,
                costs=self._costs,
                use_key_store=use_key_store,
            )

        self._keys = await on_thread(changed)
        return self._keys.key_file.mode

    async def mark(self, number: int | None = None) -> int | None:
        """Return the number that only grows (`vault_mark`), after raising it to `number`; None in mode C.

        Raises:
            UsageError: `locked`. EnvironmentFault: `key_unavailable`.
        """
        keys, key_store = self._ready(), self._key_store
        if key_store is None or keys.key_file.mode is KeyMode.C:
            return None
        mark = RunMark(key_store, keys.manifest.profile_id)

        def kept() -> int | None:
            if number is not None:
                mark.put(number)
            return mark.read()

        return await on_thread(kept)

    def lock(self) -> None:
        """Forget the keys and end the thread; the database must be closed."""
        if self._keys is not None:
            self._keys.wipe()
            self._keys = None
        if self.worker is not None:
            self.worker.end()
            self.worker = None

    async def set_aside(self) -> None:
        """Keep a profile whose key cannot be had, or that cannot be salvaged, in a folder of its own, and be new.

        Nothing is deleted, in the key store neither: if the key comes back, the folder's files can be moved back.

        Raises:
            UsageError: `wrong_state`: it is open, or new. EnvironmentFault: `io_error`: called again, it goes on.
        """
        if self._keys is not None or not self._files.generations():
            raise UsageError("only a profile that is locked can be set aside", code="wrong_state")
        self.returning.forget()
        await on_thread(self._files.set_aside)

    async def destroy(self, *, keys_only: bool = False, to_finish: bool = False) -> None:
        """Destroy the profile: the outer secret and the key file first, then the files. The database must be closed.

        Args:
            keys_only: panic: make everything unreadable at once, also while the database is open; `destroy` without
                it goes on. From here on the profile counts as new, also after a crash.
            to_finish: only go on with a destruction that was cut off; nothing happens when there is none.

        Raises:
            EnvironmentFault: `key_unavailable` (the files are destroyed nevertheless), `io_error`.
        """
        if to_finish and (self._keys is not None or DESTROYING not in self._files.names()):
            return
        if keys_only:
            fault = await on_thread(self._destroy_keys)
            if fault is not None:
                raise fault
            return
        self.lock()
        self.returning.forget()
        await on_thread(self._destroy)

    def rotation(self) -> Rotation:
        """The way to the next generation, for the wipe routine; give what its `switch` returns to `install`."""
        return Rotation(self._files, self._key_store, self._random, self._ready())

    def install(self, keys: OpenKeys) -> None:
        """Go on with the keys after a switch."""
        self._keys = keys

    async def _open_by(self, work: Callable[[], OpenKeys]) -> None:
        """Take the keys that `work` finds on a thread, and keep the thread with them."""
        worker = Worker("byre-profile")
        try:
            self._keys = await worker.run(work)
        except BaseException:
            worker.end()
            raise
        self.worker = worker

    def _counts_as_new(self) -> bool:
        names = self._files.names()
        if DESTROYING in names:
            return True
        return MANIFEST not in names and (CREATING in names or not self._files.generations())

    def _create(self, passphrase: str | None) -> OpenKeys:
        if self.state() is not VaultState.NEW:
            raise UsageError("there is a profile already", code="wrong_state")
        if DESTROYING in self._files.names():
            self._destroy()
        with file_faults():
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clear_half_created()
        manifest = Manifest(1, self._random(_PROFILE_ID_BYTES))
        self._is_out_of_key_store = False
        self._files.write_manifest(manifest, CREATING)
        try:
            keys = self._first_generation(manifest, passphrase)
        except BaseException:
            self._clear_half_created()
            raise
        self._files.write_manifest(manifest)
        self._files.unlink(CREATING)
        return keys

    def _first_generation(self, manifest: Manifest, passphrase: str | None) -> OpenKeys:
        salt = self._random(SALT_BYTES)
        passphrase_key = None if passphrase is None else stretched(passphrase, salt, self._costs)
        name = entry_name(manifest.profile_id, manifest.generation)
        outer = new_outer_secret(self._key_store, self._random, name, has_passphrase=passphrase is not None)
        sources = KeySources(outer, passphrase_key)
        key = Secret(self._random(KEY_BYTES))
        key_file = KeyFile.wrap(
            key,
            sources,
            generation=manifest.generation,
            profile_id=manifest.profile_id,
            costs=self._costs,
            salt=salt,
            random=self._random,
        )
        self._files.write_key_file(key_file)
        path = self._files.database(manifest.generation)
        create_database(path, key)
        sync_file(path)
        sync_folder(self.directory)
        return OpenKeys(manifest, key_file, key, sources)

    def _unlock(self, passphrase: str | None, to_salvage: bool) -> OpenKeys:
        if self._counts_as_new():
            raise UsageError("there is no profile yet", code="wrong_state")
        if not to_salvage:
            self.state()  # which says what is wrong
        is_lost, manifest = is_manifest_lost(self._files), manifest_or_presumed(self._files)
        key_file = self._files.read_key_file(manifest)
        if not to_salvage:
            self.damage.require_database(manifest)
        if key_file.mode is not KeyMode.A and passphrase is None:
            raise UsageError("this profile is locked with a passphrase", code="passphrase_required")
        outer = None if key_file.mode is KeyMode.C else self.returning.outer_secret(manifest, key_file)
        passphrase_key = None
        if key_file.mode is not KeyMode.A and passphrase is not None:
            passphrase_key = stretched(passphrase, key_file.salt, key_file.costs)
        sources = KeySources(outer, passphrase_key)
        try:
            keys = OpenKeys(manifest, key_file, key_file.unwrap(sources), sources)
        except PeerError:
            if passphrase_key is None:
                raise damaged("the profile's key file does not open with its own key") from None
            raise UsageError("the passphrase is wrong", code="wrong_passphrase") from None
        if is_lost:
            self._files.write_manifest(manifest)
        if not to_salvage:
            self.damage.settle(manifest, keys.key)
        with suppress(EnvironmentFault):  # no reason to keep the profile shut
            destroy_later_keys(self._files, manifest.generation)
            self._files.destroy_half_written(manifest.generation)
        return keys

    def _destroy(self) -> None:
        fault = self._destroy_keys()
        for generation in self._files.generations():
            self._files.destroy_generation(generation)
        if self.directory.is_dir():
            for name in (MANIFEST, CREATING, DESTROYING):
                self._files.unlink(name)
        if fault is not None:
            raise fault

    def _destroy_keys(self) -> EnvironmentFault | None:
        """The outer secrets and the key files; returns what the key store refused."""
        profile_id = self._any_profile_id()
        is_in_key_store = not self._is_out_of_key_store and self._may_be_in_key_store()
        if profile_id is not None:
            # From here on the profile counts as new, and the next start finishes the job.
            mark_destroyed(self._files, Manifest(1, profile_id))
        fault = None
        generations = self._files.generations()  # only now: a wipe under way makes no other one any more
        if self._key_store is not None and profile_id is not None and is_in_key_store:
            try:
                for generation in generations:
                    self._key_store.delete(entry_name(profile_id, generation))
            except EnvironmentFault as error:
                fault = error
            fault = RunMark(self._key_store, profile_id).forget() or fault
        self._is_out_of_key_store = fault is None
        for generation in generations:
            self._files.destroy_key(generation)
        return fault

    def _clear_half_created(self) -> None:
        """Remove what a creation that never ended left: it held nothing, because it never counted."""
        if CREATING not in self._files.names():
            return
        profile_id = self._any_profile_id()
        if profile_id is not None and self._key_store is not None:
            with suppress(EnvironmentFault):  # an entry of a profile that never was is no reason not to begin
                self._key_store.delete(entry_name(profile_id, 1))
        for generation in self._files.generations():
            self._files.destroy_generation(generation)
        self._files.unlink(CREATING)

    def _may_be_in_key_store(self) -> bool:
        """False if the key files say that all a key store could hold was never put there (mode C)."""
        try:
            return self._files.read_key_file(self._files.read_manifest()).mode is not KeyMode.C
        except EnvironmentFault:
            return True  # nobody knows any more

    def _any_profile_id(self) -> bytes | None:
        for name in (MANIFEST, DESTROYING, CREATING):
            if name in self._files.names():
                with suppress(EnvironmentFault):
                    return self._files.read_manifest(name).profile_id
        with suppress(EnvironmentFault):
            return manifest_or_presumed(self._files).profile_id
        return None

    def _ready(self) -> OpenKeys:
        if self._keys is None:
            raise UsageError("the profile is locked", code="locked")
        return self._keys


__all__ = ["KeyMode", "NextGeneration", "PassphraseCosts", "ProfileVault", "VaultState"]
