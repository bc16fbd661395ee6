"""What the law of membership looks at."""

import pytest

from byre.errors import PeerError
from byre.identity.room_context import RoomContext
from byre.identity.room_facts import NOT_SEATED, MemberLeaf, RoomFacts
from tests.fakes.identities import RELAY, Person

ALICE, BOB = Person("alice"), Person("bob")
CONTEXT = RoomContext.direct(ALICE.account_id, BOB.account_id, home_url=RELAY, group_tag=bytes(16))
FACTS = RoomFacts((ALICE.leaf(at=0), BOB.leaf(at=2)), CONTEXT)


def test_facts_are_read_from_a_group_context() -> None:
    facts = RoomFacts.read(FACTS.leaves, [(3, b"other"), (0xF0B2, CONTEXT.encode()), (4, b"more")])
    assert facts.context == CONTEXT
    assert facts.other_extensions == ((3, b"other"), (4, b"more"))
    assert facts.with_extensions([(0xF0B2, CONTEXT.encode())]) == FACTS


@pytest.mark.parametrize("extensions", [[], [(3, b"x")], [(0xF0B2, CONTEXT.encode())] * 2, [(0xF0B2, b"")]])
def test_a_room_has_one_context(extensions: list[tuple[int, bytes]]) -> None:
    with pytest.raises(PeerError) as caught:
        RoomFacts.read((), extensions)
    assert caught.value.code == "malformed"


def test_leaves_are_found_by_their_place() -> None:
    assert FACTS.leaf(2).account_id == BOB.account_id
    assert FACTS.leaf(2).device_id == BOB.primary.id
    for absent in (1, NOT_SEATED):
        with pytest.raises(PeerError) as caught:
            FACTS.leaf(absent)
        assert caught.value.code == "no_such_leaf"


def test_facts_know_accounts_and_their_lists() -> None:
    assert FACTS.accounts() == {ALICE.account_id, BOB.account_id}
    assert FACTS.has_account(ALICE.account_id)
    assert not FACTS.has_account(Person("eve").account_id)
    assert FACTS.lists_of(BOB.account_id) == [BOB.device_list]
    assert FACTS.all_lists() == {ALICE.account_id: [ALICE.device_list], BOB.account_id: [BOB.device_list]}


def test_a_leaf_without_a_good_credential_cannot_be_read() -> None:
    with pytest.raises(PeerError):
        MemberLeaf.read(0, identity=b"", signature_key=bytes(32), leaf_extension=ALICE.primary.info().encode())
    with pytest.raises(PeerError):
        MemberLeaf.read(0, identity=ALICE.credential(ALICE.primary), signature_key=bytes(32), leaf_extension=b"")
