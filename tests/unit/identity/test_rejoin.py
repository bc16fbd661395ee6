"""Rejoin requests and the answer that a device was removed."""

import hashlib

import pytest

from byre.errors import PeerError, UsageError
from byre.identity.rejoin import (
    CLOCK_ERROR_MS,
    FRESH_FOR_MS,
    RejoinRequest,
    RejoinRequestIn,
    RemovedAnswer,
    RemovedAnswerIn,
)
from tests.fakes.identities import NOW_MS, Person

ALICE, BOB = Person("alice"), Person("bob")
KEY = ALICE.primary.key
REQUEST = RejoinRequest.issue(KEY, group_id=b"group", key_package=b"package", now_ms=NOW_MS)
ANSWER = RemovedAnswer.issue(
    BOB.primary.key,
    group_id=b"group",
    request_hash=REQUEST.hash,
    account_id=BOB.account_id,
    device_id=BOB.primary.id,
)


def test_a_request_is_believed_after_its_key_is_known() -> None:
    parsed = RejoinRequestIn.decode(REQUEST.encoded)
    assert (parsed.group_id, parsed.unverified_key_package) == (b"group", b"package")
    assert parsed.verified(KEY.public) == REQUEST


def test_another_devices_request_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        RejoinRequestIn.decode(REQUEST.encoded).verified(BOB.primary.key.public)
    assert caught.value.code == "bad_signature"


def test_a_request_is_fresh_for_a_few_days() -> None:
    assert REQUEST.is_fresh(NOW_MS + FRESH_FOR_MS)
    assert not REQUEST.is_fresh(NOW_MS + FRESH_FOR_MS + 1)
    assert REQUEST.is_fresh(NOW_MS - CLOCK_ERROR_MS)
    assert not REQUEST.is_fresh(NOW_MS - CLOCK_ERROR_MS - 1)


def test_an_answer_names_its_request_and_who_answers() -> None:
    parsed = RemovedAnswerIn.decode(ANSWER.encoded)
    assert (parsed.group_id, parsed.account_id, parsed.device_id) == (b"group", BOB.account_id, BOB.primary.id)
    answer = parsed.verified(BOB.primary.key.public)
    assert answer == ANSWER
    assert answer.request_hash == hashlib.sha256(REQUEST.encoded).digest()


def test_another_devices_answer_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        RemovedAnswerIn.decode(ANSWER.encoded).verified(KEY.public)
    assert caught.value.code == "bad_signature"


@pytest.mark.parametrize(
    ("group_id", "package", "time_ms"),
    [(b"", b"p", 1), (bytes(65), b"p", 1), (b"g", b"", 1), (b"g", bytes(16385), 1), (b"g", b"p", -1)],
)
def test_what_is_no_request_cannot_be_signed(group_id: bytes, package: bytes, time_ms: int) -> None:
    with pytest.raises(UsageError):
        RejoinRequest.issue(KEY, group_id=group_id, key_package=package, now_ms=time_ms)  # type: ignore[arg-type]


@pytest.mark.parametrize(("size", "account", "device"), [(31, 32, 16), (32, 31, 16), (32, 32, 15)])
def test_what_is_no_answer_cannot_be_signed(size: int, account: int, device: int) -> None:
    with pytest.raises(UsageError):
        RemovedAnswer.issue(
            KEY, group_id=b"g", request_hash=bytes(size), account_id=bytes(account), device_id=bytes(device)
        )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\0\2", "newer_version"),
        (b"\0\1\0\1p" + bytes(72), "malformed"),
        (b"\0\1\1g\0" + bytes(72), "malformed"),
        (REQUEST.encoded + b"\0", "malformed"),
    ],
)
def test_other_bytes_are_no_request(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        RejoinRequestIn.decode(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\0\2", "newer_version"), (b"\0\1\0" + bytes(144), "malformed"), (ANSWER.encoded[:-1], "malformed")],
)
def test_other_bytes_are_no_answer(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        RemovedAnswerIn.decode(data)
    assert caught.value.code == code
