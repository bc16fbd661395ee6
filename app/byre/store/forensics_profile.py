"""`byre scan`: what a profile still holds that no row of its database reaches, named by place, never by content.

```
 files   every file that has no business in a profile: another generation's key or database, temporary files,
         pictures, text that can be read, anything unknown
 pages   1st round: dead bytes of every page and WAL frame; samples of them are kept as needles
         2nd round: needles that also stand in living bytes are no remnant (SQLite moves cells and leaves copies)
 index   words that no message has, rows of no segment
```
Works without knowing what was erased; who knows it gives texts to look for, which are then looked for everywhere. Reads
only. Memory is bounded: 10,000 samples at most.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from byre.errors import EnvironmentFault
from byre.store.forensics import Finding, Scan
from byre.store.forensics_copies import message_ids
from byre.store.forensics_dead import Region, pieces_of
from byre.store.forensics_entries import CLOSED, EMPTY, FILE, LINK, Entry, attributes_below, entries_below
from byre.store.forensics_index import index_remnants
from byre.store.forensics_needles import SHORTEST, NeedleSet
from byre.store.forensics_pages import PAGE_BYTES, Page
from byre.store.forensics_strays import TEXT, kind_of_file, kind_of_known
from byre.store.forensics_walk import KeyedDatabase, Walk
from byre.store.vault import ProfileVault
from byre.store.vault_files import file_faults
from byre.store.vault_sources import snapshot_key

MOST_SAMPLES = 10_000
_SAMPLE_BYTES = 48
_SAMPLE_EVERY = 256
_CHUNK_BYTES = 1 << 20
_BINARY = re.compile(rb"[^\0]{32,}")
_REPLACED = ("stale WAL frame", "superseded page")
_OF_ROWS = ("page slack", "free block", *_REPLACED)
"""Regions where copies of living cells are common: between two of them anything may stand, so only text tells."""


def databases_of(vault: ProfileVault) -> tuple[KeyedDatabase, ...]:
    """What an unlocked profile's keys open: its database, its snapshot, and damaged ones that were kept aside."""
    key, generation = vault.database_key, vault.generation
    copies = [(path, snapshot_key(key)) for path in vault.directory.glob(f"snapshot.{generation:d}.db")]
    copies += [(path, key) for path in sorted(vault.directory.glob(f"damaged.{generation:d}.*.db"))]
    # What is no file is named as what it is: it is not opened, and not followed to where it leads.
    files = [KeyedDatabase(path, opening) for path, opening in copies if path.is_file() and not path.is_symlink()]
    return (KeyedDatabase(vault.database_path, key), *files)


def scan_profile(
    directory: Path,
    generation: int,
    databases: Sequence[KeyedDatabase],
    *,
    texts: Sequence[str] = (),
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Scan:
    """Read the whole profile and name what should not be there.

    Args:
        databases: the current one, its snapshot, and those that were kept aside.
        texts: what is looked for besides, in every page, live or dead, and in every file.

    Raises:
        EnvironmentFault: `io_error`.
    """
    spelled = (unicodedata.normalize(form, text) for text in texts if text for form in ("NFC", "NFD"))
    wanted = list(dict.fromkeys(text.encode() for text in spelled))
    total = Scan()
    with file_faults():
        current = f"store.{generation:d}.db"
        for number, database in enumerate(databases):
            share = _share(on_progress, number, len(databases))
            if database.path.name == current:
                total += _scan_database(database, wanted, share)
                found = index_remnants(database.path, database.key)
                total += Scan(tuple(Finding(f"{current} ({remnant})", b"") for remnant in found))
            else:
                with suppress(PermissionError):  # named below, as a file that could not be read
                    total += _scan_database(database, wanted, share)
        total += _only_in_copies(databases, current)
        known = {database.path.name for database in databases}
        for entry in entries_below(directory):
            total += _scan_entry(entry, known, generation, wanted)
        for name, value in attributes_below(directory):
            total += Scan((Finding(f"{name} (extended attribute)", b""),), raw_bytes=len(value))
    return total


def removed_since(directory: Path, before: frozenset[str]) -> Scan:
    """What lay in the folder `before` the profile was unlocked and went with that: what a crash had left of a key."""
    gone = sorted(before - names_in(directory))
    return Scan(tuple(Finding(f"{name} (left by a crash, removed now)", b"") for name in gone))


def names_in(directory: Path) -> frozenset[str]:
    """Names of what lies in the folder. Raises: EnvironmentFault `io_error`."""
    with file_faults():
        return frozenset(entry.name for entry in directory.iterdir())


def _only_in_copies(databases: Sequence[KeyedDatabase], current: str) -> Scan:
    """Messages of the snapshot and of what was kept aside that the database itself has no more."""
    copies = [database for database in databases if database.path.name != current]
    living = {each for database in databases if copies and database.path.name == current for each in _ids(database)}
    findings = []
    for database in copies:
        if more := sum(each not in living for each in _ids(database)):
            findings.append(Finding(f"{database.path.name} ({more} messages that the profile has no more)", b""))
    return Scan(tuple(findings))


def _ids(database: KeyedDatabase) -> Iterator[int]:
    with suppress(EnvironmentFault):  # named otherwise, as a file that could not be read
        yield from message_ids(database.path, database.key)


def _share(on_progress: Callable[[float], None], number: int, of: int) -> Callable[[float], None]:
    return lambda fraction: on_progress((number + fraction) / of)


def _scan_entry(entry: Entry, known: set[str], generation: int, wanted: Sequence[bytes]) -> Scan:
    base = re.sub(r"-(wal|shm)\Z", "", entry.name)
    if entry.kind == FILE:
        try:
            kind = kind_of_known(entry) if base in known else kind_of_file(entry, generation)
        except OSError:  # whose it is, or how: it may hold anything
            return Scan((Finding(f"{entry.name} (could not be read)", b""),), files=1)
        if kind is None and entry.path.stat().st_nlink > 1:
            kind = "has another name elsewhere"
        return _scan_file(entry.path, entry.name, kind, wanted)
    kinds = {LINK: "stray link", CLOSED: "could not be read", EMPTY: "stray folder"}
    return Scan((Finding(f"{entry.name} ({kinds.get(entry.kind, 'stray entry that is no file')})", b""),), files=1)


def _scan_file(path: Path, name: str, kind: str | None, wanted: Sequence[bytes]) -> Scan:
    findings = [] if kind is None else [Finding(f"{name} ({kind})", b"")]
    forms = [(form, needle) for needle in wanted for form in _forms(needle)]
    overlap = max((len(form) for form, _ in forms), default=1)
    size = 0
    try:
        with path.open("rb") as file:
            tail = b""
            while block := file.read(_CHUNK_BYTES):
                size += len(block)
                looked_at = tail + block
                findings += [Finding(f"{name} (plaintext)", needle) for form, needle in forms if form in looked_at]
                tail = block[-overlap:]
    except OSError:
        findings.append(Finding(f"{name} (could not be read)", b""))
    return Scan(tuple(dict.fromkeys(findings)), files=1, raw_bytes=size)


def _forms(needle: bytes) -> Iterator[bytes]:
    text = needle.decode()
    yield needle
    yield from (text.encode("utf-16-le"), text.encode("utf-16-be"))


def _scan_database(database: KeyedDatabase, wanted: Sequence[bytes], on_progress: Callable[[float], None]) -> Scan:
    walk = Walk(database)
    walk.look()
    on_progress(0.3)
    samples = _Samples()
    count = frames = bad = 0
    named: list[Finding] = []
    size = max(1, database.path.stat().st_size // PAGE_BYTES)
    for page, regions in walk.regions():
        count, frames = (count + 1, frames) if page.frame is None else (count, frames + 1)
        bad += not page.is_authentic
        if not page.is_authentic and any(page.raw):
            samples.add(page, Region("not authentic", 0, len(page.data)))
            if page.frame is None and len(named) < MOST_SAMPLES:
                named.append(Finding(f"{page.place} (not authentic)", b""))
        for region in regions:
            if region.kind:
                samples.add(page, region)
        named += [
            Finding(f"{page.place} ({_region_at(regions, page.data.find(needle)) or 'cell'})", needle)
            for needle in wanted
            if needle in page.data
        ]
        if count % 512 == 0:
            on_progress(0.3 + 0.3 * min(1.0, count / size))
    needles = samples.needles()
    explained: set[bytes] = set()
    if len(needles):
        for page, regions in walk.regions():
            for region in regions:
                if not region.kind and page.is_authentic:
                    explained.update(needle for _, needle in needles.find(page.data[region.start : region.end]))
    on_progress(1.0)
    return Scan((*samples.unexplained(explained), *named), count, frames, bad, raw_bytes=(count + frames) * PAGE_BYTES)


def _region_at(regions: Iterable[Region], offset: int) -> str:
    return next((region.kind for region in regions if region.start <= offset < region.end), "")


class _Samples:
    """Pieces of dead bytes, each with the first place where it was seen."""

    def __init__(self) -> None:
        self._places: dict[bytes, str] = {}

    def add(self, page: Page, region: Region) -> None:
        place, is_of_rows = f"{page.place} ({region.kind})", region.kind in _OF_ROWS
        if region.kind in _REPLACED and page.is_authentic:
            for piece in pieces_of(page.number, page.data):
                self._sample(piece, place, is_of_rows=True)
        else:
            self._sample(page.data[region.start : region.end], place, is_of_rows=is_of_rows)

    def _sample(self, dead: bytes, place: str, *, is_of_rows: bool) -> None:
        if len(dead) < SHORTEST or len(self._places) >= MOST_SAMPLES or not any(dead):
            return
        for run in (run for pattern in ((TEXT,) if is_of_rows else (TEXT, _BINARY)) for run in pattern.finditer(dead)):
            # A text that ends a cell is followed by the length of the next one, which may look like a letter.
            end = run.end() - 1 if is_of_rows else run.end()
            for start in range(run.start(), max(run.start() + 1, end - SHORTEST), _SAMPLE_EVERY):
                piece = dead[start : min(start + _SAMPLE_BYTES, end)]
                if len(piece) >= SHORTEST and len(set(piece)) > 3:
                    self._places.setdefault(piece, place)

    def needles(self) -> NeedleSet:
        return NeedleSet(self._places)

    def unexplained(self, explained: set[bytes]) -> Iterator[Finding]:
        return (Finding(place, piece) for piece, place in self._places.items() if piece not in explained)
