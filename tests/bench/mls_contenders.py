"""The engines that `tests.bench.mls` measures in one process: ours in three suites, and mls-rs through Python.

A cycle is the life of one group of n: one member adds n - 1 others in one commit, two of them join, speak, one is
removed, keys are renewed. All others are KeyPackages only. Bytes go in and bytes come out, on either side.

    create_add      group of one, n - 1 KeyPackages parsed, verified and added, the commit merged
    join            one joiner opens the Welcome, tree inside, and checks all of it
    remove          one member goes, right after the mass add: the path is sealed to n - 2 single leaves, the worst case
    commit          new keys, from a path that is half there
    process_commit  another member takes such a commit and merges it
    steady_…        the same in a tree whose parents are all filled, where everybody has committed once (n <= 100)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from byre.mls import AddProposal, Group, KeyPackage, KeyPackageBundle, Received, RemoveProposal, StagedCommit
from tests.fakes.mls import NOW_S, Person, person, seeded

T = TypeVar("T")
TEXT = bytes(range(100))
MESSAGES = 20
STEADY_UP_TO = 100


@dataclass
class Cycle:
    """What one cycle took: seconds (wall, processor) per operation, and bytes."""

    times: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def timed(self, operation: str, work: Callable[[], T]) -> T:
        """Run `work` and note how long it took."""
        processor, wall = time.process_time(), time.perf_counter()
        result = work()
        spent = time.perf_counter() - wall, time.process_time() - processor
        self.times.setdefault(operation, []).append(spent)
        return result


class Contender(Protocol):
    """One engine."""

    name: str

    def prepare(self, size: int) -> None:
        """Make what `cycle` reuses: KeyPackages of those who never speak."""

    def cycle(self, size: int) -> Cycle:
        """Live the life of one group of `size`."""


class Ours:
    """Our engine in one suite."""

    def __init__(self, name: str, suite_id: int) -> None:
        self.name = name
        self._suite_id = suite_id
        self._random = seeded(7)
        self._silent: list[bytes] = []

    def prepare(self, size: int) -> None:
        """Make the KeyPackages of the silent members."""
        while len(self._silent) < size - 3:
            self._silent.append(self._person(f"s{len(self._silent)}").package().key_package.encoded)

    def cycle(self, size: int) -> Cycle:
        """See the module."""
        cycle = Cycle()
        b, last = self._person("b"), self._person("last")
        bundle_b = cycle.timed("key_package", b.package)
        bundle_last = last.package()
        packages = [bundle_b.key_package.encoded, *self._silent[: max(0, size - 3)]]
        if size > 2:
            packages.append(bundle_last.key_package.encoded)
        person_a = self._person("a")
        commit, welcome, group_a = cycle.timed("create_add", lambda: self._create_add(person_a, packages))
        group_b = cycle.timed("join", lambda: self._join(b, bundle_b, welcome))
        cycle.sizes |= {
            "key_package": len(packages[0]),
            "add_commit": len(commit),
            "welcome_with_tree": len(welcome),
            "ratchet_tree": len(group_a.ratchet_tree),
            "state_epoch": len(group_a.epoch_bytes()),
            "state_ratchets": len(group_a.ratchet_bytes()),
        }
        state = group_a.epoch_bytes(), group_a.ratchet_bytes()
        cycle.timed("load", lambda: Group.load(*state))
        group_a, group_b = self._talk(cycle, group_a, group_b)
        if size > 2:
            gone = size - 1
            message, group_a = cycle.timed("remove", lambda: self._commit(group_a, RemoveProposal(gone)))
            cycle.sizes["remove_commit"] = len(message)
            group_b = cycle.timed("process_commit", lambda: self._process(group_b, message))
        message, group_b = cycle.timed("commit", lambda: self._commit(group_b))
        group_a = cycle.timed("process_commit", lambda: self._process(group_a, message))
        self._steady(cycle, size)
        return cycle

    def split_welcome_bytes(self, size: int) -> int:
        """Return the bytes of one joiner's Welcome without the tree."""
        packages = [self._person("b").package().key_package.encoded, *self._silent[: max(0, size - 2)]]
        adds = [AddProposal(KeyPackage.decode(each)) for each in packages]
        pending = (
            self._person("a")
            .create()
            .commit(adds, now_s=NOW_S, random=self._random, tree_in_welcome=False, split_welcomes=True)
        )
        return max(len(each.message) for each in pending.welcomes)

    def _talk(self, cycle: Cycle, a: Group, b: Group) -> tuple[Group, Group]:
        for _ in range(MESSAGES):
            a, message = cycle.timed("encrypt", lambda a=a: a.encrypt(TEXT, random=self._random))  # type: ignore[misc]
            received = cycle.timed("decrypt", lambda b=b, m=message: b.process(m))  # type: ignore[misc]
            assert isinstance(received, Received)
            b = received.group
        cycle.sizes["message_of_100"] = len(message)
        return a, b

    def _steady(self, cycle: Cycle, size: int) -> None:
        """Everybody adds the next one, so that every parent is filled; the second last adds two."""
        if not 3 < size <= STEADY_UP_TO:
            return
        people = [self._person(f"c{number}") for number in range(size)]
        group = people[0].create()
        for number in range(1, size - 2):
            group = self._handed_on(group, people[number])
        bundles = [each.package() for each in people[-2:]]
        pending = group.commit([AddProposal(each.key_package) for each in bundles], now_s=NOW_S, random=self._random)
        welcome = pending.welcomes[0].message
        a, b = (self._join(who, bundle, welcome) for who, bundle in zip(people[-2:], bundles, strict=True))
        message, a = cycle.timed("steady_remove", lambda: self._commit(a, RemoveProposal(size - 3)))
        b = cycle.timed("steady_process", lambda: self._process(b, message))
        message, b = cycle.timed("steady_commit", lambda: self._commit(b))
        cycle.timed("steady_process", lambda: self._process(a, message))
        cycle.sizes["steady_commit"] = len(message)

    def _handed_on(self, group: Group, to: Person) -> Group:
        bundle = to.package()
        pending = group.commit([AddProposal(bundle.key_package)], now_s=NOW_S, random=self._random)
        return self._join(to, bundle, pending.welcomes[0].message)

    def _create_add(self, creator: Person, packages: list[bytes]) -> tuple[bytes, bytes, Group]:
        adds = [AddProposal(KeyPackage.decode(each)) for each in packages]
        pending = creator.create().commit(adds, now_s=NOW_S, random=self._random)
        return pending.message, pending.welcomes[0].message, pending.group

    def _commit(self, group: Group, *proposals: RemoveProposal) -> tuple[bytes, Group]:
        pending = group.commit(proposals, now_s=NOW_S, random=self._random)
        return pending.message, pending.group

    def _join(self, who: Person, bundle: KeyPackageBundle, welcome: bytes) -> Group:
        return Group.join(welcome, bundle=bundle, signature_key=who.key, now_s=NOW_S)

    def _process(self, group: Group, message: bytes) -> Group:
        staged = group.process(message, now_s=NOW_S)
        assert isinstance(staged, StagedCommit)
        return staged.merge()

    def _person(self, name: str) -> Person:
        return person(name, self._suite_id)


class RustMember:
    """One mls-rs client with one group, bytes to bytes."""

    def __init__(self, foreign: Any, name: str) -> None:
        self._foreign = foreign
        keys = foreign.generate_signature_keypair(foreign.CipherSuite.CURVE25519_AES128)
        self._client = foreign.Client(name.encode(), keys, foreign.client_config_default())
        self._group: Any = None
        self._heard: Any = None

    def key_package(self) -> bytes:
        return self._bytes(self._client.generate_key_package_message())

    def create_add(self, packages: list[bytes]) -> tuple[bytes, bytes]:
        self._group = self._client.create_group(None)
        return self.add(packages)

    def add(self, packages: list[bytes]) -> tuple[bytes, bytes]:
        output = self._group.add_members([self._foreign.Message.from_bytes(each) for each in packages])
        return self._merged(output), self._bytes(output.welcome_message)

    def join(self, welcome: bytes) -> None:
        self._group = self._client.join_group(None, self._foreign.Message.from_bytes(welcome)).group

    def tree(self) -> bytes:
        tree: bytes = self._group.export_tree().bytes
        return tree

    def rotate(self) -> bytes:
        return self._merged(self._group.commit())

    def remove_heard(self) -> bytes:
        """Remove whom it heard last: the binding can name nobody else."""
        return self._merged(self._group.remove_members([self._heard]))

    def encrypt(self, data: bytes) -> bytes:
        return self._bytes(self._group.encrypt_application_message(data))

    def process(self, message: bytes) -> Any:
        received = self._group.process_incoming_message(self._foreign.Message.from_bytes(message))
        if received.is_application_message():
            self._heard = received.sender
        return received

    def _merged(self, output: Any) -> bytes:
        self._group.process_incoming_message(output.commit_message)
        return self._bytes(output.commit_message)

    def _bytes(self, message: Any) -> bytes:
        encoded: bytes = message.to_bytes()
        return encoded


class MlsRs:
    """mls-rs through its Python binding, suite 1; raises ImportError where it is not installed."""

    def __init__(self) -> None:
        self.name = "mls_rs_suite_1"
        self._foreign: Any = import_module("mls_rs_uniffi")
        self._silent: list[bytes] = []

    def prepare(self, size: int) -> None:
        """Make the KeyPackages of the silent members."""
        while len(self._silent) < size - 3:
            self._silent.append(self._member(f"s{len(self._silent)}").key_package())

    def cycle(self, size: int) -> Cycle:
        """See the module."""
        cycle = Cycle()
        a, b, last = self._member("a"), self._member("b"), self._member("last")
        package_b = cycle.timed("key_package", b.key_package)
        packages = [package_b, *self._silent[: max(0, size - 3)]]
        if size > 2:
            packages.append(last.key_package())
        commit, welcome = cycle.timed("create_add", lambda: a.create_add(packages))
        cycle.timed("join", lambda: b.join(welcome))
        cycle.sizes |= {
            "key_package": len(package_b),
            "add_commit": len(commit),
            "welcome_with_tree": len(welcome),
            "ratchet_tree": len(a.tree()),
        }
        for _ in range(MESSAGES):
            message = cycle.timed("encrypt", lambda: a.encrypt(TEXT))
            assert cycle.timed("decrypt", lambda m=message: b.process(m)).data == TEXT  # type: ignore[misc]
        cycle.sizes["message_of_100"] = len(message)
        if size > 2:
            last.join(welcome)
            a.process(last.encrypt(TEXT))
            message = cycle.timed("remove", a.remove_heard)
            cycle.sizes["remove_commit"] = len(message)
            cycle.timed("process_commit", lambda: b.process(message))
        message = cycle.timed("commit", b.rotate)
        cycle.timed("process_commit", lambda: a.process(message))
        self._steady(cycle, size)
        return cycle

    def _steady(self, cycle: Cycle, size: int) -> None:
        if not 3 < size <= STEADY_UP_TO:
            return
        people = [self._member(f"c{number}") for number in range(size)]
        _, welcome = people[0].create_add([people[1].key_package()])
        for here, following in pairwise(people[1 : size - 2]):
            here.join(welcome)
            _, welcome = here.add([following.key_package()])
        before, a, b = people[-3:]
        before.join(welcome)
        _, welcome = before.add([a.key_package(), b.key_package()])
        a.join(welcome)
        b.join(welcome)
        a.process(before.encrypt(TEXT))
        message = cycle.timed("steady_remove", a.remove_heard)
        cycle.timed("steady_process", lambda: b.process(message))
        message = cycle.timed("steady_commit", b.rotate)
        cycle.timed("steady_process", lambda: a.process(message))
        cycle.sizes["steady_commit"] = len(message)

    def _member(self, name: str) -> RustMember:
        return RustMember(self._foreign, name)
