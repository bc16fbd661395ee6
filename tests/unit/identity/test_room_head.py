"""Claim keys, claims and claim bodies."""

from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.errors import PeerError, UsageError
from byre.identity import room_head
from tests.fakes.identities import SeededRandom

TAG = bytes(range(16))
CLAIM: dict[str, Any] = {
    "relay_id": bytes(32),
    "group_tag": TAG,
    "epoch": 7,
    "claim_id": bytes(16),
    "commit_hash": room_head.commit_hash(b"a commit"),
    "next_claim_public": bytes(32),
}


def exporter_of(epoch: int) -> room_head.Exporter:
    def export(label: str, context: bytes, length: int) -> Secret:
        assert context == b""
        return Secret(SeededRandom(f"{epoch} {label}")(length))

    return export


KEY = room_head.claim_key(exporter_of(7))


def test_every_member_of_an_epoch_derives_its_claim_key() -> None:
    assert KEY.public == room_head.claim_key(exporter_of(7)).public
    assert KEY.public != room_head.claim_key(exporter_of(8)).public


def test_a_claim_holds_for_exactly_what_it_says() -> None:
    signature = room_head.sign_claim(KEY, **CLAIM)
    room_head.verify_claim(KEY.public, **CLAIM, signature=signature)
    for change in (
        {"relay_id": b"another"},
        {"group_tag": bytes(16)},
        {"epoch": 8},
        {"claim_id": bytes(15) + b"1"},
        {"commit_hash": bytes(48)},
        {"next_claim_public": b"\1" * 32},
        {"signature": bytes(64)},
    ):
        with pytest.raises(PeerError) as caught:
            room_head.verify_claim(KEY.public, **{**CLAIM, "signature": signature, **change})
        assert caught.value.code == "bad_signature"


def test_a_removed_members_old_key_claims_nothing() -> None:
    signature = room_head.sign_claim(room_head.claim_key(exporter_of(6)), **CLAIM)
    with pytest.raises(PeerError):
        room_head.verify_claim(KEY.public, **CLAIM, signature=signature)


@pytest.mark.parametrize(
    "change",
    [
        {"relay_id": bytes(65)},
        {"group_tag": bytes(15)},
        {"epoch": -1},
        {"epoch": 2**64},
        {"claim_id": bytes(15)},
        {"commit_hash": bytes(32)},
        {"next_claim_public": bytes(31)},
    ],
)
def test_what_is_no_claim_is_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        room_head.sign_claim(KEY, **{**CLAIM, **change})


def test_creating_a_head_proves_the_key() -> None:
    signature = room_head.sign_create(KEY, relay_id=bytes(32), group_tag=TAG)
    room_head.verify_create(KEY.public, relay_id=bytes(32), group_tag=TAG, signature=signature)
    with pytest.raises(PeerError):
        room_head.verify_create(KEY.public, relay_id=bytes(32), group_tag=bytes(16), signature=signature)
    other = room_head.claim_key(exporter_of(8))
    with pytest.raises(PeerError):
        room_head.verify_create(other.public, relay_id=bytes(32), group_tag=TAG, signature=signature)


def test_asking_for_a_commit_is_for_members_of_its_epoch() -> None:
    signature = room_head.sign_get_commit(KEY, relay_id=bytes(32), group_tag=TAG, epoch=7)
    room_head.verify_get_commit(KEY.public, relay_id=bytes(32), group_tag=TAG, epoch=7, signature=signature)
    with pytest.raises(PeerError):
        room_head.verify_get_commit(KEY.public, relay_id=bytes(32), group_tag=TAG, epoch=8, signature=signature)


@pytest.mark.parametrize(("size", "bucket"), [(0, 512), (468, 512), (469, 1024), (3000, 4096)])
def test_a_claim_body_fills_a_bucket_and_opens_for_members(size: int, bucket: int) -> None:
    body = room_head.seal_claim_body(
        exporter_of(7), group_tag=TAG, epoch=7, commit=bytes(size), random=SeededRandom("body")
    )
    assert len(body) == bucket
    assert room_head.open_claim_body(exporter_of(7), group_tag=TAG, epoch=7, body=body) == bytes(size)


BODY = room_head.seal_claim_body(
    exporter_of(7), group_tag=TAG, epoch=7, commit=b"a commit", random=SeededRandom("body")
)


@pytest.mark.parametrize(
    ("epoch", "tag", "said"), [(8, TAG, 7), (7, bytes(16), 7), (7, TAG, 8)], ids=["keys", "tag", "epoch"]
)
def test_a_claim_body_opens_nowhere_else(epoch: int, tag: bytes, said: int) -> None:
    with pytest.raises(PeerError) as caught:
        room_head.open_claim_body(exporter_of(epoch), group_tag=tag, epoch=said, body=BODY)  # type: ignore[arg-type]
    assert caught.value.code == "bad_ciphertext"


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"\0"])
def test_a_claim_body_is_a_bucket(body: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        room_head.open_claim_body(exporter_of(7), group_tag=TAG, epoch=7, body=body)
    assert caught.value.code == "malformed"


def test_a_members_body_that_hides_bytes_is_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_head, "pad", lambda content, overhead: content.ljust(512 - overhead, b"\1"))
    body = room_head.seal_claim_body(exporter_of(7), group_tag=TAG, epoch=7, commit=b"c", random=SeededRandom("b"))
    with pytest.raises(PeerError) as caught:
        room_head.open_claim_body(exporter_of(7), group_tag=TAG, epoch=7, body=body)
    assert caught.value.code == "malformed"


def test_a_commit_must_be_the_one_that_the_head_names() -> None:
    room_head.expect_commit(b"a commit", room_head.commit_hash(b"a commit"))
    with pytest.raises(PeerError) as caught:
        room_head.expect_commit(b"another", room_head.commit_hash(b"a commit"))
    assert caught.value.code == "wrong_commit"
