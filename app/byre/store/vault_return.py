"""The outer secret S on its way out, to be kept elsewhere, and on its way back after the key store has lost it.

```
 ready   ──copy──▶ (profile, generation, S), for the caller to seal to somebody else
 locked  ──wanted──▶ (profile, generation) ──the phone, the recovery code──▶ give ──▶ key store, and this process
```
What is given counts only if the key file knows it. If the key store does not take it, it opens the profile in this
process alone and is asked for again the next time: nothing of it is ever in a file.
"""

from __future__ import annotations

from collections.abc import Callable

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, UsageError
from byre.store.vault_key_file import KeyFile, KeyMode
from byre.store.vault_key_store import KeyStore
from byre.store.vault_manifest import Manifest
from byre.store.vault_profile import MANIFEST, ProfileFiles
from byre.store.vault_rotation import OpenKeys, entry_name, require
from byre.store.vault_thread import on_thread


class KeyReturn:
    """The outer secret of one profile folder. `keys` gives what the vault holds, None while it is locked."""

    def __init__(self, files: ProfileFiles, key_store: KeyStore | None, keys: Callable[[], OpenKeys | None]) -> None:
        self._files = files
        self._key_store = key_store
        self._keys = keys
        self._given: Secret | None = None

    def copy(self) -> tuple[bytes, int, Secret] | None:
        """Profile id, generation and outer secret of the open profile; None while locked and in mode C."""
        keys = self._keys()
        if keys is None or keys.sources.outer is None:
            return None
        return keys.manifest.profile_id, keys.manifest.generation, Secret(keys.sources.outer.reveal())

    def wanted(self) -> tuple[bytes, int] | None:
        """Profile id and generation of a locked profile that an outer secret opens; None of any other.

        Raises:
            EnvironmentFault: `db_damaged`, `db_newer`, `io_error`.
        """
        if self._keys() is not None or MANIFEST not in self._files.names():
            return None
        manifest = self._files.read_manifest()
        if self._files.read_key_file(manifest).mode is KeyMode.C:
            return None
        return manifest.profile_id, manifest.generation

    async def give(self, outer: Secret) -> bool:
        """Take the secret of the locked profile back; `unlock` opens it then. False if the key store did not take it.

        Raises:
            UsageError: `wrong_state` (no profile that waits for one), `wrong_key` (it is another one's).
            EnvironmentFault: `db_damaged`, `db_newer`, `io_error`.
        """
        if self.wanted() is None:
            raise UsageError("there is no profile that waits for its key", code="wrong_state")
        manifest = self._files.read_manifest()
        if not self._files.read_key_file(manifest).knows(outer):
            raise UsageError("this is not the key of this profile", code="wrong_key")
        self._given = Secret(outer.reveal())
        name = entry_name(manifest.profile_id, manifest.generation)
        try:
            await on_thread(lambda: require(self._key_store).put(name, outer))
        except EnvironmentFault:
            return False
        return True

    def outer_secret(self, manifest: Manifest, key_file: KeyFile) -> Secret:
        """The secret of the generation that counts: given back in this process, or out of the key store; blocking.

        Raises:
            EnvironmentFault: `key_unavailable`.
        """
        if self._given is not None and key_file.knows(self._given):
            return Secret(self._given.reveal())
        outer = require(self._key_store).get(entry_name(manifest.profile_id, manifest.generation))
        if outer is None:
            raise EnvironmentFault("the key store has no key for this profile", code="key_unavailable")
        if not key_file.knows(outer):
            raise EnvironmentFault("the key store's key is not this profile's", code="key_unavailable")
        return outer

    def forget(self) -> None:
        """Forget what was given back: the profile is open, or given up."""
        if self._given is not None:
            self._given.wipe()
            self._given = None
