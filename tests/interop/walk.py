"""A random walk of a mixed group: who does what is drawn from a seed, and all must agree after every step.

`python -m tests.interop.walk [STEPS [SEED [SUITE]]]` walks on demand; the suite walks BYRE_WALK_STEPS steps.
"""

from __future__ import annotations

import os
import random as stdlib_random
import sys
import time
from collections import Counter

from byre.mls.profile import X25519_AES128
from tests.interop.mixed_room import MixedRoom
from tests.interop.npm import NotToBeHad
from tests.interop.ts_mls import NodeProcess

LARGEST = 10


def steps_wanted(default: int) -> int:
    """Return how many steps the suite walks: BYRE_WALK_STEPS, or the default of the test."""
    return int(os.environ.get("BYRE_WALK_STEPS", default))


class Walk:
    """One walk; `taken` counts what was done."""

    def __init__(self, seed: int, suite_id: int, node: NodeProcess | None, kinds: tuple[str, ...]) -> None:
        self.dice = stdlib_random.Random(seed)
        self.room = MixedRoom(seed, suite_id=suite_id, tree_inside=self.dice.random() < 0.5, node=node)
        self.kinds = kinds
        self.taken: Counter[str] = Counter()
        self._named = 0
        self.room.create(self._name(), self.dice.choice(kinds))
        # one of each engine from the beginning
        self.room.add(self.room.names[0], *((self._name(), kind) for kind in kinds))

    def run(self, steps: int) -> None:
        """Walk; after every step the exporter secrets are equal, every tenth step everybody is heard by all."""
        for number in range(steps):
            what = self._step()
            self.taken[what] += 1
            self.room.assert_agreement()
            if number % 10 == 9:
                self.room.talk()
        self.room.talk()

    def _name(self) -> str:
        self._named += 1
        return f"m{self._named:03}"

    def _step(self) -> str:
        room, dice = self.room, self.dice
        actor = dice.choice(room.names)
        others = [name for name in room.names if name != actor]
        public = dice.random() < 0.3
        what = dice.choice(["add", "add", "remove", "rotate", "update", "leave", "readd", "enter", "resync", "talk"])
        match what:
            case "add" if len(room.names) < LARGEST:
                newcomers = [(self._name(), dice.choice(self.kinds)) for _ in range(dice.randint(1, 3))]
                if "ts-mls" not in self.kinds and actor in room.of_kind("ours"):
                    # ts-mls loses itself in trees that commits without a path leave behind
                    room.ours(actor).force_path = dice.random() < 0.6
                room.add(actor, *newcomers, public=public)
            case "remove" if len(others) > 1:
                gone = dice.choice(others)
                if not room.members[actor].can_remove(gone):
                    return "nothing"
                room.commit(actor, gone, public=public)
            case "update" if room.of_kind("ours") and others:
                return self._update()
            case "leave" if len(others) > 1:
                return self._leave(public=public)
            case "readd" if room.of_kind("ours", "ts-mls"):
                return self._readd()
            case "enter" | "resync" if room.of_kind("ours", "ts-mls"):
                return self._enter(what)
            case "talk":
                room.talk()
            case _:
                room.commit(actor, public=public)
                return "rotate"
        return what

    def _update(self) -> str:
        room, dice = self.room, self.dice
        names = dice.sample(room.of_kind("ours"), k=min(2, len(room.of_kind("ours"))))
        committers = [name for name in room.names if name not in names]
        if not committers:
            names, committers = names[:1], names[1:]
        if not committers:
            return "nothing"
        for name in names:
            member = room.ours(name)
            member.group, message = member.group.propose_update(random=member.random)
            room.deliver(name, message)
        room.commit(dice.choice(committers))
        return "update"

    def _leave(self, *, public: bool) -> str:
        room, dice = self.room, self.dice
        leavers = room.of_kind("ours", "ts-mls")
        if not leavers:
            return "nothing"
        leaver = dice.choice(leavers)
        member = room.members[leaver]
        if member.kind == "ours":
            ours = room.ours(leaver)
            ours.group, message = ours.group.propose_self_remove(random=ours.random)
        else:
            ts = room.ts(leaver)
            message = ts.propose({"kind": "remove", "leaf": ts.leaf_of(leaver)}, public=public)
        room.deliver(leaver, message)
        room.commit(dice.choice([name for name in room.names if name != leaver]))
        assert leaver not in room.members
        return "leave"

    def _readd(self) -> str:
        """Remove and Add of one client in one commit: the old leaf goes, the same key comes back."""
        room, dice = self.room, self.dice
        ours = room.of_kind("ours")
        if len(ours) < 2:
            return "nothing"
        adder, back = dice.sample(ours, k=2)
        member = room.ours(back)
        made = room.members[adder].commit(add=(member.key_package(),), remove=back, tree_inside=room.tree_inside)
        room.publish(adder, made)
        room.welcome(adder, made, member)
        return "readd"

    def _enter(self, what: str) -> str:
        room, dice = self.room, self.dice
        able = room.of_kind("ours", "ts-mls")
        host = dice.choice(able)
        if what == "resync" and len(able) > 1:
            name = dice.choice([each for each in able if each != host])
            kind = room.members[name].kind
        elif len(room.names) < LARGEST:
            name, kind = self._name(), dice.choice([each for each in self.kinds if each != "mls-rs"])
        else:
            return "nothing"
        room.enter(name, kind, host)
        return what


def main(arguments: list[str]) -> int:
    """Walk 200 steps per suite, or as the arguments say."""
    steps = int(arguments[0]) if arguments else 200
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    suites = [int(arguments[2], 0)] if len(arguments) > 2 else [1, 3, 0xF0A2]
    try:
        node = NodeProcess.start()
    except NotToBeHad as reason:
        print(f"byre: {reason}", file=sys.stderr)
        return 1
    for suite_id in suites:
        began = time.perf_counter()
        kinds = ("ours", "ts-mls", "mls-rs") if suite_id == X25519_AES128 else ("ours", "ts-mls")
        walk = Walk(seed, suite_id, node, kinds)
        walk.run(steps)
        took = time.perf_counter() - began
        print(f"suite 0x{suite_id:04x} seed {seed}: {steps} steps agree in {took:.1f} s; {dict(walk.taken)}")
        if walk.room.refused_trees:
            print(f"  ts-mls refused {walk.room.refused_trees} valid trees by a fault of its own")
    node.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
