"""Whatever is lost, late, doubled, reordered, raced or killed: who is in an epoch agrees, who is not reads nothing.

Hypothesis plays the room (`tests/fakes/mls_relay.py`): members talk, propose, commit at once, die between two writes,
and one of them forges. BYRE_STATEFUL_EXAMPLES lengthens the run.
"""

from __future__ import annotations

import os
import random as stdlib_random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from byre.errors import PeerError
from byre.mls import AddProposal, Group, GroupContextExtensionsProposal, Proposal, RemoveProposal
from byre.mls.commit import ProposalReference
from byre.mls.extension import Extension
from byre.mls.framing import ContentType, WireFormat
from byre.mls.group.message import frame_handshake
from tests.fakes.mls import person
from tests.fakes.mls_forger import forged_commit, inner_plaintext, reseal
from tests.fakes.mls_relay import Device, Epoch, Ledger, digest_of, roster_of

EXAMPLES = int(os.environ.get("BYRE_STATEFUL_EXAMPLES", "12"))
STEPS = 40
ACTIONS = (
    *("say", "say", "deliver", "deliver", "deliver", "crash", "catch up", "update", "leave"),
    *("commit", "commit", "commit", "order", "order", "forge"),
)
CHANGES = ("rotate", "add", "add", "remove", "extensions")
NAMES = tuple("abcdefgh")
FORGERIES = ("empty", "self", "nobody", "twice", "reference", "tag", "name")
REFUSED_AS = {
    "empty": "invalid_commit",
    "self": "invalid_commit",
    "nobody": "invalid_commit",
    "twice": "invalid_commit",
    "reference": "missing_proposal",
    "tag": "bad_confirmation_tag",
    "name": "bad_signature",
}
numbers = st.sampled_from(range(2520))


class LossyRoom(RuleBasedStateMachine):
    """One room; a name comes back with the same device after it was removed."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.devices: dict[str, Device] = {}
        self.gone: list[Device] = []
        self.joined_at: dict[str, int] = {}
        self.texts = 0
        self.waiting: dict[bytes, Device] = {}
        first = Device(person("a"), self.ledger)
        first.create()
        self.devices["a"] = first
        self.joined_at["a"] = 0
        first.commit([self.invitation("b"), self.invitation("c")])
        self.grant(first)

    def invitation(self, name: str) -> AddProposal:
        """Return an Add of a fresh device of that name, which joins if the commit is ever ordered."""
        newcomer = Device(person(name), self.ledger)
        bundle = newcomer.package()
        self.waiting[bundle.reference] = newcomer
        return AddProposal(bundle.key_package)

    def grant(self, device: Device) -> None:
        """Order a device's pending commit: all hear of it, it merges, and the joiners get their Welcome."""
        pending = device.pending
        assert pending is not None
        roster = roster_of(pending.group)
        self.ledger.epochs[self.ledger.head + 1] = Epoch(pending.message, roster, digest_of(pending.group))
        self.broadcast(device, pending.message)
        for welcome in device.merge_own().welcomes:
            for reference in welcome.references:
                newcomer = self.waiting.pop(reference)
                newcomer.join(welcome.message)
                assert digest_of(newcomer.group) == self.ledger.epochs[self.ledger.head].digest
                old = self.devices.get(newcomer.name)
                if old is not None:
                    self.gone.append(old)
                self.devices[newcomer.name] = newcomer
                self.joined_at[newcomer.name] = self.ledger.head

    def device(self, number: int) -> Device | None:
        """Pick a member."""
        able = [each for each in self.devices.values() if each.is_in]
        return able[number % len(able)] if able else None

    def broadcast(self, sender: Device, message: bytes) -> None:
        for device in [*self.devices.values(), *self.gone]:
            if device is not sender:
                device.inbox.append(message)

    @rule(action=st.sampled_from(ACTIONS), who=numbers, number=numbers, flag=st.booleans())
    def step(self, action: str, who: int, number: int, flag: bool) -> None:
        """Do one thing. One rule for all, or Hypothesis would leave most kinds out of a run."""
        device = self.device(who)
        if device is None:
            return
        match action:
            case "say":
                self.texts += 1
                self.broadcast(device, device.say(f"text {self.texts}".encode()))
            case "deliver":
                self.deliver(device, number, doubled=flag)
            case "crash":
                device.crash()
            case "catch up":
                device.catch_up()
            case "update" if device.group.epoch == self.ledger.head:
                self.broadcast(device, device.propose(device.group.propose_update(random=device.random)))
            case "leave" if device.group.epoch == self.ledger.head and len(self.ledger.roster) > 2:
                self.broadcast(device, device.propose(device.group.propose_self_remove(random=device.random)))
            case "commit":
                self.commit(device, CHANGES[number % len(CHANGES)], number // len(CHANGES), granted=flag)
            case "order":
                self.order(device)
            case "forge":
                self.forge(device, number)

    def deliver(self, device: Device, number: int, *, doubled: bool) -> None:
        """Deliver some of an inbox in any order, some of it twice, and lose some of it."""
        dice = stdlib_random.Random(number)
        dice.shuffle(device.inbox)
        del device.inbox[: dice.choice([0, 0, 0, 1])]
        count = dice.randint(1, 12)
        taken, device.inbox = device.inbox[:count], device.inbox[count:]
        if doubled:
            device.inbox += taken
        for message in taken:
            device.take(message)

    def commit(self, device: Device, what: str, number: int, *, granted: bool) -> None:
        """Make a commit that may or may not be ordered; several members can have one of the same epoch."""
        device.catch_up()
        if not device.is_in or device.pending is not None:
            return
        proposals: list[Proposal] = []
        absent = [name for name in NAMES if name not in self.ledger.roster]
        others = [name for name in sorted(self.ledger.roster) if name != device.name]
        if what == "add" and absent:
            proposals.append(self.invitation(absent[number % len(absent)]))
        elif what == "remove" and len(others) > 1:
            proposals.append(RemoveProposal(self.leaf(device.group, others[number % len(others)])))
        elif what == "extensions":
            proposals.append(GroupContextExtensionsProposal((Extension(0xF0B2, number.to_bytes(4)),)))
        device.commit(proposals)
        if granted:
            self.grant(device)

    def order(self, device: Device) -> None:
        """Let the home grant a pending commit if it is of the head's epoch; else it is dropped."""
        if device.pending is None:
            return
        if device.group.epoch == self.ledger.head:
            self.grant(device)
        else:
            device.drop_pending()

    def forge(self, forger: Device, number: int) -> None:
        """Let a member break a rule; another one of its epoch refuses and is not hurt."""
        other = self.device(number)
        if other is None or forger is other or forger.group.epoch != other.group.epoch:
            return
        what = FORGERIES[number % len(FORGERIES)]
        before = other.group.epoch_bytes(), other.group.ratchet_bytes()
        with pytest.raises(PeerError):
            other.group.process(self.forged(forger, other, what))
        assert (other.group.epoch_bytes(), other.group.ratchet_bytes()) == before

    def forged(self, forger: Device, other: Device, what: str) -> bytes:
        group, own = forger.group, RemoveProposal(forger.group.own_leaf_index)
        victim = RemoveProposal(other.group.own_leaf_index)
        match what:
            case "empty":
                return forged_commit(group)
            case "self":
                return forged_commit(group, own)
            case "nobody":
                return forged_commit(group, RemoveProposal(4000))
            case "twice":
                return forged_commit(group, victim, victim)
            case "reference":
                return forged_commit(group, ProposalReference(b"\x01" * 32))
            case "tag":
                return forged_commit(group, AddProposal(person("z").package().key_package))
            case _:
                # the victim's own name is refused as an echo; anybody else's fails at the signature
                content = frame_handshake(group._state.epoch, victim, b"", WireFormat.PRIVATE_MESSAGE)
                others = [each for each in group.members if each.leaf_index != group.own_leaf_index]
                return reseal(
                    group,
                    inner_plaintext(content),
                    sender_leaf=others[0].leaf_index,
                    generation=60_000,
                    content_type=ContentType.PROPOSAL,
                )

    def leaf(self, group: Group, name: str) -> int:
        return next(each.leaf_index for each in group.members if each.credential.identity == name.encode())

    @invariant()
    def who_is_in_an_epoch_agrees_on_it(self) -> None:
        for device in self.devices.values():
            if device.is_in:
                epoch = self.ledger.epochs[device.group.epoch]
                assert device.name in epoch.roster
                assert digest_of(device.group) == epoch.digest

    def teardown(self) -> None:
        for device in self.devices.values():
            device.catch_up()
        assert {each.name for each in self.devices.values() if each.is_in} == self.ledger.roster
        for device in [*self.devices.values(), *self.gone]:
            assert len(device.read) == len(set(device.read)), "a doubled message was read twice"
        for epoch, _, text, message in self.ledger.said:
            for device in [*self.devices.values(), *self.gone]:
                is_old_state = device is not self.devices.get(device.name)
                allowed = device.name in self.ledger.epochs[epoch].roster
                came_later = not is_old_state and self.joined_at.get(device.name, 0) > epoch
                if not allowed or came_later:
                    assert text not in device.read
                    assert not device.can_read(message), "somebody reads what was not for them"
        members = [each for each in self.devices.values() if each.is_in]
        for sender in members:
            message = sender.say(b"the end")
            for other in members:
                if other is not sender:
                    other.take(message)
                    assert other.read[-1] == b"the end"


LossyRoom.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestLossyRoom: Any = pytest.mark.timeout(300 + 5 * EXAMPLES)(LossyRoom.TestCase)


@pytest.mark.parametrize("what", FORGERIES)
def test_each_forgery_is_refused_for_its_own_reason(what: str) -> None:
    """The machine draws forgeries by chance and asks for any refusal: here each is tried and refused as meant."""
    room = LossyRoom()
    forger, other = room.devices["a"], room.devices["c"]
    other.catch_up()
    assert forger.group.epoch == other.group.epoch
    with pytest.raises(PeerError) as caught:
        other.group.process(room.forged(forger, other, what))
    assert caught.value.code == REFUSED_AS[what]
