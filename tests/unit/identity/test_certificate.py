"""Device certificates."""

import pytest

from byre.errors import PeerError, UsageError
from byre.identity import domains
from byre.identity.certificate import DeviceCertificate, DeviceRole
from tests.fakes.identities import NOW_MS, Person


def test_a_certificate_says_what_was_certified() -> None:
    alice = Person("alice")
    certificate = DeviceCertificate.decode(alice.primary.certificate.encoded, alice.key.public)
    assert certificate == alice.primary.certificate
    assert (certificate.account_id, certificate.device_key) == (alice.account_id, alice.primary.key.public)
    assert (certificate.role, certificate.issued_at_ms) == (DeviceRole.PRIMARY, NOW_MS)
    assert alice.link().certificate.role is DeviceRole.LINKED


def test_another_accounts_certificate_is_refused() -> None:
    with pytest.raises(PeerError) as caught:
        DeviceCertificate.decode(Person("alice").primary.certificate.encoded, Person("bob").key.public)
    assert caught.value.code == "bad_signature"


def resigned(change: slice, value: bytes) -> bytes:
    """A certificate with some bytes replaced, signed properly again."""
    alice = Person("alice")
    structure = bytearray(alice.primary.certificate.encoded[:-64])
    structure[change] = value
    return bytes(structure) + alice.key.sign(domains.CERTIFICATE, bytes(structure))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (resigned(slice(0, 2), b"\0\2"), "newer_version"),
        (resigned(slice(2, 34), bytes(32)), "malformed"),
        (resigned(slice(82, 83), b"\3"), "malformed"),
        (resigned(slice(82, 83), b"\0"), "malformed"),
        (resigned(slice(83, 91), b"\xff" * 8), "malformed"),
        (b"", "malformed"),
    ],
)
def test_a_signed_certificate_that_breaks_a_rule_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        DeviceCertificate.decode(data, Person("alice").key.public)
    assert caught.value.code == code


@pytest.mark.parametrize(("device_id", "device_key"), [(bytes(15), bytes(32)), (bytes(16), bytes(31))])
def test_a_certificate_for_nothing_cannot_be_issued(device_id: bytes, device_key: bytes) -> None:
    with pytest.raises(UsageError):
        DeviceCertificate.issue(
            Person("alice").key, device_id=device_id, device_key=device_key, role=DeviceRole.LINKED, now_ms=NOW_MS
        )


def test_two_certificates_have_two_hashes() -> None:
    alice = Person("alice")
    assert alice.primary.certificate.hash != alice.link().certificate.hash
