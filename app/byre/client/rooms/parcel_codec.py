"""Large things as they travel: sealed into a blob under a key of their own, and what the store keeps of the upload.

    blob = XChaCha20-Poly1305(fresh key, nonce zero, aad "byre blob v1"; u32 length ‖ content ‖ zeros up to 64 KiB)

The key is used once, so that the nonce needs no randomness. Only who holds a pointer reads a blob; the relay sees a
size rounded up. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from byre.client.connection.blobs import StoredBlob
from byre.crypto import aead
from byre.crypto.hashes import sha384
from byre.crypto.random import Random
from byre.crypto.secret import same
from byre.errors import InternalBug, PeerError
from byre.wire.blob_pointer import BLOB_KEY_SIZE, BlobPointer
from byre.wire.msgpack_codec import pack, unpack
from byre.wire.padding import expect_zeros
from byre.wire.tls import Reader, Writer

BLOCK_BYTES = 64 * 1024
_AAD = b"byre blob v1"
_NONCE = bytes(aead.XCHACHA_NONCE_LENGTH)


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """A blob as it is uploaded, and the key to it."""

    key: bytes = field(repr=False)
    data: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-384 of the encrypted blob."""
        return sha384(self.data)


@dataclass(frozen=True, slots=True)
class Parcel:
    """An uploaded blob: its key and, per relay, where it lies and which capabilities are not handed out yet."""

    key: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    size_bytes: int
    blobs: tuple[StoredBlob, ...]

    def pointer(self, relay_url: str, kind: int, message: bytes = b"") -> tuple[Parcel, BlobPointer]:
        """Take one capability at a relay: return (parcel afterwards, pointer for one reader).

        Raises:
            InternalBug: code no_capability; more readers than were counted.
        """
        for number, blob in enumerate(self.blobs):
            if blob.relay_url == relay_url and blob.read_capabilities:
                capability, *rest = blob.read_capabilities
                left = replace(blob, read_capabilities=tuple(rest))
                parcel = replace(self, blobs=(*self.blobs[:number], left, *self.blobs[number + 1 :]))
                pointer = BlobPointer(kind, blob.blob_id, capability, self.key, self.digest, self.size_bytes, message)
                return parcel, pointer
        raise InternalBug("a blob has fewer capabilities than readers", code="no_capability")


def seal_blob(content: bytes, random: Random) -> SealedBlob:
    """Return `content` sealed under a fresh key."""
    key = random(BLOB_KEY_SIZE)
    plain = Writer().u32(len(content)).fixed(content).done()
    size_bytes = -(-(len(plain) + aead.TAG_LENGTH) // BLOCK_BYTES) * BLOCK_BYTES
    return SealedBlob(key, aead.seal(key, plain.ljust(size_bytes - aead.TAG_LENGTH, b"\0"), _AAD, _NONCE))


def open_blob(pointer: BlobPointer, data: bytes) -> bytes:
    """Return the content of a fetched blob.

    Raises:
        PeerError: code wrong_blob (the relay, or who wrote the pointer, shows another one), bad_ciphertext, malformed.
    """
    if not same(sha384(data), pointer.digest):
        raise PeerError("a blob is not the one that its pointer names", code="wrong_blob")
    reader = Reader(aead.open(pointer.key, data, _AAD, _NONCE))
    content = reader.fixed(reader.u32())
    expect_zeros(reader.rest())
    return content


def store_parcels(parcels: dict[str, Parcel]) -> bytes:
    """Return parcels as a pending commit keeps them. Secret."""
    return pack(
        [
            [name, parcel.key, parcel.digest, parcel.size_bytes, [_packed(blob) for blob in parcel.blobs]]
            for name, parcel in parcels.items()
        ]
    )


def restore_parcels(data: bytes) -> dict[str, Parcel]:
    """Return what `store_parcels` kept; nothing for nothing.

    Raises:
        InternalBug: code bad_parcels.
    """
    if not data:
        return {}
    items = unpack(data, max_bytes=len(data))
    if not isinstance(items, list):
        raise InternalBug("stored parcels do not decode", code="bad_parcels")
    return {
        name: Parcel(
            key,
            digest,
            size_bytes,
            tuple(StoredBlob(url, number, write, tuple(read)) for url, number, write, read in blobs),
        )
        for name, key, digest, size_bytes, blobs in items
    }


def _packed(blob: StoredBlob) -> list[object]:
    return [blob.relay_url, blob.blob_id, blob.write_capability, list(blob.read_capabilities)]
