"""How a wipe begins: what goes is looked at beside all other work, then written down: from there it is completed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.db import Connection
from byre.errors import EnvironmentFault, InternalBug, PeerError, UsageError
from byre.store import wipe_images
from byre.store.erasures import DEBT
from byre.store.forensics_needles import NeedleSet
from byre.store.seen import Watermark
from byre.store.transaction import Transaction
from byre.store.wipe_erase import content_of, count_content, last_positions, newest_moment
from byre.store.wipe_needles import choose_needles, open_needles, seal_needles
from byre.store.wipe_rebuild import forget_contact
from byre.store.wipe_scope import WipeScope
from byre.store.wipes import WipeJournalRow

_WIPE_ID_BYTES = 16
_UNDER_WAY = ("outbox", "kept_envelope")
"""Goes at once: all else goes on, and these would go out, or come in, before they are gone."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What goes, as of one moment: what comes after it stays. `hidden` are the rooms that go as a whole, with the last
    position and the watermarks of each."""

    scope: WipeScope
    counts: Mapping[str, int]
    needles: NeedleSet
    hidden: Mapping[int, int]
    watermarks: Mapping[int, Sequence[Watermark]]


def look(connection: Connection, scope: WipeScope, now_ms: int) -> Beginning:
    """What a wipe that begins now takes; in one read transaction.

    Raises:
        UsageError: `no_such_room`.
    """
    tx = Transaction(connection)
    is_of_rooms = scope.kind in ("rooms", "covered")
    if (is_of_rooms and not scope.rooms) or any(tx.rooms.by_number(room) is None for room in scope.rooms):
        raise UsageError("there is no such room to wipe", code="no_such_room")
    scope = scope.begun(max(now_ms, newest_moment(connection, scope)))
    counts = count_content(connection, scope)
    hidden = scope.rooms if scope.hides_rooms else ()
    return Beginning(
        scope=scope,
        counts=counts,
        needles=choose_needles(content_of(connection, scope, counts["messages"])),
        hidden=last_positions(connection, hidden),
        watermarks={room: tx.seen.current(room) for room in hidden},
    )


def write_down(
    connection: Connection, beginning: Beginning, *, wipe_id: bytes | None, generation: int, random: Random
) -> None:
    """Journal, needles, rooms hidden; in one write transaction, from whose commit on the wipe is always completed."""
    tx, scope, key = Transaction(connection), beginning.scope, Secret(random(32))
    wipe_images.note_reach(connection, scope)
    for room, watermarks in beginning.watermarks.items():
        tx.seen.cover(room, watermarks)
    journal = WipeJournalRow(
        wipe_id=wipe_id or random(_WIPE_ID_BYTES),
        from_generation=generation,
        scope=scope.to_json(),
        counts=json.dumps(dict(beginning.counts)),
        needle_key=key,
        needles=seal_needles(beginning.needles, key, random),
        started_at=scope.started_at,
    )
    tx.wipes.begin(journal, dict(beginning.hidden))
    conditions = scope.conditions()
    for table in _UNDER_WAY:
        if table in conditions:
            connection.execute(f"DELETE FROM {table} WHERE {conditions[table]}")
    tx.settings.delete(DEBT)  # what was erased singly until now; what is from now on may leave traces in the copy
    if scope.account_id is not None:
        forget_contact(connection, "main", scope.account_id)  # now: who is added again meanwhile stays


def journal_of(connection: Connection) -> WipeJournalRow:
    """The journal of the wipe that is under way."""
    journal = Transaction(connection).wipes.journal()
    if journal is None:
        raise InternalBug("there is no wipe to go on with", code="no_wipe")
    return journal


def scope_of(journal: WipeJournalRow) -> WipeScope:
    """Raises: EnvironmentFault `db_damaged`."""
    try:
        return WipeScope.from_json(journal.scope)
    except PeerError:
        raise EnvironmentFault("the journal of the wipe is damaged", code="db_damaged") from None


def needles_of(journal: WipeJournalRow) -> NeedleSet:
    """Raises: EnvironmentFault `db_damaged`."""
    try:
        return open_needles(journal.needles, journal.needle_key)
    except PeerError:
        raise EnvironmentFault("the journal of the wipe is damaged", code="db_damaged") from None
