"""What is on its way to other devices: rows in the store, envelopes with the connection, answers back into the rows.

```
 queued ──relay──> relayed | stored | acked ──end-to-end receipt──> row gone          (messages, device-room contents)
    │                     └─ ciphertext freed at stored and acked; time over ─> expired ─ device heard ─> queued again
    └── commits, Welcomes, receipts: the relay's final word ends the row
```
The relay's answers come one by one and often, and nothing waits for them: they are collected for a moment and written
in one transaction. Whoever crashes in between sends again, under the same mid, and is answered again.
"""

from __future__ import annotations

import contextlib
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from byre.client.connection import Progress
from byre.client.context import Context
from byre.client.delivery import ledger
from byre.client.delivery.fan_out import Sealed, shuffled
from byre.client.delivery.ledger import Moved, StateChange
from byre.client.stretch import Stretch
from byre.errors import ByreError, EnvironmentFault
from byre.store import OutboxRow, Transaction

log = logging.getLogger(__name__)

MESSAGE = "message"  # a message row has the plaintext
CONTENT = "content"  # the row itself keeps the plaintext for sealing anew
PASSING = "passing"  # receipts and greetings: done when the relay has it
COMMIT, WELCOME, REJOIN, REMOVED = "commit", "welcome", "rejoin", "removed"  # likewise, and a wipe leaves them alone
HELD = "held"  # not encrypted yet: the room cannot send now
TTL_S = 48 * 3600
WELCOME_TTL_S = 72 * 3600
TOO_LARGE, FAILED = "size", "failed"
"""The relay's word for an envelope that it never takes, and what becomes of its row: trying again would not help."""
_SETTLED_BY_RECEIPT = (MESSAGE, CONTENT)
_BATCH = 200
ANSWERS_PAUSE_S = 0.1
"""A live message is relayed, acknowledged and often receipted within it: one write instead of three, and none that
stands before the next message on its way to the disk."""
RETRY_S = 10.0
_HANDFUL = 32
_FOR_EVER = (1 << 62) - 1
_Send = tuple[str, bytes | None, bytes, bytes, int, bytes | None]
"""(relay, mid, mailbox, token, TTL in seconds, envelope)."""


class Outbox:
    """Queues rows, hands them to the connection, records its answers.

    Args:
        changed: told of every shown state that an answer changed, after it was stored.
        refused: told of rows whose delivery token the relay does not take (any more).
    """

    def __init__(
        self,
        context: Context,
        changed: Callable[[Sequence[StateChange]], None],
        refused: Callable[[Sequence[OutboxRow]], None],
    ) -> None:
        self._context = context
        self._changed = changed
        self._refused = refused
        self._answers: list[tuple[bytes, str]] = []
        self._is_writing = False
        self._sends: deque[_Send] = deque()
        self._is_handing_over = False

    def rows(
        self,
        item_id: bytes,
        sealed: Sequence[Sealed],
        *,
        room: int | None,
        kind: str,
        ttl_s: int = TTL_S,
        content: bytes | None = None,
    ) -> list[OutboxRow]:
        """Return the rows of one item for each of its devices, to be stored and then dispatched."""
        now_ms = self._context.clock.now_ms()
        return [
            OutboxRow(
                id=0,
                message_id=item_id,
                device_id=one.recipient.device_id,
                account_id=one.recipient.account_id,
                room=room,
                kind=kind,
                relay=one.recipient.address.relay_url,
                mailbox_id=one.recipient.address.mailbox_id,
                token=one.recipient.address.token,
                mid=one.mid,
                ciphertext=one.envelope,
                state="queued",
                ttl_s=ttl_s,
                created_at=now_ms,
                expires_at=now_ms + ttl_s * 1000,
                content=content,
            )
            for one in sealed
        ]

    def dispatch(self, rows: Sequence[OutboxRow], echo: Sealed | None = None) -> None:
        """Hand stored rows to the connection; the echo, if any, goes at a random place among them.

        Many go in the background, so that the window does not stand still while a large room is sent to;
        whatever is dispatched meanwhile goes behind them.
        """
        sends = [(r.relay, r.mid, r.mailbox_id, r.token, r.ttl_s, r.ciphertext) for r in rows]
        if echo is not None:
            to = echo.recipient.address
            sends.append((to.relay_url, echo.mid, to.mailbox_id, to.token, TTL_S, echo.envelope))
            sends = shuffled(sends, self._context.random)
        self._sends += sends
        if len(self._sends) <= _HANDFUL:
            while self._sends:
                self._hand_over_one()
        elif not self._is_handing_over:
            self._is_handing_over = True
            self._context.tasks.spawn(self._hand_over_all(), "outbox dispatch")

    def _hand_over_one(self) -> None:
        relay, mid, mailbox_id, token, ttl_s, envelope = self._sends.popleft()
        if mid is not None and envelope is not None:
            self._context.network.relay(relay).send(
                mid=mid, mailbox=mailbox_id, token=token, ttl_s=ttl_s, body=envelope
            )

    async def _hand_over_all(self) -> None:
        stretch = Stretch(self._context.turns)
        try:
            while self._sends:
                self._hand_over_one()
                await stretch.rest()
        finally:
            self._is_handing_over = False

    async def resume(self) -> None:
        """Hand every row to the connection whose envelope the relay has not confirmed, after a start."""
        rows = await self._context.store.read(lambda tx: _unconfirmed(tx))
        self.dispatch(rows)

    def on_progress(self, mid: bytes, progress: Progress) -> None:
        """Take the relay's word about one envelope."""
        self._answer(mid, progress.value)

    def on_failed(self, mid: bytes, code: str, retry_after_ms: int) -> None:
        """Take the relay's refusal; with a time to retry after, the connection goes on by itself."""
        if retry_after_ms == 0:
            log.info("an envelope was refused: %s", code)
            self._answer(mid, FAILED if code == TOO_LARGE else "refused")

    def _answer(self, mid: bytes, word: str) -> None:
        self._answers.append((mid, word))
        if not self._is_writing:
            self._is_writing = True
            self._context.tasks.spawn(self._write_answers(), "outbox answers")

    async def close(self) -> None:
        """Write what the relay answered until now; what does not get in is answered again after the next start."""
        answers, self._answers = self._answers, []
        with contextlib.suppress(ByreError):
            if answers:
                await self._record(answers)

    async def _write_answers(self) -> None:
        """Collect for a moment and write, until there is nothing more; a full disk is waited out."""
        try:
            await self._context.clock.sleep(ANSWERS_PAUSE_S)
            while batch := self._answers[:_BATCH]:
                try:
                    recorded = await self._record(batch)
                except EnvironmentFault as error:
                    log.warning("the relay's answers wait: %s", error.code)
                    await self._context.clock.sleep(RETRY_S)
                    continue
                del self._answers[: len(batch)]
                self._changed(recorded.changes)
                self._refused(recorded.refused)
        finally:
            self._is_writing = False

    async def _record(self, answers: Sequence[tuple[bytes, str]]) -> Recorded:
        now_ms, own = self._context.clock.now_ms(), self._context.own.account_id
        volatile = self._context.network.volatile_relays
        return await self._context.store.write(lambda tx: record_answers(tx, answers, now_ms, own, volatile))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch of the relay's answers changed."""

    changes: list[StateChange]
    refused: list[OutboxRow]


def record_answers(
    tx: Transaction,
    answers: Sequence[tuple[bytes, str]],
    now_ms: int,
    own_account: bytes,
    volatile: Collection[str] = (),
) -> Recorded:
    """Write the relay's words into the rows; returns what changed for the user, and the rows that were refused.

    What a relay of `volatile` has stored is in its memory alone: the ciphertext stays here, too.
    """
    rows = tx.answers.rows([mid for mid, _ in answers])
    reached: dict[bytes, tuple[str, bool]] = {}
    ended: dict[int, None] = {}
    moved: list[Moved] = []
    failed: set[bytes] = set()
    refused = []
    for mid, word in answers:
        row = rows.get(mid)
        if row is None or row.id in ended:
            continue
        if word == "refused":
            refused.append(row)
        is_held = word == "stored" and row.relay in volatile
        if row.kind not in _SETTLED_BY_RECEIPT:
            if is_held:
                reached[mid] = word, False
            elif word in ("stored", "acked", "refused", FAILED):
                ended[row.id] = None
            continue
        before, is_freed = reached.get(mid, (row.state, False))
        state = _after(before, word)
        if state is None:
            continue
        reached[mid] = state, is_freed or (word != "relayed" and not is_held)
        if row.kind == MESSAGE:
            moved.append(Moved(row.message_id, row.account_id, was_stored=word == "stored"))
            if word == FAILED:
                failed.add(row.message_id)
    for state, is_freed in dict.fromkeys(reached.values()):
        mids = [mid for mid, where in reached.items() if where == (state, is_freed)]
        tx.answers.set(mids, state, now_ms=now_ms, free_ciphertext=is_freed)
    tx.answers.end(list(ended))
    return Recorded(
        [
            replace(change, reason="too_large") if change.message_id in failed and change.state == FAILED else change
            for change in ledger.devices_moved(tx, moved, own_account)
        ],
        refused,
    )


def _after(state: str, word: str) -> str | None:
    """Return the row's next state. A refused envelope waits, like an expired one, until its device is heard again; one
    that is too large for the relay has failed."""
    if word in ("refused", FAILED):
        return "expired" if word == "refused" else FAILED
    order = ("queued", "relayed", "stored", "acked")
    if state not in order or order.index(word) <= order.index(state):
        return None
    return word


def _unconfirmed(tx: Transaction) -> list[OutboxRow]:
    rows: list[OutboxRow] = []
    after = 0
    while page := tx.outbox.unconfirmed(after=after):
        rows += page
        after = page[-1].id
    return rows


def held_row(message_id: bytes, account_id: bytes, device_id: bytes, room: int, now_ms: int) -> OutboxRow:
    """A row that stands for all devices until the room can send."""
    return OutboxRow(
        id=0,
        message_id=message_id,
        device_id=device_id,
        account_id=account_id,
        room=room,
        kind=HELD,
        relay="",
        mailbox_id=b"",
        token=b"",
        mid=None,
        ciphertext=None,
        state="queued",
        ttl_s=TTL_S,
        created_at=now_ms,
        expires_at=_FOR_EVER,
    )
