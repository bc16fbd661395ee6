"""What a taken key package must promise before anybody is added by it."""

from __future__ import annotations

import dataclasses

import pytest

from byre.client.directory import VerifiedAccount
from byre.client.key_packages import check_package
from byre.errors import PeerError
from byre.identity.records import DeviceRecord
from byre.mls.cipher_suite import suite_by_id
from byre.mls.credential import Credential
from byre.mls.extension import Extension
from byre.mls.key_package import generate_key_package
from byre.mls.profile import HYBRID, LEAF_PROFILE, X25519_AES128
from byre.wire.ids import MailboxId
from tests.fakes.identities import HOST, NOW_MS, RELAY, Device, Person, SeededRandom

NOW_S = NOW_MS // 1000


def package_of(person: Person, device: Device, *, suite: int = HYBRID, not_after_s: int = NOW_S + 10) -> bytes:
    bundle = generate_key_package(
        suite_by_id(suite),
        signature_key=device.key,
        credential=Credential(person.credential(device)),
        leaf_extensions=(Extension(LEAF_PROFILE, device.info().encode()),),
        not_before_s=NOW_S - 10,
        not_after_s=not_after_s,
        random=SeededRandom("package"),
    )
    return bundle.key_package.encoded


def record_of(device: Device) -> DeviceRecord:
    return DeviceRecord.issue(
        device.key,
        certificate=device.certificate,
        relay_url=RELAY,
        mailbox_id=device.mailbox.mailbox_id,
        introduction_token=device.token,
        now_ms=NOW_MS,
    )


def account_of(person: Person) -> VerifiedAccount:
    return VerifiedAccount(
        person.account_id, person.key.public, person.handle, HOST, RELAY, person.device_list, devices={}
    )


def refusal(data: bytes, person: Person, record: DeviceRecord) -> str:
    with pytest.raises(PeerError) as caught:
        check_package(data, account_of(person), record, NOW_S)
    return caught.value.code


def test_a_package_that_keeps_its_promises_passes() -> None:
    cow = Person("cow")
    data = package_of(cow, cow.primary)
    assert check_package(data, account_of(cow), record_of(cow.primary), NOW_S).encoded == data


def test_junk_and_trailing_bytes_are_refused() -> None:
    cow = Person("cow")
    assert refusal(b"junk", cow, record_of(cow.primary)) == "malformed"
    assert refusal(package_of(cow, cow.primary) + b"\0", cow, record_of(cow.primary)) == "malformed"


def test_a_package_of_a_weaker_suite_is_refused() -> None:
    cow = Person("cow")
    weak = package_of(cow, cow.primary, suite=X25519_AES128)
    assert refusal(weak, cow, record_of(cow.primary)) == "invalid_key_package"


def test_a_package_whose_time_is_over_is_refused() -> None:
    cow = Person("cow")
    old = package_of(cow, cow.primary, not_after_s=NOW_S - 1)
    assert refusal(old, cow, record_of(cow.primary)) == "invalid_key_package"


def test_a_package_of_another_device_is_refused() -> None:
    cow = Person("cow")
    other = cow.link()
    assert refusal(package_of(cow, other), cow, record_of(cow.primary)) == "invalid_key_package"


def test_a_package_of_a_device_that_was_removed_is_refused() -> None:
    cow = Person("cow")
    removed = cow.link()
    data, record = package_of(cow, removed), record_of(removed)
    cow.unlink(removed)
    assert refusal(data, cow, record) == "invalid_key_package"


def test_a_package_that_is_delivered_elsewhere_is_refused() -> None:
    cow = Person("cow")
    elsewhere = dataclasses.replace(record_of(cow.primary), mailbox_id=MailboxId(bytes(16)))
    assert refusal(package_of(cow, cow.primary), cow, elsewhere) == "invalid_key_package"
