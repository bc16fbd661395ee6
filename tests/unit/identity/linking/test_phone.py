"""P's end alone: order of steps, time, tries, and keeping a granted link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.linking import OFFER_LIFETIME_MS, RENDEZVOUS_GRACE_MS, PhoneLink
from byre.identity.linking.phone import PhoneState
from byre.identity.linking.sealing import DONE, OFFER, REVEAL, BlobKeys
from byre.wire.link import Done, decode_offer
from tests.fakes.identities import NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.link_pair import LinkPair


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises((PeerError, UsageError)) as caught:
        call()
    return caught.value.code


def test_an_expired_qr_is_not_even_begun() -> None:
    uri = LinkPair().device.uri
    PhoneLink(uri, now_ms=NOW_MS + OFFER_LIFETIME_MS)
    assert code_of(lambda: PhoneLink(uri, now_ms=NOW_MS + OFFER_LIFETIME_MS + 1)) == "offer_expired"


def test_a_qr_that_claims_to_live_for_ever_is_refused() -> None:
    payload = replace(LinkPair().device.payload, expires_ms=NOW_MS + 86_400_000)
    assert code_of(lambda: PhoneLink(payload.to_uri(), now_ms=NOW_MS)) == "offer_expired"


def test_another_qr_is_no_link() -> None:
    assert code_of(lambda: PhoneLink("https://example.com", now_ms=NOW_MS)) == "bad_link_uri"


def test_steps_out_of_order_are_the_callers_fault() -> None:
    pair = LinkPair()
    pair.rendezvous.slots.update({3: b"", 5: b""})
    for call in (pair.step_agree, pair.step_reveal, pair.step_grant, pair.step_done, pair.phone.to_bytes):
        assert code_of(call) == "wrong_state"
    assert code_of(lambda: pair.phone.enter_code("000000", now_ms=NOW_MS)) == "wrong_state"


@pytest.mark.parametrize(
    "part", ["hpke_public", "device_key", "nonce_hash"], ids=["HPKE key", "device key", "nonce hash"]
)
def test_an_offer_that_the_qr_does_not_name_is_refused(part: str) -> None:
    pair = LinkPair()
    keys = BlobKeys(pair.device.payload)
    offer = decode_offer(keys.open(OFFER, pair.device.blob1))
    forged = replace(offer, **{part: bytes(len(getattr(offer, part)))})
    pair.rendezvous.slots[1] = keys.seal(OFFER, forged.encode(), SeededRandom("forged"))
    assert code_of(pair.step_request) == "wrong_offer"
    assert pair.phone.state is PhoneState.DEAD
    assert code_of(pair.step_request) == "offer_used"


@pytest.mark.parametrize("nonce", [bytes(32), b"", bytes(31), bytes(33)])
def test_a_nonce_that_the_qr_does_not_commit_to_is_refused(nonce: bytes) -> None:
    pair = LinkPair()
    pair.step_request()
    pair.step_agree()
    pair.rendezvous.put(3, BlobKeys(pair.device.payload).seal(REVEAL, nonce, SeededRandom("forged")))
    assert code_of(pair.step_reveal) == "wrong_offer"
    assert pair.phone.state is PhoneState.DEAD


def test_a_code_may_be_typed_with_spaces() -> None:
    pair = LinkPair()
    code = pair.to_code()
    pair.phone.enter_code(f" {code[:3]} {code[3:]}\n", now_ms=NOW_MS)
    assert pair.phone.state is PhoneState.MATCHED


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_three_wrong_codes_kill_the_offer() -> None:
    pair = LinkPair()
    code = pair.to_code()
    for left in (2, 1, 0):
        assert code_of(lambda: pair.phone.enter_code(wrong(code), now_ms=NOW_MS)) == "code_mismatch"
        assert pair.phone.tries_left == left
    assert code_of(lambda: pair.phone.enter_code(code, now_ms=NOW_MS)) == "offer_used"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800"])
def test_what_is_no_code_is_a_wrong_code(typed: str) -> None:
    pair = LinkPair()
    pair.to_code()
    assert code_of(lambda: pair.phone.enter_code(typed, now_ms=NOW_MS)) == "code_mismatch"


def test_the_right_code_after_two_wrong_ones_counts() -> None:
    pair = LinkPair()
    code = pair.to_code()
    for _ in range(2):
        assert code_of(lambda: pair.phone.enter_code(wrong(code), now_ms=NOW_MS)) == "code_mismatch"
    pair.phone.enter_code(code, now_ms=NOW_MS)
    assert pair.step_grant().certificate.account_id == pair.person.account_id


@pytest.mark.parametrize("step", ["agree", "request"])
def test_nothing_early_happens_after_expiry(step: str) -> None:
    pair = LinkPair()
    if step == "agree":
        pair.step_request()
    pair.now_ms += OFFER_LIFETIME_MS + 1
    assert code_of(getattr(pair, f"step_{step}")) == "offer_expired"
    assert pair.phone.state is PhoneState.DEAD


def test_nothing_late_happens_after_the_rendezvous_is_gone() -> None:
    late = NOW_MS + OFFER_LIFETIME_MS + RENDEZVOUS_GRACE_MS + 1
    pair = LinkPair()
    pair.step_request()
    pair.step_agree()
    pair.step_show()
    pair.now_ms = late
    assert code_of(pair.step_reveal) == "offer_expired"
    pair = LinkPair()
    code = pair.to_code()
    assert code_of(lambda: pair.phone.enter_code(code, now_ms=late)) == "offer_expired"
    pair = LinkPair()
    pair.to_match()
    pair.now_ms = late
    assert code_of(pair.step_grant) == "offer_expired"


@pytest.mark.parametrize(
    "change",
    [
        {"account_key": Person("bob").key},
        {"binding": Person("bob").binding},
        {"relay_url": "https://other.example"},
    ],
)
def test_the_phone_grants_the_account_that_it_named(change: dict[str, Any]) -> None:
    pair = LinkPair()
    pair.to_match()
    person = pair.person
    arguments: dict[str, Any] = {
        "account_key": person.key,
        "device_list": person.device_list,
        "binding": person.binding,
        "display_name": "Alice",
        "relay_url": RELAY,
        "now_ms": NOW_MS,
        "random": SeededRandom("x"),
        **change,
    }
    assert code_of(lambda: pair.phone.grant(arguments.pop("account_key"), **arguments)) == "bad_field"


def test_a_granted_link_survives_a_restart() -> None:
    pair = LinkPair()
    granted = pair.to_grant()
    kept = PhoneLink.from_bytes(pair.phone.to_bytes())
    assert (kept.device_id, kept.device_key) == (granted.certificate.device_id, granted.certificate.device_key)
    assert kept.deadline_ms == pair.phone.deadline_ms
    pair.phone = kept
    pair.step_receive()
    pair.step_confirm()
    assert pair.step_done() == b"a KeyPackage"
    assert kept.state is PhoneState.LINKED


@pytest.mark.parametrize(("data", "code"), [(b"\0\2", "newer_version"), (b"", "malformed"), (b"\0\1\0", "malformed")])
def test_other_bytes_are_no_granted_link(data: bytes, code: str) -> None:
    assert code_of(lambda: PhoneLink.from_bytes(data)) == code


def test_a_wrong_confirmation_leaves_the_withdrawal_due() -> None:
    pair = LinkPair()
    pair.to_grant()
    forged = Done(bytes(48), b"an attacker's KeyPackage").encode()
    pair.rendezvous.put(5, BlobKeys(pair.device.payload).seal(DONE, forged, SeededRandom("forged")))
    assert code_of(pair.step_done) == "bad_signature"
    assert pair.phone.state is PhoneState.GRANTED


def test_a_grant_is_withdrawn_by_the_list_after_next() -> None:
    pair = LinkPair()
    granted = pair.to_grant()
    withdrawn = granted.withdrawal(pair.person.key, NOW_MS)
    assert withdrawn.version == pair.person.device_list.version + 2
    assert withdrawn.previous == granted.device_list.hash
    assert not withdrawn.has_device(granted.certificate.device_id)


def test_a_grant_cannot_be_cancelled() -> None:
    pair = LinkPair()
    pair.to_grant()
    assert code_of(pair.phone.cancel) == "wrong_state"


def test_a_handshake_can_be_cancelled_before_the_grant() -> None:
    pair = LinkPair()
    pair.to_match()
    pair.phone.cancel()
    assert code_of(pair.step_grant) == "offer_used"


def test_expiry_is_early_before_the_answer_and_late_after_it() -> None:
    pair = LinkPair()
    expiry = NOW_MS + OFFER_LIFETIME_MS
    assert not pair.phone.is_expired(expiry)
    assert pair.phone.is_expired(expiry + 1)
    pair.step_request()
    pair.step_agree()
    assert not pair.phone.is_expired(expiry + RENDEZVOUS_GRACE_MS)
    assert pair.phone.is_expired(expiry + RENDEZVOUS_GRACE_MS + 1)


def test_a_device_has_no_id_before_it_is_granted() -> None:
    pair = LinkPair()
    assert (pair.phone.device_id, pair.phone.device_key) == (b"", b"")
    pair.step_request()
    assert pair.phone.device_key == pair.device.device_key.public
