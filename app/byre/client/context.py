"""What every service of an open profile shares: store, network, events, clock, randomness, tasks, the
loop's turns, and who we are.

`OwnIdentity` is a frozen value; when the device list or the relay's name for us changes, the whole value is replaced.
A service therefore reads `context.own` anew after each await.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.client.clock import Clock
from byre.client.connection import Network, RelayClient
from byre.client.events import EventBus
from byre.client.stretch import Turns
from byre.client.tasks import TaskSupervisor
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.errors import InternalBug, UsageError
from byre.identity.account import AccountKey
from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.credential import encode_credential
from byre.identity.device_list import DeviceList
from byre.identity.handle import Binding
from byre.identity.mailbox import MailboxKeys
from byre.mls.credential import Credential
from byre.store import AccountRow, MailboxRow, SignedListRow, Store, Transaction
from byre.wire.ids import AccountId, DeviceId, MailboxId, RunId

JOINING = "engine.joining"
"""Setting: a linking that waits for its Welcome (`joining_pc`)."""
REMOVED = "engine.removed"
"""Setting: when this device was found to be removed; what it holds stays readable until it is linked anew or erased."""
FORK_ACCEPTED = "engine.fork_accepted"
"""Setting: the version whose fork the user has looked at."""
FORK = "engine.fork"
"""Setting: the version of which the own account has signed two lists; blocks sending until the user has accepted."""


@dataclass(frozen=True, slots=True)
class OwnIdentity:
    """This account and this device. `account_key` is present on the primary alone.

    `device_list` is the newest list that others may see: a list of an unfinished linking is not in here.
    """

    account_id: AccountId
    account_public: bytes
    account_key: AccountKey | None = field(repr=False)
    device_key: SigningKey = field(repr=False)
    certificate: DeviceCertificate
    device_list: DeviceList
    binding: Binding
    mailbox: MailboxKeys = field(repr=False)
    introduction_token: Secret
    relay: str
    name: str
    run_id: RunId
    is_removed: bool = False
    is_forked: bool = False

    @property
    def device_id(self) -> DeviceId:
        """This device."""
        return self.certificate.device_id

    @property
    def handle(self) -> str:
        """The account's handle without its host."""
        return self.binding.handle

    @property
    def host(self) -> str:
        """The host part of the account's address."""
        return self.binding.host

    @property
    def is_primary(self) -> bool:
        """Whether this device holds the account's key."""
        return self.certificate.role is DeviceRole.PRIMARY

    @property
    def is_listed(self) -> bool:
        """Whether the account still counts this device as its own."""
        return not self.is_removed and self.device_list.has(self.certificate)

    def require_listed(self) -> None:
        """Refuse for a device that its account has removed: its rooms remove it, and nobody answers it.

        Raises:
            UsageError: code not_allowed.
        """
        if not self.is_listed:
            raise UsageError("This device was removed from the account.", code="not_allowed")

    def require_account_key(self) -> AccountKey:
        """Return the account's key.

        Raises:
            UsageError: code not_allowed on a linked device.
        """
        if self.account_key is None:
            raise UsageError("Only the phone that holds the account's key can do this.", code="not_allowed")
        return self.account_key

    def credential(self) -> Credential:
        """Return the MLS credential of this device with the newest own list."""
        return Credential(encode_credential(self.account_public, self.certificate, self.device_list))


class Context:
    """The shared objects of one open profile."""

    def __init__(
        self,
        *,
        store: Store,
        network: Network,
        events: EventBus,
        clock: Clock,
        random: Random,
        tasks: TaskSupervisor,
        turns: Turns,
        own: OwnIdentity,
    ) -> None:
        self.store = store
        self.network = network
        self.events = events
        self.clock = clock
        self.random = random
        self.tasks = tasks
        self.turns = turns
        self.own = own

    @property
    def own_relay(self) -> RelayClient:
        """The relay of the own account."""
        return self.network.relay(self.own.relay)


def read_own(tx: Transaction) -> OwnIdentity | None:
    """Return the identity that the store holds, or None in a store without an account.

    Raises:
        InternalBug: the rows contradict each other.
    """
    account = tx.account.get()
    mailboxes = tx.mailboxes.active()
    if account is None:
        return None
    newest = tx.lists.newest(account.account_id, published_only=True)
    if newest is None or not mailboxes:
        raise InternalBug("an account without device list or mailbox is in the store")
    mailbox = mailboxes[-1]
    return OwnIdentity(
        account_id=AccountId(account.account_id),
        account_public=account.account_public,
        account_key=None if account.account_seed is None else AccountKey(account.account_seed),
        device_key=SigningKey(account.device_seed),
        certificate=DeviceCertificate.decode(account.certificate, account.account_public),
        device_list=DeviceList.decode(newest.bytes, account.account_public),
        binding=Binding.decode(account.binding, account.account_public),
        mailbox=MailboxKeys(
            mailbox_id=MailboxId(mailbox.mailbox_id),
            auth=SigningKey(mailbox.auth_seed),
            box_private=mailbox.box_private,
            box_public=mailbox.box_public,
        ),
        introduction_token=mailbox.intro_token,
        relay=account.relay,
        name=account.name,
        run_id=RunId(account.run_id),
        is_removed=is_removed(tx) and tx.settings.get(JOINING) is None,
        is_forked=is_forked(tx),
    )


def is_removed(tx: Transaction) -> bool:
    """Whether this profile holds what a removed device left, also while it is being linked anew."""
    return tx.settings.get(REMOVED) is not None


def is_forked(tx: Transaction) -> bool:
    """Whether the own account has signed two histories, and the user has not looked at it yet."""
    return tx.settings.get(FORK) is not None


def write_own(tx: Transaction, own: OwnIdentity, now_ms: int, *, is_published: bool, is_linked: bool) -> None:
    """Store a new identity: account, mailbox and its first list, all or nothing with the caller's transaction."""
    tx.account.put(
        AccountRow(
            account_id=own.account_id,
            account_public=own.account_public,
            account_seed=None if own.account_key is None else own.account_key.seed,
            role=own.certificate.role.name.lower(),
            handle=own.handle,
            host=own.host,
            name=own.name,
            relay=own.relay,
            binding=own.binding.encoded,
            device_id=own.device_id,
            device_seed=own.device_key.seed,
            certificate=own.certificate.encoded,
            run_id=own.run_id,
            created_at=now_ms,
            is_published=is_published,
            is_linked=is_linked,
        )
    )
    tx.mailboxes.put(
        MailboxRow(
            mailbox_id=own.mailbox.mailbox_id,
            relay=own.relay,
            auth_seed=own.mailbox.auth.seed,
            box_private=own.mailbox.box_private,
            box_public=own.mailbox.box_public,
            intro_token=own.introduction_token,
            created_at=now_ms,
        )
    )
    keep_list(tx, own.device_list, now_ms)


def keep_list(tx: Transaction, device_list: DeviceList, now_ms: int, *, is_published: bool = True) -> bool:
    """Store a signed list for good. Returns False if it was there."""
    return tx.lists.add(
        SignedListRow(
            account_id=device_list.account_id,
            version=device_list.version,
            hash=device_list.hash,
            bytes=device_list.encoded,
            received_at=now_ms,
            is_published=is_published,
        )
    )
