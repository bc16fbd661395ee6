"""A profile in a real Secret Service, from creation over a wipe to its end; run by test_secret_service.

The attacker has every image of the profile that was ever taken, everything that is in the Secret Service today, and
every passphrase that was ever used. He shares no code with the vault: he parses the key files, tries every key that
these yield on every database, snapshot, backup and file that was kept aside, in all images.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import product
from pathlib import Path

import secretstorage
from nacl import bindings, pwhash
from nacl.exceptions import CryptoError

from byre.crypto.random import system_random
from byre.errors import ByreError
from byre.store import PassphraseCosts, ProfileVault, Store, SystemKeyStore
from byre.store import store as store_module
from byre.store.wipe import WipeRoutine
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import NOW, open_store
from tests.unit.store.test_archive import account
from tests.unit.store.wiped_profile import GONE, KEPT, fill, needles_of

PASSPHRASE, EARLIER = "오늘의 비밀번호", "어제의 비밀번호"
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


def keys_of(images: list[Path]) -> set[bytes]:
    """Every key that the key files in the images yield today, of databases and of their snapshots."""
    outers = secrets_of_today()
    found: set[bytes] = set()
    for path in (path for image in images for path in image.rglob("key.*")):
        raw = path.read_bytes()
        header, nonce, wrapped = raw[:HEADER], raw[HEADER : HEADER + NONCE], raw[HEADER + NONCE :]
        keys = list(outers)
        for passphrase in (PASSPHRASE, EARLIER):
            memory = COSTS.memory_kib * 1024
            stretched = pwhash.argon2id.kdf(32, passphrase.encode(), header[38:54], COSTS.passes, memory)
            keys += [stretched, *(hashlib.blake2b(stretched, digest_size=32, key=outer).digest() for outer in outers)]
        for key in keys:
            try:
                found.add(bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(wrapped, header, nonce, key))
            except CryptoError:
                continue
    return found | {hashlib.blake2b(key, digest_size=32, person=b"byre snapshot v1").digest() for key in found}


def readable(texts: list[str], image: Path, *others: Path) -> int:
    """How many texts are readable in an image, with every key that it and others yield, or in clear."""
    files = [path for path in image.rglob("*") if path.is_file()]
    read = [path.read_bytes() for path in files]
    databases = [path for path in files if path.suffix in (".db", ".byre")]
    read += [Examiner(path, key).image() for path, key in product(databases, keys_of([image, *others]))]
    return sum(any(needle in each for each in read) for needle in needles_of(texts))


class Profile:
    """A profile of which images are taken."""

    def __init__(self, folder: Path, *, has_key_store: bool) -> None:
        self.folder, self.path = folder, folder / "p"
        self.images: dict[str, Path] = {}
        self.vault = vault_at(self.path, has_key_store=has_key_store)
        self.store: Store

    async def begin(self, passphrase: str | None) -> None:
        await self.vault.create(passphrase)
        self.store = await open_store(self.vault)
        await self.store.write(fill)
        await self.store.write(lambda tx: tx.account.put(account()))
        await self.store.snapshots.take()
        await self.store.snapshots.write_backup(self.folder / "copy.byre", "A7K2-M9PQ-XXXX")
        shutil.move(self.folder / "copy.byre", self.path / "copy.byre")  # where no export puts it

    async def image(self, name: str) -> None:
        """As the disk is while the process is stopped."""
        await self.store.close()
        self.images[name] = self.folder / name
        shutil.copytree(self.path, self.images[name])
        self.store = await open_store(self.vault)

    def readable(self, texts: list[str] = GONE) -> dict[str, int]:
        """In each image, with the keys of all of them."""
        everywhere = list(self.images.values())
        return {name: readable(texts, image, *everywhere) for name, image in self.images.items()}


def vault_at(directory: Path, *, has_key_store: bool = True) -> ProfileVault:
    key_store = SystemKeyStore(limit_s=20) if has_key_store else None
    return ProfileVault(directory, random=system_random, key_store=key_store, costs=COSTS)


async def plain(folder: Path, mode: str) -> dict[str, object]:
    """One mode throughout; where there is a passphrase, it is changed before the wipe."""
    profile = Profile(folder, has_key_store=mode != "C")
    passphrase = None if mode == "A" else PASSPHRASE
    await profile.begin(None if mode == "A" else EARLIER)
    told: dict[str, object] = {"mode": profile.vault.mode()}
    await profile.image("before")
    if passphrase:
        await profile.store.change_lock(EARLIER, passphrase=passphrase, use_key_store=mode == "B")
    await profile.image("then")
    told["readable_while_the_secret_lived"] = profile.readable()
    told["certificate"] = "before_and_after_images" in (await profile.store.wipe([1])).document
    told["generation"] = profile.store.generation
    await profile.image("after")
    told["gone"] = profile.readable()
    told["kept_in_the_image_after"] = profile.readable(KEPT)["after"]
    told["unlocking"] = {name: await unlocking(image, mode) for name, image in profile.images.items()}
    await profile.store.close()
    again = vault_at(profile.path, has_key_store=mode != "C")
    await again.unlock(passphrase)
    told["unlocked"] = again.generation
    await again.destroy()
    (profile.path / "copy.byre").unlink(missing_ok=True)
    told["left"] = sorted(path.name for path in profile.path.iterdir())
    told["secrets_left"] = len(secrets_of_today())
    return told


async def unlocking(image: Path, mode: str) -> str:
    """What Byre itself says of an image, with the key store of today."""
    answers = []
    for passphrase in [None] if mode == "A" else [PASSPHRASE, EARLIER]:
        try:
            await vault_at(image, has_key_store=mode != "C").unlock(passphrase)
            return "opens"
        except ByreError as error:
            answers.append(error.code)
    return answers[0]


async def moved(folder: Path) -> dict[str, object]:
    """From A to B and back, and the wipe in the end."""
    profile = Profile(folder, has_key_store=True)
    await profile.begin(None)
    await profile.image("in A")
    await profile.store.change_lock(None, passphrase=PASSPHRASE)
    await profile.image("in B")
    await profile.store.change_lock(PASSPHRASE, passphrase=None)
    await profile.image("in A again")
    return await _wiped(profile)


async def from_the_passphrase_alone(folder: Path) -> dict[str, object]:
    """From C to B before the wipe: the image of that time is out of reach, and the certificate says so."""
    profile = Profile(folder, has_key_store=False)
    await profile.begin(PASSPHRASE)
    await profile.image("in C")
    await profile.store.close()
    profile.vault = vault_at(profile.path)
    await profile.vault.unlock(PASSPHRASE)
    profile.store = await Store.open(
        profile.vault,
        certify=lambda tx, report: (repr(report), b""),
        clock_ms=lambda: NOW + 3_600_000,
        random=system_random,
    )
    await profile.store.change_lock(PASSPHRASE, passphrase=PASSPHRASE)
    await profile.image("in B")
    told = await _wiped(profile)
    told["in B, without the other image"] = readable(GONE, profile.images["in B"], profile.images["after"])
    return told


async def salvaged(folder: Path) -> dict[str, object]:
    """A damaged database is kept aside beside the one that was made of it, until the wipe."""
    profile = Profile(folder, has_key_store=True)
    await profile.begin(None)
    await profile.store.close()
    database = profile.path / "store.1.db"
    raw = bytearray(database.read_bytes())
    raw[7 * 4096 : 8 * 4096] = os.urandom(4096)
    database.write_bytes(raw)
    await profile.vault.copies.salvage(now_ms=NOW)
    profile.store = await open_store(profile.vault)
    await profile.image("salvaged")
    told = {"kept aside": sum(path.name.startswith("damaged.") for path in profile.images["salvaged"].glob("*.db"))}
    return {**told, **await _wiped(profile)}


async def killed(folder: Path) -> dict[str, object]:
    """A process that is killed in its wipe, with both secrets in the key store; the next one completes it."""
    profile = Profile(folder, has_key_store=True)
    await profile.begin(None)
    await profile.image("before")
    await profile.store.close()
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", __spec__.name, str(folder), "wipe and die")
    told: dict[str, object] = {"killed": await child.wait() == -signal.SIGKILL, "secrets": len(secrets_of_today())}
    profile.vault = vault_at(profile.path)
    await profile.vault.unlock(None)
    profile.store = await open_store(profile.vault)  # completes it
    await profile.image("after")
    return {**told, "gone": profile.readable(), "secrets_left": len(secrets_of_today())}


async def wipe_and_die(folder: Path) -> dict[str, object]:
    def die(step: str) -> None:
        if step == "switched":
            os.kill(os.getpid(), signal.SIGKILL)

    store_module.WipeRoutine = partial(WipeRoutine, on_step=die)  # type: ignore[misc, assignment]
    vault = vault_at(folder / "p")
    await vault.unlock(None)
    await (await open_store(vault)).wipe([1])
    return {}


async def _wiped(profile: Profile) -> dict[str, object]:
    alive = profile.readable()
    certificate = await profile.store.wipe([1])
    await profile.image("after")
    await profile.store.close()
    return {
        "while the secret lived": alive,
        "certificate": "before_and_after_images" in certificate.document,
        "gone": profile.readable(),
        "secrets_left": len(secrets_of_today()),
    }


STORIES: dict[str, Callable[[Path], Awaitable[dict[str, object]]]] = {
    **{mode: partial(plain, mode=mode) for mode in "ABC"},
    "moved": moved,
    "from C": from_the_passphrase_alone,
    "salvaged": salvaged,
    "killed": killed,
    "wipe and die": wipe_and_die,
}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(STORIES[sys.argv[2]](Path(sys.argv[1])))))
