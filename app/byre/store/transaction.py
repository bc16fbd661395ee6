"""One transaction over all repositories.

`Store.write` hands one to a function on the database thread; what the function did through it is on the disk as a
whole or not at all. It must not be kept.
"""

from __future__ import annotations

from byre.db import Connection
from byre.store.account import AccountRepository, MailboxRepository, OwnDeviceRepository
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
    """The repositories, all on one connection and in one transaction."""

    __slots__ = (
        "account",
        "answers",
        "deliveries",
        "drafts",
        "erasures",
        "groups",
        "inbox",
        "intents",
        "joins",
        "key_packages",
        "lists",
        "mailboxes",
        "members",
        "messages",
        "outbox",
        "own_devices",
        "peers",
        "receipts",
        "reseals",
        "rooms",
        "search",
        "seen",
        "settings",
        "tokens",
        "wipes",
    )

    def __init__(self, connection: Connection) -> None:
        self.settings = SettingsRepository(connection)
        self.account = AccountRepository(connection)
        self.mailboxes = MailboxRepository(connection)
        self.own_devices = OwnDeviceRepository(connection)
        self.peers = PeerRepository(connection)
        self.lists = SignedListRepository(connection)
        self.rooms = RoomRepository(connection)
        self.members = MemberRepository(connection)
        self.drafts = DraftRepository(connection)
        self.groups = GroupRepository(connection)
        self.intents = IntentRepository(connection)
        self.messages = MessageRepository(connection)
        self.erasures = ErasureRepository(connection)
        self.search = SearchRepository(connection)
        self.outbox = OutboxRepository(connection)
        self.answers = AnswerRepository(connection)
        self.reseals = ResealRepository(connection)
        self.deliveries = DeliveryRepository(connection)
        self.receipts = ReceiptRepository(connection)
        self.seen = SeenRepository(connection)
        self.inbox = InboxRepository(connection)
        self.key_packages = KeyPackageRepository(connection)
        self.tokens = TokenRepository(connection)
        self.joins = JoinRepository(connection)
        self.wipes = WipeRepository(connection)
