"""Leaves: Rule 12 one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import suite_by_id
from byre.mls.credential import Credential
from byre.mls.extension import Extension, RequiredCapabilities
from byre.mls.leaf_node import LeafNode, LeafSource, Lifetime, build_leaf, replace_leaf
from byre.mls.profile import X509_CREDENTIAL

SUITE = suite_by_id(1)
KEY = SigningKey(bytes(32))


def leaf_of(source: LeafSource = LeafSource.KEY_PACKAGE, **changes: object) -> LeafNode:
    values: dict[str, object] = {
        "encryption_key": bytes(range(32)),
        "credential": Credential(b"alice"),
        "capabilities": Capabilities(),
        "extensions": (Extension(0xF0B1, b"data"),),
        "source": source,
        "group_id": b"group",
        "leaf_index": 3,
        "parent_hash": b"hash" if source is LeafSource.COMMIT else b"",
    }
    return build_leaf(SUITE, KEY, **{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("source", list(LeafSource))
def test_a_leaf_reads_back(source: LeafSource) -> None:
    leaf = leaf_of(source, **({"lifetime": Lifetime(5, 9)} if source is LeafSource.KEY_PACKAGE else {}))
    assert LeafNode.decode(leaf.encoded) == leaf
    leaf.check(SUITE, source)
    leaf.verify_signature(SUITE, b"group", 3)


def test_rule_12_update_and_commit_leaves_are_signed_for_their_place() -> None:
    for source in (LeafSource.UPDATE, LeafSource.COMMIT):
        for place in ((b"other", 3), (b"group", 4)):
            with pytest.raises(PeerError) as caught:
                leaf_of(source).verify_signature(SUITE, *place)
            assert caught.value.code == "bad_signature"
    leaf_of().verify_signature(SUITE, b"other", 9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"credential": Credential(b"", X509_CREDENTIAL)}, "basic"),
        ({"capabilities": Capabilities(credentials=())}, "own credential"),
        ({"capabilities": Capabilities(extensions=())}, "extension it does not support"),
        ({"encryption_key": b"short"}, "nothing can be sealed"),
        ({"encryption_key": bytes(32)}, "nothing can be sealed"),
    ],
)
def test_rule_12_what_a_leaf_may_not_be(changes: dict[str, object], message: str) -> None:
    with pytest.raises(PeerError, match=f"Rule 12: .*{message}"):
        leaf_of(**changes).check(SUITE)


def test_rule_12_a_leafs_source_matches_its_place() -> None:
    with pytest.raises(PeerError, match="Rule 12"):
        leaf_of(LeafSource.UPDATE).check(SUITE, LeafSource.COMMIT)


def test_a_signature_key_of_wrong_length_is_refused() -> None:
    with pytest.raises(PeerError, match="wrong length"):
        replace(leaf_of(), signature_key=b"short").check(SUITE)


def test_a_changed_leaf_does_not_verify() -> None:
    leaf = leaf_of()
    changed = LeafNode.decode(leaf.encoded.replace(b"alice", b"mallo"))
    with pytest.raises(PeerError):
        changed.verify_signature(SUITE)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\x00", lambda data: b""])
def test_broken_leaves_are_malformed(change: object) -> None:
    assert callable(change)
    with pytest.raises(PeerError) as caught:
        LeafNode.decode(change(leaf_of().encoded))
    assert caught.value.code == "malformed"


def test_an_unknown_source_is_malformed() -> None:
    leaf = leaf_of(LeafSource.UPDATE)
    at = len(leaf.encoded) - 64 - 2 - 2 - 4 - 1 - 2
    assert leaf.encoded[at] == LeafSource.UPDATE
    with pytest.raises(PeerError):
        LeafNode.decode(leaf.encoded[:at] + b"\x07" + leaf.encoded[at + 1 :])


def test_support_covers_required_and_carried() -> None:
    leaf = leaf_of()
    assert leaf.supports(RequiredCapabilities(), ())
    assert leaf.supports(RequiredCapabilities((0xF0B1,), (1,), (1,)), (Extension(0xF0B2, b""),))
    assert not leaf.supports(RequiredCapabilities((0x1234,)), ())
    assert not leaf.supports(RequiredCapabilities((), (0x1234,)), ())
    assert not leaf.supports(RequiredCapabilities((), (), (2,)), ())
    assert not leaf.supports(RequiredCapabilities(), (Extension(0x1234, b""),))


def test_a_lifetime_has_two_ends() -> None:
    assert [Lifetime(5, 9).covers(now) for now in (4, 5, 9, 10)] == [False, True, True, False]


def test_our_next_leaf_keeps_what_is_not_replaced() -> None:
    old = leaf_of()
    values = {"encryption_key": bytes(32), "source": LeafSource.UPDATE, "group_id": b"group", "leaf_index": 3}
    same = replace_leaf(SUITE, KEY, old, extensions=None, credential=None, **values)  # type: ignore[arg-type]
    assert (same.extensions, same.credential, same.capabilities) == (old.extensions, old.credential, old.capabilities)
    other = replace_leaf(SUITE, KEY, old, extensions=(), credential=Credential(b"b"), **values)  # type: ignore[arg-type]
    assert (other.extensions, other.credential) == ((), Credential(b"b"))
    other.verify_signature(SUITE, b"group", 3)
