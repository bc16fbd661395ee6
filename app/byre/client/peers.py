"""What this device knows of accounts: their newest signed lists, handles and trust.

Signed device lists come from the directory and from inside rooms; every one is kept for good. A lower version never
replaces a higher one, and two lists that contradict each other mark the account as changed, which blocks sending
until the user has looked.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable

from byre.client.context import FORK, FORK_ACCEPTED, Context, is_forked, keep_list
from byre.client.events import ContactChanged, KeyChanged, OwnListForked
from byre.client.name_questions import NameQuestions, NameWanted
from byre.client.room_keeper import AfterCommit
from byre.client.views import AccountId as ShownAccountId
from byre.client.views import Trust
from byre.errors import ByreError, PeerError
from byre.identity.credential import VerifiedCredential
from byre.identity.device_list import DeviceList
from byre.identity.fork import fork_of, is_newer
from byre.store import PeerRow, Transaction
from byre.wire.ids import AccountId

NAME_WAIT_S = 10.0

OwnListLearnt = Callable[[DeviceList], None]


class Peers:
    """Accounts as the store has them; methods with `tx` run inside the caller's transaction, on the store's thread."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._on_own_list: OwnListLearnt | None = None
        self._ask_name: NameWanted | None = None
        self._questions: NameQuestions | None = None

    def when_learnt(self, *, own_list: OwnListLearnt, nameless: NameWanted) -> None:
        """Say what happens, in the loop, when a newer own list was learnt and when an account has no known handle."""
        self._on_own_list = own_list
        self._ask_name = nameless
        self._questions = NameQuestions(nameless, clock=self._context.clock, tasks=self._context.tasks)

    def is_own(self, account_id: bytes) -> bool:
        """Whether this is the own account."""
        return account_id == self._context.own.account_id

    def is_contact(self, tx: Transaction, account_id: bytes) -> bool:
        """Whether the user knows this account: a contact joins rooms at once, and so does oneself."""
        row = tx.peers.get(account_id)
        return self.is_own(account_id) or (row is not None and row.is_contact)

    def trust_of(self, tx: Transaction, account_id: bytes) -> Trust:
        """Return how far the account's key is trusted; the own account is verified, unless its key was copied."""
        if self.is_own(account_id):
            return Trust.CHANGED if self._context.own.is_forked else Trust.VERIFIED
        row = tx.peers.get(account_id)
        return Trust.UNVERIFIED if row is None else Trust(row.trust)

    def handle_of(self, tx: Transaction, account_id: bytes) -> str:
        """Return `name` (own relay) or `name@host`; empty while unknown."""
        own = self._context.own
        if self.is_own(account_id):
            return own.handle
        row = tx.peers.get(account_id)
        return "" if row is None else shown_handle(row.handle, row.host, own.host)

    def name_of(self, tx: Transaction, account_id: bytes) -> str:
        """Return the account's display name; empty while unknown."""
        if self.is_own(account_id):
            return self._context.own.name
        row = tx.peers.get(account_id)
        return "" if row is None else row.name

    def newest_list(self, tx: Transaction, account_id: bytes) -> DeviceList | None:
        """Return the newest list of an account that this device has seen."""
        if self.is_own(account_id):
            return self._context.own.device_list
        row = tx.peers.get(account_id)
        if row is None or not row.device_list:
            return None
        return DeviceList.decode(row.device_list, row.account_public)

    async def learn_name(self, account_id: AccountId, relay_url: str) -> None:
        """Ask the directory at `relay_url` who an account is, and wait for the answer, but not for long."""
        if self._ask_name is not None:
            with contextlib.suppress(ByreError, TimeoutError):
                async with asyncio.timeout(NAME_WAIT_S):
                    await self._ask_name(account_id, relay_url)

    def learn(self, tx: Transaction, credential: VerifiedCredential, relay_url: str = "") -> AfterCommit | None:
        """Keep what a credential tells of its account; its name is asked for at its leaf's relay, `relay_url`."""
        return self.learn_list(tx, credential.account_public, credential.device_list, relay_url)

    def learn_list(
        self, tx: Transaction, account_public: bytes, offered: DeviceList, relay_url: str = ""
    ) -> AfterCommit | None:
        """Keep a signed list and, if it is newer, take it as the account's newest."""
        now_ms = self._context.clock.now_ms()
        if self.is_own(offered.account_id):
            return self._learn_own(tx, offered, now_ms)
        is_fork = keep_list(tx, offered, now_ms) and len(tx.lists.at(offered.account_id, offered.version)) > 1
        row = tx.peers.get(offered.account_id)
        if row is None:
            row = PeerRow(offered.account_id, account_public, handle="", host="", added_at=now_ms)
        changed = _with_list(row, offered)
        if is_fork:
            changed = dataclasses.replace(changed, trust=Trust.CHANGED.value)
        is_suspect = changed.trust != row.trust
        if changed != row or tx.peers.get(row.account_id) is None:
            tx.peers.put(changed)
        return self._after_learning(changed, is_suspect, relay_url)

    def _learn_own(self, tx: Transaction, offered: DeviceList, now_ms: int) -> AfterCommit | None:
        """Keep an own list. One that contradicts what this device follows is kept as evidence and never followed."""
        own = self._context.own
        others = [row.hash for row in tx.lists.at(offered.account_id, offered.version) if row.hash != offered.hash]
        is_fork = bool(others) or fork_of(own.account_public, own.device_list, offered) is not None
        keep_list(tx, offered, now_ms, is_published=not is_fork)
        if is_fork:
            if (
                offered.hash == own.device_list.hash
                or is_forked(tx)
                or tx.settings.get(FORK_ACCEPTED) == offered.version
            ):
                return None
            tx.settings.put(FORK, offered.version)
            return lambda: self._forked(offered.version)
        if offered.version <= self._context.own.device_list.version or self._on_own_list is None:
            return None
        on_own_list = self._on_own_list
        return lambda: on_own_list(offered)

    def _forked(self, version: int) -> None:
        self._context.own = dataclasses.replace(self._context.own, is_forked=True)
        self._context.events.publish(OwnListForked(version))

    def _after_learning(self, row: PeerRow, is_suspect: bool, relay_url: str) -> AfterCommit | None:
        questions = None if row.handle or not relay_url else self._questions
        if not is_suspect and questions is None:
            return None
        account_id = AccountId(row.account_id)

        def after() -> None:
            if is_suspect:
                self._context.events.publish(ContactChanged(shown_account(account_id)))
                self._context.events.publish(KeyChanged(shown_account(account_id), row.handle, "history"))
            if questions is not None:
                questions.add(account_id, relay_url)

        return after


def _with_list(row: PeerRow, offered: DeviceList) -> PeerRow:
    if not row.device_list:
        return dataclasses.replace(row, list_version=offered.version, device_list=offered.encoded)
    try:
        is_new = is_newer(DeviceList.decode(row.device_list, row.account_public), offered)
    except PeerError as error:
        return dataclasses.replace(row, trust=Trust.CHANGED.value) if error.code == "list_fork" else row
    if not is_new:
        return row
    return dataclasses.replace(row, list_version=offered.version, device_list=offered.encoded)


def shown_handle(handle: str, host: str, own_host: str) -> str:
    """Return a handle as its reader types it: without the host when that is the reader's own."""
    return handle if not handle or host == own_host else f"{handle}@{host}"


def shown_account(account_id: bytes) -> ShownAccountId:
    """Return an account id as views show it."""
    return ShownAccountId(account_id.hex())
