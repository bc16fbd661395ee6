"""A number beside the outer secret that only grows: it tells a database that was put back from an older copy.

The database keeps the same number and is written first, so that it is never behind unless somebody restored it (or its
WAL) from a copy. Ratchets of such a copy may have been used since: going on with them would reuse keys and nonces. The
entry holds no secret. Without a key store (mode C) there is no such witness.
"""

from __future__ import annotations

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.store.vault_key_store import KeyStore

_BYTES = 32
_LARGEST = (1 << 63) - 1


class RunMark:
    """The number of one profile in the key store. Every call may block."""

    def __init__(self, key_store: KeyStore, profile_id: bytes) -> None:
        self._key_store = key_store
        self._name = f"{profile_id.hex()}.mark"

    def read(self) -> int | None:
        """Return the number, or None where none was put yet, or the entry was changed by somebody else.

        Raises:
            EnvironmentFault: `key_unavailable`.
        """
        entry = self._key_store.get(self._name)
        if entry is None:
            return None
        number = int.from_bytes(entry.reveal())
        return number if number <= _LARGEST else None

    def put(self, number: int) -> None:
        """Keep a number; a lower one never replaces a higher one.

        Raises:
            EnvironmentFault: `key_unavailable`.
        """
        if number > (self.read() or 0):
            self._key_store.put(self._name, Secret(number.to_bytes(_BYTES)))

    def forget(self) -> EnvironmentFault | None:
        """Delete the entry with its profile; returns what the key store refused."""
        try:
            self._key_store.delete(self._name)
        except EnvironmentFault as error:
            return error
        return None
