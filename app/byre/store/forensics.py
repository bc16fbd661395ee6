"""The scanner: reads a profile as an examiner would and names where needles were found.

It decrypts every page of the database and every WAL frame, live or not, and reads the raw bytes of every file in the
profile, which must hold no plaintext at all. Findings say where, never what.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from byre.crypto.secret import Secret
from byre.db import Connection
from byre.store.forensics_entries import CLOSED, FILE, attributes_below, entries_below
from byre.store.forensics_layout import free_pages, place_in_page
from byre.store.forensics_needles import LONGEST, NeedleSet
from byre.store.forensics_pages import PAGE_BYTES, Page, PageReader, PagesRead, wal_of
from byre.store.search_query import piece_expression
from byre.store.vault_files import file_faults

_CHUNK_BYTES = 1 << 20
_REPORT_EVERY = 512
_MESSAGES_ASKED = 50
_BETWEEN_VALUES = bytes(LONGEST)


@dataclass(frozen=True, slots=True)
class Finding:
    """A needle at a place. `place` holds file names and numbers only."""

    place: str
    needle: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read and what was found."""

    findings: tuple[Finding, ...] = ()
    pages: int = 0
    wal_frames: int = 0
    not_authentic: int = 0
    files: int = 0
    raw_bytes: int = 0

    def __add__(self, other: Scan) -> Scan:
        return Scan(
            self.findings + other.findings,
            self.pages + other.pages,
            self.wal_frames + other.wal_frames,
            self.not_authentic + other.not_authentic,
            self.files + other.files,
            self.raw_bytes + other.raw_bytes,
        )

    def places(self) -> tuple[str, ...]:
        """Where needles were found, each place once, as text that can be shown: a file's name may be any bytes."""
        return tuple(dict.fromkeys(_shown(finding.place) for finding in self.findings))


def scan_database(
    path: Path,
    key: Secret,
    needles: NeedleSet,
    on_progress: Callable[[float], None] = lambda fraction: None,
    *,
    before: PagesRead | None = None,
) -> Scan:
    """Decrypt and search every page of the database and every frame of its WAL.

    Args:
        before: pass by the pages that were read before and have not been written since.

    Raises:
        EnvironmentFault: `io_error`.
    """
    with file_faults():
        reader = PageReader.of_file(path, key)
        total = max(1, path.stat().st_size // 4096)
        in_files = _InFiles(needles)
        hits: list[tuple[Page, int, bytes]] = []
        plain: list[tuple[Page, int, bytes]] = []
        pages = frames = bad = 0
        for page in reader.pages(path, before):
            pages += 1
            bad += not page.is_authentic
            hits += [(page, offset, needle) for offset, needle in needles.find(page.data)]
            if not page.is_authentic:
                plain += [(page, offset, needle) for offset, needle in in_files.find(page.raw)]
            if pages % _REPORT_EVERY == 0:
                on_progress(pages / total)
        for frame in reader.frames(wal_of(path)):
            frames += 1
            bad += not frame.is_authentic
            hits += [(frame, offset, needle) for offset, needle in needles.find(frame.data)]
            if not frame.is_authentic:
                plain += [(frame, offset, needle) for offset, needle in in_files.find(frame.raw)]
        free = free_pages(lambda number: reader.page_at(path, number)) if hits else frozenset()
    findings = tuple(
        Finding(f"{page.place} ({place_in_page(page, offset, free)})", needle) for page, offset, needle in hits
    ) + tuple(Finding(f"{page.place} (plaintext)", needle) for page, _, needle in plain)
    return Scan(findings, pages, frames, bad, raw_bytes=(pages + frames) * PAGE_BYTES)


def scan_files(directory: Path, needles: NeedleSet, known: Container[str] = ()) -> Scan:
    """Search the raw bytes of every file below `directory`, in UTF-8 as well as in UTF-16.

    Args:
        known: names of databases whose pages `scan_database` has authenticated and searched: what authenticates is
            ciphertext, and their plain bytes were searched there where it does not.

    Raises:
        EnvironmentFault: `io_error`.
    """
    in_files = _InFiles(needles)
    findings: list[Finding] = []
    files = raw_bytes = 0
    with file_faults():
        for entry in entries_below(directory):
            name = entry.name
            if entry.kind == CLOSED:
                findings.append(Finding(f"{name} (could not be read)", b""))
            if entry.kind != FILE:
                continue
            files += 1
            if name in known:
                continue
            try:
                for start, chunk in _chunks(entry.path):
                    raw_bytes = raw_bytes + len(chunk)
                    findings += [
                        Finding(f"{name} at byte {start + offset} (plaintext)", needle)
                        for offset, needle in in_files.find(chunk)
                    ]
            except FileNotFoundError:
                continue  # it went away meanwhile
            except OSError:
                findings.append(Finding(f"{name} (could not be read)", b""))
        for name, value in attributes_below(directory):
            raw_bytes += len(value)
            found = in_files.find(value)
            findings += [Finding(f"an extended attribute of {name} (plaintext)", needle) for _, needle in found]
    return Scan(tuple(findings), files=files, raw_bytes=raw_bytes)


def unexplained(scan: Scan, connection: Connection) -> Scan:
    """`scan` without the findings in pages whose needle also stands in live content of the database.

    What somebody wrote in another room as well is no remnant. Plaintext in files is never explained.
    """
    doubted = NeedleSet(finding.needle for finding in scan.findings if "(plaintext)" not in finding.place)
    has_index = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'message_index'").fetchall()
    explained = {needle for needle in doubted.needles if has_index and _is_in_a_message(connection, needle)}
    blocks = _live_blocks(connection)
    while len(explained) < len(doubted) and (block := next(blocks, None)) is not None:
        explained.update(needle for _, needle in doubted.find(block))
    return Scan(
        tuple(
            finding for finding in scan.findings if "(plaintext)" in finding.place or finding.needle not in explained
        ),
        scan.pages,
        scan.wal_frames,
        scan.not_authentic,
        scan.files,
        scan.raw_bytes,
    )


def _is_in_a_message(connection: Connection, needle: bytes) -> bool:
    """Whether the search index leads to a message with the needle: cheaper than reading them all."""
    expression = piece_expression(needle.decode("utf-8", "ignore"))
    if not expression:
        return False
    rows = connection.execute(
        "SELECT body FROM message WHERE id IN (SELECT rowid FROM message_index WHERE message_index MATCH ?"
        " ORDER BY rowid DESC LIMIT ?)",
        (expression, _MESSAGES_ASKED),
    ).fetchall()
    return any(needle in body.encode() for (body,) in rows)


def _live_blocks(connection: Connection) -> Iterator[bytes]:
    """Every text and blob of every ordinary table, many to a block, so far apart that no needle spans two."""
    block = bytearray()
    for value in _live_values(connection):
        block += value + _BETWEEN_VALUES
        if len(block) >= _CHUNK_BYTES:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _live_values(connection: Connection) -> Iterator[bytes]:
    tables = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (table,) in tables:
        yield from _bytes_of(row for row in connection.execute(f'SELECT * FROM "{table}"'))


def _bytes_of(rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    for row in rows:
        for value in row:
            if isinstance(value, str):
                yield value.encode()
                folded = value.lower()  # as the search index holds its words
                if folded != value:
                    yield folded.encode()
            elif isinstance(value, bytes):
                yield value


def _shown(place: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in place)


class _InFiles:
    """Needles as they would lie in a file of plain text, in UTF-8 and UTF-16. Built when it is needed."""

    def __init__(self, needles: NeedleSet) -> None:
        self._needles = needles
        self._wide: dict[bytes, bytes] | None = None
        self._searched = needles

    def find(self, data: bytes) -> list[tuple[int, bytes]]:
        """(first offset, needle) of every needle in any form."""
        if self._wide is None:
            self._wide = {both: needle for needle in self._needles.needles for both in _utf16(needle)}
            self._searched = NeedleSet([*self._needles.needles, *self._wide])
        return [(offset, self._wide.get(form, form)) for offset, form in self._searched.find(data)]


def _utf16(needle: bytes) -> list[bytes]:
    # A piece cut out of UTF-8 may begin or end within a character; the whole characters inside are what counts.
    text = needle.decode("utf-8", "ignore")
    return [text.encode("utf-16-le"), text.encode("utf-16-be")] if len(text) * 3 >= len(needle) else []


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) in pieces that overlap, so that no needle falls between two."""
    overlap = 2 * LONGEST
    with path.open("rb") as file:
        start, tail = 0, b""
        while block := file.read(_CHUNK_BYTES):
            yield start - len(tail), tail + block
            start += len(block)
            tail = block[-overlap:]
