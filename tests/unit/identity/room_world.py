"""A room to judge commits in, for the tests of the law of membership."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.identity.membership import judge
from byre.identity.room_context import AccountRole, RoomContext, RoomKind
from byre.identity.room_facts import Change, CommitFacts, MemberLeaf, RoomFacts
from tests.fakes.identities import RELAY, Person


class World:
    """A group room: alice (owner, phone at 0, PC at 1), bob (phone at 2, PC at 3), carol (phone at 4); dave outside."""

    def __init__(self) -> None:
        self.alice, self.bob, self.carol, self.dave = (Person(name) for name in ("alice", "bob", "carol", "dave"))
        self.alice_pc, self.bob_pc = self.alice.link(), self.bob.link()
        context = RoomContext.owned(RoomKind.GROUP, self.alice.account_id, home_url=RELAY, group_tag=bytes(16))
        leaves = (
            self.alice.leaf(at=0),
            self.alice.leaf(self.alice_pc, 1),
            self.bob.leaf(at=2),
            self.bob.leaf(self.bob_pc, 3),
            self.carol.leaf(at=4),
        )
        self.room = RoomFacts(leaves, context)

    def with_context(self, **changes: object) -> RoomFacts:
        return RoomFacts(self.room.leaves, self.room.context.replaced(**changes))

    def admins(self, *people: Person) -> RoomFacts:
        roles = [(self.alice.account_id, AccountRole.OWNER), *((p.account_id, AccountRole.ADMIN) for p in people)]
        return self.with_context(roles=tuple(sorted(roles)))


def a_commit(
    by: int, *changes: Change, data: bytes = b"", path: MemberLeaf | None = None, is_external: bool = False
) -> CommitFacts:
    return CommitFacts(by, tuple(changes), data, path, is_external)


def refusal(room: RoomFacts, commit: CommitFacts) -> str:
    with pytest.raises(PeerError) as caught:
        judge(room, commit)
    return caught.value.code


def places(facts: RoomFacts) -> list[int]:
    return [leaf.leaf_index for leaf in facts.leaves]
