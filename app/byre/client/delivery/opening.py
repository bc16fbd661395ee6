"""The inside of the receive transaction: letters are opened, and what they say becomes rows.

```
 letter ─┬─ unreadable from outside: recorded
         ├─ mid taken before, room left: nothing
         ├─ unknown group, future epoch, a commit before its proposals: kept
         ├─ present epoch: message, proposal, commit
         └─ past epoch: message, or nothing new
```
Runs on the store's thread. Decrypting is pure: a letter that cannot be read leaves the ratchets as they were and is
recorded with its reason, whatever stands before and after it in the same transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from byre.client.clock import now_s
from byre.client.context import Context
from byre.client.delivery.burst import Burst
from byre.client.delivery.contents import Arrival, Contents
from byre.client.delivery.reading import Decrypted, Letter, Outcome, read_content
from byre.client.events import RoomChanged
from byre.client.leaf_check import validate_leaf
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.judging import JudgedCommit, judge_commit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.client.rooms.standstill import Standstill
from byre.client.views import RoomId
from byre.errors import PeerError
from byre.mls import Group, ProposalReceived, Received, RemoveProposal, StagedCommit
from byre.store import KeptEnvelopeRow, Transaction, UndecryptableRow
from byre.wire.content import Content

log = logging.getLogger(__name__)

MISSING_PROPOSAL = "missing_proposal"
"""MLS code and reason of a kept commit: it refers to a proposal that has not come yet."""
_QUIET_CODES = ("own_message", "replayed")
"""An own message that came back, or ciphertext that was delivered twice: nothing was lost, nothing is recorded."""


@dataclass(slots=True)
class Taken:
    """What letters changed: the rooms' next values, and what is to follow.

    Attributes:
        rooms: present epochs with moved ratchets, or the epoch that a commit opened.
        gone: groups whose state this device gave up.
        missing: groups of which later commits are needed.
        read: how many letters need not be kept (any more).
    """

    rooms: list[LiveRoom] = field(default_factory=list)
    gone: list[bytes] = field(default_factory=list)
    merged: JudgedCommit | None = None
    has_proposal: bool = False
    missing: set[bytes] = field(default_factory=set)
    read: int = 0
    effects: list[AfterCommit] = field(default_factory=list)


class Opening:
    """Turns letters into rows, in the caller's transaction."""

    def __init__(self, context: Context, contents: Contents, merging: Merging) -> None:
        self._context = context
        self._contents = contents
        self._merging = merging
        self._standstill = Standstill(context, merging)

    def take(
        self,
        tx: Transaction,
        letters: Sequence[Letter],
        outcomes: Sequence[Outcome],
        rooms: Mapping[bytes, LiveRoom | None],
    ) -> Taken:
        """Take letters in their order; a handshake must come alone. `outcomes`: what each was decrypted to."""
        burst, taken = Burst(tx, rooms), Taken()
        mids = [letter.mid for letter in letters if not letter.is_known and letter.kept is None]
        new = tx.inbox.take_mids(self._context.own.mailbox.mailbox_id, mids, self._context.clock.now_ms())
        for letter, outcome in zip(letters, outcomes, strict=True):
            is_new = letter.is_known or letter.kept is not None or letter.mid in new
            new.discard(letter.mid)  # a mid twice in one burst counts once
            if is_new and self._take(burst, letter, outcome, taken):
                taken.read += 1
                if letter.kept is not None:
                    tx.inbox.drop(letter.kept)
        burst.finish()
        taken.rooms += burst.moved()
        taken.effects += burst.aftermath.effects(self._context.events.publish)
        return taken

    def commit(self, tx: Transaction, room: LiveRoom, message: bytes) -> Taken:
        """Take a commit that the room's home ordered.

        Raises:
            PeerError: it does not apply; nothing was changed.
        """
        taken = Taken()
        burst = Burst(tx, {room.group_id: room})
        self._present(burst, room, Letter(b"", room.group_id, room.epoch, message), taken, is_strict=True)
        burst.finish()
        taken.rooms += burst.moved()
        taken.effects += burst.aftermath.effects(self._context.events.publish)
        return taken

    def keep(self, tx: Transaction, letter: Letter, reason: str) -> None:
        """Keep a letter for later; one that is kept already stays as it is."""
        if letter.kept is None:
            mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()
            tx.inbox.keep(
                KeptEnvelopeRow(
                    0, mailbox_id, letter.mid, reason, letter.group_id, letter.epoch, letter.message, now_ms
                )
            )

    def _take(self, burst: Burst, letter: Letter, outcome: Outcome, taken: Taken) -> bool:
        """Take one letter; False when it stays kept."""
        if letter.group_id is None:
            self._give_up(burst.tx, letter, letter.unreadable)
            return True
        room, row = burst.group(letter.group_id), burst.row(letter.group_id)
        if row is not None and room is None and row.state in ("left", "removed"):
            return True
        if room is None or letter.epoch > room.epoch:
            self.keep(burst.tx, letter, "unknown_group" if room is None else "future_epoch")
            if room is not None:
                taken.missing.add(letter.group_id)
            return False
        if isinstance(outcome, Decrypted):
            burst.move(outcome.room)
            self._arrive(burst, outcome.room, outcome.received, letter, outcome.content)
        elif outcome is not None:
            self._give_up(burst.tx, letter, outcome.code)
        elif letter.epoch == room.epoch:
            return self._present(burst, room, letter, taken)
        else:
            self._past(burst, room, letter, taken)
        return True

    def _present(self, burst: Burst, room: LiveRoom, letter: Letter, taken: Taken, *, is_strict: bool = False) -> bool:
        """Process a letter of the present epoch. Unless `is_strict`, what cannot be read is recorded."""
        try:
            result = room.group.process(letter.message, validate=validate_leaf, now_s=now_s(self._context.clock))
            if isinstance(result, StagedCommit):
                self._merge(burst.tx, judge_commit(room, result, letter.message), letter.message, taken)
                return True
        except PeerError as error:
            if is_strict:
                raise
            if error.code == MISSING_PROPOSAL:
                # The fan-out is shuffled: a proposal that the commit refers to may still be on its way.
                self.keep(burst.tx, letter, MISSING_PROPOSAL)
                taken.missing.add(room.group_id)
                return False
            self._give_up(burst.tx, letter, error.code)
            return True
        after = room.with_group(result.group)
        if not isinstance(result, ProposalReceived):
            burst.move(after)
            self._arrive(burst, after, result, letter, read_content(result.data))
        elif not _is_leaving(room, result):
            self._give_up(burst.tx, letter, "not_allowed")
        else:
            _write_all(burst.tx, after.group)
            taken.rooms.append(after)
            taken.has_proposal = True
        return True

    def _merge(self, tx: Transaction, judged: JudgedCommit, message: bytes, taken: Taken) -> None:
        taken.effects += self._merging.write(tx, judged, message, self._context.clock.now_ms())
        taken.merged = judged
        if judged.after is None:
            taken.gone.append(judged.before.group_id)
        else:
            taken.rooms.append(judged.after)

    def _past(self, burst: Burst, room: LiveRoom, letter: Letter, taken: Taken) -> None:
        """Read a message of a past epoch; a commit or proposal of one is history, unless it ends the epoch again."""
        assert letter.group_id is not None
        try:
            past = burst.past(letter.group_id, letter.epoch)
            if past is None:
                self._give_up(burst.tx, letter, "epoch_gone")
                return
            if letter.is_handshake:
                if self._standstill.write_second(burst.tx, past, room, letter.message):
                    changed = RoomChanged(RoomId(letter.group_id.hex()))
                    taken.effects.append(lambda: self._context.events.publish(changed))
                return
            result = past.group.process(letter.message, validate=validate_leaf, now_s=now_s(self._context.clock))
        except PeerError as error:
            if error.code not in ("past_epoch", "wrong_epoch"):
                self._give_up(burst.tx, letter, error.code)
            return
        if isinstance(result, Received):
            after = past.with_group(result.group)
            burst.move(after, is_past=True)
            self._arrive(burst, after, result, letter, read_content(result.data))

    def _arrive(
        self, burst: Burst, room: LiveRoom, received: Received, letter: Letter, content: Content | PeerError
    ) -> None:
        row = burst.row(room.group_id)
        if row is not None and row.state not in ("left", "removed"):
            now_ms = self._context.clock.now_ms()
            self._contents.take(burst, Arrival(room, received.sender_leaf, content, letter.mid, now_ms))
        # else: the user is out already; only commits are still followed

    def _give_up(self, tx: Transaction, letter: Letter, code: str) -> None:
        if code in _QUIET_CODES:
            return
        log.warning("a message could not be read: %s", code)
        epoch = None if letter.group_id is None else letter.epoch
        now_ms = self._context.clock.now_ms()
        tx.inbox.add_undecryptable(UndecryptableRow(0, letter.mid, letter.group_id, epoch, code, now_ms))


def _is_leaving(room: LiveRoom, received: ProposalReceived) -> bool:
    """Whether a member proposes that a leaf of its own account goes: the one proposal that rooms take by reference.

    Another one would make every commit that refers to it unlawful, and thereby everybody's.
    """
    proposal = received.proposal
    if not isinstance(proposal, RemoveProposal):
        return False
    accounts = {seat.leaf_index: seat.account_id for seat in room.seats()}
    return accounts.get(proposal.removed) == accounts.get(received.sender_leaf)


def _write_all(tx: Transaction, group: Group) -> None:
    """Store epoch and ratchets: a proposal by reference is part of the epoch's state."""
    tx.groups.save_epoch(group.group_id, group.epoch, group.epoch_bytes(), group.ratchet_bytes())
