"""Accounts and devices for tests, the same on every run.

`Person("alice")` has an account key, a primary device and a signed list; `link` gives it another device. All bytes come
from the name, so that a golden file made from a person is the same tomorrow.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from byre.crypto.signature import SigningKey
from byre.identity.account import AccountKey
from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.credential import encode_credential
from byre.identity.device_list import DeviceList, ListedDevice
from byre.identity.handle import Binding
from byre.identity.leaf import DeliveryAddress, LeafInfo
from byre.identity.mailbox import MailboxKeys
from byre.identity.room_facts import NOT_SEATED, MemberLeaf
from byre.wire.ids import AccountId, DeliveryToken, DeviceId

NOW_MS = 1_790_000_000_000
RELAY = "https://relay.example"
HOST = "relay.example"


class SeededRandom:
    """A `Random` whose bytes follow from its seed; never the same bytes twice."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def __call__(self, length: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(self._seed + self._count.to_bytes(8)).digest(length)


@dataclass(frozen=True)
class Device:
    """One device of a person."""

    key: SigningKey
    certificate: DeviceCertificate
    mailbox: MailboxKeys
    token: DeliveryToken

    @property
    def id(self) -> DeviceId:
        return self.certificate.device_id

    def info(self, policy_version: int = 1) -> LeafInfo:
        """Return the device's leaf extension."""
        address = DeliveryAddress(RELAY, self.mailbox.mailbox_id, self.mailbox.box_public, self.token)
        return LeafInfo(address, policy_version)


class Person:
    """One account with its devices; `device_list` is the newest one that it signed."""

    def __init__(self, handle: str) -> None:
        self.random = SeededRandom(handle)
        self.handle = handle
        self.key = AccountKey.generate(self.random)
        self.primary = self._device(DeviceRole.PRIMARY)
        entries = [ListedDevice.of(self.primary.certificate)]
        self.device_list = DeviceList.issue(self.key, devices=entries, previous=None, now_ms=NOW_MS)
        self.binding = Binding.issue(self.key, handle=handle, host=HOST, now_ms=NOW_MS)

    @property
    def account_id(self) -> AccountId:
        return self.key.account_id

    def link(self) -> Device:
        """Certify a further device and sign the list that names it."""
        device = self._device(DeviceRole.LINKED)
        self.device_list = self.device_list.with_device(self.key, device.certificate, NOW_MS)
        return device

    def unlink(self, device: Device) -> DeviceList:
        """Sign the list that no longer names a device."""
        self.device_list = self.device_list.without_devices(self.key, [device.id], NOW_MS)
        return self.device_list

    def credential(self, device: Device, device_list: DeviceList | None = None) -> bytes:
        """Return the MLS credential of a device, with the newest list unless another is given."""
        return encode_credential(self.key.public, device.certificate, device_list or self.device_list)

    def leaf(
        self,
        device: Device | None = None,
        at: int = NOT_SEATED,
        *,
        device_list: DeviceList | None = None,
        policy_version: int = 1,
        signature_key: bytes | None = None,
    ) -> MemberLeaf:
        """Return the leaf of a device (the primary by default) at a place."""
        device = device or self.primary
        return MemberLeaf.read(
            at,
            identity=self.credential(device, device_list),
            signature_key=signature_key or device.key.public,
            leaf_extension=device.info(policy_version).encode(),
        )

    def _device(self, role: DeviceRole) -> Device:
        key = SigningKey.generate(self.random)
        certificate = DeviceCertificate.issue(
            self.key, device_id=DeviceId(self.random(16)), device_key=key.public, role=role, now_ms=NOW_MS
        )
        return Device(key, certificate, MailboxKeys.generate(self.random), DeliveryToken(self.random(32)))
