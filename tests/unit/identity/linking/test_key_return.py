"""A PC that has lost its key and the phone that keeps a copy: the handshake, and everybody who is not in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from byre.crypto.secret import Secret
from byre.errors import PeerError, UsageError
from byre.identity.key_copy import KeyCopy
from byre.identity.linking import NewDeviceLink, PhoneLink
from byre.identity.linking.key_return import KeyHolder, KeySeeker, KeyWanted
from byre.identity.linking.timing import OFFER_LIFETIME_MS, RENDEZVOUS_GRACE_MS
from tests.fakes.identities import HOST, NOW_MS, RELAY, Person, SeededRandom

WANTED = KeyWanted(b"p" * 16, 3)
COPY = KeyCopy(b"p" * 16, 3, Secret(b"s" * 32))
ALICE = Person("alice")


class Pair:
    def __init__(self) -> None:
        self.pc = KeySeeker(WANTED, relay_url=RELAY, now_ms=NOW_MS, random=SeededRandom("pc"))
        self.phone = KeyHolder(self.pc.uri, now_ms=NOW_MS)
        self.code = ""

    def to_code(self) -> Pair:
        self.phone.receive_blob1(self.pc.blob1, now_ms=NOW_MS)
        assert self.phone.wanted() == WANTED
        blob2 = self.phone.agree(
            account_public=ALICE.key.public, handle="alice", host=HOST, now_ms=NOW_MS, random=SeededRandom("phone")
        )
        shown = self.pc.receive_blob2(blob2, now_ms=NOW_MS, random=SeededRandom("show"))
        self.phone.receive_blob3(shown.blob3, now_ms=NOW_MS)
        self.code = shown.code
        return self

    def blob4(self, copy: KeyCopy = COPY) -> bytes:
        self.phone.enter_code(self.code, now_ms=NOW_MS)
        return self.phone.give(copy, now_ms=NOW_MS)


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises((PeerError, UsageError)) as caught:
        work()
    code: str = caught.value.code
    return code


def test_the_key_comes_back_after_the_code_was_typed() -> None:
    pair = Pair().to_code()
    assert pair.pc.receive_key(pair.blob4(), now_ms=NOW_MS) == COPY
    assert refusal(lambda: pair.pc.receive_key(b"", now_ms=NOW_MS)) == "wrong_state"
    assert refusal(lambda: pair.phone.give(COPY, now_ms=NOW_MS)) == "wrong_state"


def test_nothing_is_given_before_the_code_matches() -> None:
    pair = Pair().to_code()
    assert refusal(lambda: pair.phone.give(COPY, now_ms=NOW_MS)) == "wrong_state"
    wrong = f"{(int(pair.code) + 1) % 1_000_000:06}"
    for _ in range(3):
        assert refusal(lambda: pair.phone.enter_code(wrong, now_ms=NOW_MS)) == "code_mismatch"
    assert refusal(lambda: pair.phone.give(COPY, now_ms=NOW_MS)) == "offer_used"


def test_the_key_of_another_profile_or_generation_is_refused() -> None:
    for copy in (KeyCopy(b"q" * 16, 3, COPY.secret), KeyCopy(b"p" * 16, 2, COPY.secret)):
        pair = Pair().to_code()
        blob4 = pair.blob4(copy)
        assert refusal(lambda pair=pair, blob4=blob4: pair.pc.receive_key(blob4, now_ms=NOW_MS)) == "wrong_key"  # type: ignore[misc]


def test_who_photographed_the_qr_reads_no_key() -> None:
    pair, thief = Pair().to_code(), Pair().to_code()
    thief.pc._hpke_private = KeySeeker(
        WANTED, relay_url=RELAY, now_ms=NOW_MS, random=SeededRandom("thief")
    )._hpke_private
    blob4 = pair.blob4()
    assert refusal(lambda: thief.pc.receive_key(blob4, now_ms=NOW_MS)) == "bad_ciphertext"


def test_the_two_kinds_of_qr_are_not_taken_for_each_other() -> None:
    link = NewDeviceLink(
        relay_url=RELAY, device_name="PC", platform="Linux", now_ms=NOW_MS, random=SeededRandom("link")
    )
    assert refusal(lambda: KeyHolder(link.uri, now_ms=NOW_MS)) == "bad_link_uri"
    assert refusal(lambda: PhoneLink(Pair().pc.uri, now_ms=NOW_MS)) == "bad_link_uri"
    turned = KeyHolder(link.payload.to_uri("byre://key#"), now_ms=NOW_MS)
    turned.receive_blob1(link.blob1, now_ms=NOW_MS)
    assert refusal(turned.wanted) == "malformed"
    assert refusal(turned.wanted) == "offer_used"


@pytest.mark.parametrize(("name", "number"), [("zz", "1"), ("70" * 16, "-1"), ("70" * 16, "9" * 11), ("70", "1")])
def test_what_names_no_profile_is_refused(name: str, number: str) -> None:
    odd = NewDeviceLink(relay_url=RELAY, device_name=name, platform=number, now_ms=NOW_MS, random=SeededRandom("odd"))
    holder = KeyHolder(odd.payload.to_uri("byre://key#"), now_ms=NOW_MS)
    holder.receive_blob1(odd.blob1, now_ms=NOW_MS)
    assert refusal(holder.wanted) == "malformed"


def test_both_ends_end_in_time() -> None:
    late = NOW_MS + OFFER_LIFETIME_MS + RENDEZVOUS_GRACE_MS + 1
    pair = Pair().to_code()
    blob4 = pair.blob4()
    assert refusal(lambda: pair.pc.receive_key(blob4, now_ms=late)) == "offer_expired"
    pair = Pair().to_code()
    pair.phone.enter_code(pair.code, now_ms=NOW_MS)
    assert refusal(lambda: pair.phone.give(COPY, now_ms=late)) == "offer_expired"
