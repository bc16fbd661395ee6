"""Making the identity of a primary device: of a new account, or in place of one that was lost."""

from __future__ import annotations

from collections.abc import Sequence

from byre.client.context import OwnIdentity
from byre.crypto.random import Random
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.identity.account import AccountKey
from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.device_list import DeviceList, ListedDevice
from byre.identity.directory_entry import DirectoryEntry
from byre.identity.handle import Address, Binding
from byre.identity.mailbox import MailboxKeys
from byre.wire.ids import DELIVERY_TOKEN_SIZE, DEVICE_ID_SIZE, RUN_ID_SIZE, DeviceId, RunId


def new_identity(address: Address, relay_url: str, name: str, *, random: Random, now_ms: int) -> OwnIdentity:
    """Return a new account with one device; `address` has its host."""
    account_key = AccountKey.generate(random)
    binding = Binding.issue(account_key, handle=address.handle, host=address.host or "", now_ms=now_ms)
    device_key, certificate = _new_device(account_key, random, now_ms)
    device_list = DeviceList.issue(account_key, devices=[ListedDevice.of(certificate)], previous=None, now_ms=now_ms)
    return _identity(
        account_key,
        device_key,
        certificate,
        device_list=device_list,
        binding=binding,
        relay_url=relay_url,
        name=name,
        random=random,
    )


def restored_identity(
    entry: DirectoryEntry, account_key: AccountKey, relay_url: str, *, random: Random, now_ms: int
) -> OwnIdentity:
    """Return the account with a new primary and list k+1: this device, and the others without the lost primary."""
    device_key, certificate = _new_device(account_key, random, now_ms)
    device_list = DeviceList.issue(
        account_key,
        devices=[*linked_devices(entry), ListedDevice.of(certificate)],
        previous=entry.record.device_list,
        now_ms=now_ms,
    )
    binding = entry.record.binding
    return _identity(
        account_key,
        device_key,
        certificate,
        device_list=device_list,
        binding=binding,
        relay_url=relay_url,
        name=binding.handle,
        random=random,
    )


def linked_devices(entry: DirectoryEntry) -> Sequence[ListedDevice]:
    """Return the listed devices that are linked PCs.

    The primary follows from the signed lists alone, so that a relay cannot keep a lost phone in by withholding its
    record: it is the only device of list 1, or the one that came when the primary before it went. Where the relay
    does not serve the whole chain, only devices count whose record says that they are linked.
    """
    roles = {device.certificate.device_id: device.certificate.role for device in entry.devices}
    primary = _primary_of(entry.lists)
    return [
        listed
        for listed in entry.record.device_list.devices
        if listed.device_id != primary
        and roles.get(listed.device_id, DeviceRole.PRIMARY if primary is None else DeviceRole.LINKED)
        is DeviceRole.LINKED
    ]


def _primary_of(lists: Sequence[DeviceList]) -> DeviceId | None:
    primary: DeviceId | None = None
    before: frozenset[DeviceId] = frozenset()
    for device_list in lists:
        now = frozenset(entry.device_id for entry in device_list.devices)
        if primary not in now:
            added = now - before
            is_followed = len(added) == 1 and (device_list.version == 1 or primary is not None)
            primary = next(iter(added)) if is_followed else None
        before = now
    return primary


def _new_device(account_key: AccountKey, random: Random, now_ms: int) -> tuple[SigningKey, DeviceCertificate]:
    device_key = SigningKey.generate(random)
    certificate = DeviceCertificate.issue(
        account_key,
        device_id=DeviceId(random(DEVICE_ID_SIZE)),
        device_key=device_key.public,
        role=DeviceRole.PRIMARY,
        now_ms=now_ms,
    )
    return device_key, certificate


def _identity(
    account_key: AccountKey,
    device_key: SigningKey,
    certificate: DeviceCertificate,
    *,
    device_list: DeviceList,
    binding: Binding,
    relay_url: str,
    name: str,
    random: Random,
) -> OwnIdentity:
    """Return the identity of a primary with a mailbox, a token and a run of its own."""
    return OwnIdentity(
        account_id=account_key.account_id,
        account_public=account_key.public,
        account_key=account_key,
        device_key=device_key,
        certificate=certificate,
        device_list=device_list,
        binding=binding,
        mailbox=MailboxKeys.generate(random),
        introduction_token=Secret(random(DELIVERY_TOKEN_SIZE)),
        relay=relay_url,
        name=name,
        run_id=RunId(random(RUN_ID_SIZE)),
    )
