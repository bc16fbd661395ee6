"""A state that any version wrote opens for ever and goes on from where it was."""

from __future__ import annotations

import json

import pytest

from byre.crypto.signature import SigningKey
from byre.mls import Group, KeyPackageBundle, PendingCommit, Received, StagedCommit
from tests.unit.mls.group.stored_states import FILES, NEWEST, make

STATES = [(version, entry) for version, file in FILES.items() for entry in json.loads(file.read_text())]


@pytest.mark.parametrize(
    ("version", "entry"), STATES, ids=[f"v{version}-{each['suite']:#x}" for version, each in STATES]
)
def test_a_stored_group_goes_on(version: int, entry: dict[str, str]) -> None:
    data = {name: bytes.fromhex(value) for name, value in entry.items() if isinstance(value, str)}
    b = Group.load(data["epoch_b"], data["ratchets_b"])
    assert data["epoch_b"][0] == version
    assert b.ratchet_bytes() == data["ratchets_b"]
    if version == NEWEST:
        assert b.epoch_bytes() == data["epoch_b"]
    again = Group.load(b.epoch_bytes(), b.ratchet_bytes())
    assert (again.tree_hash, again.epoch_bytes()[0]) == (b.tree_hash, NEWEST)
    received = b.process(data["skipped"])
    assert isinstance(received, Received)
    assert received.data == b"skipped"
    past = Group.load(data["past_epoch_b"], data["ratchets_b"], past=True).process(data["skipped"])
    assert isinstance(past, Received)
    pending = PendingCommit.from_bytes(data["pending_b"], before=b)
    assert pending.message == data["commit"]
    if version == NEWEST:
        assert pending.to_bytes() == data["pending_b"]
    assert PendingCommit.from_bytes(pending.to_bytes(), before=b).group.epoch == pending.group.epoch
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
    assert all(make(1).keys() == entry.keys() for _, entry in STATES)
