"""Stored states: both parts, both kinds, and what does not read."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import Group
from byre.mls.profile import HYBRID
from tests.fakes.mls import Room


def reloaded(group: Group, **options: bool) -> Group:
    return Group.load(group.epoch_bytes(), group.ratchet_bytes(), **options)


@pytest.mark.parametrize("suite_id", [1, HYBRID])
def test_a_group_reads_back_and_goes_on(suite_id: int) -> None:
    room = Room.of("a", "b", "c", suite_id=suite_id)
    room.commit("b")
    room.receive("b", room.send("a", b"text"))
    room.propose("c", room["c"].propose_update(random=room.random))
    for name in room.groups:
        before = room[name].epoch_bytes(), room[name].ratchet_bytes()
        room.groups[name] = reloaded(room[name])
        assert (room[name].epoch_bytes(), room[name].ratchet_bytes()) == before
    room.commit("a")
    room.assert_agreement()


def test_a_message_changes_the_ratchet_part_only() -> None:
    room = Room.of("a", "b")
    before = {name: (group.epoch_bytes(), group.ratchet_bytes()) for name, group in room.groups.items()}
    room.receive("b", room.send("a", b"text"))
    for name, (epoch, ratchets) in before.items():
        assert room[name].epoch_bytes() == epoch
        assert room[name].ratchet_bytes() != ratchets
        assert len(room[name].ratchet_bytes()) < 500


def test_a_skipped_key_survives_the_store() -> None:
    room = Room.of("a", "b")
    first, second = room.send("a", b"first"), room.send("a", b"second")
    room.receive("b", second)
    room.groups["b"] = reloaded(room["b"])
    assert room.receive("b", first).data == b"first"


def test_a_past_epoch_reads_back_as_past() -> None:
    room = Room.of("a", "b")
    late = room.send("a", b"late")
    for past in (
        reloaded(room["b"], past=True),
        reloaded(room["b"].as_past()),
        reloaded(room["b"].as_past(), past=True),
    ):
        assert past.is_past
        assert getattr(past.process(late), "data") == b"late"  # noqa: B009
        assert len(past.epoch_bytes()) < len(room["b"].epoch_bytes())
        assert [member.credential.identity for member in past.members] == [b"a", b"b"]


def test_a_past_epoch_of_a_shrunk_tree_reads_back() -> None:
    room = Room.of("a", "b", "c")
    late = room.send("a", b"late")
    past = reloaded(room["b"].as_past())
    assert getattr(past.process(late), "data") == b"late"  # noqa: B009


@pytest.mark.parametrize("change", [lambda b: b"\x09" + b[1:], lambda b: b + b"\x00", lambda b: b[:-1], lambda b: b""])
def test_broken_states_are_malformed(change: object) -> None:
    assert callable(change)
    group = Room.of("a", "b")["a"]
    for epoch, ratchets in (
        (change(group.epoch_bytes()), group.ratchet_bytes()),
        (group.epoch_bytes(), change(group.ratchet_bytes())),
    ):
        with pytest.raises(PeerError) as caught:
            Group.load(epoch, ratchets)
        assert caught.value.code == "malformed"


def test_a_current_epoch_has_its_signature_key() -> None:
    group = Room.of("a", "b")["a"]
    past = group.as_past().epoch_bytes()
    with pytest.raises(PeerError):
        Group.load(past[:1] + b"\x00" + past[2:], group.ratchet_bytes())


def test_tree_hashes_are_kept_and_must_be_this_trees() -> None:
    room = Room.of("a", "b", "c")
    group = reloaded(room["a"])
    stored, hashes = group.epoch_bytes(), group._state.epoch.tree.encode_hashes()
    assert len(hashes) == 7 * 32
    assert stored.endswith(hashes)
    with pytest.raises(PeerError):
        Group.load(stored[: -len(hashes)] + hashes[32:] + hashes[:32], group.ratchet_bytes())
    with pytest.raises(PeerError):
        Group.load(stored.replace(b"\x40\xe0" + hashes, b"\x40\xdf" + hashes[:-1]), group.ratchet_bytes())


def test_a_past_epoch_keeps_no_tree_hashes() -> None:
    past = Room.of("a", "b")["a"].as_past()
    assert past._state.epoch.tree.encode_hashes() == b""
    assert reloaded(past).is_past


def test_the_ratchets_are_of_this_epochs_tree() -> None:
    room = Room.of("a", "b")
    ratchets = room["a"].ratchet_bytes()
    room.add("a", "c")
    with pytest.raises(PeerError):
        Group.load(room["a"].epoch_bytes(), ratchets)
