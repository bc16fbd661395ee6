"""One step of an own commit: planned in the room's epoch, claimed from its home, merged, or given up.

```
 intent (stored) ──plan──> pending (stored, with the ratchet it used) ──CLAIM──> GRANT ──one transaction──> merged
      ^                                                                  │        {epoch, lines, fan-out, Welcomes}
      └──────────── CONFLICT: process the winner, plan anew ─────────────┘
```
Nothing leaves the device before the grant: a Welcome to an epoch that never came would split the room. A crash
anywhere finds the intent or the pending commit in the store and goes on; the same claim id is granted again. When a
step is taken, and again after which pause, is the matter of `commits`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from byre.client.connection.results import ConflictingCommit
from byre.client.context import Context
from byre.client.delivery.inbox import MISSING_PROPOSAL
from byre.client.delivery.outbox import Outbox
from byre.client.rooms.claim_outcome import Outcome, Step, Unanswered, is_jam, next_step
from byre.client.rooms.claiming import Claiming, keep_claim
from byre.client.rooms.commit_fan_out import BUILT, READY, CommitFanOut, Prepared
from byre.client.rooms.commit_making import CommitMaker, fits
from byre.client.rooms.commit_rows import intent_of, note_of, was_brought_back_by
from byre.client.rooms.groups import Groups, write_ratchets
from byre.client.rooms.intent_codec import restored
from byre.client.rooms.intents import CommitPlan, ReAdd, Refused, plan
from byre.client.rooms.judging import JudgedCommit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.client.rooms.standstill import Dispute, working_state
from byre.client.rooms.waiting import Waiting
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError
from byre.identity.room_head import commit_hash, expect_commit
from byre.mls import PendingCommit
from byre.store import IntentRow, OutboxRow, PendingCommitRow, SignedClaimRow, Transaction
from byre.wire.ids import CLAIM_ID_SIZE

log = logging.getLogger(__name__)

PROPOSAL_WAIT_MS = 10_000
_CHANGEABLE = ("active", "request")


@dataclass(frozen=True, slots=True)
class CommitPorts:
    """What the pipeline calls when a room moves or cannot move on."""

    commit_in: Callable[[LiveRoom, bytes], Awaitable[bytes]]
    take_commit: Callable[[bytes, int, bytes], Awaitable[JudgedCommit]]
    retry_kept: Callable[[bytes], Awaitable[None]]
    epoch_changed: Callable[[bytes, JudgedCommit | None], None]
    rejoin: Callable[[bytes, Dispute | None], Awaitable[None]]
    jammed: Callable[[bytes, Dispute | None], Awaitable[None]]
    home_refuses: Callable[[LiveRoom], Awaitable[ByreError | None]]
    head_names: Callable[[LiveRoom, bytes], Awaitable[bool]]


class CommitSteps:
    """Takes the steps of one room's intents; `waiting` are those who want to hear how an intent ends."""

    def __init__(
        self,
        context: Context,
        groups: Groups,
        outbox: Outbox,
        merging: Merging,
        maker: CommitMaker,
        fan_out: CommitFanOut,
        claiming: Claiming,
        ports: CommitPorts,
        waiting: Waiting,
    ) -> None:
        self._context = context
        self._groups = groups
        self._outbox = outbox
        self._merging = merging
        self._maker = maker
        self._fan_out = fan_out
        self._claiming = claiming
        self._ports = ports
        self._waiting = waiting

    async def take(self, group_id: bytes) -> Step | None:
        """Take the first due intent one step further; None when there is nothing (more) to do now."""
        pending, state = await self._context.store.read(
            lambda tx: (tx.groups.pending(group_id), working_state(tx, group_id))
        )
        if state == "rejoining":
            return Step.RETRY
        if pending is not None and state in _CHANGEABLE:
            return await self._claim(group_id, pending)
        if pending is not None:
            await self._drop_pending(group_id)
        now_ms = self._context.clock.now_ms()
        rows = await self._context.store.read(lambda tx: tx.intents.of_group(group_id))
        due = [row for row in rows if row.not_before <= now_ms]
        if not due:
            return None
        return await self._begin(group_id, due[0])

    async def _begin(self, group_id: bytes, row: IntentRow) -> Step | None:
        """Plan the intent in the room's present epoch and store the pending commit."""
        intent = await asyncio.to_thread(restored, row.kind, row.payload)
        room = await self._groups.current(group_id)
        state = await self._context.store.read(lambda tx: working_state(tx, group_id))
        if room is None or state not in _CHANGEABLE:
            await self._end(row, UsageError("This device is not in the room.", code="wrong_state"))
            return Step.REDO
        if isinstance(intent, ReAdd) and await self._context.store.read(partial(self._is_back, intent)):
            await self._end(row, None)  # by another member; it may have replaced that leaf since
            return Step.REDO
        made = await asyncio.to_thread(lambda: plan(intent, room.situation(), room.group.own_leaf_index))
        if isinstance(made, Refused):
            await self._end(row, UsageError("The room cannot be changed like this.", code=made.code))
            return Step.REDO
        if not isinstance(made, CommitPlan):
            await self._end(row, None)
            return Step.REDO
        try:
            token = await self._maker.fresh_token()
        except ByreError as error:
            self._waiting.tell_all(group_id, error)
            return Step.RETRY
        async with self._groups.held(group_id) as held:
            if held is None or held.epoch != room.epoch:
                return Step.REDO
            try:
                commit = await self._maker.make(held, intent, made, token)
            except PeerError as error:
                await self._end(row, UsageError("The room's rules do not allow this.", code=_refusal(error.code)))
                return Step.REDO
            except UsageError as error:  # what cannot be put into a commit must not stand before all that can
                await self._end(row, error)
                return Step.REDO
            pending, is_small = commit.pending, fits(commit.pending.message)
            record = PendingCommitRow(
                group_id=group_id,
                epoch=held.epoch,
                claim_id=self._context.random(CLAIM_ID_SIZE),
                state=READY if is_small and not commit.tree_beside else BUILT,
                pending=await asyncio.to_thread(pending.to_bytes),
                message=pending.message,
                claim=self._maker.claim_body(held, pending.message) if is_small else b"",
                welcome=None,
                fan_out=b"",
                created_at=self._context.clock.now_ms(),
                note=note_of(row.id, tree_beside=commit.tree_beside),
            )

            def work(tx: Transaction) -> None:
                write_ratchets(tx, pending.current)
                tx.groups.put_pending(record)

            await self._context.store.write(work)
            self._groups.put(held.with_group(pending.current))
        return Step.MERGE

    def _is_back(self, intent: ReAdd, tx: Transaction) -> bool:
        return was_brought_back_by(tx, intent.package.package_key, self._context.own)

    async def _claim(self, group_id: bytes, pending: PendingCommitRow) -> Step | None:
        """Ask the room's home to order the pending commit, and do what follows."""
        room = await self._groups.current(group_id)
        if room is None or room.epoch != pending.epoch:
            await self._drop_pending(group_id)
            return Step.REDO
        prepared = await self._fan_out.prepare(room, pending)
        try:
            pending = await self._fan_out.lay_down(room, prepared, pending)
        except (EnvironmentFault, PeerError) as error:
            log.warning("a commit was not laid down: %s", error.code)
            self._waiting.tell_all(group_id, error)
            return Step.RETRY
        claim, outcome = await self._ask(room, prepared.made, pending)
        current = await self._groups.current(group_id)
        step = next_step(
            outcome,
            pending_epoch=pending.epoch,
            pending_hash=commit_hash(pending.message),
            current_epoch=-1 if current is None else current.epoch,
        )
        if step is Step.MERGE:
            await self._merge(group_id, pending, prepared, claim)
        elif step is Step.PROCESS_WINNER and isinstance(outcome, ConflictingCommit):
            return await self._process_winner(room, outcome, pending)
        elif step is Step.REDO:
            await self._drop_pending(group_id)
        elif step is Step.REJOIN:
            epoch = pending.epoch if current is None else current.epoch
            await self._give_up(intent_of(pending), group_id, Dispute(group_id, epoch, is_gone=True))
        return step

    async def _ask(
        self, room: LiveRoom, made: PendingCommit, pending: PendingCommitRow
    ) -> tuple[SignedClaimRow | None, Outcome]:
        try:
            return await self._claiming.ask(room, made, pending)
        except (EnvironmentFault, PeerError) as error:
            log.warning("a commit was not ordered: %s", error.code)
            told = await self._ports.home_refuses(room) if error.code == "relay_auth" else error
            if told is not None:  # later changes of the room wait behind this one
                self._waiting.tell_all(room.group_id, told)
            return None, Unanswered()

    async def _merge(
        self, group_id: bytes, pending: PendingCommitRow, prepared: Prepared, claim: SignedClaimRow | None
    ) -> None:
        """Merge what was granted: epoch, lines, fan-out and Welcomes in one transaction."""
        now_ms = self._context.clock.now_ms()
        async with self._groups.held(group_id) as before:
            if before is None or before.epoch != pending.epoch:
                return
            if before is not prepared.judged.before:  # a text moved the ratchet while the relay was asked
                prepared = await self._fan_out.prepare(before, pending)
            judged = prepared.judged

            def work(tx: Transaction) -> tuple[list[OutboxRow], list[Callable[[], None]]]:
                row = tx.rooms.get(group_id)
                effects = self._merging.write(tx, judged, pending.message, now_ms)
                rows = self._fan_out.write(tx, prepared, pending, None if row is None else row.id)
                if judged.after is not None:
                    tx.tokens.bind(judged.after.own_recipient.address.token, group_id)
                if claim is not None:
                    keep_claim(tx, claim, now_ms)
                return rows, effects

            rows, effects = await self._context.store.write(work)
            if judged.after is None:
                self._groups.forget(group_id)
            else:
                self._groups.put(judged.after)
        self._outbox.dispatch(rows)
        for effect in effects:
            effect()
        self._context.tasks.spawn(self._maker.retire_token(before), "retire a delivery token")
        self._ports.epoch_changed(group_id, judged)
        await self._ports.retry_kept(group_id)

    async def _process_winner(self, room: LiveRoom, outcome: ConflictingCommit, pending: PendingCommitRow) -> Step:
        try:
            commit = await self._ports.commit_in(room, outcome.body)
            expect_commit(commit, outcome.commit_hash)
        except EnvironmentFault:
            return Step.RETRY
        except PeerError as error:
            # A relay can answer anything: one wrong answer must not take the room away. The head itself is asked.
            if not await self._ports.head_names(room, outcome.commit_hash):
                log.warning("a conflict names a commit that the head does not: %s", error.code)
                self._waiting.tell(intent_of(pending), PeerError("The relay contradicts itself.", code="relay_lied"))
                return Step.RETRY
            await self._drop_pending(room.group_id)
            await self._context.store.write(lambda tx: tx.intents.delete(intent_of(pending)))
            self._waiting.tell(intent_of(pending), UsageError("The room cannot be changed now.", code="wrong_state"))
            await self._ports.jammed(room.group_id, Dispute(room.group_id, room.epoch))
            return Step.REDO
        try:
            await self._ports.take_commit(room.group_id, room.epoch, commit)
        except PeerError as error:
            if error.code == "wrong_epoch":
                return Step.REDO  # it came by fan-out in the meantime
            age_ms = self._context.clock.now_ms() - pending.created_at
            if error.code == MISSING_PROPOSAL and age_ms < PROPOSAL_WAIT_MS:
                return Step.RETRY
            log.warning("the commit that won cannot be processed: %s", error.code)
            if is_jam(error.code):
                await self._drop_pending(room.group_id)
                await self._ports.jammed(room.group_id, None)
                return Step.REDO
            await self._give_up(0, room.group_id, None)
        return Step.PROCESS_WINNER

    async def _give_up(self, intent: int, group_id: bytes, dispute: Dispute | None) -> None:
        """The room cannot be followed any further: ask to be brought back; the intents wait for that."""
        await self._drop_pending(group_id)
        self._waiting.tell(intent, UsageError("The room is out of step and is being rejoined.", code="wrong_state"))
        await self._ports.rejoin(group_id, dispute)

    async def _drop_pending(self, group_id: bytes) -> None:
        def work(tx: Transaction) -> PendingCommitRow | None:
            pending = tx.groups.pending(group_id)
            tx.groups.delete_pending(group_id)
            return pending

        dropped = await self._context.store.write(work)
        if dropped is not None and dropped.fan_out:
            self._context.tasks.spawn(self._fan_out.withdraw(dropped), "withdraw blobs")

    async def _end(self, row: IntentRow, error: ByreError | None) -> None:
        await self._context.store.write(lambda tx: tx.intents.delete(row.id))
        self._waiting.tell(row.id, error)


def _refusal(code: str) -> str:
    """Return what the user is told of a commit of ours that the law refuses."""
    return code if code in ("room_too_large", "key_package_expired") else "not_allowed"
