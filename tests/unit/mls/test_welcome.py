"""Welcomes: one entry per joiner, bound to the GroupInfo beside it."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.cipher_suite import suite_by_id
from byre.mls.psk import PreSharedKeyId, PskType
from byre.mls.welcome import GroupSecrets, Welcome, open_group_secrets, references, seal_group_secrets
from byre.wire.tls import Reader
from tests.fakes.mls import person

SUITE = suite_by_id(1)
SECRETS = GroupSecrets(b"joiner", b"path", (PreSharedKeyId(PskType.EXTERNAL, b"id", b"nonce"),))
BUNDLE = person("a").package()


@pytest.mark.parametrize("secrets", [SECRETS, GroupSecrets(b"joiner", None)])
def test_secrets_read_back(secrets: GroupSecrets) -> None:
    assert GroupSecrets.decode(secrets.encode()) == secrets
    assert "joiner" not in repr(secrets)


@pytest.mark.parametrize("data", [b"", SECRETS.encode() + b"\x00", b"\x00\x02", SECRETS.encode()[:-1]])
def test_broken_secrets_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError):
        GroupSecrets.decode(data)


def test_an_entry_opens_for_its_key_and_group_info_only() -> None:
    [entry] = seal_group_secrets(SUITE, [(BUNDLE.key_package, SECRETS)], b"info")
    private = BUNDLE.init_private.reveal()
    assert open_group_secrets(SUITE, entry, private, b"info") == SECRETS
    for key, info in ((private, b"other"), (BUNDLE.leaf_private.reveal(), b"info")):
        with pytest.raises(PeerError):
            open_group_secrets(SUITE, entry, key, info)


def test_a_welcome_reads_back_and_finds_its_entries() -> None:
    [entry] = seal_group_secrets(SUITE, [(BUNDLE.key_package, SECRETS)], b"info")
    welcome = Welcome(1, (entry,), b"info")
    assert Welcome.read(Reader(welcome.encode())) == welcome
    assert welcome.secrets_for(BUNDLE.reference) == entry
    assert welcome.secrets_for(b"nobody") is None
    assert references([entry]) == (BUNDLE.reference,)
