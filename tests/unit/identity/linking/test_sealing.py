"""Blobs at the rendezvous."""

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.identity.linking.sealing import ANSWER, LARGEST_BLOB, OFFER, BlobKeys, expect_size
from byre.wire.link import LinkPayload
from tests.fakes.identities import NOW_MS, RELAY, SeededRandom

PAYLOAD = LinkPayload(RELAY, bytes(16), bytes(range(32)), bytes(32), NOW_MS)  # type: ignore[arg-type]
BLOB = BlobKeys(PAYLOAD).seal(OFFER, b"plaintext", SeededRandom("blob"))


def test_a_blob_opens_for_who_saw_the_qr() -> None:
    assert BlobKeys(replace(PAYLOAD)).open(OFFER, BLOB) == b"plaintext"


@pytest.mark.parametrize(
    ("payload", "slot"),
    [
        (PAYLOAD, ANSWER),
        (replace(PAYLOAD, secret=bytes(32)), OFFER),
        (replace(PAYLOAD, rendezvous=b"\1" * 16), OFFER),
    ],
    ids=["another slot", "another secret", "another rendezvous"],
)
def test_a_blob_opens_nowhere_else(payload: LinkPayload, slot: int) -> None:
    with pytest.raises(PeerError) as caught:
        BlobKeys(payload).open(slot, BLOB)
    assert caught.value.code == "bad_ciphertext"


@pytest.mark.parametrize("blob", [b"", bytes(24), BLOB[:-1]])
def test_a_cut_blob_does_not_open(blob: bytes) -> None:
    with pytest.raises(PeerError):
        BlobKeys(PAYLOAD).open(OFFER, blob)


def test_a_blob_has_a_largest_size() -> None:
    expect_size(bytes(LARGEST_BLOB))
    with pytest.raises(PeerError):
        expect_size(bytes(LARGEST_BLOB + 1))
