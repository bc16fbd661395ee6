"""Another passphrase or another key mode for an open profile: only the key file is written anew.

```
 put S, read back ──▶ replace key.<g> ══▶ overwrite the old one's bytes ──▶ delete S, if it is used no more
```
A crash before ══ leaves the profile as it was, one after it leaves it changed: both open. The database key stays, so
who had the old passphrase together with an old copy of the key file (and S, if there was one) still has it: the next
wipe makes a new one.
"""

from __future__ import annotations

from contextlib import suppress

from byre.crypto import passphrase as argon2id
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault, UsageError
from byre.store.vault_key_file import KeyFile, PassphraseCosts
from byre.store.vault_key_store import KeyStore
from byre.store.vault_profile import ProfileFiles
from byre.store.vault_rotation import KEY_BYTES, OpenKeys, entry_name, require
from byre.store.vault_sources import KeySources

SALT_BYTES = 16


def stretched(passphrase: str, salt: bytes, costs: PassphraseCosts) -> Secret:
    """Argon2id of a passphrase; takes about a second."""
    return argon2id.stretch(passphrase, salt, memory_kib=costs.memory_kib, passes=costs.passes)


def require_passphrase(keys: OpenKeys, passphrase: str | None) -> None:
    """Refuse who does not know the passphrase of an open profile that has one.

    Raises:
        UsageError: `passphrase_required`, `wrong_passphrase`.
    """
    if keys.sources.stretched is None:
        return
    if not passphrase:
        raise UsageError("this profile is locked with a passphrase", code="passphrase_required")
    if stretched(passphrase, keys.key_file.salt, keys.key_file.costs) != keys.sources.stretched:
        raise UsageError("the passphrase is wrong", code="wrong_passphrase")


def change(
    files: ProfileFiles,
    key_store: KeyStore | None,
    random: Random,
    keys: OpenKeys,
    *,
    passphrase: str | None,
    costs: PassphraseCosts,
    use_key_store: bool,
) -> OpenKeys:
    """Wrap the database key anew; the old key file counts until the new one is on the disk.

    Args:
        passphrase: None for mode A.
        use_key_store: False for mode C. With True and a passphrase it is B if there is a key store that works; a
            profile whose secret is in the key store does not leave it because it cannot be reached at the moment.

    Raises:
        UsageError: `passphrase_required` (neither passphrase nor key store).
        EnvironmentFault: `key_unavailable`, `disk_full`, `io_error`: nothing was changed.
    """
    salt = random(SALT_BYTES)
    passphrase_key = stretched(passphrase, salt, costs) if passphrase else None
    outer = _outer_secret(key_store, random, keys, passphrase_key is not None) if use_key_store else None
    if outer is None and passphrase_key is None:
        raise UsageError("there is no key store that works here: choose a passphrase", code="passphrase_required")
    sources = KeySources(outer, passphrase_key)
    key_file = KeyFile.wrap(
        keys.key,
        sources,
        generation=keys.manifest.generation,
        profile_id=keys.manifest.profile_id,
        costs=costs,
        salt=salt,
        random=random,
    )
    files.replace_key_file(key_file)
    if outer is None and keys.sources.outer is not None:
        # What stays behind opens nothing: no key file is wrapped with it any more.
        with suppress(EnvironmentFault):
            require(key_store).delete(_name(keys))
    return OpenKeys(keys.manifest, key_file, keys.key, sources)


def _outer_secret(key_store: KeyStore | None, random: Random, keys: OpenKeys, has_passphrase: bool) -> Secret | None:
    """The outer secret, surely in the key store, or None where there is none and a passphrase makes up for it."""
    if keys.sources.outer is not None:
        require(key_store).put(_name(keys), keys.sources.outer)
        return keys.sources.outer
    return new_outer_secret(key_store, random, _name(keys), has_passphrase=has_passphrase)


def new_outer_secret(key_store: KeyStore | None, random: Random, name: str, *, has_passphrase: bool) -> Secret | None:
    """A fresh outer secret, put into the key store; None where no key store works and a passphrase makes up for it.

    Raises:
        UsageError: `passphrase_required`.
    """
    outer = Secret(random(KEY_BYTES))
    try:
        require(key_store).put(name, outer)
    except EnvironmentFault:
        # Locked, silent or absent: nothing is lost yet, and a passphrase always works.
        if has_passphrase:
            return None
        raise UsageError(
            "there is no key store that works here: choose a passphrase", code="passphrase_required"
        ) from None
    return outer


def _name(keys: OpenKeys) -> str:
    return entry_name(keys.manifest.profile_id, keys.manifest.generation)
