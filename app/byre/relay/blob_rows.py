"""The rows of blobs in the durable file: what is known of a blob, who may write and read it, which chunks are there.

Functions over a connection, run inside a transaction by `blobs.py`. The lookups do the same work whatever is wrong
with a capability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from byre.crypto.hashes import sha256
from byre.crypto.secret import same
from byre.db import Connection
from byre.relay.blob_files import chunk_count, file_size
from byre.relay.key_slots import destroy_keys
from byre.relay.sealed_values import fill_slots
from byre.wire.frames import BLOB_CHUNK_BYTES, BlobMade

NO_HASH: Final = bytes(32)
PAYER: Final = b"byre blob payer v1"


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob as its row says, for one who has shown a capability."""

    blob_id: bytes
    key: bytes = field(repr=False)
    size_bytes: int
    expires_at: int
    chunks: dict[int, bytes]
    """SHA-256 of the chunks that are there, by index."""

    @property
    def is_complete(self) -> bool:
        """Whether every chunk is there."""
        return len(self.chunks) == chunk_count(self.size_bytes)

    @property
    def bitmap(self) -> bytes:
        """Which chunks are there: bit i % 8 of byte i // 8."""
        bits = sum(1 << index for index in self.chunks)
        return bits.to_bytes(-(-chunk_count(self.size_bytes) // 8), "little")


@dataclass(frozen=True, slots=True)
class Survey:
    """One blob as the start of a relay finds it."""

    blob_id: bytes
    size_bytes: int
    chunks: int
    highest: int
    """The highest chunk that is there, -1 for none."""

    @property
    def missing_bytes(self) -> int:
        """How many bytes are still to come."""
        return max(0, self.size_bytes - self.chunks * BLOB_CHUNK_BYTES)

    @property
    def least_file_bytes(self) -> int:
        """How large its file must be."""
        return file_size(self.size_bytes, self.highest + 1)


def survey(connection: Connection) -> list[Survey]:
    """Return all blobs."""
    rows = connection.execute(
        "SELECT blob_id, size_bytes, (SELECT count(*) FROM blob_chunk c WHERE c.blob_id = b.blob_id),"
        " (SELECT coalesce(max(number), -1) FROM blob_chunk c WHERE c.blob_id = b.blob_id) FROM blob b"
    ).fetchall()
    return [Survey(*row) for row in rows]


def insert(
    connection: Connection, made: BlobMade, key: bytes, size_bytes: int, now_ms: int, *, token: bytes = b""
) -> None:
    """Write a new blob; of its capabilities and of the token that made it only hashes."""
    (slot,) = fill_slots(connection, [key])
    connection.execute(
        "INSERT INTO blob (blob_id, slot, write_hash, size_bytes, touched_at, expires_at, payer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            made.blob_id,
            slot,
            sha256(made.write_capability),
            size_bytes,
            now_ms,
            made.expires_ms,
            _payer(made.blob_id, token),
        ),
    )
    connection.executemany(
        "INSERT INTO blob_reader (blob_id, hash) VALUES (?, ?)",
        [(made.blob_id, sha256(capability)) for capability in made.read_capabilities],
    )


def paid_by(connection: Connection, token: bytes, since_ms: int) -> list[tuple[int, int]]:
    """Return (when it was last written to, size) of the blobs here that a token made, the oldest first.

    Only who shows the token can be told: what is kept of it is a hash with the blob's id.
    """
    row = connection.execute(
        "SELECT group_concat(hex(blob_id) || hex(payer) || ' ' || touched_at || ' ' || size_bytes, '/') FROM blob"
        " WHERE touched_at > ? AND payer <> x''",
        (since_ms,),
    ).fetchone()  # one row: thousands would each hand the interpreter's lock over
    found: list[tuple[int, int]] = []
    for each in str(row[0]).split("/") if row and row[0] else ():
        names, touched_at, size_bytes = each.split(" ")
        data = bytes.fromhex(names)
        if same(data[16:], _payer(data[:16], token)):
            found.append((int(touched_at), int(size_bytes)))
    return sorted(found)


def look(connection: Connection, blob_id: bytes, capability_hash: bytes, now_ms: int) -> tuple[Blob | None, bool, bool]:
    """Return a living blob, and whether this is its write capability, and one of its read capabilities."""
    row = connection.execute(
        "SELECT write_hash, key, size_bytes, expires_at FROM blob JOIN key_slot ON key_slot.id = slot"
        " WHERE blob_id = ? AND expires_at > ?",
        (blob_id, now_ms),
    ).fetchone()
    is_writer = same(row[0] if row else NO_HASH, capability_hash)
    reader = connection.execute(
        "SELECT 1 FROM blob_reader WHERE blob_id = ? AND hash = ?", (blob_id, capability_hash)
    ).fetchone()
    chunks = connection.execute("SELECT number, hash FROM blob_chunk WHERE blob_id = ?", (blob_id,)).fetchall()
    if row is None:
        return None, False, False
    blob = Blob(blob_id, row[1], row[2], row[3], {int(number): digest for number, digest in chunks})
    return blob, is_writer, reader is not None


def chunk_hash(connection: Connection, blob_id: bytes, index: int) -> bytes | None:
    """Return the hash of a chunk, b"" when it is not there, None when the blob is gone."""
    if connection.execute("SELECT 1 FROM blob WHERE blob_id = ?", (blob_id,)).fetchone() is None:
        return None
    row = connection.execute(
        "SELECT hash FROM blob_chunk WHERE blob_id = ? AND number = ?", (blob_id, index)
    ).fetchone()
    return row[0] if row else b""


def add_chunk(connection: Connection, blob_id: bytes, index: int, digest: bytes, now_ms: int) -> bool:
    """Note that a chunk is on the disk; False when the blob is gone."""
    touched = connection.execute("UPDATE blob SET touched_at = ? WHERE blob_id = ?", (now_ms, blob_id)).rowcount
    if touched <= 0:
        return False
    connection.execute("INSERT INTO blob_chunk (blob_id, number, hash) VALUES (?, ?, ?)", (blob_id, index, digest))
    return True


def use_up(connection: Connection, blob_id: bytes, capability_hash: bytes, *, is_writer: bool) -> bool:
    """End a read capability, or by the write capability all of them; True when the blob's row is gone with it."""
    connection.execute("DELETE FROM blob_reader WHERE blob_id = ? AND hash = ?", (blob_id, capability_hash))
    left = connection.execute("SELECT 1 FROM blob_reader WHERE blob_id = ? LIMIT 1", (blob_id,)).fetchone()
    if is_writer or left is None:
        delete(connection, [blob_id])
        return True
    return False


def due(connection: Connection, now_ms: int, idle_ms: int) -> list[bytes]:
    """Return the blobs past their life, and the unfinished ones that were last touched before `idle_ms`."""
    rows = connection.execute(
        "SELECT blob_id FROM blob b WHERE expires_at <= ?1 OR (touched_at <= ?2 AND (SELECT count(*) FROM"
        " blob_chunk c WHERE c.blob_id = b.blob_id) < (size_bytes + ?3 - 1) / ?3)",
        (now_ms, idle_ms, BLOB_CHUNK_BYTES),
    ).fetchall()
    return [blob_id for (blob_id,) in rows]


def delete(connection: Connection, blob_ids: Sequence[bytes]) -> None:
    """Delete blobs with their chunks and capabilities, and overwrite their keys."""
    slots = [
        row[0]
        for blob_id in blob_ids
        if (row := connection.execute("SELECT slot FROM blob WHERE blob_id = ?", (blob_id,)).fetchone())
    ]
    destroy_keys(connection, slots)
    connection.executemany("DELETE FROM blob WHERE blob_id = ?", [(blob_id,) for blob_id in blob_ids])


def _payer(blob_id: bytes, token: bytes) -> bytes:
    return sha256(PAYER + blob_id + token)
