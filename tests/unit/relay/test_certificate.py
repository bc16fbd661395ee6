"""A certificate that changes while the relay runs: new handshakes get the new one, a broken one changes nothing."""

from __future__ import annotations

import datetime
import os
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from byre.errors import UsageError
from byre.relay.certificate import Certificate


def issue(folder: Path, name: str, password: bytes | None = None) -> bytes:
    """Write chain.pem and key.pem; return the certificate in DER."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime(2026, 1, 1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    (folder / "chain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, lock))
    return certificate.public_bytes(serialization.Encoding.DER)


def opened(folder: Path) -> Certificate:
    return Certificate(folder / "chain.pem", folder / "key.pem")


def shown(context: ssl.SSLContext) -> bytes | None:
    """Return the certificate that a handshake with this context shows, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    client = trusting.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client.getpeercert(binary_form=True)


def touch(folder: Path) -> None:
    """Make sure that the files look changed however coarse the file system's clock is."""
    for name in ("chain.pem", "key.pem"):
        status = os.stat(folder / name)
        os.utime(folder / name, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def test_a_renewed_certificate_is_shown_from_then_on(tmp_path: Path) -> None:
    first = issue(tmp_path, "relay.example")
    certificate = opened(tmp_path)
    assert shown(certificate.context) == first
    second = issue(tmp_path, "relay.example")
    assert certificate.reload()
    assert shown(certificate.context) == second != first


def test_a_change_is_noticed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(tmp_path, "relay.example")
    certificate = opened(tmp_path)
    reloads: list[bool] = []
    real = certificate.reload
    monkeypatch.setattr(certificate, "reload", lambda: reloads.append(real()))
    certificate.look()
    assert reloads == []
    second = issue(tmp_path, "relay.example")
    touch(tmp_path)
    certificate.look()
    certificate.look()
    assert reloads == [True]
    assert shown(certificate.context) == second


@pytest.mark.logs_errors
@pytest.mark.parametrize("damage", ["foreign key", "junk", "missing", "locked"])
def test_what_cannot_be_used_leaves_the_old_one(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    first = issue(tmp_path, "relay.example")
    certificate = opened(tmp_path)
    if damage == "foreign key":
        chain = (tmp_path / "chain.pem").read_bytes()
        issue(tmp_path, "other.example")
        (tmp_path / "chain.pem").write_bytes(chain)
    elif damage == "junk":
        (tmp_path / "chain.pem").write_bytes(b"junk")
    elif damage == "missing":
        (tmp_path / "key.pem").unlink()
    else:
        issue(tmp_path, "relay.example", password=b"secret")
    assert not certificate.reload()
    assert shown(certificate.context) == first
    assert str(tmp_path) not in caplog.text


def test_it_must_be_usable_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        opened(tmp_path)
    issue(tmp_path, "relay.example", password=b"secret")
    with pytest.raises(UsageError):
        opened(tmp_path)
