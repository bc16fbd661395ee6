"""Mailboxes and their delivery tokens: durable rows, cached in memory as lanes, so that a live send reads no file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from byre.db import Connection
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.durable import Durable
from byre.relay.held_store import HeldStore
from byre.relay.lane import Entry, Lane
from byre.relay.refusal import Refusal
from byre.relay.sealed_values import fill_slots
from byre.relay.settings import Limits

IDLE_S: Final = 900


class Mailboxes:
    """All mailboxes of this relay."""

    def __init__(
        self, *, durable: Durable, store: HeldStore, limits: Limits, clock: Clock, expiry: ExpiryClock
    ) -> None:
        self._durable = durable
        self._store = store
        self._limits = limits
        self._clock = clock
        self._expiry = expiry
        self._lanes: dict[bytes, Lane] = {}
        self._loading: dict[bytes, asyncio.Future[Lane | None]] = {}

    def lanes(self) -> list[Lane]:
        """Return the lanes in memory."""
        return list(self._lanes.values())

    def cached(self, mailbox: bytes) -> Lane | None:
        """Return a lane that is in memory."""
        return self._lanes.get(mailbox)

    async def lane(self, mailbox: bytes) -> Lane | None:
        """Return a mailbox's lane, read from the disk on first use; None for an unknown mailbox."""
        while True:
            lane = self._lanes.get(mailbox)
            if lane is not None:
                return lane
            loading = self._loading.get(mailbox)
            if loading is None:
                loading = self._loading[mailbox] = asyncio.ensure_future(self._load_once(mailbox))
            lane = await asyncio.shield(loading)
            if lane is None or self._lanes.get(mailbox) is lane:
                return lane  # else it was forgotten before we woke: two lanes of one mailbox would lose each other's

    async def create(self, mailbox: bytes, auth_public: bytes) -> None:
        """Register a mailbox, write-once; the same key again is fine.

        Raises:
            Refusal: "taken" by another key.
        """
        now_ms = self._expiry.now_ms()

        def work(connection: Connection) -> bytes:
            connection.execute(
                "INSERT INTO mailbox (mailbox, auth_public, made_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (mailbox, auth_public, now_ms),
            )
            row = connection.execute("SELECT auth_public FROM mailbox WHERE mailbox = ?", (mailbox,)).fetchone()
            return row[0] if row else b""

        if await self._durable.write(work) != auth_public:
            raise Refusal("taken")

    async def put_tokens(self, lane: Lane, tokens: Sequence[tuple[bytes, int]]) -> None:
        """Register token hashes; a hash that is there already takes the new kind and lives on.

        Raises:
            Refusal: "quota" when the mailbox would have too many, "auth" when it was deleted in the meantime.
        """
        if len(set(lane.tokens) | {token_hash for token_hash, _ in tokens}) > self._limits.tokens_per_mailbox:
            raise Refusal("quota")

        def work(connection: Connection) -> str:
            if not connection.execute("SELECT 1 FROM mailbox WHERE mailbox = ?", (lane.mailbox,)).fetchone():
                return "auth"
            known = _tokens(connection, lane.mailbox)
            wanted = dict(tokens)
            if len(known.keys() | wanted.keys()) > self._limits.tokens_per_mailbox:
                return "quota"  # several requests at once found room, each for itself
            connection.executemany(
                "UPDATE token SET kind = ?, dies_at = NULL WHERE id = ?",
                [(kind, known[each][0]) for each, kind in wanted.items() if each in known],
            )
            fresh = [each for each in wanted if each not in known]
            connection.executemany(
                "INSERT INTO token (mailbox, slot, kind) VALUES (?, ?, ?)",
                [
                    (lane.mailbox, slot, wanted[each])
                    for each, slot in zip(fresh, fill_slots(connection, fresh), strict=True)
                ],
            )
            return ""

        if refused := await self._durable.write(work):
            raise Refusal(refused)
        lane.tokens.update({token_hash: (kind, None) for token_hash, kind in tokens})

    async def delete_tokens(self, lane: Lane, hashes: Sequence[bytes], *, after_s: int) -> None:
        """Revoke tokens, at once or after some time; an unknown hash is fine."""
        dies_at = self._expiry.now_ms() + 1000 * min(after_s, 30 * 24 * 3600) if after_s else 0

        def work(connection: Connection) -> None:
            known = _tokens(connection, lane.mailbox)
            numbers = [known[each][0] for each in set(hashes) if each in known]
            if after_s:
                connection.executemany(
                    "UPDATE token SET dies_at = min(coalesce(dies_at, ?1), ?1) WHERE id = ?2",
                    [(dies_at, number) for number in numbers],
                )
            else:
                connection.executemany("DELETE FROM token WHERE id = ?", [(number,) for number in numbers])

        await self._durable.erase(work)
        if not after_s:
            for token_hash in hashes:
                lane.tokens.pop(token_hash, None)
            return
        for token_hash in hashes:
            known = lane.tokens.get(token_hash)
            if known is not None:
                lane.tokens[token_hash] = (known[0], min(known[1] or dies_at, dies_at))

    async def delete(self, mailbox: bytes) -> None:
        """Delete a mailbox's rows with its tokens, packages and device record."""
        await self._durable.erase(
            lambda connection: connection.execute("DELETE FROM mailbox WHERE mailbox = ?", (mailbox,)).rowcount
        )

    async def forget(self, mailbox: bytes) -> Lane | None:
        """Drop a mailbox that is gone from the durable file, and all that is held for it; return its lane."""
        lane = self._lanes.pop(mailbox, None)
        if lane is not None:
            for entry in lane.entries.values():
                entry.is_acknowledged = True  # a write under way erases itself
            lane.entries.clear()
            lane.tokens.clear()
        await self._store.erase_mailbox(mailbox)
        return lane

    async def clean(self) -> None:
        """Once a minute: revoke tokens whose time has come, forget acknowledged mids and idle lanes."""
        now_ms, now_s = self._expiry.now_ms(), self._clock.monotonic_s()
        due = await self._durable.read(
            lambda connection: connection.execute(
                "SELECT 1 FROM token WHERE dies_at <= ? LIMIT 1", (now_ms,)
            ).fetchone()
        )
        if due:
            await self._durable.erase(
                lambda connection: connection.execute("DELETE FROM token WHERE dies_at <= ?", (now_ms,)).rowcount
            )
        for lane in self.lanes():
            _forget_old(lane, now_s - self._limits.remember_acked_s)
            for token_hash in [each for each, (_, dies_at) in lane.tokens.items() if dies_at and dies_at <= now_ms]:
                del lane.tokens[token_hash]
            if now_s - lane.used_s > IDLE_S and lane.is_idle():
                del self._lanes[lane.mailbox]

    async def _load_once(self, mailbox: bytes) -> Lane | None:
        try:
            return await self._load(mailbox)
        finally:
            del self._loading[mailbox]

    async def _load(self, mailbox: bytes) -> Lane | None:
        def work(connection: Connection) -> tuple[bytes, list[tuple[bytes, int, int | None]]] | None:
            row = connection.execute("SELECT auth_public FROM mailbox WHERE mailbox = ?", (mailbox,)).fetchone()
            if row is None:
                return None
            tokens = _tokens(connection, mailbox)
            return row[0], [(token_hash, kind, dies_at) for token_hash, (_, kind, dies_at) in tokens.items()]

        found = await self._durable.read(work)
        if found is None:
            return None
        auth_public, tokens = found
        rows = await self._store.rows(mailbox)
        lane = Lane(
            mailbox=mailbox,
            auth_public=auth_public,
            tokens={token_hash: (kind, dies_at) for token_hash, kind, dies_at in tokens},
            used_s=self._clock.monotonic_s(),
        )
        for row in rows:
            lane.entries[row.mid] = Entry(
                mid=row.mid,
                seq=row.seq,
                size_bytes=row.size_bytes,
                expires_at=row.expires_at,
                body=None,
                bucket=row.bucket,
            )
        lane.held_messages = len(rows)
        lane.held_bytes = sum(row.size_bytes for row in rows)
        lane.next_seq = 1 + max((row.seq for row in rows), default=0)
        self._lanes[mailbox] = lane
        return lane


def _tokens(connection: Connection, mailbox: bytes) -> dict[bytes, tuple[int, int, int | None]]:
    """Return the hashes of a mailbox's tokens, with number, kind and end of each."""
    rows = connection.execute(
        "SELECT key, token.id, kind, dies_at FROM token JOIN key_slot ON key_slot.id = slot WHERE mailbox = ?",
        (mailbox,),
    ).fetchall()
    return {token_hash: (number, kind, dies_at) for token_hash, number, kind, dies_at in rows}


def _forget_old(lane: Lane, before_s: float) -> None:
    old: Iterable[bytes] = [mid for mid, at_s in lane.acknowledged.items() if at_s <= before_s]
    for mid in old:
        del lane.acknowledged[mid]
