"""What the directory holds of an account and its devices, each record signed by whom it speaks of.

    AccountRecord  u16 version=1 ‖ account_public[32] ‖ opaque binding<V> ‖ opaque device_list<V> ‖ recovery_hash[48]
                   ‖ fetch_key_hash[32] ‖ u64 issued_at_ms ‖ signature[64]         account key, "byre account record v1"
    DeviceRecord   u16 version=1 ‖ opaque certificate<V> ‖ opaque relay_url<V> ‖ mailbox_id[16] ‖ introduction_token
                   [32] ‖ u64 issued_at_ms ‖ signature[64]                 device key, "byre device record v1"

recovery_hash = SHA-384 of the recovery file, fetch_key_hash = SHA-256 of the fetch key; both zero without a file. So
the record verifies for everybody while the file itself goes only to who knows the fetch key. A device record counts
only if the newest list names its certificate; a list that drops a device ends its record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byre.crypto.hashes import sha256, sha384
from byre.crypto.secret import same
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.identity import domains
from byre.identity.account import AccountKey, account_id_of
from byre.identity.certificate import SIGNATURE_SIZE, DeviceCertificate
from byre.identity.device_list import DeviceList
from byre.identity.fork import is_newer
from byre.identity.handle import Binding
from byre.identity.recovery import FETCH_KEY_SIZE, LARGEST_FILE
from byre.wire import ids
from byre.wire.fields import bad_field, blaming_the_peer, need_blob, need_bytes, need_time_ms, utf8
from byre.wire.ids import AccountId, DeliveryToken, MailboxId
from byre.wire.relay_url import parse_relay_url
from byre.wire.tls import Reader, Writer, malformed
from byre.wire.versions import STRUCTURE_VERSION, expect_version

HASH_SIZE: Final = 48
NO_RECOVERY: Final = bytes(HASH_SIZE)
NO_FETCH_KEY: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """A verified account record; binding and list in it are verified too."""

    account_public: bytes
    binding: Binding
    device_list: DeviceList
    recovery_hash: bytes
    fetch_key_hash: bytes
    issued_at_ms: int
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(
        cls,
        account_key: AccountKey,
        *,
        binding: Binding,
        device_list: DeviceList,
        recovery_file: bytes = b"",
        fetch_key: bytes = b"",
        now_ms: int,
    ) -> AccountRecord:
        """Sign the record of an account; `recovery_file` travels beside it.

        Raises:
            UsageError: code bad_field; a file without a key or a key without a file, or foreign parts.
        """
        need_blob(recovery_file, LARGEST_FILE, "a recovery file")
        need_bytes(fetch_key, FETCH_KEY_SIZE if recovery_file else 0, "a fetch key")
        recovery_hash = sha384(recovery_file) if recovery_file else NO_RECOVERY
        fetch_key_hash = sha256(fetch_key) if recovery_file else NO_FETCH_KEY
        hashes = recovery_hash, fetch_key_hash
        return cls.reissue(account_key, binding=binding, device_list=device_list, hashes=hashes, now_ms=now_ms)

    @classmethod
    def reissue(
        cls,
        account_key: AccountKey,
        *,
        binding: Binding,
        device_list: DeviceList,
        hashes: tuple[bytes, bytes],
        now_ms: int,
    ) -> AccountRecord:
        """Sign a record that keeps the recovery file of an earlier one by its `hashes` (file, fetch key)."""
        if {binding.account_id, device_list.account_id} != {account_key.account_id}:
            raise bad_field("an account record holds the account's own binding and list")
        need_bytes(hashes[0], HASH_SIZE, "a recovery file's hash")
        need_bytes(hashes[1], 32, "a fetch key's hash")
        need_time_ms(now_ms, "the time of issue")
        writer = Writer().u16(STRUCTURE_VERSION).fixed(account_key.public).opaque_v(binding.encoded)
        writer.opaque_v(device_list.encoded).fixed(hashes[0]).fixed(hashes[1])
        structure = writer.u64(now_ms).done()
        signature = account_key.sign(domains.ACCOUNT_RECORD, structure)
        return cls(account_key.public, binding, device_list, *hashes, now_ms, structure + signature)

    @classmethod
    def decode(cls, data: bytes) -> AccountRecord:
        """Verify an account record.

        Raises:
            PeerError: code malformed, newer_version, bad_signature, bad_handle or bad_relay_url.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        account_public = reader.fixed(32)
        binding_data, list_data = reader.opaque_v(), reader.opaque_v()
        recovery_hash, fetch_key_hash = reader.fixed(HASH_SIZE), reader.fixed(32)
        issued_at_ms = reader.u64()
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        domains.verify(account_public, domains.ACCOUNT_RECORD, structure, signature)
        binding = Binding.decode(binding_data, account_public)
        device_list = DeviceList.decode(list_data, account_public)
        with blaming_the_peer():
            need_time_ms(issued_at_ms, "the time of issue")
        return cls(account_public, binding, device_list, recovery_hash, fetch_key_hash, issued_at_ms, data)

    @property
    def account_id(self) -> AccountId:
        """Whose record it is."""
        return account_id_of(self.account_public)

    @property
    def hashes(self) -> tuple[bytes, bytes]:
        """Hashes of the recovery file and of its fetch key, for `reissue`."""
        return self.recovery_hash, self.fetch_key_hash

    @property
    def has_recovery_file(self) -> bool:
        """Whether a recovery file belongs to the record."""
        return self.recovery_hash != NO_RECOVERY

    def expect_recovery_file(self, recovery_file: bytes) -> None:
        """Check the file that travels beside the record, or raise PeerError(code="malformed")."""
        if len(recovery_file) > LARGEST_FILE or not same(sha384(recovery_file), self.recovery_hash):
            raise malformed("a recovery file is not the one that its account signed")

    def is_fetch_key(self, key: bytes) -> bool:
        """Tell whether `key` may fetch the recovery file."""
        return self.has_recovery_file and same(sha256(key), self.fetch_key_hash)

    def expect_successor_of(self, older: AccountRecord) -> None:
        """Check that this record may take the place of `older` in a directory.

        Raises:
            PeerError: code wrong_account, list_rollback, list_fork or record_rollback.
        """
        is_newer(older.device_list, self.device_list)
        if self.issued_at_ms < older.issued_at_ms:
            raise PeerError("an account record is older than the known one", code="record_rollback")


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A verified device record: where first contact with a device begins."""

    certificate: DeviceCertificate
    relay_url: str
    mailbox_id: MailboxId
    introduction_token: DeliveryToken = field(repr=False)
    issued_at_ms: int
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(
        cls,
        device_key: SigningKey,
        *,
        certificate: DeviceCertificate,
        relay_url: str,
        mailbox_id: MailboxId,
        introduction_token: DeliveryToken,
        now_ms: int,
    ) -> DeviceRecord:
        """Sign the record of one's own device.

        Raises:
            UsageError: code bad_field.
            PeerError: code bad_relay_url.
        """
        if certificate.device_key != device_key.public:
            raise bad_field("a device record is signed by the certified device")
        relay_url = parse_relay_url(relay_url)
        need_bytes(mailbox_id, ids.MAILBOX_ID_SIZE, "a mailbox id")
        need_bytes(introduction_token, ids.DELIVERY_TOKEN_SIZE, "an introduction token")
        need_time_ms(now_ms, "the time of issue")
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(certificate.encoded).opaque_v(relay_url.encode())
        structure = writer.fixed(mailbox_id).fixed(introduction_token).u64(now_ms).done()
        signature = domains.sign(device_key, domains.DEVICE_RECORD, structure)
        return cls(certificate, relay_url, mailbox_id, introduction_token, now_ms, structure + signature)

    @classmethod
    def decode(cls, data: bytes, account_public: bytes) -> DeviceRecord:
        """Verify a device record of the account whose key is `account_public`.

        Raises:
            PeerError: code malformed, newer_version, bad_signature or bad_relay_url.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        certificate = DeviceCertificate.decode(reader.opaque_v(), account_public)
        relay_url = utf8(reader.opaque_v())
        mailbox_id = MailboxId(reader.fixed(ids.MAILBOX_ID_SIZE))
        token = DeliveryToken(reader.fixed(ids.DELIVERY_TOKEN_SIZE))
        issued_at_ms = reader.u64()
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        domains.verify(certificate.device_key, domains.DEVICE_RECORD, structure, signature)
        if parse_relay_url(relay_url) != relay_url:
            raise malformed("a relay URL is not in its canonical spelling")
        with blaming_the_peer():
            need_time_ms(issued_at_ms, "the time of issue")
        return cls(certificate, relay_url, mailbox_id, token, issued_at_ms, data)
