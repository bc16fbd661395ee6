"""What rooms and delivery do by the clock: expiry, daily requests, re-Adds, fresh keys, devices no longer listed.

One task, one step after the other; every step is idempotent and looks at the store only, so that a missed turn of the
clock costs time and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from byre.client.context import Context
from byre.client.delivery import ledger
from byre.client.delivery.ledger import StateChange
from byre.client.delivery.outbox import CONTENT, MESSAGE
from byre.client.key_packages import KeyPackages
from byre.client.rooms.commit_rows import WELCOME_ANSWER_MS
from byre.client.rooms.commits import Commits
from byre.client.rooms.founding import package_of
from byre.client.rooms.groups import Groups
from byre.client.rooms.intents import ReAdd, RemoveDevices
from byre.client.rooms.listing import newest_list, unlisted_devices
from byre.errors import ByreError, EnvironmentFault
from byre.store import JoiningRow, Transaction
from byre.wire.ids import AccountId, DeviceId

log = logging.getLogger(__name__)

EVERY_S = 30
READD_AGAIN_MS = 5 * 60_000
"""How long a re-Add that found no relay waits for the next try."""
STRANGER_PAUSE_MS = 10_000
"""An account's own devices remove its listed-out device first; others follow if they do not."""
_ONLINE_AT = "delivery.online_at"


class Upkeep:
    """The clockwork of rooms.

    Args:
        renew_leaves: renews this device's leaves that are due.
        changed: told of shown states that expiry changed.
        ask_rejoins: sends rejoin requests that are due.

    `has_caught_up`: the own relay is connected and what was missed has been fetched.
    """

    def __init__(
        self,
        context: Context,
        groups: Groups,
        commits: Commits,
        key_packages: KeyPackages,
        *,
        renew_leaves: Callable[[], Awaitable[None]],
        changed: Callable[[Sequence[StateChange]], None],
        ask_rejoins: Callable[[], Awaitable[None]],
    ) -> None:
        self._context = context
        self._groups = groups
        self._commits = commits
        self._key_packages = key_packages
        self._renew_leaves = renew_leaves
        self._changed = changed
        self._ask_rejoins = ask_rejoins
        self.has_caught_up = False
        self._list_versions: dict[bytes, int] = {}

    async def run(self) -> None:
        """Take a turn every half minute, for ever."""
        while True:
            await self.turn()
            await self._context.clock.sleep(EVERY_S)

    async def turn(self) -> None:
        """Do what is due now."""
        now_ms, own_account = self._context.clock.now_ms(), self._context.own.account_id
        self._changed(await self._context.store.write(lambda tx: _expire(tx, now_ms, own_account)))
        if self.has_caught_up:
            await self.online()
        await self._ask_rejoins()
        await self._readd_silent()
        if self.has_caught_up:
            await self._renew_leaves()
        for group_id in await self._context.store.read(self._groups_of_changed_lists):
            await self.check_listing(group_id)

    def _groups_of_changed_lists(self, tx: Transaction) -> list[bytes]:
        """Return active rooms of accounts whose newest list is another one than at the last turn."""
        own = self._context.own
        versions = {row.account_id: row.list_version for row in tx.peers.all()}
        versions[own.account_id] = own.device_list.version
        changed = [account for account, version in versions.items() if self._list_versions.get(account) != version]
        self._list_versions = versions
        numbers = {number for account in changed for number in tx.members.rooms_of(account)}
        rows = [tx.rooms.by_number(number) for number in numbers]
        return [row.group_id for row in rows if row is not None and row.state in ("active", "request")]

    async def away_ms(self) -> int:
        """Return for how long this device was not online before the present connection."""
        last = await self._context.store.read(lambda tx: tx.settings.get(_ONLINE_AT))
        return self._context.clock.now_ms() - last if isinstance(last, int) else 0

    async def begin(self) -> None:
        """Start to keep the time of being online: a profile without it is being made right now, over a connection."""
        if await self._context.store.read(lambda tx: tx.settings.get(_ONLINE_AT)) is None:
            await self.online()
            self.has_caught_up = True

    async def online(self) -> None:
        """Note that this device is online and has caught up."""
        now_ms = self._context.clock.now_ms()
        await self._context.store.write(lambda tx: tx.settings.put(_ONLINE_AT, now_ms))

    async def check_listing(self, group_id: bytes) -> None:
        """Have devices removed that their account no longer lists; their own account's devices go first."""
        room = await self._groups.current(group_id)
        if room is None:
            return
        own = self._context.own

        def work(tx: Transaction) -> list[RemoveDevices]:
            gone: dict[AccountId, set[bytes]] = {}
            for leaf in unlisted_devices(tx, room, own):
                gone.setdefault(leaf.account_id, set()).add(leaf.device_id)
            intents = []
            for account_id, devices in gone.items():
                for device_id in devices:
                    tx.members.set_revoked(account_id, device_id)
                signed = newest_list(tx, account_id, own)
                if signed is not None:
                    intents.append(RemoveDevices(account_id, frozenset(devices), signed.encoded))
            return intents

        for intent in await self._context.store.write(work):
            is_own = intent.account_id == own.account_id
            await self._commits.add(group_id, intent, delay_ms=0 if is_own else STRANGER_PAUSE_MS)

    async def _readd_silent(self) -> None:
        """Re-Add devices that never answered their Welcome, each with a fresh package."""
        now_ms = self._context.clock.now_ms()
        for row in await self._context.store.read(lambda tx: tx.joins.due(now_ms)):
            taken, next_at = None, now_ms + WELCOME_ANSWER_MS
            try:
                taken = await self._key_packages.take_device(AccountId(row.account_id), DeviceId(row.device_id))
            except ByreError as error:
                log.warning("a device that did not answer cannot be added again now: %s", error.code)
                if isinstance(error, EnvironmentFault):  # it is the line to the relay: no reason to wait for days
                    next_at = now_ms + READD_AGAIN_MS
            is_silent = await self._context.store.write(partial(_put_off, row, next_at))
            if is_silent and taken is not None:
                await self._commits.add(row.group_id, ReAdd(package_of(taken)))


def _expire(tx: Transaction, now_ms: int, own_account: bytes) -> list[StateChange]:
    tx.inbox.expire(now_ms)
    tx.receipts.expire_early(now_ms)
    tx.groups.drop_expired(now_ms)
    tx.key_packages.drop_due(now_ms)
    moved = []
    for row in tx.outbox.expire(now_ms):
        if row.kind in (MESSAGE, CONTENT):
            moved.append(ledger.Moved(row.message_id, row.account_id))
        else:
            tx.outbox.delete(row.id)
    return ledger.devices_moved(tx, moved, own_account)


def _put_off(row: JoiningRow, next_at: int, tx: Transaction) -> bool:
    """Wait for the device's answer again; False when it has answered, or left, while its relay was asked."""
    is_awaited = tx.joins.get(row.group_id, row.device_id) is not None
    if is_awaited:
        tx.joins.put(replace(row, next_at=next_at))
    return is_awaited
