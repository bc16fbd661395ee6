"""The envelope inside a sealed box."""

import pytest

from byre.errors import PeerError, UsageError
from byre.wire import envelope
from byre.wire.envelope import Envelope, decode_envelope


@pytest.mark.parametrize("size", [0, 1, 458, 459, 60 * 1024, envelope.LARGEST_BODY])
def test_a_body_of_any_size_comes_back(size: int) -> None:
    sent = Envelope(envelope.MLS_MESSAGE, b"x" * size)
    plaintext = sent.encode()
    assert len(plaintext) + envelope.SEALED_BOX_OVERHEAD in (512, 1024, 4096, 16384, 65536)
    assert decode_envelope(plaintext) == sent


def test_an_unknown_type_is_kept_as_its_number() -> None:
    assert decode_envelope(Envelope(200, b"later").encode()) == Envelope(200, b"later")


def test_a_body_over_the_largest_bucket_is_the_callers_fault() -> None:
    with pytest.raises(UsageError):
        Envelope(1, bytes(envelope.LARGEST_BODY + 1))
    with pytest.raises(UsageError):
        Envelope(256, b"")


def altered(position: int, value: int) -> bytes:
    data = bytearray(Envelope(1, b"body").encode())
    data[position] = value
    return bytes(data)


@pytest.mark.parametrize(
    ("plaintext", "code"),
    [
        (altered(0, 2), "newer_version"),
        (altered(0, 0), "malformed"),
        (altered(5, 3), "malformed"),
        (altered(2, 0xFF), "malformed"),
        (altered(-1, 1), "malformed"),
        (Envelope(1, b"").encode() + b"\0", "malformed"),
        (b"", "malformed"),
    ],
)
def test_a_wrong_envelope_is_refused(plaintext: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        decode_envelope(plaintext)
    assert caught.value.code == code


def test_a_body_does_not_print() -> None:
    assert "secret" not in repr(Envelope(1, b"secret"))
