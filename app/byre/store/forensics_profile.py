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
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from byre.crypto.secret import Secret
from byre.store.forensics import Finding, Scan
from byre.store.forensics_dead import PageMap, Region, chain, overflow_of, regions_of, stale_frames
from byre.store.forensics_entries import CLOSED, EMPTY, FILE, LINK, Entry, entries_below
from byre.store.forensics_index import index_remnants
from byre.store.forensics_layout import free_pages
from byre.store.forensics_needles import SHORTEST, NeedleSet
from byre.store.forensics_pages import PAGE_BYTES, Page, PageReader
from byre.store.vault import ProfileVault
from byre.store.vault_files import file_faults
from byre.store.vault_profile import mark_name
from byre.store.vault_sources import snapshot_key

MOST_SAMPLES = 10_000
_SAMPLE_BYTES = 48
_SAMPLE_EVERY = 256
_CHUNK_BYTES = 1 << 20
_HEAD_BYTES = 4096
_TEXT = re.compile(
    rb"(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){%d,}"
    % (SHORTEST // 3)
)
_BINARY = re.compile(rb"[^\0]{32,}")
_OF_ROWS = ("page slack", "free block", "stale WAL frame", "superseded page")
"""Regions where copies of living cells are common: between two of them anything may stand, so only text tells."""
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_TEMPORARY = re.compile(
    r"(\.part|\.tmp|\.temp|\.bak|~|-journal|\.new\.db(-wal|-shm)?)\Z|\A(salvage\.|creating|destroying)"
)
_LOCK = "profile.lock"
_ADDED = "more than belongs into it"
_INDEX_BLOCK_BYTES, _INDEX_HEADER_BYTES = 1 << 15, 136
_WAL_HEADER = struct.Struct(">IIII8s8s")
_FRAME_HEADER = struct.Struct(">II8s8s")


@dataclass(frozen=True, slots=True)
class KeyedDatabase:
    """A database of the profile and what opens it."""

    path: Path
    key: Secret


def databases_of(vault: ProfileVault) -> tuple[KeyedDatabase, ...]:
    """What an unlocked profile's keys open: its database, its snapshot, and damaged ones that were kept aside."""
    key, generation = vault.database_key, vault.generation
    found = [KeyedDatabase(vault.database_path, key)]
    for path in sorted(vault.directory.glob(f"snapshot.{generation:d}.db")):
        found.append(KeyedDatabase(path, snapshot_key(key)))
    for path in sorted(vault.directory.glob(f"damaged.{generation:d}.*.db")):
        found.append(KeyedDatabase(path, key))
    return tuple(found)


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
    wanted = [text.encode() for text in texts if text]
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
        known = {database.path.name for database in databases}
        for entry in entries_below(directory):
            total += _scan_entry(entry, known, generation, wanted)
    return total


def removed_since(directory: Path, before: frozenset[str]) -> Scan:
    """What lay in the folder `before` the profile was unlocked and went with that: what a crash had left of a key."""
    gone = sorted(before - names_in(directory))
    return Scan(tuple(Finding(f"{name} (left by a crash, removed now)", b"") for name in gone))


def names_in(directory: Path) -> frozenset[str]:
    """Names of what lies in the folder. Raises: EnvironmentFault `io_error`."""
    with file_faults():
        return frozenset(entry.name for entry in directory.iterdir())


def left_behind(directory: Path, generation: int) -> Scan:
    """Files of other generations and temporary ones that a wipe should have destroyed, by name.

    Raises:
        EnvironmentFault: `io_error`.
    """
    with file_faults():
        names = [entry.name for entry in entries_below(directory) if entry.kind in (FILE, LINK)]
        current = re.compile(
            rf"(store|snapshot)\.{generation:d}\.db(-wal|-shm)?|damaged\.{generation:d}(\.\d+\.db(-wal)?)?"
        )
        kinds = {name: _kind_by_name(name, generation) for name in names if not current.fullmatch(name)}
    return Scan(tuple(Finding(f"{name} ({kind})", b"") for name, kind in kinds.items() if kind))


def _share(on_progress: Callable[[float], None], number: int, of: int) -> Callable[[float], None]:
    return lambda fraction: on_progress((number + fraction) / of)


def _scan_entry(entry: Entry, known: set[str], generation: int, wanted: Sequence[bytes]) -> Scan:
    base = re.sub(r"-(wal|shm)\Z", "", entry.name)
    if entry.kind == FILE:
        try:
            kind = _kind_of_known(entry) if base in known else _kind_of_file(entry, generation)
        except OSError:  # whose it is, or how: it may hold anything
            return Scan((Finding(f"{entry.name} (could not be read)", b""),), files=1)
        return _scan_file(entry.path, entry.name, kind, wanted)
    kinds = {LINK: "stray link", CLOSED: "could not be read", EMPTY: "stray folder"}
    return Scan((Finding(f"{entry.name} ({kinds.get(entry.kind, 'stray entry that is no file')})", b""),), files=1)


def _kind_by_name(name: str, generation: int) -> str | None:
    """Why a file of this name should not be there, if the name alone tells."""
    if name in ("manifest", f"key.{generation:d}", _LOCK, mark_name(generation)):
        return None
    if re.fullmatch(r"key\.\d+", name):
        return "old key file"
    if _TEMPORARY.search(name.rpartition("/")[2]):
        return "temporary file"
    if re.fullmatch(r"(store|snapshot|damaged)\.[\d.]+db(-wal|-shm)?", name):
        return "database of another generation"
    return None


def _kind_of_known(entry: Entry) -> str | None:
    """The index of a WAL is numbers: what can be read in it is not SQLite's, unless checksums look like text."""
    if not entry.name.endswith("-shm"):
        return None
    raw = entry.path.read_bytes()
    is_index = len(raw) > 0 and len(raw) % _INDEX_BLOCK_BYTES == 0
    return _ADDED if _TEXT.search(raw, _INDEX_HEADER_BYTES if is_index else 0) else None


def _kind_of_file(entry: Entry, generation: int) -> str | None:
    """Why a file should not be there; None for what belongs there."""
    kind = _kind_by_name(entry.name, generation)
    if kind is not None or entry.name in ("manifest", f"key.{generation:d}"):  # these two are checked to the last byte
        return kind
    with entry.path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if entry.name == _LOCK:
        return _ADDED if head else None
    if entry.name == mark_name(generation):
        return None if re.fullmatch(rb"(damaged\.\d{1,9}\.\d{1,4}\.db)?", head) else _ADDED
    if head.startswith(_PICTURES) or head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture or thumbnail"
    return "stray file with readable text" if _is_readable(head) else "stray file"


def _is_readable(head: bytes) -> bool:
    """Whether nearly all of it is text: in UTF-8, or in UTF-16 (a letter and a zero alternate in its Latin part)."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        text = head.decode(encoding, "ignore")
        shown = sum(
            len(character.encode(encoding)) for character in text if character.isprintable() or character.isspace()
        )
        if text and shown >= 0.95 * len(head) and (encoding == "utf-8" or text.isascii()):
            return True
    return False


def _scan_file(path: Path, name: str, kind: str | None, wanted: Sequence[bytes]) -> Scan:
    findings = [] if kind is None else [Finding(f"{name} ({kind})", b"")]
    size = 0
    try:
        with path.open("rb") as file:
            tail = b""
            while block := file.read(_CHUNK_BYTES):
                size += len(block)
                for needle in wanted:
                    for form in _forms(needle):
                        if form in tail + block:
                            findings.append(Finding(f"{name} (plaintext)", needle))
                tail = block[-512:]
    except OSError:
        findings.append(Finding(f"{name} (could not be read)", b""))
    return Scan(tuple(dict.fromkeys(findings)), files=1, raw_bytes=size)


def _forms(needle: bytes) -> Iterator[bytes]:
    text = needle.decode()
    yield needle
    yield from (text.encode("utf-16-le"), text.encode("utf-16-be"))


def _scan_database(database: KeyedDatabase, wanted: Sequence[bytes], on_progress: Callable[[float], None]) -> Scan:
    reader = PageReader.of_file(database.path, database.key)
    wal = database.path.with_name(f"{database.path.name}-wal")
    stale, current = _frames(wal)
    pages = _map_of(reader, database.path, wal, current, on_progress)
    samples = _Samples()
    count = frames = bad = 0
    wished: list[Finding] = []
    size = max(1, database.path.stat().st_size // PAGE_BYTES)
    for page, regions in _regions(reader, database.path, wal, stale, current, pages):
        count, frames = (count + 1, frames) if page.frame is None else (count, frames + 1)
        bad += not page.is_authentic
        if not page.is_authentic and any(page.raw):
            samples.add(page.place, Region("not authentic", 0, len(page.data)), page.data)
        for region in regions:
            if region.kind:
                samples.add(page.place, region, page.data)
        wished += [
            Finding(f"{page.place} ({_region_at(regions, page.data.find(needle)) or 'cell'})", needle)
            for needle in wanted
            if needle in page.data
        ]
        if count % 512 == 0:
            on_progress(0.3 + 0.3 * min(1.0, count / size))
    needles = samples.needles()
    explained: set[bytes] = set()
    if len(needles):
        for page, regions in _regions(reader, database.path, wal, stale, current, pages):
            for region in regions:
                if not region.kind and page.is_authentic:
                    explained.update(needle for _, needle in needles.find(page.data[region.start : region.end]))
    on_progress(1.0)
    return Scan((*samples.unexplained(explained), *wished), count, frames, bad, raw_bytes=(count + frames) * PAGE_BYTES)


def _region_at(regions: Iterable[Region], offset: int) -> str:
    return next((region.kind for region in regions if region.start <= offset < region.end), "")


class _Samples:
    """Pieces of dead bytes, each with the first place where it was seen."""

    def __init__(self) -> None:
        self._places: dict[bytes, str] = {}

    def add(self, place: str, region: Region, data: bytes) -> None:
        if region.end - region.start < SHORTEST or len(self._places) >= MOST_SAMPLES:
            return
        dead = data[region.start : region.end]
        if not any(dead):
            return
        for pattern in (_TEXT,) if region.kind in _OF_ROWS else (_TEXT, _BINARY):
            for run in pattern.finditer(dead):
                for start in range(run.start(), max(run.start() + 1, run.end() - SHORTEST), _SAMPLE_EVERY):
                    piece = dead[start : min(start + _SAMPLE_BYTES, run.end())]
                    if len(piece) >= SHORTEST and len(set(piece)) > 3:
                        self._places.setdefault(piece, f"{place} ({region.kind})")

    def needles(self) -> NeedleSet:
        return NeedleSet(self._places)

    def unexplained(self, explained: set[bytes]) -> Iterator[Finding]:
        return (Finding(place, piece) for piece, place in self._places.items() if piece not in explained)


def _frames(wal: Path) -> tuple[set[int], dict[int, int]]:
    """Stale frames, and for each page that the WAL holds the frame that counts."""
    if not wal.exists() or wal.stat().st_size < _WAL_HEADER.size:
        return set(), {}
    headers = []
    with wal.open("rb") as file:
        salts = _WAL_HEADER.unpack(file.read(_WAL_HEADER.size))[4]
        frame = 0
        while len(head := file.read(_FRAME_HEADER.size)) == _FRAME_HEADER.size:
            frame += 1
            page, committed, frame_salts, _ = _FRAME_HEADER.unpack(head)
            headers.append((frame, page, committed, frame_salts))
            file.seek(PAGE_BYTES, 1)
    stale = stale_frames(headers, salts)
    return stale, {page: frame for frame, page, _, _ in headers if frame not in stale}


def _current_pages(reader: PageReader, path: Path, wal: Path, current: dict[int, int]) -> Iterator[Page]:
    """Every page as a reader of the database sees it now."""
    taken = set(current.values())
    yield from (page for page in reader.frames(wal) if page.frame in taken)
    yield from (page for page in reader.pages(path) if page.number not in current)


def _map_of(
    reader: PageReader, path: Path, wal: Path, current: dict[int, int], on_progress: Callable[[float], None]
) -> PageMap:
    """Free and overflow pages, from one pass over the current pages."""
    trunks: dict[int, bytes] = {}
    next_of: dict[int, int] = {}
    chains: list[tuple[int, int]] = []
    for page in _current_pages(reader, path, wal, current):
        next_of[page.number] = int.from_bytes(page.data[:4], "big")
        if page.number == 1:
            trunks[1] = page.data
        chains += overflow_of(page.number, page.data)
    on_progress(0.3)

    def page_at(number: int) -> bytes:
        return trunks[number] if number in trunks else reader.page_at(path, number)

    overflow = {number: used for first, size in chains for number, used in chain(first, size, next_of)}
    return PageMap(free_pages(page_at), overflow)


def _regions(
    reader: PageReader, path: Path, wal: Path, stale: set[int], current: dict[int, int], pages: PageMap
) -> Iterator[tuple[Page, list[Region]]]:
    for page in reader.frames(wal):
        if page.frame in stale:
            yield page, [Region("stale WAL frame", 0, len(page.data))]
        else:
            yield page, regions_of(page.number, page.data, pages)
    for page in reader.pages(path):
        if page.number in current:
            yield page, [Region("superseded page", 0, len(page.data))]
        elif not page.is_authentic:
            yield page, []
        else:
            yield page, regions_of(page.number, page.data, pages)
