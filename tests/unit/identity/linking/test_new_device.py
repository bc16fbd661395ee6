"""N's end alone: order of steps, time, and what it refuses in a grant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from byre.errors import PeerError, UsageError
from byre.identity import domains
from byre.identity.certificate import DeviceCertificate, DeviceRole
from byre.identity.linking import OFFER_LIFETIME_MS, RENDEZVOUS_GRACE_MS, NewDeviceLink
from byre.identity.linking.new_device import NewDeviceState
from byre.identity.linking.sealing import ANSWER, BlobKeys
from byre.identity.linking.transcript import link_suite
from byre.wire.link import Answer, Grant, SignedGrant
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.link_pair import LinkPair


def test_every_offer_is_fresh() -> None:
    one, other = LinkPair(seed="one").device, LinkPair(seed="other").device
    assert one.payload.rendezvous != other.payload.rendezvous
    assert one.payload.secret != other.payload.secret
    assert one.device_key.public != other.device_key.public


def test_an_offer_needs_a_relay_and_a_name() -> None:
    with pytest.raises(PeerError):
        NewDeviceLink(relay_url="relay", device_name="PC", platform="", now_ms=NOW_MS, random=SeededRandom("x"))
    with pytest.raises(UsageError):
        NewDeviceLink(relay_url=RELAY, device_name="P\nC", platform="", now_ms=NOW_MS, random=SeededRandom("x"))


def test_steps_out_of_order_are_the_callers_fault() -> None:
    device = LinkPair().device
    calls: list[Callable[[], object]] = [
        lambda: device.receive_blob4(b"", now_ms=NOW_MS),
        lambda: device.confirm(b"p", now_ms=NOW_MS, random=SeededRandom("x")),
        device.welcomed,
    ]
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.code == "wrong_state"
    assert device.state is NewDeviceState.OFFERED


def test_one_answer_is_taken_per_offer() -> None:
    pair = LinkPair()
    pair.to_code()
    with pytest.raises(UsageError):
        pair.step_show()


def answering(pair: LinkPair, answer: Answer) -> bytes:
    return BlobKeys(pair.device.payload).seal(ANSWER, answer.encode(), SeededRandom("forged"))


@pytest.mark.parametrize(("handle", "host"), [("Alice", HOST), ("a", HOST), ("alice", "Relay.example"), ("alice", "")])
def test_an_answer_names_a_real_handle(handle: str, host: str) -> None:
    pair = LinkPair()
    blob = answering(pair, Answer(pair.person.key.public, handle, host, bytes(32)))
    with pytest.raises(PeerError):
        pair.device.receive_blob2(blob, now_ms=NOW_MS, random=SeededRandom("x"))
    assert pair.device.state is NewDeviceState.DEAD


def test_a_dead_offer_takes_nothing() -> None:
    pair = LinkPair()
    pair.device.cancel()
    with pytest.raises(UsageError):
        pair.device.receive_blob2(b"", now_ms=NOW_MS, random=SeededRandom("x"))


def test_an_offer_expires_early_before_the_code_and_late_after_it() -> None:
    pair = LinkPair()
    expiry = NOW_MS + OFFER_LIFETIME_MS
    assert not pair.device.is_expired(expiry)
    assert pair.device.is_expired(expiry + 1)
    pair.to_code()
    assert not pair.device.is_expired(expiry + RENDEZVOUS_GRACE_MS)
    assert pair.device.is_expired(expiry + RENDEZVOUS_GRACE_MS + 1)


def test_a_linked_device_is_not_cancelled() -> None:
    pair = LinkPair()
    pair.to_grant()
    pair.step_receive()
    pair.step_confirm()
    pair.device.welcomed()
    pair.device.cancel()
    assert pair.device.state is NewDeviceState.LINKED


class Forger:
    """A phone after the code that grants something else than an honest one."""

    def __init__(self) -> None:
        self.pair = LinkPair()
        self.pair.to_match()
        person, device = self.pair.person, self.pair.device
        self.certificate = self.certify(device.device_key.public, DeviceRole.LINKED)
        successor = person.device_list.with_device(person.key, self.certificate, NOW_MS)
        self.honest = Grant(self.certificate.encoded, successor.encoded, person.binding.encoded, "Alice", RELAY)

    def certify(self, key: bytes, role: DeviceRole) -> DeviceCertificate:
        return DeviceCertificate.issue(
            self.pair.person.key,
            device_id=bytes(16),
            device_key=key,
            role=role,
            now_ms=NOW_MS,  # type: ignore[arg-type]
        )

    def blob4(self, grant: Grant, signer: Person | None = None, domain: bytes = domains.LINK_GRANT) -> bytes:
        transcript = self.pair.device._transcript
        assert transcript is not None
        body = grant.encode()
        signature = (signer or self.pair.person).key.sign(domain, transcript.grant_structure(body))
        enc, sealed = link_suite().seal(
            self.pair.device._offer.hpke_public, transcript.hash, b"", SignedGrant(body, signature).encode()
        )
        return enc + sealed

    def refusal(self, blob: bytes) -> str:
        with pytest.raises(PeerError) as caught:
            self.pair.device.receive_blob4(blob, now_ms=NOW_MS)
        assert self.pair.device.state is NewDeviceState.DEAD
        return caught.value.code


def test_the_honest_grant_is_taken() -> None:
    forger = Forger()
    granted = forger.pair.device.receive_blob4(forger.blob4(forger.honest), now_ms=NOW_MS)
    assert granted.certificate == forger.certificate
    assert granted.display_name == "Alice"


def test_a_grant_signed_by_another_account_is_refused() -> None:
    forger = Forger()
    assert forger.refusal(forger.blob4(forger.honest, signer=Person("eve"))) == "bad_signature"


def test_a_grant_signed_for_another_purpose_is_refused() -> None:
    forger = Forger()
    assert forger.refusal(forger.blob4(forger.honest, domain=domains.BINDING)) == "bad_signature"


def test_a_grant_for_another_device_is_refused() -> None:
    forger = Forger()
    other = forger.certify(bytes(32), DeviceRole.LINKED)
    assert forger.refusal(forger.blob4(replace(forger.honest, certificate=other.encoded))) == "malformed"


def test_a_grant_that_makes_a_second_primary_is_refused() -> None:
    forger = Forger()
    person = forger.pair.person
    primary = forger.certify(forger.pair.device.device_key.public, DeviceRole.PRIMARY)
    successor = person.device_list.with_device(person.key, primary, NOW_MS)
    forged = replace(forger.honest, certificate=primary.encoded, device_list=successor.encoded)
    assert forger.refusal(forger.blob4(forged)) == "malformed"


def test_a_grant_whose_list_lacks_the_device_is_refused() -> None:
    forger = Forger()
    forged = replace(forger.honest, device_list=forger.pair.person.device_list.encoded)
    assert forger.refusal(forger.blob4(forged)) == "malformed"


def test_a_grant_for_another_handle_than_blob2_named_is_refused() -> None:
    forger = Forger()
    person = forger.pair.person
    for handle, host in (("alicia", HOST), ("alice", "other.example")):
        binding = type(person.binding).issue(person.key, handle=handle, host=host, now_ms=NOW_MS)
        blob = forger.blob4(replace(forger.honest, binding=binding.encoded))
        assert forger.refusal(blob) == "wrong_account"
        forger = Forger()


def test_a_grant_from_another_relay_than_the_handles_is_refused() -> None:
    forger = Forger()
    assert forger.refusal(forger.blob4(replace(forger.honest, relay_url="https://other.example"))) == "wrong_account"


@pytest.mark.parametrize("blob", [b"", bytes(1120), bytes(2000), bytes(70_000)])
def test_what_is_no_grant_kills_the_offer(blob: bytes) -> None:
    forger = Forger()
    assert forger.refusal(blob) in ("bad_ciphertext", "invalid_key", "malformed")


def test_a_late_grant_is_refused() -> None:
    pair = LinkPair()
    pair.to_grant()
    pair.now_ms = pair.device.deadline_ms + 1
    with pytest.raises(PeerError) as caught:
        pair.step_receive()
    assert caught.value.code == "offer_expired"


def test_a_late_confirmation_is_not_sent() -> None:
    pair = LinkPair()
    pair.to_grant()
    pair.step_receive()
    pair.now_ms = pair.device.deadline_ms + 1
    with pytest.raises(PeerError) as caught:
        pair.step_confirm()
    assert caught.value.code == "offer_expired"


def test_nothing_secret_prints() -> None:
    pair = LinkPair()
    shown = pair.to_code()
    assert shown not in repr(pair.device)
