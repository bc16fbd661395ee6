"""The key schedule beyond its vectors: storage, silence, external init."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import key_schedule
from byre.mls.cipher_suite import SUITES, CipherSuite, suite_by_id
from byre.mls.group_context import GroupContext
from byre.mls.key_schedule import EpochSecrets
from byre.wire.tls import Reader

SUITE = suite_by_id(1)


def secrets_of(suite: CipherSuite = SUITE) -> EpochSecrets:
    return key_schedule.secrets_from_epoch_secret(suite, bytes(suite.hash_length))[0]


def test_all_secrets_of_an_epoch_differ() -> None:
    secrets = secrets_of()
    assert len({getattr(secrets, name) for name in secrets.__slots__}) == 8


def test_secrets_read_back_and_do_not_print() -> None:
    secrets = secrets_of()
    assert EpochSecrets.read(Reader(secrets.encode())) == secrets
    assert repr(secrets.init_secret) not in repr(secrets)


def test_a_past_epoch_keeps_the_sender_data_secret_only() -> None:
    past = secrets_of().of_past()
    assert past.sender_data_secret == secrets_of().sender_data_secret
    assert {getattr(past, name) for name in past.__slots__[1:]} == {b""}


def test_rule_4_the_context_enters_the_joiner_and_the_epoch() -> None:
    one, two = (GroupContext(1, b"group", epoch, b"", b"", ()) for epoch in (1, 2))
    joiners = {key_schedule.joiner_secret(SUITE, bytes(32), bytes(32), context) for context in (one, two)}
    epochs = {key_schedule.epoch_secrets(SUITE, bytes(32), context)[1] for context in (one, two)}
    assert len(joiners) == len(epochs) == 2


def test_the_welcome_key_comes_from_the_member_secret() -> None:
    member = key_schedule.member_secret(SUITE, bytes(32), bytes(32))
    key, nonce = key_schedule.welcome_key_nonce(SUITE, key_schedule.welcome_secret(SUITE, member))
    assert (len(key), len(nonce)) == (16, 12)


def test_exports_depend_on_label_context_and_length() -> None:
    exports = [
        key_schedule.export_secret(SUITE, bytes(32), label, context, length)
        for label, context, length in (("a", b"", 32), ("b", b"", 32), ("a", b"c", 32), ("a", b"", 31))
    ]
    assert len(set(exports)) == 4


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: hex(suite.suite_id))
def test_an_external_committer_and_the_group_get_one_init_secret(suite: CipherSuite) -> None:
    external_secret = bytes(suite.hash_length)
    _, public = key_schedule.external_key_pair(suite, external_secret)
    kem_output, init_secret = key_schedule.external_init_send(suite, public)
    assert key_schedule.external_init_receive(suite, external_secret, kem_output) == init_secret
    with pytest.raises(PeerError):
        key_schedule.external_init_receive(suite, external_secret, b"short")
