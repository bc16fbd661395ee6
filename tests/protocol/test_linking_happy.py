"""Linking as it should go: both ends, a write-once rendezvous, one moment after another."""

from __future__ import annotations

from byre.identity.certificate import DeviceRole
from byre.identity.credential import VerifiedCredential, encode_credential
from byre.identity.linking import NewDeviceLink, PhoneLink
from byre.identity.linking.new_device import NewDeviceState
from byre.identity.linking.phone import PhoneState
from tests.fakes.identities import HOST, NOW_MS, RELAY
from tests.fakes.link_pair import LinkPair


def test_a_pc_is_linked_by_its_phone() -> None:
    pair = LinkPair()
    request = pair.step_request()
    assert (request.device_name, request.platform) == ("서재 PC", "Linux")
    pair.step_agree()
    shown = pair.step_show()
    assert (shown.handle, shown.host, len(shown.code)) == ("alice", HOST, 6)
    pair.step_reveal()
    pair.phone.enter_code(shown.code, now_ms=pair.now_ms)
    granted = pair.step_grant()
    received = pair.step_receive()
    assert received.account_id == pair.person.account_id
    assert (received.certificate, received.device_list) == (granted.certificate, granted.device_list)
    assert (received.display_name, received.relay_url, received.binding.handle) == ("앨리스", RELAY, "alice")
    assert pair.device.state is NewDeviceState.GRANTED
    pair.step_confirm(b"the device room's KeyPackage")
    assert pair.step_done() == b"the device room's KeyPackage"
    assert pair.phone.state is PhoneState.LINKED
    assert pair.device.state is NewDeviceState.CONFIRMED
    pair.device.welcomed()
    assert pair.device.state is NewDeviceState.LINKED


def test_what_was_granted_makes_a_credential() -> None:
    pair = LinkPair()
    pair.to_grant()
    received = pair.step_receive()
    identity = encode_credential(received.account_public, received.certificate, received.device_list)
    credential = VerifiedCredential.decode(identity)
    assert (credential.role, credential.device_key) == (DeviceRole.LINKED, pair.device.device_key.public)
    assert credential.device_list.version == pair.person.device_list.version + 1


def test_the_rest_may_take_until_ten_minutes_after_expiry() -> None:
    pair = LinkPair()
    code = pair.to_code()
    pair.now_ms = pair.phone.deadline_ms
    pair.phone.enter_code(code, now_ms=pair.now_ms)
    pair.step_grant()
    pair.step_receive()
    pair.step_confirm()
    assert pair.step_done() == b"a KeyPackage"


def test_the_relay_learns_nothing_but_sizes() -> None:
    pair = LinkPair()
    pair.to_grant()
    pair.step_receive()
    pair.step_confirm()
    seen = b"".join(pair.rendezvous.slots.values())
    needles = (
        pair.person.key.public,
        pair.person.account_id,
        pair.device.device_key.public,
        pair.device.payload.secret,
        b"alice",
        "서재 PC".encode(),
        b"a KeyPackage",
    )
    assert not any(needle in seen for needle in needles)
    assert set(pair.rendezvous.slots) == {1, 2, 3, 4, 5}


def test_an_account_links_one_pc_after_another() -> None:
    pair = LinkPair()
    first = pair.to_grant()
    pair.person.device_list = first.device_list
    second = LinkPair(pair.person, seed="second").to_grant()
    assert second.device_list.version == first.device_list.version + 1
    assert second.device_list.has(first.certificate)
    assert second.device_list.has(second.certificate)


def test_the_qr_is_all_that_the_phone_needs() -> None:
    device = NewDeviceLink(
        relay_url=RELAY, device_name="PC", platform="Linux", now_ms=NOW_MS, random=LinkPair().random("other")
    )
    phone = PhoneLink(device.uri, now_ms=NOW_MS)
    assert phone.payload == device.payload
    assert phone.payload.relay_url == RELAY
