"""Who has a relay's whole directory with every key in it, and looks for bodies: pages, gaps, logs, files as they are.

A held body is sealed under a key of its own in a slot of the same file. The examiner takes every key that he finds in
any page, whether SQLite still knows the row or not, and tries it on what he looks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from byre.crypto import aead
from byre.relay.bucket_rows import NONCE
from byre.relay.key_file import KeyFile
from tests.fakes.sqlcipher_pages import plain_pages

SLOT = re.compile(rb"\x03\x00\x4c(.{32})", re.DOTALL)
"""A record of SQLite: a header of three bytes, NULL for the row's number, a BLOB of 32 bytes."""
NEEDLE_BYTES = 24
START_BYTES = 8


def pages_and_files(folder: Path) -> Iterator[bytes]:
    """Give every readable page and every file as it is."""
    keys = KeyFile.restore(folder / "relay.keys", (folder / "relay.keys").read_bytes())
    databases = {"relay.db": keys.durable}
    databases |= {f"held-{start}.db": key for start, key in keys.buckets.items()}
    for name, key in databases.items():
        with suppress(FileNotFoundError):  # a relay at work drops a bucket with its last row: key first, then file
            yield from plain_pages(folder / name, key.reveal())
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file():
                yield path.read_bytes()


def readable(folder: Path, bodies: Iterable[bytes]) -> list[bytes]:
    """Return the bodies whose beginning can be read in a relay's files, in the clear or with a key that is there."""
    bodies = list(bodies)
    everything = b"\0".join(dict.fromkeys(pages_and_files(folder)))  # a page that was cleared is like many others
    keys = {match for match in SLOT.findall(everything) if any(match)}
    masks = [aead.seal(key, bytes(NEEDLE_BYTES), b"", NONCE)[:NEEDLE_BYTES] for key in keys]
    masks.append(bytes(NEEDLE_BYTES))  # in the clear
    # thousands of bodies under hundreds of keys, or megabytes under a few: a look-up each in the smaller of both
    places = range(len(everything) - START_BYTES + 1)
    if len(bodies) * len(masks) < len(places):
        sought = {each[:START_BYTES] for body in bodies for each in _sealed(body, masks)}
        starts = sought & {start for at in places if (start := everything[at : at + START_BYTES]) in sought}
    else:
        starts = {everything[at : at + START_BYTES] for at in places}
    return [
        body
        for body in bodies
        if any(each[:START_BYTES] in starts and each in everything for each in _sealed(body, masks))
    ]


def _sealed(body: bytes, masks: list[bytes]) -> Iterator[bytes]:
    needle = body[:NEEDLE_BYTES]
    number, size = int.from_bytes(needle), len(needle)
    return ((number ^ int.from_bytes(mask[:size])).to_bytes(size) for mask in masks)
