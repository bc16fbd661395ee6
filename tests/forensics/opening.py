"""What an examiner opens of a profile, given the passphrase and what the key store holds: from the formats alone.

```
 key.<g>  magic 8 | version 1 | mode 1 | generation 4 | profile 16 | KiB 4 | passes 4 | salt 16 | check 16
          nonce 24 | K and tag 48
```
The key-encryption key is S (A), BLAKE2b(Argon2id, key = S) (B) or Argon2id (C); the snapshot's key is
BLAKE2b(K, person "byre snapshot v1").
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from pathlib import Path

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from tests.unit.store.examiner import Examiner

_HEADER = struct.Struct(">8sBBI16sII16s16s")


def database_keys(folder: Path, passphrase: str, entries: Mapping[str, bytes]) -> dict[int, bytes]:
    """K(g) of every generation whose key file lies in `folder` and opens."""
    found = {}
    for path in folder.glob("key.*"):
        raw = path.read_bytes()
        if len(raw) != 142:
            continue
        _, _, mode, generation, profile, kib, passes, salt, _ = _HEADER.unpack(raw[:70])
        outer = entries.get(f"{profile.hex()}.{generation}")
        stretched = b""
        if mode != ord("A"):
            stretched = argon2id.kdf(32, passphrase.encode(), salt, opslimit=passes, memlimit=kib * 1024)
        if mode != ord("C") and outer is None:
            continue
        if mode == ord("A"):
            wrapping = outer
        else:
            wrapping = stretched if mode == ord("C") else hashlib.blake2b(stretched, key=outer, digest_size=32).digest()
        try:
            found[generation] = crypto_aead_xchacha20poly1305_ietf_decrypt(raw[94:], raw[:70], raw[70:94], wrapping)
        except CryptoError:
            continue
    return found


def everything_readable(folder: Path, passphrase: str, entries: Mapping[str, bytes]) -> bytes:
    """The raw bytes of every file, and every page and frame of every database whose key is to be had."""
    pieces = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    for generation, key in database_keys(folder, passphrase, entries).items():
        snapshot = hashlib.blake2b(key, digest_size=32, person=b"byre snapshot v1").digest()
        files = [(path, key) for path in folder.glob(f"*.{generation}.db")]
        files += [(path, key) for path in folder.glob(f"damaged.{generation}.*.db")]
        for path, opening in files:
            pieces.append(Examiner(path, snapshot if path.name.startswith("snapshot") else opening).image())
    return b"\n".join(pieces)
