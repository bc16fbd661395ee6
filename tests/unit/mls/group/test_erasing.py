"""What is used up is gone: not in any byte that the store is given. Keys, secrets and epochs, on the real bytes."""

from __future__ import annotations

import pytest

from byre.mls import AddProposal, Group, RemoveProposal
from byre.mls.key_schedule import EpochSecrets
from byre.mls.profile import HYBRID
from byre.mls.secret_tree import APPLICATION, HANDSHAKE, MessageKey
from tests.fakes.mls import NOW_S, Room, person

SUITES = pytest.mark.parametrize("suite_id", [1, HYBRID])


def stored(group: Group) -> bytes:
    """All that the store is given of a group."""
    return group.epoch_bytes() + group.ratchet_bytes()


def message_key(group: Group, leaf_index: int, generation: int, kind: int = APPLICATION) -> MessageKey:
    return group._state.secret_tree.open_key(group.suite, leaf_index, kind, generation)[1]


def ratchet_secret(group: Group, leaf_index: int) -> bytes:
    return group._state.secret_tree._pair(group.suite, leaf_index)[1][APPLICATION].secret


def private_keys(group: Group) -> dict[int, bytes]:
    return dict(group._state.epoch.private_keys)


def secrets_of(group: Group) -> dict[str, bytes]:
    secrets = group._state.epoch.secrets
    return {name: getattr(secrets, name) for name in EpochSecrets.__slots__}


@SUITES
def test_a_sent_messages_key_and_the_secret_before_it_are_gone(suite_id: int) -> None:
    room = Room.of("a", "b", suite_id=suite_id)
    room.send("a", b"first")
    before = ratchet_secret(room["a"], 0)
    key, nonce = message_key(room["a"], 0, 1)
    assert before in stored(room["a"])
    room.send("a", b"second")
    for secret in (before, key, nonce):
        assert secret not in stored(room["a"])


@SUITES
def test_rule_1_a_received_messages_key_is_gone_and_a_skipped_one_stays_until_it_is_taken(suite_id: int) -> None:
    room = Room.of("a", "b", suite_id=suite_id)
    keys = [message_key(room["b"], 0, generation) for generation in range(3)]
    messages = [room.send("a", bytes([number])) for number in range(3)]
    room.receive("b", messages[2])
    held = stored(room["b"])
    assert [keys[number][0] in held for number in range(3)] == [True, True, False]
    room.receive("b", messages[0])
    held = stored(room["b"])
    assert [keys[number][0] in held for number in range(3)] == [False, True, False]
    past = room["b"].as_past()
    assert keys[1][0] in stored(past)
    received = past.process(messages[1])
    assert keys[1][0] not in stored(getattr(received, "group"))  # noqa: B009


def test_rule_11_of_too_many_skipped_keys_the_oldest_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("byre.mls.secret_tree.MAX_SKIPPED_KEYS", 5)
    room = Room.of("a", "b")
    keys = [message_key(room["b"], 0, generation)[0] for generation in range(9)]
    messages = [room.send("a", bytes([number])) for number in range(9)]
    room.receive("b", messages[8])
    held = stored(room["b"])
    assert [key in held for key in keys] == [False] * 3 + [True] * 5 + [False]


def test_the_secret_above_a_sender_is_gone_with_its_first_message() -> None:
    room = Room.of("a", "b", "c", "d")
    top = dict(room["b"]._state.secret_tree.nodes)
    (root_secret,) = top.values()
    assert root_secret in stored(room["b"])
    room.receive("b", room.send("a", b"text"))
    assert root_secret not in stored(room["b"])


@SUITES
def test_a_new_epoch_holds_nothing_of_the_old_one(suite_id: int) -> None:
    room = Room.of("a", "b", "c", "d", suite_id=suite_id)
    room.commit("b")
    before = {name: (secrets_of(group), private_keys(group), group.epoch) for name, group in room.groups.items()}
    room.commit("a")
    for name, group in room.groups.items():
        secrets, keys, epoch = before[name]
        assert group.epoch == epoch + 1
        for secret in secrets.values():
            assert secret not in stored(group)
        replaced = [key for node, key in keys.items() if private_keys(group).get(node) != key]
        assert replaced
        for key in replaced:
            assert key not in stored(group)


@SUITES
def test_a_past_epoch_holds_what_reads_late_messages_and_nothing_else(suite_id: int) -> None:
    room = Room.of("a", "b", "c", suite_id=suite_id)
    room.commit("a")
    group = room["b"]
    past = stored(group.as_past())
    for name, secret in secrets_of(group).items():
        assert (secret in past) is (name == "sender_data_secret"), name
    for key in private_keys(group).values():
        assert key not in past
    assert group._state.epoch.signature_key.seed.reveal() not in past
    again = Group.load(group.epoch_bytes(), group.ratchet_bytes(), past=True)
    assert stored(again) == past


@SUITES
def test_an_updates_private_key_waits_and_the_replaced_one_is_gone(suite_id: int) -> None:
    room = Room.of("a", "b", "c", suite_id=suite_id)
    old = private_keys(room["c"])[4]
    room.propose("c", room["c"].propose_update(random=room.random))
    room.propose("c", room["c"].propose_update(random=room.random))
    waiting = list(room["c"]._state.own_updates.values())
    assert all(key in stored(room["c"]) for key in waiting)
    room.commit("a")
    held = stored(room["c"])
    assert old not in held
    assert [key in held for key in waiting].count(True) == 1
    room.propose("c", room["c"].propose_update(random=room.random))
    dropped = next(iter(room["c"]._state.own_updates.values()))
    pending = room["b"].commit(include_pending=False, now_s=NOW_S, random=room.random)
    room.follow("b", pending)
    assert dropped not in stored(room["c"])


def test_keys_of_blanked_nodes_are_gone() -> None:
    room = Room.of("a", "b", "c", "d")
    room.commit("a")
    room.commit("c")
    above = {node: key for node, key in private_keys(room["a"]).items() if node & 1}
    assert above.keys() == {1, 3}
    shared = above[1]
    room.commit("d", RemoveProposal(1))
    assert shared not in stored(room["a"])


def test_a_commit_of_ours_that_was_dropped_leaves_no_secret() -> None:
    room = Room.of("a", "b")
    pending = room["a"].commit(now_s=NOW_S, random=room.random)
    key = message_key(room["a"], 0, 0, HANDSHAKE)[0]
    room.groups["a"] = pending.current
    following = [*secrets_of(pending.group).values(), *private_keys(pending.group).values()]
    held = stored(room["a"])
    assert not any(secret in held for secret in following)
    assert all(secret in pending.to_bytes() for secret in following)
    assert key not in held


def test_rule_16_an_init_key_is_in_no_group() -> None:
    room = Room.of("a")
    bundle = person("b").package()
    room.people["b"] = person("b")
    room.join("b", bundle, room.commit("a", AddProposal(bundle.key_package)))
    assert bundle.init_private.reveal() in bundle.to_bytes()
    assert bundle.init_private.reveal() not in stored(room["b"])
