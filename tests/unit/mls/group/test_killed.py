"""A device dies before any one of its writes, in turn: it reads its disk and the room goes on, nothing lost or twice.

The story has every kind of write: pending commit, merge of an own and of a foreign commit, join, proposal, Update,
message sent and received, message of a past epoch.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from byre.mls import AddProposal, KeyPackage, KeyPackageBundle, RemoveProposal
from byre.mls.profile import HYBRID
from tests.fakes.mls import person
from tests.fakes.mls_relay import Device, Epoch, Ledger, digest_of, roster_of


class Killed(Exception):
    """The process is gone."""


class Story:
    """Three devices in a room; one of them dies before its write number `number`."""

    def __init__(self, suite_id: int, victim: str = "", number: int = 0) -> None:
        self.ledger = Ledger()
        self.devices = {name: Device(person(name, suite_id), self.ledger) for name in ("a", "b", "c", "d")}
        self.writes = dict.fromkeys(self.devices, 0)
        self.deaths = 0
        for name, device in self.devices.items():
            device.before_write = self.dying(name, number if name == victim else 0)

    def dying(self, name: str, number: int) -> Callable[[], None]:
        def before_write() -> None:
            self.writes[name] += 1
            if self.writes[name] == number:
                self.deaths += 1
                raise Killed

        return before_write

    def do(self, name: str, step: Callable[[Device], None]) -> None:
        """Take a step; whoever dies in it reads its disk and takes it again."""
        device = self.devices[name]
        try:
            step(device)
        except Killed:
            device.crash()
            step(device)

    def commit(self, name: str, *added: str, removed: int | None = None) -> None:
        """Commit, let the home order it, merge, join, follow: each is done again after a death, if the disk says so."""

        def make(device: Device) -> None:
            if device.pending is None:
                proposals = [AddProposal(package_of(self.devices[each])) for each in added]
                device.commit([*proposals, *([] if removed is None else [RemoveProposal(removed)])])

        def merge(device: Device) -> None:
            if device.pending is not None:
                device.merge_own()

        self.do(name, make)
        pending = self.devices[name].pending
        assert pending is not None
        group = pending.group
        self.ledger.epochs[group.epoch] = Epoch(pending.message, roster_of(group), digest_of(group))
        self.do(name, merge)
        for each in added:
            self.do(each, lambda device: None if device.disk.epoch else device.join(pending.welcomes[0].message))
        for each, device in self.devices.items():
            if each != name and each not in added and device.is_in:
                self.do(each, Device.catch_up)

    def talk(self) -> None:
        """Everybody says something once and is read once by all."""
        members = [name for name, device in self.devices.items() if device.is_in]
        for sender in members:
            text = f"{sender} {len(self.ledger.said)}".encode()
            self.do(sender, lambda device, text=text: keep(device.say(text)))  # type: ignore[misc]
            message = self.ledger.said[-1][3]
            for reader in members:
                if reader != sender:
                    self.do(reader, lambda device, message=message: device.take(message))  # type: ignore[misc]
                    assert self.devices[reader].read.count(text) == 1

    def tell(self) -> None:
        """Go through all kinds of writes."""
        self.do("a", lambda device: None if device.disk.epoch else device.create())
        self.commit("a", "b", "c")
        self.talk()
        self.do("c", lambda device: keep(device.say(b"late")))
        late = self.ledger.said[-1][3]
        self.commit("b")
        for name in ("a", "b"):
            self.do(name, lambda device: device.take(late))
            assert self.devices[name].read.count(b"late") == 1
        for name in ("b", "c"):
            proposals: list[bytes] = []

            def propose(device: Device, proposals: list[bytes] = proposals) -> None:
                proposals.append(device.propose(device.group.propose_update(random=device.random)))

            self.do(name, propose)
            for other in ("a", "b", "c"):
                if other != name:
                    self.do(other, lambda device, message=proposals[-1]: device.take(message))  # type: ignore[misc]
        self.commit("a", "d")
        self.talk()
        self.commit("d", removed=2)
        self.talk()
        assert {name for name, device in self.devices.items() if device.is_in} == {"a", "b", "d"}


def keep(_: bytes) -> None:
    """The ledger has the message."""


def package_of(device: Device) -> KeyPackage:
    if device.disk.bundle is None:
        device.package()
    assert device.disk.bundle is not None
    return KeyPackageBundle.from_bytes(device.disk.bundle).key_package


def writes_of(suite_id: int) -> dict[str, int]:
    story = Story(suite_id)
    story.tell()
    return story.writes


@pytest.mark.parametrize("victim", ["a", "b", "c", "d"])
def test_rule_10_a_death_before_any_write_loses_and_doubles_nothing(victim: str) -> None:
    total = writes_of(1)[victim]
    assert total >= 4
    for number in range(1, total + 1):
        story = Story(1, victim, number)
        story.tell()
        assert story.deaths == 1


def test_the_hybrid_suite_survives_a_death_too() -> None:
    story = Story(HYBRID, "a", 3)
    story.tell()
    assert story.deaths == 1
