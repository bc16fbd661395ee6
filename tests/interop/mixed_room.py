"""One group with members of several engines, by name; every step is delivered to all."""

from __future__ import annotations

from collections.abc import Callable

from byre.mls import Extension
from tests.fakes.mls import seeded
from tests.interop.members import Made, Member, OurMember
from tests.interop.ts_mls import REFUSES_VALID_TREES, NodeProcess, PeerRefused, TsMember

EXPORT = "byre claim key v1"
MlsRs = Callable[[str], Member]


class MixedRoom:
    """A group; `refused_trees` counts joins that a peer refused by a known fault of its own."""

    def __init__(
        self, seed: int, *, suite_id: int = 1, tree_inside: bool = True, node: NodeProcess | None = None
    ) -> None:
        self.random = seeded(seed)
        self.seed = seed
        self.suite_id = suite_id
        self.tree_inside = tree_inside
        self.members: dict[str, Member] = {}
        self.refused_trees = 0
        self._node = node

    @property
    def names(self) -> list[str]:
        return sorted(self.members)

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the names of members of some engines."""
        return [name for name in self.names if self.members[name].kind in kinds]

    def new(self, name: str, kind: str) -> Member:
        """Return a client that is in no group yet."""
        if kind == "ours":
            return OurMember(name, self.suite_id, self.seed)
        if kind == "mls-rs":
            assert self.suite_id == 1, "the binding has suite 1 only"
            from tests.interop.mls_rs import MlsRsMember  # not built for every platform

            return MlsRsMember(name, tree_inside=self.tree_inside)
        assert self._node is not None, "no node process"
        return TsMember(self._node, name, self.suite_id, scope=f"{self.suite_id}/{self.seed}/")

    def ours(self, name: str) -> OurMember:
        member = self.members[name]
        assert isinstance(member, OurMember)
        return member

    def ts(self, name: str) -> TsMember:
        member = self.members[name]
        assert isinstance(member, TsMember)
        return member

    def ts_options(self, member: Member, **options: object) -> None:
        """Let a ts-mls client that is in no group yet make its packages with other options."""
        assert isinstance(member, TsMember)
        member.options = options

    def create(self, name: str, kind: str, extensions: tuple[Extension, ...] = ()) -> None:
        self.members[name] = self.new(name, kind)
        self.members[name].create(self.random(16), extensions)

    def add(self, adder: str, *newcomers: tuple[str, str], public: bool = False) -> None:
        """Add people; each newcomer is (name, kind)."""
        arriving = [self.new(*each) for each in newcomers]
        packages = tuple(each.key_package() for each in arriving)
        made = self.members[adder].commit(add=packages, public=public, tree_inside=self.tree_inside)
        self.publish(adder, made)
        self.welcome(adder, made, *arriving)

    def welcome(self, adder: str, made: Made, *arriving: Member) -> None:
        """Let newcomers in; one whose engine refuses a tree that all others take is removed again."""
        assert made.welcome is not None, "nobody was added"
        tree = made.tree or self.tree_of(adder)
        unable = []
        for member in arriving:
            self.members[member.name] = member
            try:
                member.join(made.welcome, None if self.tree_inside else tree)
            except PeerRefused as refusal:
                if REFUSES_VALID_TREES not in str(refusal):
                    raise
                unable.append(member.name)
                del self.members[member.name]
        self.refused_trees += len(unable)
        for name in unable:
            committer = next(each for each in self.names if self.members[each].can_remove(name))
            self.commit(committer, name)

    def tree_of(self, name: str) -> bytes:
        """Return the tree as a member sees it."""
        member = self.members[name]
        if isinstance(member, OurMember):
            return member.group.ratchet_tree
        if isinstance(member, TsMember):
            return bytes.fromhex(member.ask("view")["tree"])
        tree = member.tree()  # type: ignore[attr-defined]
        assert isinstance(tree, bytes)
        return tree

    def commit(self, committer: str, removed: str | None = None, *, public: bool = False) -> None:
        """Rotate the committer's keys, or remove somebody; what waits goes with it."""
        self.publish(committer, self.members[committer].commit(remove=removed, public=public))

    def publish(self, committer: str, made: Made) -> None:
        """Give a commit to everybody and merge it."""
        self.deliver(committer, made.commit)
        self.members[committer].merge()

    def deliver(self, sender: str, message: bytes) -> None:
        """Give a handshake message to everybody but its sender; whoever it removes is out."""
        for name in [each for each in self.names if each != sender]:
            if self.members[name].process(message, sender).removed:
                del self.members[name]

    def enter(self, name: str, kind: str, host: str, *, public_tree: bool | None = None) -> None:
        """Let a newcomer, or a member that lost its state, enter by an external commit on `host`'s GroupInfo."""
        source = self.members[host]
        assert isinstance(source, OurMember | TsMember)
        inside = self.tree_inside if public_tree is None else public_tree
        info, tree = source.group_info(tree_inside=inside)
        beside = None if inside else tree
        old = self.members.pop(name, None)
        member = self.new(name, kind) if old is None else old
        if isinstance(member, OurMember):
            message = member.join_external(info, beside)
        else:
            assert isinstance(member, TsMember)
            try:
                message = member.join_external(info, beside, resync=old is not None)
            except PeerRefused as refusal:
                if REFUSES_VALID_TREES not in str(refusal):
                    raise
                self.refused_trees += 1
                if old is not None:
                    self.members[name] = old
                return
            member.merge()
        self.deliver(name, message)
        self.members[name] = member

    def talk(self) -> None:
        """Everybody says something and is heard by all."""
        for sender in self.names:
            text = f"{sender} says".encode()
            message = self.members[sender].encrypt(text)
            for name in self.names:
                if name != sender:
                    assert self.members[name].process(message, sender).data == text

    def assert_agreement(self) -> None:
        """Exporter secrets are equal at all members."""
        assert len({member.export(EXPORT, 32) for member in self.members.values()}) == 1
