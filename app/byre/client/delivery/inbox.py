"""From envelopes at the relay to rows in the store: the receiving half of delivery.

```
 envelopes ─open─┬─ echo: dropped
                 ├─ rejoin request, removed answer: handed on
                 └─ MLSMessage ─┬─ Welcome: join                      one transaction for a run of messages, one for
                                ├─ application messages: in runs      each of the others: {mids taken, ratchets, rows,
                                └─ commit, proposal: alone            epoch}; when `on_envelopes` returns the relay is
                                                                      told to forget the envelopes
```
What cannot be read is recorded with its reason and acknowledged all the same: never a loop. Envelopes are taken in
their order; whatever needs the network is left to background tasks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from byre.client.clock import now_s
from byre.client.context import Context
from byre.client.delivery.beside import Beside
from byre.client.delivery.contents import Contents
from byre.client.delivery.opening import MISSING_PROPOSAL, Opening, Taken
from byre.client.delivery.reading import Letter, decrypt
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.groups import Groups
from byre.client.rooms.judging import JudgedCommit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.merging import Merging
from byre.client.stretch import Stretch
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.identity.mailbox import MailboxKeys
from byre.mls import ContentType, peek_message
from byre.store import KeptEnvelopeRow, Transaction, UndecryptableRow
from byre.wire.envelope import BLOB_POINTER, ECHO, MLS_MESSAGE, REJOIN_REQUEST, REMOVED, Envelope

__all__ = ["MISSING_PROPOSAL", "Inbox", "InboxPorts"]

log = logging.getLogger(__name__)

BROKEN = "internal"
"""Reason of a letter that a fault of ours kept from being taken: kept, acknowledged, tried again later."""
RETRIED_AT_ONCE = 64
OPENED_AT_ONCE = 64
"""So many envelopes take two milliseconds: then the loop has a turn."""


@dataclass(frozen=True, slots=True)
class InboxPorts:
    """Who takes what the inbox itself does not: each is a coroutine that stores and returns."""

    welcome: Callable[[bytes, bytes, bool], Awaitable[bytes | None]]  # (message, mid, mid taken before) -> group joined
    rejoin_request: Callable[[bytes, bytes], Awaitable[None]]
    removed: Callable[[bytes, bytes], Awaitable[None]]
    blob: Callable[[Transaction, bytes, bytes], AfterCommit | None]  # (tx, pointer, mid): keep it, fetch it later
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
        self._opening = Opening(context, contents, merging)
        self._ports = ports
        self._beside = Beside()
        self._one_by_one = asyncio.Lock()
        self._is_closed = False

    async def on_envelopes(self, mailbox_id: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Take envelopes, (mid, body) each, in their order; returns when they may be acknowledged.

        Raises:
            EnvironmentFault: code locked after `close`, or `disk_full` and the like: the relay keeps the envelopes,
                and those that were taken already are recognised when they come again.
        """
        async with self._one_by_one:
            if self._is_closed:
                raise EnvironmentFault("the profile is being closed", code="locked")
            if mailbox_id == self._context.own.mailbox.mailbox_id:
                await self._take(envelopes)

    async def close(self) -> None:
        """Finish the envelopes at hand and take no more."""
        async with self._one_by_one:
            self._is_closed = True
            self._beside.close()

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
                taken = await self._context.store.write(lambda tx: self._opening.commit(tx, room, commit))
                self._take_over(taken)
            self._follow(taken, group_id)
            await self._retry_kept(group_id)
        if taken.merged is None:
            raise PeerError("what the room's head names is no commit", code="malformed")
        return taken.merged

    async def take_fetched(self, mid: bytes, message: bytes) -> None:
        """Take an MLSMessage that came in a blob; the mid is that of the envelope that pointed to it.

        Raises:
            EnvironmentFault: as `on_envelopes`.
        """
        async with self._one_by_one:
            if self._is_closed:
                raise EnvironmentFault("the profile is being closed", code="locked")
            read = self._letter(mid, message, is_known=True)
            if not isinstance(read, Letter):
                await read()
            elif read.is_handshake:
                await self._take_handshake(read)
            else:
                await self._take_run([read])

    async def _take(self, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        """Take runs of letters together and everything else alone."""
        run: list[Letter] = []
        stretch = Stretch(self._context.turns)
        for start in range(0, len(envelopes), OPENED_AT_ONCE):
            page = envelopes[start : start + OPENED_AT_ONCE]
            opened = self._beside.map(partial(_open, self._context.own.mailbox), [body for _, body in page])
            await stretch.rest()
            for (mid, _), envelope in zip(page, opened, strict=True):
                read = self._read(mid, envelope)
                if isinstance(read, Letter) and not read.is_handshake:
                    run.append(read)
                    continue
                if run and read is not None:
                    await self._take_run(run)
                    run = []
                if isinstance(read, Letter):
                    await self._take_handshake(read)
                elif read is not None:
                    await read()
        if run:
            await self._take_run(run)

    def _read(self, mid: bytes, envelope: Envelope | PeerError) -> Letter | Callable[[], Awaitable[None]] | None:
        """Look at one envelope: a letter, what is to be done instead, or None for an echo."""
        if isinstance(envelope, PeerError):
            return Letter(mid, unreadable=envelope.code)
        if envelope.type == MLS_MESSAGE:
            return self._letter(mid, envelope.body)
        if envelope.type == REJOIN_REQUEST:
            return partial(self._hand_on, mid, envelope.body, self._ports.rejoin_request)
        if envelope.type == BLOB_POINTER:
            return partial(self._point, mid, envelope.body)
        if envelope.type == REMOVED:
            return partial(self._hand_on, mid, envelope.body, self._ports.removed)
        return None if envelope.type == ECHO else Letter(mid, unreadable="newer_version")

    def _letter(self, mid: bytes, message: bytes, *, is_known: bool = False) -> Letter | Callable[[], Awaitable[None]]:
        """Look at the head of an MLSMessage: a letter, or a Welcome that is to be taken."""
        try:
            header = peek_message(message)
        except PeerError as error:
            return Letter(mid, unreadable=error.code, is_known=is_known)
        if header.group_id is None:
            return partial(self._join, mid, message, is_known)
        is_handshake = header.content_type is not ContentType.APPLICATION
        return Letter(mid, header.group_id, header.epoch or 0, message, is_handshake=is_handshake, is_known=is_known)

    async def _point(self, mid: bytes, pointer: bytes) -> None:
        """Keep where the rest of an envelope lies, in the transaction that takes its mid."""
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()

        def keep(tx: Transaction) -> AfterCommit | None:
            return self._ports.blob(tx, pointer, mid) if tx.inbox.take_mid(mailbox_id, mid, now_ms) else None

        after = await self._context.store.write(keep)
        if after is not None:
            after()

    async def _join(self, mid: bytes, welcome: bytes, is_known: bool) -> None:
        joined = await self._ports.welcome(welcome, mid, is_known)
        if joined is not None:
            await self._retry_kept(joined)

    async def _hand_on(self, mid: bytes, body: bytes, port: Callable[[bytes, bytes], Awaitable[None]]) -> None:
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()

        if not await self._context.store.read(lambda tx: tx.inbox.is_taken(mailbox_id, mid)):
            await port(body, mid)  # before its mid is taken: a crash in between repeats it, and loses nothing
            await self._context.store.write(lambda tx: tx.inbox.take_mid(mailbox_id, mid, now_ms))

    async def _take_handshake(self, letter: Letter) -> None:
        """Take a commit or proposal, and what waited for it."""
        assert letter.group_id is not None
        taken = await self._take_run([letter])
        if taken is not None and (taken.merged is not None or taken.has_proposal):
            await self._retry_kept(letter.group_id)

    async def _take_run(self, letters: Sequence[Letter]) -> Taken | None:
        """Take letters in one transaction; one that breaks it for a fault of ours does not stop the others.

        Raises:
            EnvironmentFault: nothing was taken.
        """
        try:
            return await self._write(letters)
        except EnvironmentFault:
            raise
        except Exception as error:
            if isinstance(error, UsageError) and error.code == "locked":
                raise
            log.error("letters could not be taken: %s", type(error).__name__)
        if len(letters) > 1:
            for letter in letters:
                await self._take_run([letter])
        else:
            await self._put_aside(letters[0])
        return None

    async def _write(self, letters: Sequence[Letter]) -> Taken:
        groups = sorted({letter.group_id for letter in letters if letter.group_id is not None})
        async with AsyncExitStack() as stack:
            rooms: dict[bytes, LiveRoom | None] = {}
            for group_id in groups:
                rooms[group_id] = await stack.enter_async_context(self._groups.held(group_id))
            at_s = now_s(self._context.clock)

            def work(tx: Transaction) -> Taken:
                return self._opening.take(tx, letters, decrypt(letters, rooms, at_s, self._beside), rooms)

            taken = await self._context.store.write(work)
            self._take_over(taken)
        self._follow(taken, *groups)
        return taken

    async def _put_aside(self, letter: Letter) -> None:
        """Keep a letter that we stumble over, so that it is not lost and does not stand before the next ones."""
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()

        def work(tx: Transaction) -> None:
            if letter.kept is None and tx.inbox.take_mid(mailbox_id, letter.mid, now_ms):
                tx.inbox.add_undecryptable(
                    UndecryptableRow(0, letter.mid, letter.group_id, letter.epoch, BROKEN, now_ms)
                )
                self._opening.keep(tx, letter, BROKEN)

        await self._context.store.write(work)

    def _take_over(self, taken: Taken) -> None:
        """Put the new values in place; still under the groups' locks."""
        for room in taken.rooms:
            self._groups.put(room)
        for group_id in taken.gone:
            self._groups.forget(group_id)

    def _follow(self, taken: Taken, *groups: bytes) -> None:
        for effect in taken.effects:
            effect()
        for group_id in taken.missing:
            self._ports.missing_commits(group_id)
        if taken.merged is not None:
            self._ports.epoch_changed(groups[0], taken.merged)
        if taken.has_proposal:
            self._ports.proposal_came(groups[0])

    async def _retry_kept(self, group_id: bytes) -> None:
        """Go through what is kept for a group until a whole round has read nothing more."""
        has_read = True
        while has_read:
            has_read = False
            room = await self._groups.current(group_id)
            if room is None:
                return
            rows = await self._context.store.read(lambda tx: tx.inbox.kept(group_id))
            letters = [_kept_letter(row) for row in rows if row.epoch is not None and row.epoch <= room.epoch]
            for run in _runs(letters):
                taken = await self._take_run(run)
                has_read |= taken is not None and taken.read > 0


def _open(mailbox: MailboxKeys, sealed: bytes) -> Envelope | PeerError:
    try:
        return mailbox.open(sealed)
    except PeerError as error:
        return error


def _kept_letter(row: KeptEnvelopeRow) -> Letter:
    is_handshake = peek_message(row.envelope).content_type is not ContentType.APPLICATION
    return Letter(row.mid, row.group_id, row.epoch or 0, row.envelope, is_handshake=is_handshake, kept=row.id)


def _runs(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    """Cut letters into runs of one transaction each; a commit or proposal stands alone."""
    run: list[Letter] = []
    for letter in letters:
        if run and (letter.is_handshake or len(run) == RETRIED_AT_ONCE):
            yield run
            run = []
        run.append(letter)
        if letter.is_handshake:
            yield run
            run = []
    if run:
        yield run
