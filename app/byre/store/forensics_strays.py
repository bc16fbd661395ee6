"""Files that have no business in a profile: told by their names, and by what they begin with."""

from __future__ import annotations

import array
import re
from pathlib import Path

from byre.store.forensics import Finding, Scan
from byre.store.forensics_entries import FILE, LINK, Entry, entries_below
from byre.store.forensics_needles import SHORTEST
from byre.store.forensics_walk import is_log
from byre.store.vault_files import file_faults
from byre.store.vault_key_file import MAGIC as KEY_FILE
from byre.store.vault_profile import mark_name

TEXT = re.compile(
    rb"(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){%d,}"
    % (SHORTEST // 3)
)
"""What can be read, in UTF-8: five characters and more."""
_HEAD_BYTES = 4096
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_TEMPORARY = re.compile(
    r"(\.part|\.tmp|\.temp|\.bak|~|-journal|\.new\.db(-wal|-shm)?)\Z|\A(salvage\.|creating|destroying)"
)
_LOCK = "profile.lock"
_ADDED = "more than belongs into it"
_INDEX_BLOCK_BYTES, _INDEX_HEADER_BYTES, _INDEX_PAGES = 1 << 15, 136, 4096
_MOST_PAGES = 1 << 22
"""Sixteen gigabytes: where text is taken for the number of a page, it is a higher one."""


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


def kind_of_known(entry: Entry) -> str | None:
    """Why a file of a database that was read should not be as it is: its pages and frames are looked at elsewhere."""
    if entry.name.endswith("-wal"):
        return None if is_log(entry.path) else "no WAL"
    if entry.name.endswith("-shm"):
        return None if _is_index(entry.path.read_bytes()) else _ADDED
    return None if entry.path.stat().st_size else "empty database"


def kind_of_file(entry: Entry, generation: int) -> str | None:
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
    if head.startswith(KEY_FILE):
        return "key file under another name"
    if head.startswith(_PICTURES) or head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture or thumbnail"
    return "stray file with readable text" if _is_readable(head) else "stray file"


def _is_index(raw: bytes) -> bool:
    """Whether the index of a WAL holds numbers only: of pages, then of their places in it. Checksums in its header may
    look like text."""
    if not raw or len(raw) % _INDEX_BLOCK_BYTES:
        return not TEXT.search(raw)
    pages, places = array.array("I"), array.array("H")
    for start in range(0, len(raw), _INDEX_BLOCK_BYTES):
        middle = start + 4 * _INDEX_PAGES
        pages.frombytes(raw[start or _INDEX_HEADER_BYTES : middle])
        places.frombytes(raw[middle : start + _INDEX_BLOCK_BYTES])
    return max(pages) < _MOST_PAGES and max(places) <= _INDEX_PAGES


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
