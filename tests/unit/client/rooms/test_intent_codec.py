from __future__ import annotations

import pytest

from byre.client.rooms.intent_codec import restored, stored
from byre.client.rooms.intents import (
    AddDevices,
    CommitLeaving,
    Intent,
    Package,
    ReAdd,
    RemoveAccount,
    RemoveDevices,
    RenewLeaf,
    Retitle,
    SetRetention,
    SetRole,
)
from byre.errors import InternalBug
from byre.wire.msgpack_codec import pack

PACKAGE = Package(b"account", b"device", b"key", b"package")


@pytest.mark.parametrize(
    "intent",
    [
        AddDevices((PACKAGE, PACKAGE)),
        RemoveAccount(b"account"),
        RemoveDevices(b"account", frozenset({b"1", b"2"}), b"list"),
        ReAdd(PACKAGE),
        CommitLeaving(),
        RenewLeaf(b"key"),
        Retitle("외양간"),
        SetRole(b"account", 2),
        SetRetention(86_400),
    ],
)
def test_an_intent_survives_the_store(intent: Intent) -> None:
    assert restored(*stored(intent)) == intent


@pytest.mark.parametrize(("kind", "payload"), [("dance", pack([])), ("readd", pack(1))])
def test_what_does_not_decode_is_a_bug(kind: str, payload: bytes) -> None:
    with pytest.raises(InternalBug):
        restored(kind, payload)


def test_a_thousand_packages_read_back() -> None:
    packages = tuple(Package(b"a" * 32, n.to_bytes(16), b"k" * 1216, b"p" * 2900) for n in range(1000))
    assert restored(*stored(AddDevices(packages))) == AddDevices(packages)
