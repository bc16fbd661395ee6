"""Linking under attack: the relay, who photographed the QR, who shows a foreign QR, replay, grinding.

Eve holds what the text of each test says; a test fails if she gets further than the law allows.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.linking import OFFER_LIFETIME_MS, NewDeviceLink, PhoneLink
from byre.identity.linking.new_device import NewDeviceState
from byre.identity.linking.phone import PhoneState
from byre.identity.linking.sealing import ANSWER, DONE, REVEAL, BlobKeys
from byre.identity.linking.transcript import Transcript
from byre.wire.link import Answer, Done
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom
from tests.fakes.link_pair import LinkPair, Rendezvous

EVE = Person("eve")


def keys_from_photo(pair: LinkPair) -> BlobKeys:
    """What anybody has who photographed the QR."""
    return BlobKeys(PhoneLink(pair.device.uri, now_ms=NOW_MS).payload)


def forged_answer(pair: LinkPair, answer: Answer) -> bytes:
    return keys_from_photo(pair).seal(ANSWER, answer.encode(), SeededRandom("eve"))


def test_a_forged_blob2_in_the_slot_stops_the_phone() -> None:
    """Eve photographed the QR and answers first: the phone finds the slot taken, and says that the offer was used."""
    pair = LinkPair()
    pair.rendezvous.put(2, forged_answer(pair, Answer(EVE.key.public, "eve", HOST, bytes(32))))
    pair.step_request()
    with pytest.raises(PeerError) as caught:
        pair.step_agree()
    assert caught.value.code == "relay_taken"
    assert pair.step_show().handle == "eve"  # what the PC shows is not what its user expects
    pair.phone.cancel()
    with pytest.raises(UsageError) as refused:
        pair.step_reveal()
    assert refused.value.code == "offer_used"


def test_a_blob2_swapped_by_the_relay_gives_another_code() -> None:
    """Eve is the relay and has the photo: she shows the PC her account and the phone the slot as written."""
    pair = LinkPair()
    pair.step_request()
    pair.step_agree()
    pair.rendezvous.slots[2] = forged_answer(pair, Answer(EVE.key.public, "alice", HOST, bytes(32)))
    shown = pair.step_show()
    pair.step_reveal()
    with pytest.raises(PeerError) as caught:
        pair.phone.enter_code(shown.code, now_ms=NOW_MS)
    assert caught.value.code == "code_mismatch"


def test_a_blob2_without_the_secret_kills_the_offer_and_reveals_no_nonce() -> None:
    """Eve is the relay alone: she cannot write a blob that opens."""
    pair = LinkPair()
    pair.rendezvous.put(2, bytes(200))
    with pytest.raises(PeerError) as caught:
        pair.step_show()
    assert caught.value.code == "bad_ciphertext"
    assert pair.device.state is NewDeviceState.DEAD
    assert 3 not in pair.rendezvous.slots


def test_a_wrong_nonce_is_refused() -> None:
    """Eve has photo and relay and would answer the phone in the PC's place."""
    pair = LinkPair()
    pair.step_request()
    pair.step_agree()
    pair.rendezvous.put(3, keys_from_photo(pair).seal(REVEAL, bytes(32), SeededRandom("eve")))
    with pytest.raises(PeerError) as caught:
        pair.step_reveal()
    assert caught.value.code == "wrong_offer"
    assert pair.phone.state is PhoneState.DEAD


def test_grinding_is_too_late_when_the_nonce_is_known() -> None:
    """Eve would try answers until the PC's code equals the phone's: but the PC takes one answer, before its nonce."""
    pair = LinkPair()
    code = pair.to_code()
    keys = keys_from_photo(pair)
    nonce = keys.open(REVEAL, pair.rendezvous.get(3))
    payload, offer = pair.device.payload.encode(), keys.open(1, pair.rendezvous.get(1))
    ground = next(
        answer
        for number in range(1 << 20)
        for answer in [Answer(EVE.key.public, "alice", HOST, number.to_bytes(32))]
        if Transcript.of(payload, offer, answer.encode(), nonce).code[:2] == code[:2]
    )  # two digits are ground in no time, six would take minutes
    with pytest.raises(UsageError) as caught:
        pair.device.receive_blob2(forged_answer(pair, ground), now_ms=NOW_MS, random=SeededRandom("x"))
    assert caught.value.code == "wrong_state"


def test_grinding_before_the_nonce_is_known_is_guessing() -> None:
    """Whatever Eve commits to, the code that the PC will show depends on 32 bytes that she does not know."""
    pair = LinkPair()
    payload = pair.device.payload.encode()
    offer = keys_from_photo(pair).open(1, pair.rendezvous.get(1))
    answer = Answer(EVE.key.public, "alice", HOST, bytes(32)).encode()
    codes = {Transcript.of(payload, offer, answer, SeededRandom(f"{n}")(32)).code for n in range(200)}
    assert len(codes) > 190


def test_a_wrong_code_three_times_kills_the_offer() -> None:
    pair = LinkPair()
    code = pair.to_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(3):
        with pytest.raises(PeerError) as caught:
            pair.phone.enter_code(wrong, now_ms=NOW_MS)
        assert caught.value.code == "code_mismatch"
    with pytest.raises(UsageError) as dead:
        pair.phone.enter_code(code, now_ms=NOW_MS)
    assert dead.value.code == "offer_used"
    with pytest.raises(UsageError):
        pair.step_grant()


def test_an_expired_offer_goes_nowhere() -> None:
    late = NOW_MS + OFFER_LIFETIME_MS + 1
    pair = LinkPair()
    pair.step_request()
    pair.step_agree()
    pair.now_ms = late
    with pytest.raises(PeerError) as caught:
        pair.step_show()
    assert caught.value.code == "offer_expired"
    assert pair.device.state is NewDeviceState.DEAD
    with pytest.raises(PeerError) as caught:
        PhoneLink(LinkPair().device.uri, now_ms=late)
    assert caught.value.code == "offer_expired"


def test_blobs_of_an_earlier_offer_open_nothing() -> None:
    """Eve replays what lay at another rendezvous of the same two devices."""
    old, new = LinkPair(seed="old"), LinkPair(seed="new")
    old.to_grant()
    old.step_receive()
    old.step_confirm()
    new.step_request()
    new.step_agree()
    with pytest.raises(PeerError):
        new.device.receive_blob2(old.rendezvous.get(2), now_ms=NOW_MS, random=SeededRandom("x"))
    new = LinkPair(seed="new")
    new.to_match()
    new.step_grant()
    new.rendezvous.slots[4] = old.rendezvous.get(4)
    with pytest.raises(PeerError) as caught:
        new.step_receive()
    assert caught.value.code == "bad_ciphertext"
    new.rendezvous.slots[5] = old.rendezvous.get(5)
    with pytest.raises(PeerError) as caught:
        new.step_done()
    assert caught.value.code == "bad_ciphertext"


def test_blobs_of_one_slot_open_in_no_other() -> None:
    pair = LinkPair()
    pair.step_request()
    pair.step_agree()
    with pytest.raises(PeerError):
        pair.device.receive_blob2(pair.rendezvous.get(1), now_ms=NOW_MS, random=SeededRandom("x"))


def test_one_qr_links_one_phone() -> None:
    """Two phones scan the QR: the second finds the answer's slot taken."""
    pair = LinkPair()
    second = PhoneLink(pair.device.uri, now_ms=NOW_MS)
    pair.step_request()
    pair.step_agree()
    second.receive_blob1(pair.rendezvous.get(1), now_ms=NOW_MS)
    blob2 = second.agree(
        account_public=EVE.key.public, handle="eve", host=HOST, now_ms=NOW_MS, random=SeededRandom("second")
    )
    with pytest.raises(PeerError):
        pair.rendezvous.put(2, blob2)


def test_a_foreign_qr_needs_the_code_of_the_foreign_pc() -> None:
    """Eve shows the user her PC's QR while the user's own PC shows its code."""
    own, eves = LinkPair(seed="own"), LinkPair(seed="eve's PC")
    eves.to_code()
    own_code = own.to_code()
    with pytest.raises(PeerError) as caught:
        eves.phone.enter_code(own_code, now_ms=NOW_MS)
    assert caught.value.code == "code_mismatch"


def test_a_qr_with_another_offers_hash_does_not_admit_eves_keys() -> None:
    """Eve puts her own offer into the rendezvous of the QR that the user scanned."""
    pair = LinkPair()
    eves = NewDeviceLink(
        relay_url=RELAY, device_name="서재 PC", platform="Linux", now_ms=NOW_MS, random=SeededRandom("eve's PC")
    )
    plaintext = BlobKeys(eves.payload).open(1, eves.blob1)
    pair.rendezvous.slots[1] = keys_from_photo(pair).seal(1, plaintext, SeededRandom("eve"))
    with pytest.raises(PeerError) as caught:
        pair.step_request()
    assert caught.value.code == "wrong_offer"


def test_a_swapped_account_is_refused() -> None:
    """The phone names one account in blob 2; the grant is another's. Eve is the relay, with photo and an account."""
    pair = LinkPair()
    pair.to_grant()
    eves = LinkPair(EVE, seed="link")
    eves.to_grant()
    pair.rendezvous.slots[4] = eves.rendezvous.get(4)
    with pytest.raises(PeerError) as caught:
        pair.step_receive()
    assert caught.value.code == "bad_ciphertext"
    assert pair.device.state is NewDeviceState.DEAD


def test_the_grant_does_not_open_for_who_photographed_the_qr() -> None:
    pair = LinkPair()
    pair.to_grant()
    for slot in range(1, 6):
        with pytest.raises(PeerError):
            keys_from_photo(pair).open(slot, pair.rendezvous.get(4))


def test_a_confirmation_by_who_saw_everything_names_another_device_key() -> None:
    """Eve is the relay with the photo: she can compute the transcript, so that P must look at the KeyPackage's key."""
    pair = LinkPair()
    pair.to_grant()
    keys = keys_from_photo(pair)
    plaintexts = [keys.open(slot, pair.rendezvous.get(slot)) for slot in (1, 2, 3)]
    transcript = Transcript.of(pair.device.payload.encode(), *plaintexts)
    forged = Done(transcript.done, b"KeyPackage of eve's key").encode()
    pair.rendezvous.put(5, keys.seal(DONE, forged, SeededRandom("eve")))
    assert pair.step_done() == b"KeyPackage of eve's key"
    assert pair.phone.device_key == pair.device.device_key.public  # what the KeyPackage must carry, and eve's cannot


def test_without_a_confirmation_the_grant_is_withdrawn() -> None:
    pair = LinkPair()
    granted = pair.to_grant()
    pair.now_ms = pair.phone.deadline_ms + 1
    pair.rendezvous.put(5, b"too late")
    with pytest.raises(PeerError) as caught:
        pair.step_done()
    assert caught.value.code == "offer_expired"
    withdrawn = granted.withdrawal(pair.person.key, pair.now_ms)
    assert withdrawn.previous == granted.device_list.hash
    assert withdrawn.devices == pair.person.device_list.devices


def test_a_device_that_says_no_installs_nothing() -> None:
    pair = LinkPair()
    pair.to_grant()
    pair.step_receive()
    pair.device.cancel()
    with pytest.raises(UsageError):
        pair.step_confirm()


def test_a_changed_qr_is_noticed_by_the_code() -> None:
    """The payload is in the transcript: another expiry in the phone's copy gives another code."""
    pair = LinkPair()
    other = replace(pair.device.payload, expires_ms=pair.device.payload.expires_ms + 1)
    pair.phone = PhoneLink(other.to_uri(), now_ms=NOW_MS)
    code = pair.to_code()
    with pytest.raises(PeerError) as caught:
        pair.phone.enter_code(code, now_ms=NOW_MS)
    assert caught.value.code == "code_mismatch"


def test_the_rendezvous_is_write_once() -> None:
    rendezvous = Rendezvous()
    rendezvous.put(1, b"first")
    with pytest.raises(PeerError):
        rendezvous.put(1, b"second")
    assert rendezvous.get(1) == b"first"
