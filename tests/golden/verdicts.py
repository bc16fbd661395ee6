"""The law of membership as a table: who may do what in which room, each verdict frozen.

`python -m tests.golden.verdicts` prints the table anew. A verdict that changes parts rooms whose members run different
versions: it needs a new policy version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from byre.errors import PeerError
from byre.identity.commit_data import CommitData
from byre.identity.membership import judge
from byre.identity.room_context import AccountRole, Inviters, RoomContext, RoomKind
from byre.identity.room_facts import Add, Change, CommitFacts, ContextChange, Remove, RoomFacts, Unsupported, Update
from byre.mls.profile import ROOM_CONTEXT
from byre.wire.ids import GroupTag
from tests.fakes.identities import NOW_MS, RELAY, Person

GOLDEN_FILE = Path(__file__).with_name("verdicts.json")
TAG = GroupTag(bytes(16))
LEAVES = ("anna's phone", "anna's PC", "ben's phone", "ben's PC", "carl's phone")
Deed = tuple[tuple[Change, ...], bytes]


class Cast:
    """Anna (owner) and ben (admin) with a phone and a PC each, carl (member) with a phone; dora is outside."""

    def __init__(self) -> None:
        self.anna, self.ben, self.carl, self.dora = (Person(name) for name in ("anna", "ben", "carl", "dora"))
        self.anna_pc, self.ben_pc = self.anna.link(), self.ben.link()
        self.leaves = (
            self.anna.leaf(at=0),
            self.anna.leaf(self.anna_pc, 1),
            self.ben.leaf(at=2),
            self.ben.leaf(self.ben_pc, 3),
            self.carl.leaf(at=4),
        )

    def rooms(self) -> dict[str, RoomFacts]:
        """A room of each kind, and a group in which admins alone invite."""
        anna, ben = self.anna.account_id, self.ben.account_id
        roles = tuple(sorted([(anna, AccountRole.OWNER), (ben, AccountRole.ADMIN)]))
        group = RoomContext.owned(RoomKind.GROUP, anna, home_url=RELAY, group_tag=TAG).replaced(roles=roles)
        direct = RoomContext.direct(anna, ben, home_url=RELAY, group_tag=TAG)
        rooms = {
            "group": RoomFacts(self.leaves, group),
            "closed group": RoomFacts(self.leaves, group.replaced(who_may_invite=Inviters.ADMINS)),
            "direct": RoomFacts(self.leaves[:4], direct),
        }
        for kind in (RoomKind.DEVICE, RoomKind.NOTE):
            context = RoomContext.owned(kind, anna, home_url=RELAY, group_tag=TAG)
            rooms[kind.name.lower()] = RoomFacts(self.leaves[:2], context)
        return rooms

    def deeds(self, by: int, room: RoomFacts) -> dict[str, Deed]:
        """What the leaf `by` might commit."""
        people = {0: self.anna, 1: self.anna, 2: self.ben, 3: self.ben, 4: self.carl}
        own = people[by]
        old_list = own.device_list
        laptop = own.link()
        stray = Person("elsa").primary.key.public
        own_leaves = [at for at, person in people.items() if person is own and at < len(room.leaves)]
        without_pc = self.ben.device_list.without_devices(self.ben.key, [self.ben_pc.id], NOW_MS)

        def gone(*places: int, proposer: int = by) -> Deed:
            return tuple(Remove(proposer, place) for place in places), b""

        def context(**changes: object) -> Deed:
            changed = room.context.replaced(**changes)
            return (ContextChange(by, ((ROOM_CONTEXT, changed.encode()),)),), b""

        roles = dict(room.context.roles)
        roles_without_anna = {account: role for account, role in roles.items() if account != self.anna.account_id}
        deeds: dict[str, Deed] = {
            "nothing": ((), b""),
            "add dora": ((Add(by, self.dora.leaf(at=7)),), b""),
            "add dora with another's key": (
                (Add(by, self.dora.leaf(at=7, signature_key=stray)),),
                b"",
            ),
            "add an own device": ((Add(by, own.leaf(laptop, 7)),), b""),
            "add an own device that no list names": ((Add(by, own.leaf(laptop, 7, device_list=old_list)),), b""),
            "leave": gone(*own_leaves),
            "leave with half": gone(own_leaves[0]),
            "remove the own PC": gone(own_leaves[-1]),
            "remove itself": gone(by),
            "an update of its own": ((Update(room.leaf(by)),), b""),
            "something of a later version": ((Unsupported("x"),), b""),
            "title": context(title="another"),
            "retention": context(retention_s=60),
            "invite": context(who_may_invite=Inviters.ADMINS),
            "home": context(home_url="https://other.example"),
            "kind": context(kind=RoomKind.NOTE if room.context.kind is not RoomKind.NOTE else RoomKind.DEVICE),
            "make itself owner": context(roles=tuple(sorted({**roles, own.account_id: AccountRole.OWNER}.items()))),
            "take anna's role": context(roles=tuple(sorted(roles_without_anna.items()))),
        }
        if len(room.leaves) > 2:
            deeds |= {
                "remove anna": gone(0, 1),
                "remove ben": gone(2, 3),
                "remove half of ben": gone(3),
                "remove ben's PC by his newer list": (
                    (Remove(by, 3),),
                    CommitData(((self.ben.account_id, without_pc.encoded),)).encode(),
                ),
                "let ben leave": gone(2, 3, proposer=3),
                "bring ben's PC back": ((Remove(by, 3), Add(by, self.ben.leaf(self.ben_pc, 7))), b""),
            }
        if len(room.leaves) > 4:
            deeds |= {"remove carl": gone(4), "let carl leave": gone(4, proposer=4)}
        return deeds


def build() -> dict[str, str]:
    """Return every verdict by "room: who: what": `lawful`, or the code of the refusal."""
    return dict(_verdicts())


def _verdicts() -> Iterator[tuple[str, str]]:
    for kind, room in Cast().rooms().items():
        for by in range(len(room.leaves)):
            for what, (changes, data) in Cast().deeds(by, room).items():
                try:
                    judge(room, CommitFacts(by, changes, data, None, False))
                    verdict = "lawful"
                except PeerError as error:
                    verdict = error.code
                yield f"{kind}: {LEAVES[by]}: {what}", verdict


if __name__ == "__main__":
    verdicts = build()
    GOLDEN_FILE.write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(verdicts)} verdicts\n")
