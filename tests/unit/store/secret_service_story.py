"""A profile in a real Secret Service, from creation over a wipe to its end; run by test_secret_service.

The attacker has images of the profile from before and after the wipe, everything that is in the Secret Service today,
and the passphrase of today. He shares no code with the vault: he parses the key file and tries every key that these
yield.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sys
from itertools import product
from pathlib import Path

import secretstorage
from nacl import bindings, pwhash
from nacl.exceptions import CryptoError

from byre.crypto.random import system_random
from byre.errors import ByreError
from byre.store import PassphraseCosts, ProfileVault, SystemKeyStore
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store
from tests.unit.store.wiped_profile import GONE, KEPT, fill, needles_of

PASSPHRASE = "오늘의 비밀번호"
COSTS = PassphraseCosts(memory_kib=64, passes=1)
HEADER, NONCE = 70, 24


def secrets_of_today() -> list[bytes]:
    """Every secret in the Secret Service that is 32 bytes in hex."""
    connection = secretstorage.dbus_init()
    found = [
        item.get_secret().decode()
        for each in secretstorage.get_all_collections(connection)
        for item in each.get_all_items()
    ]
    return [bytes.fromhex(text) for text in found if len(text) == 64]


def database_keys(profile: Path) -> set[bytes]:
    """Every database key that the key files in an image yield."""
    outers: list[bytes | None] = [*secrets_of_today(), None]
    found: set[bytes] = set()
    for path in profile.glob("key.*"):
        raw = path.read_bytes()
        header, nonce, wrapped = raw[:HEADER], raw[HEADER : HEADER + NONCE], raw[HEADER + NONCE :]
        salt = header[38:54]
        stretched = pwhash.argon2id.kdf(32, PASSPHRASE.encode(), salt, COSTS.passes, COSTS.memory_kib * 1024)
        keys = [outer for outer in outers if outer] + [stretched]
        keys += [hashlib.blake2b(stretched, digest_size=32, key=outer).digest() for outer in outers if outer]
        for key in keys:
            try:
                found.add(bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(wrapped, header, nonce, key))
            except CryptoError:
                continue
    return found


def readable(profile: Path, texts: list[str]) -> int:
    """How many texts are readable in an image, with every key that is to be had, or in clear."""
    images = [path.read_bytes() for path in profile.rglob("*") if path.is_file()]
    databases = list(profile.glob("*.db"))
    images += [Examiner(path, key).image() for path, key in product(databases, database_keys(profile))]
    return sum(any(needle in image for image in images) for needle in needles_of(texts))


async def story(folder: Path, mode: str) -> dict[str, object]:
    """What happened, as plain values."""
    profile, before, after = folder / "p", folder / "before", folder / "after"
    passphrase = None if mode == "A" else PASSPHRASE

    def vault(directory: Path) -> ProfileVault:
        key_store = None if mode == "C" else SystemKeyStore(limit_s=20)
        return ProfileVault(directory, random=system_random, key_store=key_store, costs=COSTS)

    opened = vault(profile)
    await opened.create(passphrase)
    told: dict[str, object] = {"mode": opened.mode()}
    store = await open_store(opened)
    await store.write(fill)
    await store.snapshots.take()
    await store.close()
    shutil.copytree(profile, before)
    told["readable_while_the_secret_lived"] = readable(before, GONE)
    store = await open_store(opened)
    await store.wipe([1])
    told["generation"] = store.generation
    await store.close()
    shutil.copytree(profile, after)
    told["gone_in_the_image_after"] = readable(after, GONE)
    told["kept_in_the_image_after"] = readable(after, KEPT)
    told["gone_in_the_image_before"] = readable(before, GONE)
    try:
        await vault(before).unlock(passphrase)
        told["unlocking_the_image_before"] = "opens"
    except ByreError as error:
        told["unlocking_the_image_before"] = error.code
    again = vault(profile)
    await again.unlock(passphrase)
    told["unlocked"] = again.generation
    await again.destroy()
    told["left"] = sorted(path.name for path in profile.iterdir())
    told["secrets_left"] = len(secrets_of_today())
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(story(Path(sys.argv[1]), sys.argv[2]))))
