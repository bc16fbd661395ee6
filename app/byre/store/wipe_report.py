"""What a finished wipe says of itself, before it is signed.

The store knows what it erased, what it read and what it found; the device key belongs to another room. So the last
transaction of a wipe calls a `Certifier`, which turns the report into the signed document that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from byre.store.transaction import Transaction

STEPS = ("hide", "delete", "rebuild", "scan", "switch", "destroy", "certify")
"""What `on_progress` is told, in order."""
_MOST_PLACES = 100
_LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class WipeReport:
    """No room, no title, no hash of content.

    counts: what was erased (messages, outbox, envelopes, past_epochs, drafts, index_entries, …).
    scanned: what was read afterwards (pages, wal_frames, files, raw_bytes, needles).
    remnants: where something was left; empty is the promise.
    limits: stable names of what is not promised. exports: copies outside that the wipe did not reach.
    """

    wipe_id: bytes
    finished_at: int
    counts: dict[str, int]
    scanned: dict[str, int]
    remnants: tuple[str, ...]
    generation: int
    key_mode: str
    limits: tuple[str, ...]
    exports: tuple[str, ...]


Certifier = Callable[[Transaction, WipeReport], tuple[str, bytes]]
"""Called on the database thread inside the last transaction: returns the exact document and its signature."""

Progress = Callable[[str, float], None]
"""`(step, fraction)`: a name of `STEPS` and 0..1 over all of them."""


def remnants_of(places: Sequence[str]) -> tuple[str, ...]:
    """As many as a certificate has room for, and how many more there are: whatever was found, the wipe must end."""
    named = [place if len(place) <= _LONGEST_PLACE else f"{place[:139]}…{place[-60:]}" for place in places]
    if len(named) <= _MOST_PLACES:
        return tuple(named)
    return (*named[: _MOST_PLACES - 1], f"{len(named) - _MOST_PLACES + 1:d} more places")


def exports_of(times: object) -> tuple[str, ...]:
    """Backups that a wipe does not reach, by the minute in which they were made (`times` in ms)."""
    if not isinstance(times, list):
        return ()
    moments = (datetime.fromtimestamp(at / 1000, UTC) for at in times if isinstance(at, int))
    return tuple(f"backup {moment:%Y-%m-%dT%H:%MZ}" for moment in moments)


_EVERYWHERE = (
    "flash_and_filesystem_copies",
    "backups_and_snapshots",
    "images_taken_with_the_key",
    "memory_until_restart",
    "other_devices",
)
_BY_MODE = {"A": ("key_store_login_password",), "B": ("key_store_login_password",), "C": ("before_and_after_images",)}


def limits_of(key_mode: str) -> tuple[str, ...]:
    """What a wipe under this key mode does not promise."""
    return (*_EVERYWHERE, *_BY_MODE.get(key_mode, ()))
