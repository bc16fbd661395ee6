"""KeyPackages: Rule 16 and the store's form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.extension import Extension
from byre.mls.key_package import KeyPackage, KeyPackageBundle
from byre.mls.profile import GREASE, HYBRID, LAST_RESORT
from byre.wire.tls import opaque
from tests.fakes.mls import person

SUITE = suite_by_id(1)


@pytest.mark.parametrize("suite_id", [1, 3, HYBRID])
def test_a_package_reads_back_and_verifies(suite_id: int) -> None:
    package = person("alice", suite_id).package(key_package_extensions=[Extension(LAST_RESORT, b"")]).key_package
    received = KeyPackage.decode(package.encoded)
    assert received == package
    received.verify(suite_by_id(suite_id))


def test_a_package_is_greased() -> None:
    said = person("alice").package().key_package.leaf_node.capabilities
    lists = (said.cipher_suites, said.extensions, said.proposals, said.credentials)
    assert all(set(values) & set(GREASE) for values in lists)


def test_a_bundle_reads_back() -> None:
    bundle = person("alice").package()
    stored = KeyPackageBundle.from_bytes(bundle.to_bytes())
    assert stored == bundle
    assert stored.reference == bundle.key_package.reference(SUITE)
    assert len(stored.reference) == 32


@pytest.mark.parametrize("change", [lambda b: b"\x02" + b[1:], lambda b: b + b"\x00", lambda b: b[:-1], lambda b: b""])
def test_a_broken_bundle_is_malformed(change: object) -> None:
    assert callable(change)
    with pytest.raises(PeerError) as caught:
        KeyPackageBundle.from_bytes(change(person("alice").package().to_bytes()))
    assert caught.value.code == "malformed"


def test_a_bundles_private_keys_do_not_print() -> None:
    bundle = person("alice").package()
    assert repr(bundle.init_private.reveal()) not in repr(bundle)
    assert "<Secret>" in repr(bundle)


def test_rule_16_another_suite_or_version_is_refused() -> None:
    package = person("alice").package().key_package
    for other in (replace(package, version=2), replace(package, suite_id=3)):
        with pytest.raises(PeerError, match="Rule 16"):
            other.verify(SUITE)


def test_rule_12_init_key_and_encryption_key_differ() -> None:
    package = person("alice").package().key_package
    with pytest.raises(PeerError, match="Rule 12"):
        replace(package, init_key=package.leaf_node.encryption_key).verify(SUITE)


@pytest.mark.parametrize("init_key", [b"short", bytes(32)])
def test_rule_16_an_init_key_can_be_sealed_to(init_key: bytes) -> None:
    with pytest.raises(PeerError, match="Rule 16"):
        replace(person("alice").package().key_package, init_key=init_key).verify(SUITE)


def test_both_signatures_are_verified() -> None:
    package = person("alice").package().key_package
    broken = KeyPackage.decode(package.encoded[: -len(opaque(package.signature))] + opaque(bytes(64)))
    leaf = replace(package, leaf_node=replace(package.leaf_node, signature=bytes(64)))
    for bad in (broken, leaf):
        with pytest.raises(PeerError) as caught:
            bad.verify(SUITE)
        assert caught.value.code == "bad_signature"


def test_a_bundle_of_an_unknown_suite_is_refused() -> None:
    package = person("alice").package().key_package.encoded
    other = package[:2] + (0x0007).to_bytes(2) + package[4:]
    stored = bytes([1]) + opaque(other) + opaque(bytes(32)) + opaque(bytes(32))
    with pytest.raises(PeerError) as caught:
        KeyPackageBundle.from_bytes(stored)
    assert caught.value.code == "unsupported_suite"
