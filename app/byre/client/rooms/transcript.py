"""The lines that a commit leaves in a room's transcript: who came, who went, which device.

Pure: compares the seats before and after. A system message's text is one of the event names below and its detail the
account concerned; the window chooses the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from byre.client.rooms.intents import Seat

MEMBER_ADDED = "member_added"
MEMBER_REMOVED = "member_removed"
MEMBER_LEFT = "member_left"
DEVICE_ADDED = "device_added"
DEVICE_REMOVED = "device_removed"
DEVICE_REJOINED = "device_rejoined"
TITLE_CHANGED = "title_changed"
RETENTION_CHANGED = "retention_changed"
ROOM_JAMMED = "jammed"
ROOM_GOES_ON = "unjammed"


@dataclass(frozen=True, slots=True)
class Line:
    """One system line: what happened, by whom, to which account."""

    event: str
    actor: Seat
    subject: bytes


def lines_of(
    before: Sequence[Seat],
    after: Sequence[Seat],
    committer_leaf: int,
    removers: Mapping[int, int],
    *,
    retitled: bool = False,
    retimed: bool = False,
) -> tuple[Line, ...]:
    """Return the lines of one commit, removals first.

    Args:
        removers: removed leaf index -> leaf index of the Remove proposal's sender.
        retitled, retimed: whether the room's title, or how long its messages live, is another one.
    """
    seats = {seat.leaf_index: seat for seat in before}
    actor = seats[committer_leaf]
    accounts_before = {seat.account_id for seat in before}
    accounts_after = {seat.account_id for seat in after}
    package_keys = {seat.package_key for seat in after}
    gone = [seat for seat in before if seat.package_key not in package_keys and seat.leaf_index in removers]
    come = [
        seat
        for seat in after
        if seat.package_key not in {s.package_key for s in before} and _is_new(seat, before, gone)
    ]
    rejoined = {(s.account_id, s.device_id) for s in gone} & {(s.account_id, s.device_id) for s in come}
    made: dict[tuple[str, bytes], Line] = {}

    def note(event: str, by: Seat, subject: bytes) -> None:
        made.setdefault((event, subject), Line(event, by, subject))

    for seat in gone:
        if (seat.account_id, seat.device_id) in rejoined:
            continue
        remover = seats.get(removers[seat.leaf_index], actor)
        if seat.account_id in accounts_after:
            note(DEVICE_REMOVED, remover, seat.account_id)
        elif remover.account_id == seat.account_id:
            note(MEMBER_LEFT, remover, seat.account_id)
        else:
            note(MEMBER_REMOVED, remover, seat.account_id)
    for seat in come:
        if (seat.account_id, seat.device_id) in rejoined:
            note(DEVICE_REJOINED, actor, seat.account_id)
        elif seat.account_id in accounts_before:
            note(DEVICE_ADDED, actor, seat.account_id)
        else:
            note(MEMBER_ADDED, actor, seat.account_id)
    if retitled:
        note(TITLE_CHANGED, actor, actor.account_id)
    if retimed:
        note(RETENTION_CHANGED, actor, actor.account_id)
    return tuple(made.values())


def _is_new(seat: Seat, before: Sequence[Seat], gone: Sequence[Seat]) -> bool:
    """Whether `seat` came by an Add: a path or Update changes the key of a leaf that stays."""
    stayed = {s.leaf_index for s in before} - {s.leaf_index for s in gone}
    return seat.leaf_index not in stayed
