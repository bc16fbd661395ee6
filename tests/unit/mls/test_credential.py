"""Credentials: ours is basic, X.509 parses, the rest does not."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.credential import Credential
from byre.mls.profile import X509_CREDENTIAL
from byre.wire.tls import Reader


@pytest.mark.parametrize(
    "credential", [Credential(b"alice"), Credential(b"\x03abc\x00", X509_CREDENTIAL)], ids=["basic", "x509"]
)
def test_a_credential_reads_back(credential: Credential) -> None:
    assert Credential.read(Reader(credential.encode())) == credential


@pytest.mark.parametrize("data", [b"\x00\x03\x00", b"\x0a\x0a\x00"])
def test_unknown_credentials_are_refused_as_unsupported(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        Credential.read(Reader(data))
    assert caught.value.code == "unsupported_credential"


@pytest.mark.parametrize("data", [b"\x00\x02\x02\x05a", b"\x00\x01\x02a", b"\x00"])
def test_broken_credentials_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        Credential.read(Reader(data))
    assert caught.value.code == "malformed"


def test_the_identity_does_not_print() -> None:
    assert "alice" not in repr(Credential(b"alice"))
