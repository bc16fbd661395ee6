"""Signed device lists."""

import pytest

from byre.errors import PeerError, UsageError
from byre.identity import domains
from byre.identity.device_list import MOST_DEVICES, NO_PREVIOUS, STALE_AFTER_MS, DeviceList, ListedDevice
from byre.wire.tls import Writer
from tests.fakes.identities import NOW_MS, Person


def test_lists_form_a_chain() -> None:
    alice = Person("alice")
    first = alice.device_list
    pc = alice.link()
    second = alice.device_list
    third = second.renewed(alice.key, NOW_MS + 1)
    assert (first.version, first.previous) == (1, NO_PREVIOUS)
    assert (second.version, second.previous) == (2, first.hash)
    assert (third.version, third.previous, third.devices) == (3, second.hash, second.devices)
    assert third.without_devices(alice.key, [pc.id], NOW_MS).devices == first.devices


def test_a_list_comes_back() -> None:
    alice = Person("alice")
    alice.link()
    assert DeviceList.decode(alice.device_list.encoded, alice.key.public) == alice.device_list


def test_a_list_names_certificates_not_only_ids() -> None:
    alice = Person("alice")
    pc = alice.link()
    other = Person("alicia").primary.certificate
    assert alice.device_list.has(pc.certificate)
    assert alice.device_list.has_device(pc.id)
    assert not alice.device_list.has(other)
    assert not alice.device_list.has_device(other.device_id)


def test_a_device_certified_anew_takes_the_place_of_its_entry() -> None:
    alice = Person("alice")
    again = alice.device_list.with_device(alice.key, alice.primary.certificate, NOW_MS)
    assert again.devices == alice.device_list.devices


def test_a_list_is_stale_after_thirty_days() -> None:
    device_list = Person("alice").device_list
    assert not device_list.is_stale(NOW_MS + STALE_AFTER_MS)
    assert device_list.is_stale(NOW_MS + STALE_AFTER_MS + 1)
    assert not device_list.is_stale(0)


def test_another_accounts_list_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        DeviceList.decode(Person("alice").device_list.encoded, Person("bob").key.public)
    assert caught.value.code == "bad_signature"


def entry(number: int) -> ListedDevice:
    return ListedDevice(number.to_bytes(16), bytes(48))


@pytest.mark.parametrize("devices", [[], [entry(n) for n in range(MOST_DEVICES + 1)], [entry(1), entry(1)]])
def test_a_list_of_no_or_too_many_or_equal_devices_cannot_be_issued(devices: list[ListedDevice]) -> None:
    with pytest.raises(UsageError):
        DeviceList.issue(Person("alice").key, devices=devices, previous=None, now_ms=NOW_MS)


def test_the_last_device_cannot_be_taken_away() -> None:
    alice = Person("alice")
    with pytest.raises(UsageError):
        alice.unlink(alice.primary)


def test_a_list_follows_its_own_accounts_list() -> None:
    with pytest.raises(UsageError):
        DeviceList.issue(Person("alice").key, devices=[entry(1)], previous=Person("bob").device_list, now_ms=NOW_MS)


def a_list(
    *, number: int = 1, version: int = 2, previous: bytes = bytes(47) + b"\1", entries: tuple[int, ...] = (1,)
) -> bytes:
    """A list signed by alice whatever it says."""
    writer = Writer().u16(number).u64(version).fixed(previous)
    writer.vector([entry(each).device_id + entry(each).certificate_hash for each in entries])
    structure = writer.u64(NOW_MS).done()
    return structure + Person("alice").key.sign(domains.DEVICE_LIST, structure)


def test_the_hand_made_list_is_good() -> None:
    assert DeviceList.decode(a_list(), Person("alice").key.public).version == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (a_list(number=2), "newer_version"),
        (a_list(version=0), "malformed"),
        (a_list(version=2**53), "malformed"),
        (a_list(version=1), "malformed"),
        (a_list(previous=NO_PREVIOUS), "malformed"),
        (a_list(entries=()), "malformed"),
        (a_list(entries=(2, 1)), "malformed"),
        (a_list(entries=(1, 1)), "malformed"),
        (a_list(entries=tuple(range(33))), "malformed"),
    ],
)
def test_a_signed_list_that_breaks_a_rule_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        DeviceList.decode(data, Person("alice").key.public)
    assert caught.value.code == code


def test_an_entry_has_fixed_sizes() -> None:
    with pytest.raises(UsageError):
        ListedDevice(bytes(15), bytes(48))
    with pytest.raises(UsageError):
        ListedDevice(bytes(16), bytes(47))
