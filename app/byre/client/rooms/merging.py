"""Writes a lawful commit into the store: the new epoch, the members, the lines of the transcript, what becomes moot.

Runs inside a store transaction, for others' commits and for one's own alike, so that every device of the room ends up
with the same epoch and the same lines.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from byre.client.context import Context
from byre.client.delivery import ledger
from byre.client.events import Event, RoomChanged
from byre.client.peers import Peers
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.commit_rows import expect_joiners, note_brought_back
from byre.client.rooms.groups import write_ended, write_epoch
from byre.client.rooms.judging import JudgedCommit
from byre.client.rooms.renewals import note_renewed
from byre.client.rooms.showing import member_rows
from byre.client.rooms.transcript import MEMBER_ADDED, Line
from byre.client.views import MessageState, RoomId
from byre.crypto.hashes import sha256
from byre.identity.room_facts import MemberLeaf
from byre.identity.room_policy import kept_retention
from byre.store import NewMessage, RejoiningRow, RoomRow, Transaction
from byre.wire.ids import MESSAGE_ID_SIZE

log = logging.getLogger(__name__)

WELCOME_DUE_MS = 10 * 60 * 1000
"""How long a device that somebody brings back, unasked, waits for its Welcome."""


class Merging:
    """Applies judged commits to rows."""

    def __init__(self, context: Context, peers: Peers) -> None:
        self._context = context
        self._peers = peers

    def write(self, tx: Transaction, judged: JudgedCommit, commit: bytes, now_ms: int) -> list[AfterCommit]:
        """Store what `judged` changes; `commit` names its lines, so that they are written once however often."""
        row = tx.rooms.get(judged.before.group_id)
        if row is None:
            return []
        tx.groups.delete_pending(row.group_id)
        if judged.after is not None:
            write_epoch(tx, judged.before.group, judged.after.group, now_ms, ended_by=judged.digest)
            tx.members.replace(row.id, member_rows(row.id, judged.after))
            context = judged.facts.context
            timer_s = kept_retention(context.retention_s)
            if (context.title, timer_s) != (row.title, row.timer_s):
                tx.rooms.change(row.id, title=context.title, timer_s=timer_s)
            expect_joiners(tx, judged, self._context.own, now_ms)
            note_brought_back(tx, judged, self._context.own, now_ms)
            if judged.committer.leaf_index == judged.before.group.own_leaf_index:
                note_renewed(tx, row.group_id, now_ms, self._context.random)
        else:
            self._write_own_end(tx, row, judged, now_ms)
        if any(not lifetime.covers(now_ms // 1000) for lifetime in judged.lifetimes):
            log.warning("a device was added by a key package outside of its lifetime")
        self._write_lines(tx, row, judged.lines, commit)
        effects = self._write_gone(tx, row, judged, now_ms)
        effects += self._learn(tx, judged)
        group_id = row.group_id
        return [*effects, lambda: self._context.events.publish(RoomChanged(RoomId(group_id.hex())))]

    def write_line(
        self, tx: Transaction, row: RoomRow, name: bytes, event: str, account: bytes, device: bytes, subject: bytes
    ) -> None:
        """Store one system line; `name` makes it unique."""
        now_ms = self._context.clock.now_ms()
        target = row if row.superseded_by is None else tx.rooms.get(row.superseded_by) or row
        tx.messages.add(
            NewMessage(
                room=target.id,
                message_id=sha256(b"byre transcript line v1" + name + event.encode() + subject)[:MESSAGE_ID_SIZE],
                account_id=account,
                device_id=device,
                kind="system",
                state=MessageState.RECEIVED.value,
                is_own=False,
                sent_at=now_ms,
                received_at=now_ms,
                body=event,
                detail=subject.hex(),
            )
        )

    def _write_own_end(self, tx: Transaction, row: RoomRow, judged: JudgedCommit, now_ms: int) -> None:
        """This device's leaf is gone: erase what could read on, unless a Welcome brings it back."""
        if judged.is_readded and row.state != "left":  # who left does not come back by somebody else's commit
            write_ended(tx, judged.before.group, now_ms, ended_by=judged.digest)
            tx.rooms.change(row.id, state="rejoining")
            if tx.joins.rejoining(row.group_id) is None:  # not asked for: where no Welcome follows, it asks
                due_at = now_ms + WELCOME_DUE_MS
                tx.joins.put_rejoining(RejoiningRow(row.group_id, b"", b"", now_ms, due_at))
            return
        tx.groups.delete(row.group_id)
        tx.intents.delete_group(row.group_id)
        tx.inbox.drop_group(row.group_id)
        tx.joins.delete_rejoining(row.group_id)
        tx.receipts.delete_room(row.id)
        tx.erasures.start_all_own(now_ms, row.id)
        tx.rooms.change(row.id, state="left" if judged.is_own_leaving or row.state == "left" else "removed")

    def _write_lines(self, tx: Transaction, row: RoomRow, lines: tuple[Line, ...], commit: bytes) -> None:
        if row.kind in ("device", "note"):
            return
        name = sha256(commit)
        for line in lines:
            if row.kind == "direct" and line.event == MEMBER_ADDED:
                continue  # the other one of two: the room says it by existing
            self.write_line(tx, row, name, line.event, line.actor.account_id, line.actor.device_id, line.subject)

    def _write_gone(self, tx: Transaction, row: RoomRow, judged: JudgedCommit, now_ms: int) -> list[AfterCommit]:
        """Nothing waits any longer for devices without a leaf, nor messages for accounts that left."""
        own_account = self._context.own.account_id
        moved = []
        for device_id in judged.devices_gone:
            moved += [ledger.Moved(r.message_id, r.account_id) for r in tx.outbox.of_device(device_id, room=row.id)]
            tx.outbox.delete_device(device_id, room=row.id)
            tx.joins.delete(row.group_id, device_id)
        for device_id in judged.devices_back:  # what it has not confirmed was sealed to a leaf that is gone
            rows = tx.outbox.expire(now_ms, room=row.id, device_id=device_id)
            moved += [ledger.Moved(r.message_id, r.account_id) for r in rows]
        changes = ledger.accounts_left(tx, row.id, judged.accounts_gone, own_account)  # first: they count no more
        changes += ledger.devices_moved(tx, moved, own_account)
        events = [change.event() for change in changes]
        return [lambda: _publish_all(self._context, events)] if events else []

    def _learn(self, tx: Transaction, judged: JudgedCommit) -> list[AfterCommit]:
        """Keep every signed list that the commit brought along."""
        known = {leaf.credential.device_list.hash for leaf in judged.before.facts.leaves}
        fresh = [leaf for leaf in judged.facts.leaves if leaf.credential.device_list.hash not in known]
        return learn_all(tx, self._peers, fresh)


def learn_all(tx: Transaction, peers: Peers, leaves: Sequence[MemberLeaf]) -> list[AfterCommit]:
    """Tell `peers` of the credentials of `leaves`; returns what is to follow."""
    learned = [peers.learn(tx, leaf.credential, leaf.info.address.relay_url) for leaf in leaves]
    return [effect for effect in learned if effect is not None]


def _publish_all(context: Context, events: Sequence[Event]) -> None:
    for event in events:
        context.events.publish(event)
