"""From one generation of a profile to the next: the key side of a wipe.

```
 begin ── new K, new S ──▶ keep_outer_secret ── S(g+1) beside S(g) ──▶ write_key_file ──▶ switch ══▶ g+1 counts
                                                                                            └──▶ destroy(g)
```
Synchronous, on the database thread. A crash before the switch leaves g as it was; what was built is removed by the
next `begin`. After it, g is garbage that `destroy` removes, as often as it is called.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, InternalBug, UsageError
from byre.store.vault_key_file import KeyFile
from byre.store.vault_key_store import KeyStore
from byre.store.vault_manifest import Manifest
from byre.store.vault_presumed import destroy_later_keys
from byre.store.vault_profile import DESTROYING, ProfileFiles
from byre.store.vault_sources import KeySources

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class OpenKeys:
    """What an unlocked vault holds. `sources` are kept so that a rotation asks nothing."""

    manifest: Manifest
    key_file: KeyFile
    key: Secret
    sources: KeySources

    def wipe(self) -> None:
        """Forget all of it."""
        self.key.wipe()
        self.sources.wipe()


@dataclass(frozen=True, slots=True)
class NextGeneration:
    """A generation that is being built; nothing of it counts before the switch. `outer` is S, None in mode C."""

    generation: int
    path: Path
    key: Secret
    outer: Secret | None


def entry_name(profile_id: bytes, generation: int) -> str:
    """The name of an outer secret in the key store."""
    return f"{profile_id.hex()}.{generation:d}"


def require(key_store: KeyStore | None) -> KeyStore:
    """The key store, or `key_unavailable`."""
    if key_store is None:
        raise EnvironmentFault("there is no key store on this machine", code="key_unavailable")
    return key_store


class Rotation:
    """Moves the profile behind `keys` to its next generation."""

    def __init__(self, files: ProfileFiles, key_store: KeyStore | None, random: Random, keys: OpenKeys) -> None:
        self._files = files
        self._key_store = key_store
        self._random = random
        self._keys = keys

    def begin(self) -> NextGeneration:
        """New keys for the next generation; remains of an earlier try are removed first."""
        generation = self._keys.manifest.generation + 1
        self.destroy(generation)
        outer = None if self._keys.sources.outer is None else Secret(self._random(KEY_BYTES))
        return NextGeneration(generation, self._files.database(generation), Secret(self._random(KEY_BYTES)), outer)

    def keep_outer_secret(self, following: NextGeneration) -> None:
        """Put S(g+1) beside S(g) and read it back (modes A and B); nothing in mode C.

        Raises:
            EnvironmentFault: `key_unavailable`; `key_elsewhere`: another key store answers than the one that holds
                S(g), or somebody has taken that out of it.
        """
        if following.outer is None:
            return
        name = entry_name(self._keys.manifest.profile_id, following.generation)
        store = require(self._key_store)
        store.put(name, following.outer)
        try:
            self._require_home(store)
        except EnvironmentFault:
            with suppress(EnvironmentFault):
                store.delete(name)
            raise

    def write_key_file(self, following: NextGeneration) -> KeyFile:
        """Write key.<g+1>, durably. It does not count yet.

        Raises:
            UsageError: `wrong_state`: the profile is being destroyed, and gets no other key.
        """
        key_file = KeyFile.wrap(
            following.key,
            self._keys.sources.with_outer(following.outer),
            generation=following.generation,
            profile_id=self._keys.manifest.profile_id,
            costs=self._keys.key_file.costs,
            salt=self._keys.key_file.salt,
            random=self._random,
        )
        self._files.write_key_file(key_file)
        if DESTROYING in self._files.names():
            self._files.destroy_key(following.generation)
            raise UsageError("the profile is being destroyed", code="wrong_state")
        return key_file

    def switch(self, following: NextGeneration, key_file: KeyFile) -> OpenKeys:
        """THE switch: when this returns, `following` is the profile; the old database key is wiped from memory."""
        manifest = Manifest(following.generation, self._keys.manifest.profile_id)
        try:
            self._files.write_manifest(manifest)
        except EnvironmentFault:
            # Replaced, and only the folder's fsync failed: then g+1 counts, and going on with g would lose writes.
            if self._files.read_manifest() != manifest:
                raise
        old = self._keys
        self._keys = OpenKeys(manifest, key_file, following.key, old.sources.with_outer(following.outer))
        old.key.wipe()
        if old.sources.outer is not None:
            old.sources.outer.wipe()
        return self._keys

    def withdraw(self) -> None:
        """The switch did not come, and g goes on: a key file of g+1 would tell of a profile that g leaves behind."""
        with suppress(EnvironmentFault):
            if self._files.read_manifest() == self._keys.manifest:
                destroy_later_keys(self._files, self._keys.manifest.generation)

    def destroy(self, generation: int) -> None:
        """Destroy a generation that does not count: its outer secret first (verified), then its files, overwritten.

        Raises:
            EnvironmentFault: `key_unavailable`, `key_elsewhere`, `io_error`: call again, it goes on where it stopped.
        """
        if generation == self._keys.manifest.generation:
            raise InternalBug("the generation that counts is not to be destroyed", code="current_generation")
        if self._keys.sources.outer is not None:
            store = require(self._key_store)
            store.delete(entry_name(self._keys.manifest.profile_id, generation))
            self._require_home(store)
        self._files.destroy_generation(generation)

    def _require_home(self, store: KeyStore) -> None:
        """Refuse a key store without an entry of the generation that counts: another one answers, or it was emptied.

        What is put there is not where the profile looks for it tomorrow, and what is missing there may live elsewhere.
        Nothing that this process could put there itself would tell the two apart: S(g) in memory opens both, and the
        mark of the runs goes to whichever answers. So somebody has to say where the key is, or give it back.
        """
        name = entry_name(self._keys.manifest.profile_id, self._keys.manifest.generation)
        try:
            is_here = store.get(name) is not None
        except EnvironmentFault:  # an entry that somebody has changed is one, too
            is_here = True
        if not is_here:
            raise EnvironmentFault("this profile's key is not in the key store that answers now", code="key_elsewhere")
