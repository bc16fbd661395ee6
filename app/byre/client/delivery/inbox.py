"""From an envelope at the relay to rows in the store: the receiving half of delivery.

```
 envelope ─open─┬─ echo: dropped
                ├─ rejoin request, removed answer: handed on
                └─ MLSMessage ─┬─ Welcome: join                        one transaction each: {mid taken, ratchets,
                               ├─ unknown group, future epoch: kept     rows, epoch}; when `on_envelope` returns the
                               ├─ present epoch: message, proposal, commit   relay is told to forget the envelope
                               └─ past epoch: message, or nothing new
```
What cannot be read is recorded with its reason and acknowledged all the same: never a loop. Envelopes are taken one
after the other; whatever needs the network is left to background tasks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from byre.client.clock import now_s
from byre.client.context import Context
from byre.client.delivery.contents import Arrival, Contents
from byre.client.leaf_check import validate_leaf
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.groups import Groups, write_ratchets
from byre.client.rooms.judging import JudgedCommit, judge_commit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.errors import EnvironmentFault, PeerError
from byre.identity.mailbox import open_envelope
from byre.mls import Group, ProposalReceived, Received, RemoveProposal, StagedCommit, peek_message
from byre.store import KeptEnvelopeRow, Transaction, UndecryptableRow
from byre.wire.envelope import ECHO, MLS_MESSAGE, REJOIN_REQUEST, REMOVED

log = logging.getLogger(__name__)

MISSING_PROPOSAL = "missing_proposal"
"""MLS code and reason of a kept commit: it refers to a proposal that has not come yet."""
_QUIET_CODES = ("own_message", "replayed")
"""An own message that came back, or ciphertext that was delivered twice: nothing was lost, nothing is recorded."""


@dataclass(slots=True)
class Taken:
    """What one message changed: the room's next value, or that its state is gone, and the effects to run."""

    room: LiveRoom | None = None
    is_gone: bool = False
    merged: JudgedCommit | None = None
    has_proposal: bool = False
    is_kept: bool = False
    effects: list[AfterCommit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class InboxPorts:
    """Who takes what the inbox itself does not: each is a coroutine that stores and returns."""

    welcome: Callable[[bytes, bytes], Awaitable[bytes | None]]  # (message, mid) -> group joined
    rejoin_request: Callable[[bytes, bytes], Awaitable[None]]
    removed: Callable[[bytes, bytes], Awaitable[None]]
    missing_commits: Callable[[bytes], None]  # a future epoch was seen: ask the room's home after a while
    epoch_changed: Callable[[bytes, JudgedCommit | None], None]
    proposal_came: Callable[[bytes], None]


class Inbox:
    """Opens, orders and stores what arrives."""

    def __init__(
        self, context: Context, groups: Groups, contents: Contents, merging: Merging, ports: InboxPorts
    ) -> None:
        self._context = context
        self._groups = groups
        self._contents = contents
        self._merging = merging
        self._ports = ports
        self._one_by_one = asyncio.Lock()
        self._is_closed = False

    async def on_envelope(self, mailbox_id: bytes, mid: bytes, body: bytes) -> None:
        """Take one envelope; returns when it may be acknowledged.

        Raises:
            EnvironmentFault: code locked after `close`; the relay keeps the envelope.
        """
        async with self._one_by_one:
            if self._is_closed:
                raise EnvironmentFault("the profile is being closed", code="locked")
            if mailbox_id == self._context.own.mailbox.mailbox_id:
                await self._take(mid, body)

    async def close(self) -> None:
        """Finish the envelope at hand and take no more."""
        async with self._one_by_one:
            self._is_closed = True

    async def _take(self, mid: bytes, body: bytes) -> None:
        try:
            envelope = open_envelope(self._context.own.mailbox.box_private, body)
        except PeerError as error:
            await self._record(mid, error.code)
            return
        if envelope.type == MLS_MESSAGE:
            await self._take_message(mid, envelope.body)
        elif envelope.type == REJOIN_REQUEST and await self._is_new(mid):
            await self._ports.rejoin_request(envelope.body, mid)
        elif envelope.type == REMOVED and await self._is_new(mid):
            await self._ports.removed(envelope.body, mid)
        elif envelope.type not in (ECHO, REJOIN_REQUEST, REMOVED):
            await self._record(mid, "newer_version")

    async def retry_kept(self, group_id: bytes) -> None:
        """Try again what was kept for a group, in the order in which it came, until nothing more can be read."""
        async with self._one_by_one:
            await self._retry_kept(group_id)

    async def take_commit(self, group_id: bytes, epoch: int, commit: bytes) -> JudgedCommit:
        """Process a commit that the room's home ordered, by catching up or after a lost race.

        Raises:
            PeerError: it does not apply; nothing was changed.
        """
        async with self._one_by_one:
            async with self._groups.held(group_id) as room:
                if room is None or room.epoch != epoch:
                    raise PeerError("the room is no longer in that epoch", code="wrong_epoch")
                taken = await self._context.store.write(lambda tx: self._open(tx, room, commit, b"", strict=True))
                self._take_over(group_id, taken)
            self._run(group_id, taken)
            await self._retry_kept(group_id)
        if taken.merged is None:
            raise PeerError("what the room's head names is no commit", code="malformed")
        return taken.merged

    async def _take_message(self, mid: bytes, message: bytes) -> None:
        try:
            header = peek_message(message)
        except PeerError as error:
            await self._record(mid, error.code)
            return
        if header.group_id is None:  # a Welcome
            joined = await self._ports.welcome(message, mid)
            if joined is not None:
                await self._retry_kept(joined)
            return
        group_id, epoch = header.group_id, header.epoch or 0
        taken = await self._take_group_message(mid, group_id, epoch, message, is_retry=False)
        if taken.is_kept:
            self._ports.missing_commits(group_id)
        if taken.merged is not None or taken.has_proposal:
            await self._retry_kept(group_id)

    async def _take_group_message(
        self, mid: bytes, group_id: bytes, epoch: int, message: bytes, *, is_retry: bool
    ) -> Taken:
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()
        async with self._groups.held(group_id) as room:
            past = None
            if room is not None and epoch < room.epoch:
                past = await self._groups.past(group_id, epoch)

            def work(tx: Transaction) -> Taken:
                if not is_retry and not tx.inbox.take_mid(mailbox_id, mid, now_ms):
                    return Taken()
                row = tx.rooms.get(group_id)
                if row is not None and room is None and row.state in ("left", "removed"):
                    return Taken()
                if room is None or epoch > room.epoch:
                    self._keep(tx, mid, group_id, epoch, message, "unknown_group" if room is None else "future_epoch")
                    return Taken(is_kept=room is not None)
                if epoch == room.epoch:
                    return self._open(tx, room, message, mid)
                if past is None:
                    return self._give_up(tx, mid, group_id, epoch, "epoch_gone")
                return self._open_past(tx, past, message, mid)

            taken = await self._context.store.write(work)
            self._take_over(group_id, taken)
        self._run(group_id, taken)
        return taken

    def _open(self, tx: Transaction, room: LiveRoom, message: bytes, mid: bytes, *, strict: bool = False) -> Taken:
        """Process a message of the present epoch. Unless `strict`, what cannot be read is recorded."""
        now_ms = self._context.clock.now_ms()
        try:
            result = room.group.process(message, validate=validate_leaf, now_s=now_s(self._context.clock))
            if isinstance(result, StagedCommit):
                judged = judge_commit(room, result, message)
                effects = self._merging.write(tx, judged, message, now_ms)
                return Taken(judged.after, judged.after is None, judged, effects=effects)
        except PeerError as error:
            if strict:
                raise
            if error.code == MISSING_PROPOSAL:
                # The fan-out is shuffled: a proposal that the commit refers to may still be on its way.
                self._keep(tx, mid, room.group_id, room.epoch, message, MISSING_PROPOSAL)
                return Taken(is_kept=True)
            return self._give_up(tx, mid, room.group_id, room.epoch, error.code)
        after = room.with_group(result.group)
        if isinstance(result, ProposalReceived):
            if not _is_leaving(room, result):
                return self._give_up(tx, mid, room.group_id, room.epoch, "not_allowed")
            _write_all(tx, after.group)
            return Taken(after, has_proposal=True)
        write_ratchets(tx, after.group)
        return Taken(after, effects=self._arrive(tx, after, result, mid, now_ms))

    def _open_past(self, tx: Transaction, past: LiveRoom, message: bytes, mid: bytes) -> Taken:
        """Read a message of a past epoch; a commit or proposal of one is history."""
        try:
            result = past.group.process(message, validate=validate_leaf, now_s=now_s(self._context.clock))
        except PeerError as error:
            if error.code in ("past_epoch", "wrong_epoch"):
                return Taken()
            return self._give_up(tx, mid, past.group_id, past.epoch, error.code)
        if not isinstance(result, Received):
            return Taken()
        write_ratchets(tx, result.group)
        after = past.with_group(result.group)
        return Taken(effects=self._arrive(tx, after, result, mid, self._context.clock.now_ms()))

    def _arrive(
        self, tx: Transaction, room: LiveRoom, received: Received, mid: bytes, now_ms: int
    ) -> list[AfterCommit]:
        row = tx.rooms.get(room.group_id)
        if row is None or row.state in ("left", "removed"):
            return []  # the user is out already; only commits are still followed
        return self._contents.take(tx, Arrival(room, received.sender_leaf, received.data, mid, now_ms))

    def _give_up(self, tx: Transaction, mid: bytes, group_id: bytes | None, epoch: int | None, code: str) -> Taken:
        if code not in _QUIET_CODES:
            log.warning("a message could not be read: %s", code)
            now_ms = self._context.clock.now_ms()
            tx.inbox.add_undecryptable(UndecryptableRow(0, mid, group_id, epoch, code, now_ms))
        return Taken()

    def _keep(self, tx: Transaction, mid: bytes, group_id: bytes, epoch: int, message: bytes, reason: str) -> None:
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()
        tx.inbox.keep(KeptEnvelopeRow(0, mailbox_id, mid, reason, group_id, epoch, message, now_ms))

    def _take_over(self, group_id: bytes, taken: Taken) -> None:
        """Put the new value in place; still under the group's lock."""
        if taken.room is not None:
            self._groups.put(taken.room)
        elif taken.is_gone:
            self._groups.forget(group_id)

    def _run(self, group_id: bytes, taken: Taken) -> None:
        for effect in taken.effects:
            effect()
        if taken.merged is not None:
            self._ports.epoch_changed(group_id, taken.merged)
        if taken.has_proposal:
            self._ports.proposal_came(group_id)

    async def _retry_kept(self, group_id: bytes) -> None:
        """Go through what is kept for a group until a whole round has read nothing more."""
        has_read = True
        while has_read:
            has_read = False
            room = await self._groups.current(group_id)
            rows = await self._context.store.read(lambda tx: tx.inbox.kept(group_id))
            for row in rows:
                if room is None or row.epoch is None or row.epoch > room.epoch:
                    continue
                taken = await self._take_group_message(row.mid, group_id, row.epoch, row.envelope, is_retry=True)
                if not taken.is_kept:
                    has_read = True
                    number = row.id
                    await self._context.store.write(lambda tx, n=number: tx.inbox.drop(n))  # type: ignore[misc]

    async def _is_new(self, mid: bytes) -> bool:
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()

        def take(tx: Transaction) -> bool:
            return tx.inbox.take_mid(mailbox_id, mid, now_ms)

        return await self._context.store.write(take)

    async def _record(self, mid: bytes, code: str) -> None:
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()

        def work(tx: Transaction) -> None:
            if tx.inbox.take_mid(mailbox_id, mid, now_ms):
                tx.inbox.add_undecryptable(UndecryptableRow(0, mid, None, None, code, now_ms))

        await self._context.store.write(work)


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
