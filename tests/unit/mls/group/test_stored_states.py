"""A state that version 1 wrote opens for ever and goes on from where it was."""

from __future__ import annotations

import json

import pytest

from byre.crypto.signature import SigningKey
from byre.mls import Group, KeyPackageBundle, PendingCommit, Received, StagedCommit
from tests.unit.mls.group.stored_states import FILE, make

STATES = json.loads(FILE.read_text())


@pytest.mark.parametrize("entry", STATES, ids=[hex(entry["suite"]) for entry in STATES])
def test_a_stored_group_of_version_1_goes_on(entry: dict[str, str]) -> None:
    data = {name: bytes.fromhex(value) for name, value in entry.items() if isinstance(value, str)}
    b = Group.load(data["epoch_b"], data["ratchets_b"])
    assert (b.epoch_bytes(), b.ratchet_bytes()) == (data["epoch_b"], data["ratchets_b"])
    received = b.process(data["skipped"])
    assert isinstance(received, Received)
    assert received.data == b"skipped"
    past = Group.load(data["past_epoch_b"], data["ratchets_b"], past=True).process(data["skipped"])
    assert isinstance(past, Received)
    pending = PendingCommit.from_bytes(data["pending_b"], before=b)
    assert (pending.message, pending.to_bytes()) == (data["commit"], data["pending_b"])
    staged = Group.load(data["epoch_c"], data["ratchets_c"]).process(data["commit"])
    assert isinstance(staged, StagedCommit)
    bundle = KeyPackageBundle.from_bytes(data["bundle_d"])
    d = Group.join(data["welcome"], bundle=bundle, signature_key=SigningKey(data["signature_seed_d"]))
    groups = [pending.group, staged.merge(), d]
    assert len({group.export_secret("x", b"", 32).reveal() for group in groups}) == 1
    for group in groups[1:]:
        after = group.process(data["after"])
        assert isinstance(after, Received)
        assert after.data == b"welcome d"


def test_the_present_code_writes_the_same_fields() -> None:
    assert make(1).keys() == STATES[0].keys()
