"""Whose leaf is this: every way in which a relay could add a ghost is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from byre.client.leaf_check import LONGEST_LIFETIME_S, credential_of, leaf_info, validate_leaf
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.credential import Credential
from byre.mls.extension import Extension
from byre.mls.key_package import generate_key_package
from byre.mls.leaf_node import LeafContext, LeafNode, LeafPlace
from byre.mls.profile import HYBRID, LEAF_PROFILE
from tests.fakes.identities import Device, Person, SeededRandom

CONTEXT = LeafContext(place=LeafPlace.KEY_PACKAGE, group_id=b"g", now_s=1)


def leaf_of(
    device: Device,
    identity: bytes,
    *,
    key: SigningKey | None = None,
    extensions: Sequence[Extension] | None = None,
    lifetime_s: int = 10,
) -> LeafNode:
    bundle = generate_key_package(
        suite_by_id(HYBRID),
        signature_key=key or device.key,
        credential=Credential(identity),
        leaf_extensions=(Extension(LEAF_PROFILE, device.info().encode()),) if extensions is None else extensions,
        not_before_s=0,
        not_after_s=lifetime_s,
        random=SeededRandom("leaf"),
    )
    return bundle.key_package.leaf_node


def refusal_of(leaf: LeafNode, context: LeafContext = CONTEXT) -> str:
    with pytest.raises(PeerError) as caught:
        validate_leaf(leaf, context)
    return caught.value.code


def test_a_listed_device_with_its_own_key_passes() -> None:
    cow = Person("cow")
    device = cow.link()
    leaf = leaf_of(device, cow.credential(device))
    validate_leaf(leaf, CONTEXT)
    assert credential_of(leaf).account_id == cow.account_id
    assert leaf_info(leaf).address.token == device.token


def test_a_leaf_signed_by_another_key_is_refused() -> None:
    cow = Person("cow")
    stolen = leaf_of(cow.primary, cow.credential(cow.primary), key=SigningKey.generate(SeededRandom("thief")))
    assert refusal_of(stolen) == "invalid_credential"


def test_a_device_that_its_list_does_not_name_is_refused() -> None:
    cow = Person("cow")
    before = cow.device_list
    ghost = cow.link()
    assert refusal_of(leaf_of(ghost, cow.credential(ghost, before))) == "invalid_credential"


def test_a_credential_that_another_account_signed_is_refused() -> None:
    cow, ox = Person("cow"), Person("ox")
    forged = ox.key.public + cow.credential(cow.primary)[34:]
    assert refusal_of(leaf_of(cow.primary, cow.credential(cow.primary)[:2] + forged)) == "bad_signature"


def test_junk_for_a_credential_is_refused() -> None:
    cow = Person("cow")
    assert refusal_of(leaf_of(cow.primary, b"junk")) in ("malformed", "newer_version")


def test_a_leaf_without_an_address_is_refused() -> None:
    cow = Person("cow")
    assert refusal_of(leaf_of(cow.primary, cow.credential(cow.primary), extensions=())) == "malformed"


def test_a_leaf_that_changed_its_device_key_is_refused() -> None:
    cow = Person("cow")
    other = cow.link()
    context = LeafContext(
        place=LeafPlace.UPDATE, group_id=b"g", now_s=1, previous=leaf_of(other, cow.credential(other))
    )
    assert refusal_of(leaf_of(cow.primary, cow.credential(cow.primary)), context) == "invalid_credential"


def test_a_leaf_that_lives_too_long_is_refused() -> None:
    cow = Person("cow")
    device = cow.link()
    identity = cow.credential(device)
    validate_leaf(leaf_of(device, identity, lifetime_s=LONGEST_LIFETIME_S), CONTEXT)
    assert refusal_of(leaf_of(device, identity, lifetime_s=LONGEST_LIFETIME_S + 1)) == "invalid_leaf"
