"""Groups of foreign members that note what a passive member would receive: the passive-client-* vectors."""

from __future__ import annotations

import random as stdlib_random
from typing import Any

from byre.mls import Extension
from byre.mls.extension import RequiredCapabilities
from byre.mls.profile import HYBRID, REQUIRED_CAPABILITIES, ROOM_CONTEXT
from tests.interop.members import Made, Member
from tests.interop.mixed_room import MixedRoom
from tests.interop.ts_mls import Json, NodeProcess, PeerRefused, TsMember

Entry = dict[str, Any]
LARGEST = 24
UNKNOWN = (Extension(0x0A0A, b""), Extension(ROOM_CONTEXT, b"a room"))
REQUIRED = Extension(REQUIRED_CAPABILITIES, RequiredCapabilities((0x0A0A, ROOM_CONTEXT), (0x1A1A,), (1,)).encode())


class Abandoned(Exception):
    """The engines that make a group lost each other: what they made proves nothing, another seed is tried."""


class Recorder(MixedRoom):
    """A group of foreign members that notes what a passive member would receive."""

    def __init__(self, node: NodeProcess, suite_id: int, seed: int, kinds: tuple[str, ...]) -> None:
        self.dice = stdlib_random.Random(seed)
        super().__init__(seed, suite_id=suite_id, tree_inside=self.dice.random() < 0.5, node=node)
        self.node = node
        self.kinds = kinds
        self.psks: dict[bytes, bytes] = {}
        self.joined: dict[str, int] = {}
        self.noted: list[bytes] = []
        self.odd = kinds == ("ts-mls",)
        self._named = 0
        extensions = (*UNKNOWN, REQUIRED) if self.odd and self.dice.random() < 0.7 else ()
        first = self.newcomer("ts-mls")
        first.create(self.random(self.dice.choice([1, 16, 70])), extensions)
        self.members[first.name] = first

    def new(self, name: str, kind: str) -> Member:
        """Return a client with odd capabilities that shares the group's PSKs."""
        member = super().new(name, kind)
        if isinstance(member, TsMember):
            member.psks = self.psks
            member.options = {
                "grease": True,
                "leaf_extensions": [[0x2A2A, "00ff"], [0x3A3A, ""]] if self.dice.random() < 0.5 else [],
                "package_extensions": [[0x4A4A, "aa" * 70]] if self.dice.random() < 0.5 else [],
                **({"padding": self.dice.choice([1, 63, 500])} if self.dice.random() < 0.5 else {}),
            }
        return member

    def newcomer(self, kind: str) -> Member:
        """Return a client with the next name."""
        self._named += 1
        return self.new(f"v{self._named:03}", kind)

    @property
    def epoch(self) -> int:
        return int(self.anyone.ask("view")["epoch"])

    @property
    def anyone(self) -> TsMember:
        return self.ts(self.of_kind("ts-mls")[0])

    def deliver(self, sender: str, message: bytes) -> None:
        """Note a handshake message and give it to all; whoever cannot follow falls silent, but not everybody may."""
        self.noted.append(message)
        others = [each for each in self.names if each != sender]
        followed = not others
        for name in others:
            try:
                removed = self.members[name].process(message, sender).removed
            except Exception:  # whatever the peers' bindings raise
                removed = True
            else:
                followed = True
            if removed:
                del self.members[name]
        if not followed or not self.of_kind("ts-mls"):
            raise Abandoned

    def grow(self, count: int) -> None:
        """Add members one commit at a time or several at once."""
        while len(self.members) < count:
            arriving = [self.newcomer(self.dice.choice(self.kinds)) for _ in range(self.dice.randint(1, 4))]
            adder = self.dice.choice(self.of_kind("ts-mls"))
            packages = tuple(each.key_package() for each in arriving)
            made = self.members[adder].commit(add=packages, public=self.dice.random() < 0.5)
            self.publish(adder, made)
            self.admit(adder, made, arriving)

    def admit(self, adder: str, made: Made, arriving: list[Member]) -> None:
        """Let newcomers in, and note since when they know resumption PSKs."""
        tree = made.tree or self.tree_of(adder)
        assert made.welcome is not None, "nobody was added"
        for member in arriving:
            try:
                member.join(made.welcome, tree)
            except Exception:  # a tree that ts-mls refuses by its own fault: the leaf stays, silent
                self.refused_trees += 1
                continue
            self.members[member.name] = member
            self.joined[member.name] = self.epoch

    def thin_out(self, count: int) -> None:
        """Remove some, so that the tree has blanks."""
        for _ in range(count):
            leaves = self.anyone.ask("members")["leaves"]
            remover = self.dice.choice(self.of_kind("ts-mls"))
            gone = self.dice.choice([leaf for leaf in leaves if leaf[0] != self.ts(remover).leaf_of(remover)])
            if len(self.of_kind("ts-mls")) <= 2 or bytes.fromhex(gone[1]) == b"passive":
                continue
            self.publish(remover, self.ts(remover).commit_of({"kind": "remove", "leaf": gone[0]}))

    def psk(self) -> Json:
        """Return a PSK proposal that all members can follow."""
        nonce = self.random(48 if self.suite_id == HYBRID else 32).hex()
        since = max(self.joined.get(name, 0) for name in self.names)
        if self.dice.random() < 0.4:
            view = self.anyone.ask("view")
            epoch = self.dice.randint(max(since, view["epoch"] - 5), view["epoch"])
            return {"kind": "psk", "resumption": [view["group_id"], epoch], "nonce": nonce}
        identifier = self.random(self.dice.choice([1, 20, 80]))
        self.psks[identifier] = self.random(self.dice.choice([16, 32, 64]))
        return {"kind": "psk", "id": identifier.hex(), "nonce": nonce}


def passive_client(
    node: NodeProcess, suite_id: int, seed: int, *, epochs: int, size: int, kinds: tuple[str, ...]
) -> Entry:
    """Return one entry of a passive-client-* file, from the first seed at which the peers follow each other."""
    for attempt in range(50):
        try:
            return _passive_client(node, suite_id, seed + attempt, epochs=epochs, size=size, kinds=kinds)
        except (Abandoned, PeerRefused):
            continue
    raise Abandoned


def _passive_client(
    node: NodeProcess, suite_id: int, seed: int, *, epochs: int, size: int, kinds: tuple[str, ...]
) -> Entry:
    room = Recorder(node, suite_id, seed, kinds)
    room.grow(size)
    room.thin_out(size // 3)
    passive = room.new("passive", "ts-mls")
    assert isinstance(passive, TsMember)
    package = passive.package()
    adder = room.dice.choice(room.of_kind("ts-mls"))
    proposals: list[Json] = [{"kind": "add", "package": package["package"]}]
    if room.odd:
        for _ in range(room.dice.randint(0, 3)):
            one = room.psk()
            if "id" in one:
                proposals.append(one)
    made = room.ts(adder).commit_of(
        *proposals, public=room.dice.random() < 0.5, tree_inside=room.tree_inside, info=(Extension(0x5A5A, b"odd"),)
    )
    room.publish(adder, made)
    assert made.welcome is not None
    for name in room.names:
        room.joined.setdefault(name, 0)
    room.joined["passive"] = room.epoch
    entry: Entry = {
        "cipher_suite": suite_id,
        "key_package": package["package"],
        "signature_priv": package["signature_priv"],
        "encryption_priv": package["encryption_priv"],
        "init_priv": package["init_priv"],
        "welcome": made.welcome.hex(),
        "ratchet_tree": None if room.tree_inside else made.tree.hex(),
        "initial_epoch_authenticator": room.anyone.ask("view")["authenticator"],
        "epochs": [],
    }
    since = room.epoch
    for name in room.names:
        room.joined[name] = max(room.joined[name], since)
    for _ in range(epochs):
        room.noted.clear()
        _one_epoch(room)
        *before, commit = room.noted
        entry["epochs"].append(
            {
                "proposals": [message.hex() for message in before],
                "commit": commit.hex(),
                "epoch_authenticator": room.anyone.ask("view")["authenticator"],
            }
        )
    entry["external_psks"] = [{"psk_id": key.hex(), "psk": value.hex()} for key, value in room.psks.items()]
    return entry


def _one_epoch(room: Recorder) -> None:
    """Let foreign members change the group once, in some odd way."""
    dice, ts_names = room.dice, room.of_kind("ts-mls")
    if dice.random() < 0.15:
        name = dice.choice(ts_names) if dice.random() < 0.5 and len(ts_names) > 2 else f"e{dice.random()}"
        host = dice.choice([each for each in ts_names if each != name])
        before = len(room.noted)
        room.enter(name, "ts-mls", host)
        if name in room.members:
            room.joined[name] = room.epoch
        if len(room.noted) > before:
            return
    committer = dice.choice(ts_names)
    leaves = [leaf for leaf in room.anyone.ask("members")["leaves"] if bytes.fromhex(leaf[1]) != b"passive"]
    removable = [leaf for leaf in leaves if bytes.fromhex(leaf[1]).decode() != committer]
    dice.shuffle(removable)
    arriving: list[Member] = []
    kinds = ["add"] * (len(leaves) < LARGEST) + ["remove"] * (len(leaves) > 4)
    kinds += ["psk"] * room.odd

    def draw(*, by_reference: bool) -> Json | None:
        kind = dice.choice([*kinds, "nothing"])
        if kind == "add":
            arriving.append(room.newcomer(dice.choice(room.kinds)))
            return {"kind": "add", "package": arriving[-1].key_package().hex()}
        if kind == "remove" and len(removable) > 3:
            gone = removable.pop()
            named = bytes.fromhex(gone[1]).decode()
            if named in ts_names and len(ts_names) <= 3:
                return None
            return {"kind": "remove", "leaf": gone[0]}
        if kind == "psk" and not (arriving and dice.random() < 0.5):
            one = room.psk()
            return None if "resumption" in one and arriving else one
        return None

    resumption = False
    for _ in range(dice.randint(0, 3)):
        proposal = draw(by_reference=True)
        if proposal is None or (proposal["kind"] == "add" and resumption):
            if proposal is not None:
                arriving.pop()
            continue
        resumption |= "resumption" in proposal
        proposer = dice.choice(ts_names)
        room.deliver(proposer, room.ts(proposer).propose(proposal, public=dice.random() < 0.5))
    if "mls-rs" in room.kinds and room.of_kind("mls-rs") and not arriving and dice.random() < 0.4:
        room.commit(dice.choice(room.of_kind("mls-rs")))
        return
    by_value = []
    for _ in range(dice.randint(0, 3)):
        proposal = draw(by_reference=False)
        if proposal is None or (proposal["kind"] == "add" and resumption):
            if proposal is not None:
                arriving.pop()
            continue
        resumption |= "resumption" in proposal
        by_value.append(proposal)
    made = room.ts(committer).commit_of(*by_value, public=dice.random() < 0.5)
    room.publish(committer, made)
    if arriving:
        room.admit(committer, made, arriving)
