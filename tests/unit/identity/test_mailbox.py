"""Mailbox keys, attaching to a relay, sealed envelopes."""

from collections.abc import Callable
from typing import Any

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.mailbox import MailboxKeys, open_envelope, seal_envelope, verify_auth, verify_mbnew
from byre.wire.envelope import ECHO, MLS_MESSAGE, Envelope
from tests.fakes.identities import SeededRandom

KEYS = MailboxKeys.generate(SeededRandom("mailbox"))
CHALLENGE: dict[str, Any] = {"relay_id": bytes(32), "origin": "https://relay.example", "nonce": bytes(range(32))}


def test_keys_come_back_from_the_store() -> None:
    again = MailboxKeys.from_bytes(KEYS.to_bytes())
    assert (again.mailbox_id, again.auth_public, again.box_public) == (
        KEYS.mailbox_id,
        KEYS.auth_public,
        KEYS.box_public,
    )
    assert again.box_private == KEYS.box_private


def test_keys_do_not_print() -> None:
    assert KEYS.box_private.reveal().hex() not in repr(KEYS)
    assert repr(KEYS.box_private.reveal()) not in repr(KEYS)


@pytest.mark.parametrize(("sign", "verify"), [("sign_auth", verify_auth), ("sign_mbnew", verify_mbnew)])
def test_a_signature_is_good_for_one_socket_of_one_relay(sign: str, verify: Callable[..., None]) -> None:
    signature = getattr(KEYS, sign)(**CHALLENGE)
    verify(KEYS.auth_public, **CHALLENGE, mailbox_id=KEYS.mailbox_id, signature=signature)
    for change in (
        {"relay_id": b"other"},
        {"origin": "https://relay.example:8443"},
        {"nonce": bytes(32)},
        {"mailbox_id": bytes(16)},
        {"signature": bytes(64)},
    ):
        with pytest.raises(PeerError) as caught:
            verify(KEYS.auth_public, **{**CHALLENGE, "mailbox_id": KEYS.mailbox_id, "signature": signature, **change})
        assert caught.value.code == "bad_signature"


def test_attaching_and_registering_are_two_things() -> None:
    with pytest.raises(PeerError):
        verify_auth(KEYS.auth_public, **CHALLENGE, mailbox_id=KEYS.mailbox_id, signature=KEYS.sign_mbnew(**CHALLENGE))


@pytest.mark.parametrize("change", [{"nonce": bytes(31)}, {"relay_id": bytes(65)}])
def test_what_is_no_challenge_is_not_signed(change: dict[str, bytes]) -> None:
    with pytest.raises(UsageError):
        KEYS.sign_auth(**{**CHALLENGE, **change})


@pytest.mark.parametrize(("size", "bucket"), [(0, 512), (458, 512), (459, 1024), (3000, 4096), (60_000, 65536)])
def test_an_envelope_fills_a_bucket_and_opens(size: int, bucket: int) -> None:
    sealed = seal_envelope(KEYS.box_public, MLS_MESSAGE, bytes(size))
    assert len(sealed) == bucket
    assert KEYS.open(sealed) == Envelope(MLS_MESSAGE, bytes(size))


def test_two_envelopes_of_one_body_differ() -> None:
    assert seal_envelope(KEYS.box_public, ECHO, b"x") != seal_envelope(KEYS.box_public, ECHO, b"x")


def test_another_mailbox_opens_nothing() -> None:
    other = MailboxKeys.generate(SeededRandom("other"))
    with pytest.raises(PeerError) as caught:
        open_envelope(other.box_private, seal_envelope(KEYS.box_public, ECHO, b"x"))
    assert caught.value.code == "bad_ciphertext"


def test_a_body_over_the_largest_bucket_is_the_callers_fault() -> None:
    with pytest.raises(UsageError):
        seal_envelope(KEYS.box_public, MLS_MESSAGE, bytes(65536))


@pytest.mark.parametrize(
    ("data", "code"), [(b"\0\2", "newer_version"), (b"", "malformed"), (KEYS.to_bytes() + b"\0", "malformed")]
)
def test_other_bytes_are_no_keys(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        MailboxKeys.from_bytes(data)
    assert caught.value.code == code
