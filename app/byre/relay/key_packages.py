"""Key packages: what a device leaves with the relay so that others can add it to a room while it is away.

One-time packages go out once each, in one transaction with their deletion; the last-resort package is given again and
again when they are used up, and its owner is told to replace it. A repeated request within a minute gets the same
package, so that a lost answer costs nothing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from byre.crypto.hashes import sha256
from byre.db import Connection
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.counters import Counters
from byre.relay.durable import Durable
from byre.relay.lane import Lane
from byre.relay.rates import Rates
from byre.relay.refusal import Refusal
from byre.relay.sealed_values import PACKAGE, open_value, seal_value
from byre.relay.settings import Limits
from byre.wire.frames import TOKEN_INTRO, KeyPackageCount

REPEAT_S: Final = 60.0
REPEATS_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Given:
    """What a take gave; `count` is what the owner is told, if anything."""

    package: bytes
    is_last_resort: bool
    count: KeyPackageCount | None


class KeyPackages:
    """The key packages of all mailboxes."""

    def __init__(
        self, *, durable: Durable, limits: Limits, counters: Counters, clock: Clock, expiry: ExpiryClock
    ) -> None:
        self._durable = durable
        self._limits = limits
        self._counters = counters
        self._clock = clock
        self._expiry = expiry
        self._by_token = Rates(limits.takes_per_token, limits.takes_per_token / 600, clock.monotonic_s)
        self._by_mailbox = Rates(limits.takes_per_mailbox_hour, limits.takes_per_mailbox_hour / 3600, clock.monotonic_s)
        self._recent: OrderedDict[tuple[bytes, bytes], tuple[float, Given]] = OrderedDict()
        self._recent_bytes = 0
        self._taking: WeakValueDictionary[tuple[bytes, bytes], asyncio.Lock] = WeakValueDictionary()

    async def put(
        self, mailbox: bytes, one_time: Sequence[bytes], last_resort: bytes | None, *, is_fresh_start: bool
    ) -> KeyPackageCount:
        """Add one-time packages (the same bytes again are one), replace the last-resort one if given.

        Raises:
            Refusal: "quota" when there would be more than the limit, "auth" when the mailbox was deleted meanwhile.
        """

        def work(connection: Connection) -> KeyPackageCount | str:
            if not connection.execute("SELECT 1 FROM mailbox WHERE mailbox = ?", (mailbox,)).fetchone():
                return "auth"
            if is_fresh_start:
                connection.execute("DELETE FROM key_package WHERE mailbox = ? AND is_last_resort = 0", (mailbox,))
            known = connection.execute(
                "SELECT key, package FROM key_package JOIN key_slot ON key_slot.id = slot"
                " WHERE mailbox = ? AND is_last_resort = 0",
                (mailbox,),
            ).fetchall()
            held = {open_value(key, sealed, kind=PACKAGE, owner=mailbox) for key, sealed in known}
            fresh = [package for package in dict.fromkeys(one_time) if package not in held]
            if len(held) + len(fresh) > self._limits.key_packages:
                return "quota"
            for package in fresh:
                self._insert(connection, mailbox, package, is_last_resort=0)
            if last_resort is not None:
                connection.execute("DELETE FROM key_package WHERE mailbox = ? AND is_last_resort = 1", (mailbox,))
                self._insert(connection, mailbox, last_resort, is_last_resort=1)
                connection.execute("UPDATE mailbox SET is_last_resort_used = 0 WHERE mailbox = ?", (mailbox,))
            return _count(connection, mailbox)

        count = await self._durable.erase(work)
        if isinstance(count, str):
            raise Refusal(count)
        return count

    async def count(self, mailbox: bytes) -> KeyPackageCount:
        """Return what is left."""
        return await self._durable.read(lambda connection: _count(connection, mailbox))

    async def take(self, lane: Lane | None, token: bytes, req_id: bytes) -> Given:
        """Take one package by introduction token.

        Raises:
            Refusal: "token" (unknown mailbox, token or both), "rate", "absent" when there is no package at all.
        """
        token_hash = sha256(token)
        if lane is None or lane.token_kind(token_hash, self._expiry.now_ms()) != TOKEN_INTRO:
            self._counters.count("token_fail")
            raise Refusal("token")
        lock = self._taking.setdefault((lane.mailbox, req_id), asyncio.Lock())
        async with lock:  # a repeat over another socket, while the first is on its way to the disk, takes no second one
            now_s = self._clock.monotonic_s()
            recent = self._recent.get((lane.mailbox, req_id))
            if recent is not None and now_s - recent[0] <= REPEAT_S:
                return recent[1]
            wait_ms = max(self._by_token.take(token_hash), self._by_mailbox.take(lane.mailbox))
            if wait_ms:
                self._counters.count("rate_fail")
                raise Refusal("rate", retry_after_ms=wait_ms)
            given = await self._durable.erase(lambda connection: self._take(connection, lane.mailbox))
            if given is None:
                raise Refusal("absent")
            self._counters.count("packages_taken")
            self._remember(lane.mailbox, req_id, Given(given.package, given.is_last_resort, None))
        return given

    def _remember(self, mailbox: bytes, req_id: bytes, given: Given) -> None:
        now_s = self._clock.monotonic_s()
        older = self._recent.pop((mailbox, req_id), None)
        self._recent[mailbox, req_id] = (now_s, given)
        self._recent_bytes += len(given.package) - (len(older[1].package) if older else 0)
        while self._recent_bytes > REPEATS_BYTES or next(iter(self._recent.values()))[0] < now_s - REPEAT_S:
            _, (_, oldest) = self._recent.popitem(last=False)
            self._recent_bytes -= len(oldest.package)

    def forget_repeats(self) -> None:
        """Once a minute: forget answers whose repeats are no longer answered."""
        before_s = self._clock.monotonic_s() - REPEAT_S
        while self._recent and next(iter(self._recent.values()))[0] < before_s:
            _, (_, oldest) = self._recent.popitem(last=False)
            self._recent_bytes -= len(oldest.package)

    def _insert(self, connection: Connection, mailbox: bytes, package: bytes, *, is_last_resort: int) -> None:
        slot, sealed = seal_value(connection, self._durable.random, package, kind=PACKAGE, owner=mailbox)
        connection.execute(
            "INSERT INTO key_package (mailbox, is_last_resort, slot, package) VALUES (?, ?, ?, ?)",
            (mailbox, is_last_resort, slot, sealed),
        )

    def _take(self, connection: Connection, mailbox: bytes) -> Given | None:
        row = connection.execute(
            "SELECT key_package.id, key, package, is_last_resort FROM key_package JOIN key_slot ON key_slot.id = slot"
            " WHERE mailbox = ? ORDER BY is_last_resort, key_package.id LIMIT 1",
            (mailbox,),
        ).fetchone()
        if row is None:
            return None
        identifier, key, sealed, is_last_resort = row
        package = open_value(key, sealed, kind=PACKAGE, owner=mailbox)
        if is_last_resort:
            connection.execute("UPDATE mailbox SET is_last_resort_used = 1 WHERE mailbox = ?", (mailbox,))
        else:
            connection.execute("DELETE FROM key_package WHERE id = ?", (identifier,))
        count = _count(connection, mailbox)
        is_low = count.one_time < self._limits.key_packages_low
        return Given(package, bool(is_last_resort), count if is_low or is_last_resort else None)


def _count(connection: Connection, mailbox: bytes) -> KeyPackageCount:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM key_package WHERE mailbox = ?1 AND is_last_resort = 0),"
        " EXISTS (SELECT 1 FROM key_package WHERE mailbox = ?1 AND is_last_resort = 1),"
        " coalesce((SELECT is_last_resort_used FROM mailbox WHERE mailbox = ?1), 0)",
        (mailbox,),
    ).fetchone()
    one_time, has_last_resort, is_used = row or (0, 0, 0)
    return KeyPackageCount(mailbox, one_time, bool(has_last_resort), bool(is_used))
