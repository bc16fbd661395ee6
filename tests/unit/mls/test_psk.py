"""Pre-shared keys: parsed, computed, refused by default."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.psk import PreSharedKeyId, PskType, ResumptionUsage, no_psks, psk_secret
from byre.wire.tls import Reader

SUITE = suite_by_id(1)
EXTERNAL = PreSharedKeyId(PskType.EXTERNAL, b"id", bytes(32))
RESUMPTION = PreSharedKeyId(PskType.RESUMPTION, b"group", bytes(32), ResumptionUsage.APPLICATION, 9)


@pytest.mark.parametrize("psk_id", [EXTERNAL, RESUMPTION], ids=["external", "resumption"])
def test_an_id_reads_back(psk_id: PreSharedKeyId) -> None:
    assert PreSharedKeyId.read(Reader(psk_id.encode())) == psk_id


@pytest.mark.parametrize(
    "data", [b"\x00", b"\x03\x00\x00", *(b"\x02" + u + bytes(10) for u in (b"\x00", b"\x04", b"\xff"))]
)
def test_unknown_types_and_usages_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        PreSharedKeyId.read(Reader(data))
    assert caught.value.code == "malformed"


def test_no_psk_is_zeros_and_order_counts() -> None:
    one, two = (EXTERNAL, b"one"), (RESUMPTION, b"two")
    assert psk_secret(SUITE, []) == bytes(32)
    assert psk_secret(SUITE, [one, two]) != psk_secret(SUITE, [two, one])


def test_our_rooms_use_none() -> None:
    with pytest.raises(PeerError) as caught:
        no_psks(EXTERNAL)
    assert caught.value.code == "unknown_psk"
