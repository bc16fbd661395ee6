"""One transaction over all repositories.

`Store.write` hands one to a function on the database thread; what the function did through it is on the disk as a
whole or not at all. It must not be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, get_type_hints

from byre.db import Connection
from byre.store.account import AccountRepository, MailboxRepository, OwnDeviceRepository
from byre.store.claims import ClaimRepository
from byre.store.erasures import ErasureRepository
from byre.store.groups import GroupRepository, IntentRepository
from byre.store.inbox import InboxRepository
from byre.store.joins import JoinRepository
from byre.store.key_packages import KeyPackageRepository, TokenRepository
from byre.store.messages import MessageRepository
from byre.store.outbox import AnswerRepository, DeliveryRepository, OutboxRepository, ResealRepository
from byre.store.peers import PeerRepository, SignedListRepository
from byre.store.receipts import ReceiptRepository
from byre.store.rooms import DraftRepository, MemberRepository, RoomRepository
from byre.store.search import SearchRepository
from byre.store.seen import SeenRepository
from byre.store.settings import SettingsRepository
from byre.store.wipes import WipeRepository


class Transaction:
    """The repositories, all on one connection and in one transaction; each is made when it is first asked for."""

    settings: SettingsRepository
    account: AccountRepository
    mailboxes: MailboxRepository
    own_devices: OwnDeviceRepository
    peers: PeerRepository
    lists: SignedListRepository
    rooms: RoomRepository
    members: MemberRepository
    drafts: DraftRepository
    groups: GroupRepository
    intents: IntentRepository
    claims: ClaimRepository
    messages: MessageRepository
    erasures: ErasureRepository
    search: SearchRepository
    outbox: OutboxRepository
    answers: AnswerRepository
    reseals: ResealRepository
    deliveries: DeliveryRepository
    receipts: ReceiptRepository
    seen: SeenRepository
    inbox: InboxRepository
    key_packages: KeyPackageRepository
    tokens: TokenRepository
    joins: JoinRepository
    wipes: WipeRepository

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        made = _REPOSITORIES.get(name)
        if made is None:
            raise AttributeError(name)
        repository = made(self._connection)
        setattr(self, name, repository)
        return repository


_REPOSITORIES: Final[Mapping[str, Callable[[Connection], Any]]] = MappingProxyType(get_type_hints(Transaction))
"""What makes each of them: two or three of all these are asked for in a transaction."""
