"""The client's encrypted database: repositories, search, key vault, wipe, forensics. See README.md.

Nothing here knows MLS or identity: their state is opaque bytes. The only importer of keyring.
"""

from byre.store.account import AccountRow, MailboxRow, OwnDeviceRow
from byre.store.claims import SignedClaimRow
from byre.store.groups import EpochRow, IntentRow, PendingCommitRow
from byre.store.inbox import KeptEnvelopeRow, UndecryptableRow
from byre.store.joins import JoiningRow, RejoiningRow
from byre.store.key_packages import KeyPackageRow, TokenRow
from byre.store.messages import MessageRow, NewMessage
from byre.store.outbox import DELIVERY_ORDER, OutboxRow
from byre.store.peers import DeviceRecordRow, PeerRow, SignedListRow
from byre.store.receipts import EarlyReceiptRow, ReadDueRow, ReceiptDueRow
from byre.store.rooms import MemberRow, RoomLine, RoomRow
from byre.store.search import SearchFilter, SearchHit
from byre.store.seen import Watermark
from byre.store.store import Store
from byre.store.transaction import Transaction
from byre.store.vault import ProfileVault, VaultState
from byre.store.vault_key_file import KeyMode, PassphraseCosts
from byre.store.vault_key_store import KeyStore, SystemKeyStore
from byre.store.wipe_report import Certifier, WipeReport
from byre.store.wipe_scope import WipeScope
from byre.store.wipes import WipeCertificateRow, WipeJournalRow, WipeReportRow

__all__ = [
    "DELIVERY_ORDER",
    "AccountRow",
    "Certifier",
    "DeviceRecordRow",
    "EarlyReceiptRow",
    "EpochRow",
    "IntentRow",
    "JoiningRow",
    "KeptEnvelopeRow",
    "KeyMode",
    "KeyPackageRow",
    "KeyStore",
    "MailboxRow",
    "MemberRow",
    "MessageRow",
    "NewMessage",
    "OutboxRow",
    "OwnDeviceRow",
    "PassphraseCosts",
    "PeerRow",
    "PendingCommitRow",
    "ProfileVault",
    "ReadDueRow",
    "ReceiptDueRow",
    "RejoiningRow",
    "RoomLine",
    "RoomRow",
    "SearchFilter",
    "SearchHit",
    "SignedClaimRow",
    "SignedListRow",
    "Store",
    "SystemKeyStore",
    "TokenRow",
    "Transaction",
    "UndecryptableRow",
    "VaultState",
    "Watermark",
    "WipeCertificateRow",
    "WipeJournalRow",
    "WipeReport",
    "WipeReportRow",
    "WipeScope",
]
