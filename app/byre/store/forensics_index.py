"""What the search index still knows of messages that are gone: words of no message, and rows of no segment.

```
 message_index_data    1 averages · 10 structure {levels {segments}} · segment << 37 | … page ──▶ words of a leaf
 message_index_idx     segment · how a page's first word begins · page: kept where that word is deleted
 message_index_config  FTS5's own settings
 message               bodies ──▶ the words that the index should have
```
And tables, views and triggers that no version of ours has made: statistics hold samples of what was in a table, long
after it went. And messages whose room is gone: nothing shows them any more.
To SQLite all of it is alive, so nothing of it is dead bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import memory_connection
from byre.db.migrations import split_statements
from byre.store import bigrams
from byre.store.index_pages import SEGMENT_SHIFT, words_of
from byre.store.index_upkeep import SETTING, current_tables
from byre.store.page_cells import varint
from byre.store.salvage_leaves import Leaves, Row, shapes_of
from byre.store.salvage_pages import SoundPages
from byre.store.schema import MIGRATIONS
from byre.store.settings import encoded

_DATA, _PAGES, _CONFIG, _MESSAGE = "message_index_data", "message_index_idx", "message_index_config", "message"
_SCHEMA, _SETTING = "sqlite_schema", "setting"
_READ = frozenset((_DATA, _PAGES, _CONFIG, _MESSAGE, "room", _SCHEMA, _SETTING))
_SETTINGS = {"version", "secure-delete", "automerge", "usermerge", "crisismerge", "deletemerge", "pgsz", "hashsize"}
_AVERAGES, _STRUCTURE = 1, 10
_MAIN = ord("0")
_BEGINNINGS = {ord("1"): 3, ord("2"): 5}
"""The index of word beginnings, see `prefix` in the schema: characters of each."""


@dataclass(slots=True)
class _Found:
    """What one reading of the pages gives."""

    words: dict[int, set[str]] = field(default_factory=dict)
    segments: set[int] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    living: set[str] = field(default_factory=set)
    beginnings: list[tuple[int, bytes]] = field(default_factory=list)
    """(segment, how the first word of one of its pages begins)."""
    rooms: set[object] = field(default_factory=set)
    messages_in: dict[object, int] = field(default_factory=dict)
    """How many messages each room has."""
    is_of_now: bool = True
    """Whether its words were made as we make them: after an update it is built anew at the next start."""
    names: set[str] = field(default_factory=set)
    """Tables, indexes, views and triggers."""
    settings: int = 0
    """How many settings are none of FTS5's."""


def index_remnants(path: Path, key: Secret) -> list[str]:
    """Kinds of remnants in the search index of a database, each once and how many; reads pages only.

    Raises:
        EnvironmentFault: `io_error`.
    """
    connection = memory_connection()
    try:
        for statement in (each for step in MIGRATIONS for each in split_statements(step.sql)):
            connection.execute(statement)
        shapes = {name: shape for name, shape in shapes_of(connection).items() if name in _READ}
        ours = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        columns = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info('message')")]
    finally:
        connection.close()
    places = tuple(columns.index(name) for name in ("body", "room", "author", "has_file", "kind"))
    with SoundPages(path, key) as pages:
        leaves = Leaves(pages, shapes)
        found = _Found()
        for name, rows in leaves.rows(_READ):
            for row in rows:
                match name:
                    case "message":
                        found.living.update(_tokens(row, places))
                        found.messages_in[row[places[1]]] = found.messages_in.get(row[places[1]], 0) + 1
                    case "room":
                        found.rooms.add(row[0])
                    case "message_index_data":
                        _take_block(found, row)
                    case "message_index_idx":
                        _take_page(found, row)
                    case "sqlite_schema":
                        found.names.add(str(row[1]))
                    case "setting":
                        found.is_of_now &= row[0] != SETTING or row[1] == encoded(current_tables())
                    case _:
                        found.settings += row[0] not in _SETTINGS or not isinstance(row[1], int)
        suspect = _of_no_message(found)
        if suspect:  # the tokenizer folds and splits a little otherwise than we do
            texts = (_tokens(row, places) for name, rows in leaves.rows({_MESSAGE}) for row in rows)
            for tokens in texts:
                text = " ".join(tokens).casefold()
                suspect = {word for word in suspect if word.casefold() not in text}
                if not suspect:
                    break
    remnants = []
    if foreign := found.names - ours:
        remnants.append(f"{len(foreign)} tables, indexes, views or triggers that are none of ours")
    if orphans := sum(count for room, count in found.messages_in.items() if room not in found.rooms):
        remnants.append(f"{orphans} messages of no room")
    if found.settings:
        remnants.append(f"search index, {found.settings} settings that are none of its")
    beginnings = _of_no_word(found)
    if not found.is_of_now and (beginnings or suspect):
        remnants.append("search index, built by another version of Byre: start it once, then scan again")
        beginnings, suspect = 0, set()
    if beginnings:
        remnants.append(f"search index, beginnings of {beginnings} words of no message")
    if suspect:
        remnants.append(f"search index, {len(suspect)} words of no message")
    strays = sum(row >> SEGMENT_SHIFT not in found.segments for row in found.rows)
    strays += sum(segment not in found.segments for segment, _ in found.beginnings)
    if strays:
        remnants.append(f"search index, {strays} rows of no segment")
    return remnants


def _take_block(found: _Found, row: Row) -> None:
    number, block = row
    if not isinstance(number, int) or not isinstance(block, bytes):
        return
    if number == _STRUCTURE:
        found.segments.update(_segments(block))
    elif number != _AVERAGES:
        found.rows.append(number)
        if number >> 31 & 0x3F == 0:  # neither a list of pages nor above the leaves
            for word in words_of(block):
                found.words.setdefault(word[0], set()).add(word[1:].decode("utf-8", "replace"))


def _take_page(found: _Found, row: Row) -> None:
    segment, beginning, _ = row
    if isinstance(segment, int):
        found.beginnings.append((segment, beginning if isinstance(beginning, bytes) else str(beginning).encode()))


def _of_no_word(found: _Found) -> int:
    """How many beginnings (cut anywhere, also within a character) are those of no word that lives or is suspected."""
    known = sorted({word.encode() for words in (found.living, *found.words.values()) for word in words})
    count = 0
    for _, beginning in found.beginnings:
        at = bisect_left(known, beginning[1:])
        count += len(beginning) > 1 and not (at < len(known) and known[at].startswith(beginning[1:]))
    return count


def _of_no_message(found: _Found) -> set[str]:
    """Words of the index that none of the living has, or begins with."""
    suspect = {word for word in found.words.get(_MAIN, set()) - found.living if not bigrams.is_mark(word)}
    for kind, length in _BEGINNINGS.items():
        beginnings = {word[:length] for word in found.living if len(word) >= length}
        suspect |= found.words.get(kind, set()) - beginnings
    return suspect


def _tokens(row: Row, places: tuple[int, ...]) -> list[str]:
    body, room, author, has_file, kind = (row[at] for at in places)
    if kind != "text" or not isinstance(body, str) or not isinstance(room, int) or not isinstance(author, int):
        return []
    return bigrams.index_text(body, room=room, author=author, has_file=bool(has_file)).split(" ")


def _segments(record: bytes) -> Iterator[int]:
    """Numbers of the segments that the structure names."""
    levels, at = varint(record, 4)
    for _ in range(2):
        _, at = varint(record, at)
    for _ in range(min(levels, 2000)):  # more than sixty where it has been moved down at each rotation
        _, at = varint(record, at)
        count, at = varint(record, at)
        for _ in range(min(count, 2000)):
            number, at = varint(record, at)
            for _ in range(2):
                _, at = varint(record, at)
            yield number
