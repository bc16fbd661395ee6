"""Rejoin: a device that lost a room asks to be added again, and hears it if the room has let it go.

    request  u16 version=1 ‖ opaque group_id<V> ‖ opaque key_package<V> ‖ u64 time_ms ‖ signature[64]
             signature: device key, "byre rejoin v1"                         (envelope type 2)
    removed  u16 version=1 ‖ opaque group_id<V> ‖ request_hash[32] ‖ account_id[32] ‖ device_id[16] ‖ signature[64]
             signature: the answering device's key, "byre removed v1"        (envelope type 5)
             request_hash = SHA-256 of the request, all of it;  account_id, device_id: who answers

Whose key must have signed is known only after the group is found, so that these two are parsed first (`…In`, not to be
believed) and then verified against the key of the leaf that they speak of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from byre.crypto.hashes import sha256
from byre.crypto.signature import SigningKey
from byre.identity import domains
from byre.identity.certificate import SIGNATURE_SIZE
from byre.wire import ids
from byre.wire.fields import blaming_the_peer, need_blob, need_bytes, need_group_id, need_time_ms
from byre.wire.ids import AccountId, DeviceId, GroupId
from byre.wire.tls import Reader, Writer
from byre.wire.versions import STRUCTURE_VERSION, expect_version

LARGEST_KEY_PACKAGE: Final = 16 * 1024
REQUEST_HASH_SIZE: Final = 32
FRESH_FOR_MS: Final = 96 * 3600 * 1000
"""Longer than any envelope lives (72 h), short enough that a replayed request is worth nothing."""
CLOCK_ERROR_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class RejoinRequest:
    """A verified request: the device whose key signed it wants to be added to `group_id` with `key_package`."""

    group_id: GroupId
    key_package: bytes = field(repr=False)
    time_ms: int
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(cls, device_key: SigningKey, *, group_id: GroupId, key_package: bytes, now_ms: int) -> RejoinRequest:
        """Sign a request with one's own device key."""
        _check(group_id, key_package, now_ms)
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(group_id).opaque_v(key_package)
        structure = writer.u64(now_ms).done()
        signature = domains.sign(device_key, domains.REJOIN, structure)
        return cls(group_id, key_package, now_ms, structure + signature)

    @property
    def hash(self) -> bytes:
        """SHA-256 that the answer names this request by."""
        return sha256(self.encoded)

    def is_fresh(self, now_ms: int) -> bool:
        """Tell whether the request is recent enough to act on."""
        return now_ms - FRESH_FOR_MS <= self.time_ms <= now_ms + CLOCK_ERROR_MS


@dataclass(frozen=True, slots=True)
class RejoinRequestIn:
    """A parsed request that nobody has verified: good for finding the group only."""

    group_id: GroupId
    _structure: bytes = field(repr=False)
    _signature: bytes = field(repr=False)
    _request: RejoinRequest = field(repr=False)

    @classmethod
    def decode(cls, data: bytes) -> RejoinRequestIn:
        """Parse the body of an envelope of type 2.

        Raises:
            PeerError: code malformed or newer_version.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        group_id, key_package = GroupId(reader.opaque_v()), reader.opaque_v()
        time_ms = reader.u64()
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        with blaming_the_peer():
            _check(group_id, key_package, time_ms)
        return cls(group_id, structure, signature, RejoinRequest(group_id, key_package, time_ms, data))

    @property
    def unverified_key_package(self) -> bytes:
        """The KeyPackage, for finding out which leaf's key must have signed."""
        return self._request.key_package

    def verified(self, device_key: bytes) -> RejoinRequest:
        """Return the request that the device with this public key signed, or raise PeerError(code="bad_signature")."""
        domains.verify(device_key, domains.REJOIN, self._structure, self._signature)
        return self._request


@dataclass(frozen=True, slots=True)
class RemovedAnswer:
    """A verified answer: the device that asked has no leaf in `group_id` any more."""

    group_id: GroupId
    request_hash: bytes
    account_id: AccountId
    device_id: DeviceId
    encoded: bytes = field(repr=False)

    @classmethod
    def issue(
        cls,
        device_key: SigningKey,
        *,
        group_id: GroupId,
        request_hash: bytes,
        account_id: AccountId,
        device_id: DeviceId,
    ) -> RemovedAnswer:
        """Sign an answer; `account_id` and `device_id` are the answering device's own."""
        _check_answer(group_id, request_hash, account_id, device_id)
        writer = Writer().u16(STRUCTURE_VERSION).opaque_v(group_id).fixed(request_hash)
        structure = writer.fixed(account_id).fixed(device_id).done()
        signature = domains.sign(device_key, domains.REMOVED, structure)
        return cls(group_id, request_hash, account_id, device_id, structure + signature)


@dataclass(frozen=True, slots=True)
class RemovedAnswerIn:
    """A parsed answer that nobody has verified: says whose key to verify it with."""

    group_id: GroupId
    account_id: AccountId
    device_id: DeviceId
    _structure: bytes = field(repr=False)
    _signature: bytes = field(repr=False)
    _answer: RemovedAnswer = field(repr=False)

    @classmethod
    def decode(cls, data: bytes) -> RemovedAnswerIn:
        """Parse the body of an envelope of type 5.

        Raises:
            PeerError: code malformed or newer_version.
        """
        reader = Reader(data)
        expect_version(reader.u16(), STRUCTURE_VERSION)
        group_id, request_hash = GroupId(reader.opaque_v()), reader.fixed(REQUEST_HASH_SIZE)
        account_id = AccountId(reader.fixed(ids.ACCOUNT_ID_SIZE))
        device_id = DeviceId(reader.fixed(ids.DEVICE_ID_SIZE))
        structure = reader.since(0)
        signature = reader.fixed(SIGNATURE_SIZE)
        reader.end()
        with blaming_the_peer():
            need_group_id(group_id)
        answer = RemovedAnswer(group_id, request_hash, account_id, device_id, data)
        return cls(group_id, account_id, device_id, structure, signature, answer)

    def verified(self, device_key: bytes) -> RemovedAnswer:
        """Return the answer that the device with this public key signed, or raise PeerError(code="bad_signature")."""
        domains.verify(device_key, domains.REMOVED, self._structure, self._signature)
        return self._answer


def _check(group_id: GroupId, key_package: bytes, time_ms: int) -> None:
    need_group_id(group_id)
    need_blob(key_package, LARGEST_KEY_PACKAGE, "a KeyPackage", smallest=1)
    need_time_ms(time_ms, "the time of a request")


def _check_answer(group_id: GroupId, request_hash: bytes, account_id: AccountId, device_id: DeviceId) -> None:
    need_group_id(group_id)
    need_bytes(request_hash, REQUEST_HASH_SIZE, "a request's hash")
    need_bytes(account_id, ids.ACCOUNT_ID_SIZE, "an account id")
    need_bytes(device_id, ids.DEVICE_ID_SIZE, "a device id")
