"""What a room refuses of MLS: weaker suites, whoever is outside of the group, every proposal by reference but leaving.

The messages are properly made, by members who hold all keys: nothing but the room's policy stands against them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from byre.client.views import RoomId
from byre.errors import PeerError
from byre.identity.mailbox import seal_envelope
from byre.mls import (
    AddProposal,
    Credential,
    Extension,
    Group,
    GroupContextExtensionsProposal,
    KeyPackage,
    MLSMessage,
    Proposal,
    RemoveProposal,
    Welcome,
)
from byre.mls.extension import RequiredCapabilities
from byre.mls.framing import AuthenticatedContent, FramedContent, Sender, SenderType, WireFormat, sign_content
from byre.mls.group.external import export_group_info, join_external
from byre.mls.mls_message import frame
from byre.mls.profile import EXTERNAL_SENDERS, HYBRID, REQUIRED_CAPABILITIES
from byre.mls.proposals import PreSharedKeyProposal, ReInitProposal
from byre.mls.psk import PreSharedKeyId, PskType
from byre.mls.public_message import PublicMessage
from byre.wire.envelope import MLS_MESSAGE
from tests.fakes.mls import NOW_S, person, seeded
from tests.fakes.mls_forger import forged_commit, forged_proposal
from tests.fakes.world import Client, World
from tests.protocol.room_steps import acquainted, has_members, joined, shows


async def live_group(client: Client, room: RoomId) -> Group:
    live = await client.engine._profile.session.rooms._sending._groups.current(bytes.fromhex(room))
    assert live is not None
    return live.group


async def hand_over(receiver: Client, message: bytes) -> list[str]:
    """Put an MLSMessage into a client's mailbox; return the reasons of all that it could not use so far."""
    own = receiver.engine._profile.session.context
    body = seal_envelope(own.own.mailbox.box_public, MLS_MESSAGE, message)
    rooms = receiver.engine._profile.session.rooms
    await rooms.on_envelopes(own.own.relay, own.own.mailbox.mailbox_id, [(own.random(16), body)])
    return [row.reason for row in await own.store.read(lambda tx: tx.inbox.undecryptable())]


def outsider(group: Group, proposal: Proposal, sender: Sender) -> bytes:
    """Return a proposal from outside of the group, signed by somebody."""
    context, stranger = group._state.epoch.context, person("stranger", HYBRID)
    content = FramedContent.make(context.group_id, context.epoch, sender, b"", proposal)
    signature = sign_content(stranger.suite, stranger.key, WireFormat.PUBLIC_MESSAGE, content, context.encoded)
    signed = AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, signature)
    return frame(WireFormat.PUBLIC_MESSAGE, PublicMessage(signed).encode())


def entering(group: Group) -> bytes:
    """Return a good external commit."""
    return join_external(
        export_group_info(group),
        signature_key=person("stranger", HYBRID).key,
        credential=Credential(b"stranger"),
        leaf_extensions=(),
        now_s=NOW_S,
        random=seeded(1),
    )[1]


def package(suite_id: int = HYBRID) -> KeyPackage:
    return person("stranger", suite_id).package().key_package


PSK = PreSharedKeyProposal(PreSharedKeyId(PskType.EXTERNAL, b"psk", bytes(48)))
REINIT = ReInitProposal(b"next", 1, 1, ())
SENDERS = GroupContextExtensionsProposal((Extension(EXTERNAL_SENDERS, b"\x00"),))

OUTSIDE: dict[str, Callable[[Group], bytes]] = {
    "an external sender": lambda group: outsider(group, RemoveProposal(0), Sender(SenderType.EXTERNAL, 0)),
    "a newcomer's Add": lambda group: outsider(group, AddProposal(package()), Sender(SenderType.NEW_MEMBER_PROPOSAL)),
    "an external commit": entering,
    "a public commit of a member": lambda group: (
        group.commit(now_s=NOW_S, random=seeded(2), wire_format=WireFormat.PUBLIC_MESSAGE).message
    ),
}
INSIDE: dict[str, Callable[[Group], bytes]] = {
    "a PSK": lambda group: forged_proposal(group, PSK),
    "a ReInit": lambda group: forged_proposal(group, REINIT),
    "an Add": lambda group: forged_proposal(group, AddProposal(package())),
    "external senders": lambda group: forged_proposal(group, SENDERS),
    "a Remove of another account": lambda group: forged_proposal(group, RemoveProposal(0)),
    "an Update": lambda group: group.propose_update(random=seeded(3))[1],
}


async def test_rooms_refuse_whatever_comes_from_outside_of_the_group(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        for number, (what, make) in enumerate(OUTSIDE.items()):
            message = make(await live_group(ben, room))
            assert await hand_over(anna, message) == ["public_handshake"] * (number + 1), what
        for number, (what, make) in enumerate(INSIDE.items()):
            before = (await live_group(anna, room)).epoch_bytes()
            reasons = await hand_over(anna, make(await live_group(ben, room)))
            assert reasons.count("not_allowed") == number + 1, (what, reasons)
            assert (await live_group(anna, room)).epoch_bytes() == before, what
        await has_members(world, anna, room, "anna", "ben")
        await anna.engine.messages.send(room, "unmoved")
        await shows(world, ben, room, "unmoved")


async def test_rooms_are_joined_in_the_hybrid_suite_only(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        _, ben = await acquainted(world, "anna", "ben")
        before = await ben.engine.rooms.list()
        for suite_id in (1, 3):
            mallory, bundle = person("mallory", suite_id), person("victim", suite_id).package()
            pending = mallory.create(group_id=bytes(32)).commit(
                [AddProposal(bundle.key_package)], now_s=NOW_S, random=seeded(4)
            )
            # addressed to a package that the client really has, so that nothing but the suite is wrong
            parsed = MLSMessage.decode(pending.welcomes[0].message).message
            assert isinstance(parsed, Welcome)
            entry = replace(parsed.secrets[0], new_member=await own_reference(ben))
            welcome = replace(parsed, secrets=(entry,)).encode()
            reasons = await hand_over(ben, frame(WireFormat.WELCOME, welcome))
            assert reasons == ["unsupported_suite"] * (1 if suite_id == 1 else 2)
        assert await ben.engine.rooms.list() == before


async def own_reference(client: Client) -> bytes:
    store = client.engine._profile.session.context.store
    rows = await store.read(lambda tx: tx.key_packages.in_state("published"))
    return rows[0].reference


async def test_rooms_keep_their_suite_and_require_nothing_that_we_lack(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        anna, ben = await acquainted(world, "anna", "ben")
        room = await anna.engine.rooms.create(["ben"], title="team")
        await joined((ben,), room)
        group = await live_group(ben, room)
        assert group.suite.suite_id == HYBRID
        weaker: list[Proposal] = [AddProposal(package(suite_id)) for suite_id in (1, 3)]
        lacking = [((0x1234,), (), ()), ((), (0x1234,), ()), ((), (), (2,))]
        extensions = [Extension(REQUIRED_CAPABILITIES, RequiredCapabilities(*each).encode()) for each in lacking]
        changes: list[Proposal] = [GroupContextExtensionsProposal((each,)) for each in extensions]
        for proposal, code in (
            *((each, "invalid_key_package") for each in weaker),
            *((each, "invalid_leaf") for each in changes),
        ):
            with pytest.raises(PeerError) as caught:
                group.commit([proposal], now_s=NOW_S, random=seeded(5))
            assert caught.value.code == code
            assert (await hand_over(anna, forged_commit(group, proposal)))[0] == code
        assert (await live_group(anna, room)).epoch == group.epoch
