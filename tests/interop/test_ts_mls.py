"""Groups of ours, of ts-mls and of mls-rs: all suites, all verbs, and what must be refused."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls import (
    ROOM_CONTEXT,
    Capabilities,
    Credential,
    Extension,
    Group,
    GroupContextExtensionsProposal,
    Received,
    RemoveProposal,
    generate_key_package,
    suite_by_id,
)
from byre.mls.extension import RequiredCapabilities
from byre.mls.framing import AuthenticatedContent, FramedContent, Sender, SenderType, WireFormat, sign_content
from byre.mls.mls_message import frame
from byre.mls.profile import (
    BASIC_CREDENTIAL,
    EXTERNAL_SENDERS,
    GREASE,
    HYBRID,
    PROFILE_EXTENSIONS,
    REQUIRED_CAPABILITIES,
)
from byre.mls.proposals import PreSharedKeyProposal
from byre.mls.psk import PreSharedKeyId, PskType, ResumptionUsage
from byre.mls.public_message import PublicMessage
from byre.wire.tls import opaque
from tests.fakes.mls import person
from tests.interop.conftest import HAS_MLS_RS
from tests.interop.members import NOT_AFTER_S
from tests.interop.mixed_room import MixedRoom
from tests.interop.ts_mls import NodeProcess, PeerRefused
from tests.interop.walk import Walk, steps_wanted

pytestmark = pytest.mark.xdist_group("interop")
OURS, TS, RS = "ours", "ts-mls", "mls-rs"
SUITES = [pytest.param(1, id="suite 1"), pytest.param(3, id="suite 3"), pytest.param(HYBRID, id="hybrid")]


def three_engines(node: NodeProcess, suite_id: int, seed: int, *, tree_inside: bool = True) -> MixedRoom:
    """Return a room of all engines that know the suite; ts-mls created it."""
    room = MixedRoom(seed, suite_id=suite_id, node=node, tree_inside=tree_inside)
    room.create("t", TS)
    if suite_id == 1 and HAS_MLS_RS:
        room.add("t", ("o", OURS), ("r", RS))
    else:
        room.add("t", ("o", OURS))
    room.assert_agreement()
    return room


def refused_by_us(room: MixedRoom, message: bytes) -> str:
    """Return the code by which our member refuses a message."""
    with pytest.raises(PeerError) as caught:
        room.members["o"].process(message, "t")
    return caught.value.code


@pytest.mark.parametrize("suite_id", SUITES)
def test_the_hybrid_key_derivation_is_one(node: NodeProcess, suite_id: int) -> None:
    ikm = bytes(range(48))
    public = node.ask("derive_key_pair", suite=suite_id, ikm=ikm.hex())["public"]
    assert suite_by_id(suite_id).derive_key_pair(ikm)[1].hex() == public


@pytest.mark.parametrize(
    ("creator", "tree_inside"),
    [pytest.param(TS, True, id="ts-mls creates-tree inside"), pytest.param(OURS, False, id="we create-tree beside")],
)
@pytest.mark.parametrize("suite_id", SUITES)
def test_every_side_creates_adds_rotates_and_removes(
    node: NodeProcess, suite_id: int, creator: str, tree_inside: bool
) -> None:
    other = OURS if creator == TS else TS
    seed = 1 + 2 * tree_inside + 4 * (creator == TS)
    room = MixedRoom(seed, suite_id=suite_id, node=node, tree_inside=tree_inside)
    room.create("a", creator)
    room.add("a", ("b", other))
    room.assert_agreement()
    room.add("b", ("c", creator), ("d", other), public=True)
    room.assert_agreement()
    room.talk()
    for name in room.names:
        room.commit(name, public=name == "c")
        room.assert_agreement()
    room.commit("b", "a")
    room.assert_agreement()
    room.commit("c", "d")
    room.assert_agreement()
    room.talk()
    assert room.names == ["b", "c"]


@pytest.mark.parametrize("tree_inside", [True, False], ids=["tree inside", "tree beside"])
@pytest.mark.parametrize("suite_id", SUITES)
def test_every_side_enters_by_itself_and_comes_back(node: NodeProcess, suite_id: int, tree_inside: bool) -> None:
    room = three_engines(node, suite_id, 20 + tree_inside, tree_inside=tree_inside)
    room.enter("x", TS, "o")
    room.assert_agreement()
    room.enter("y", OURS, "t")
    room.assert_agreement()
    size = len(room.names)
    room.enter("t", TS, "o")
    room.assert_agreement()
    room.enter("o", OURS, "t")
    room.assert_agreement()
    room.talk()
    assert len(room.names) == size


def test_every_grease_value_of_ours_is_ignored_by_all(node: NodeProcess) -> None:
    room = three_engines(node, 1, 40)
    packages = []
    for number, value in enumerate(GREASE):
        greased = Capabilities(
            cipher_suites=(value, 1),
            extensions=(*PROFILE_EXTENSIONS, value),
            proposals=(value,),
            credentials=(value, BASIC_CREDENTIAL) if number & 1 else (BASIC_CREDENTIAL, value),
        )
        who = person(f"grease {number}")
        bundle = generate_key_package(
            who.suite,
            signature_key=who.key,
            credential=Credential(who.name.encode()),
            leaf_extensions=[Extension(value, b"grease")],
            not_before_s=0,
            not_after_s=NOT_AFTER_S,
            random=who.random,
            key_package_extensions=[Extension(value, b"")],
            capabilities=greased,
        )
        packages.append(frame(WireFormat.KEY_PACKAGE, bundle.key_package.encoded))
    for adder, some in (("t", packages[:5]), ("o", packages[5:10])):
        room.publish(adder, room.members[adder].commit(add=tuple(some)))
        room.assert_agreement()
    if HAS_MLS_RS:
        room.publish("r", room.members["r"].commit(add=tuple(packages[10:])))
        room.assert_agreement()
        assert len(room.ours("o").group.members) == 3 + len(GREASE)
    room.talk()


@pytest.mark.parametrize("suite_id", SUITES)
def test_proposals_cross_by_reference_both_ways(node: NodeProcess, suite_id: int) -> None:
    room = three_engines(node, suite_id, 30)
    room.add("o", ("u", TS), ("v", OURS))
    o, t = room.ours("o"), room.ts("t")
    o.group, update = o.group.propose_update(random=o.random)
    room.deliver("o", update)
    newcomer = room.new("w", TS)
    add = {"kind": "add", "package": newcomer.key_package().hex()}
    room.deliver("t", t.propose(add, public=True))
    made = room.ts("u").commit_of({"kind": "remove", "leaf": t.leaf_of("v")})
    room.publish("u", made)
    room.welcome("u", made, newcomer)
    room.assert_agreement()
    assert "v" not in room.names
    assert "w" in room.names
    room.deliver("t", t.propose({"kind": "remove", "leaf": t.leaf_of("t")}))
    room.commit("o")
    room.assert_agreement()
    assert "t" not in room.names


@pytest.mark.parametrize("suite_id", [pytest.param(1, id="suite 1"), pytest.param(HYBRID, id="hybrid")])
def test_pre_shared_keys_of_both_kinds_and_sides(node: NodeProcess, suite_id: int) -> None:
    room = MixedRoom(40, suite_id=suite_id, node=node)
    room.create("o", OURS)
    room.add("o", ("t", TS))
    o, t = room.ours("o"), room.ts("t")
    length = o.group.suite.hash_length
    for member in (o, t):
        member.psks = {b"one": b"first secret", b"two": b"second secret"}
    room.commit("t")
    ids = [
        PreSharedKeyId(PskType.EXTERNAL, b"one", bytes(length)),
        PreSharedKeyId(PskType.EXTERNAL, b"two", b"\x01" * length),
        PreSharedKeyId(PskType.RESUMPTION, o.group.group_id, b"\x02" * length, ResumptionUsage.APPLICATION, 1),
    ]
    room.publish("o", o.commit_of(*map(PreSharedKeyProposal, ids)))
    room.assert_agreement()
    external = {"kind": "psk", "id": b"two".hex(), "nonce": "05" * length}
    resumption = {"kind": "psk", "resumption": [o.group.group_id.hex(), 2], "nonce": "06" * length}
    room.deliver("t", t.propose(external))
    room.publish("t", t.commit_of(resumption))
    room.assert_agreement()
    # A newcomer learns from the Welcome which external PSK it needs.
    newcomer = room.new("n", OURS)
    setattr(newcomer, "psks", {b"one": b"first secret"})  # noqa: B010
    made = t.commit_of(
        {"kind": "add", "package": newcomer.key_package().hex()},
        {"kind": "psk", "id": b"one".hex(), "nonce": "07" * length},
    )
    room.publish("t", made)
    room.welcome("t", made, newcomer)
    room.assert_agreement()
    room.talk()


def test_a_reinit_of_ts_mls_is_refused_by_value_and_by_reference(node: NodeProcess) -> None:
    room = three_engines(node, 3, 50)
    reinit = {"kind": "reinit", "suite": "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"}
    assert refused_by_us(room, room.ts("t").commit_of(reinit).commit) == "unsupported_proposal"
    room.members["o"].process(room.ts("t").propose(reinit), "t")
    assert refused_by_us(room, room.ts("t").commit_of().commit) == "unsupported_proposal"


def test_an_unknown_proposal_of_ts_mls_is_refused(node: NodeProcess) -> None:
    room = three_engines(node, 3, 51)
    custom = {"kind": "custom", "type": 0x0A0A, "data": "00"}
    assert refused_by_us(room, room.ts("t").propose(custom)) == "unsupported_proposal"


def test_a_newcomers_own_proposal_is_refused(node: NodeProcess) -> None:
    room = three_engines(node, 3, 52)
    info, _ = room.ours("o").group_info(tree_inside=True)
    stranger = room.new("s", TS)
    message = node.ask("propose_add_external", member="52/s", suite=3, identity=stranger.name, info=info.hex())
    assert refused_by_us(room, bytes.fromhex(message["message"])) == "unsupported_sender"


def test_new_extensions_of_ours_are_followed_and_those_of_ts_mls_refused(node: NodeProcess) -> None:
    room = three_engines(node, 3, 53)
    room.add("o", ("v", OURS))
    o, t = room.ours("o"), room.ts("t")
    room.publish("o", o.commit_of(GroupContextExtensionsProposal((Extension(0xF0B2, b"\xaa\xbb"),))))
    room.assert_agreement()
    # ts-mls 1.6.4 makes no path for such a proposal (Rule 9), and seals it under the old extensions (Rule 4).
    change = {"kind": "extensions", "extensions": [[0xF0B2, "ccdd"]]}
    assert refused_by_us(room, t.commit_of(change).commit) == "invalid_commit"
    both = t.commit_of(change, {"kind": "remove", "leaf": t.leaf_of("v")})
    assert refused_by_us(room, both.commit) == "unreadable_path"
    room.commit("t")
    room.assert_agreement()


@pytest.mark.parametrize("suite_id", SUITES)
def test_late_messages_of_a_past_epoch_are_read_both_ways(node: NodeProcess, suite_id: int) -> None:
    room = three_engines(node, suite_id, 54)
    late = {name: room.members[name].encrypt(f"late {name}".encode()) for name in ("t", "o")}
    past = room.ours("o").group.as_past()
    room.commit("t")
    room.commit("o")
    received = Group.load(past.epoch_bytes(), past.ratchet_bytes()).process(late["t"])
    assert isinstance(received, Received)
    assert received.data == b"late t"
    assert room.members["t"].process(late["o"], "o").data == b"late o"


def test_a_group_with_external_senders_and_requirements_goes_on(node: NodeProcess) -> None:
    stranger = person("stranger", 3)
    sender = opaque(stranger.key.public) + Credential(b"stranger").encode()
    required = RequiredCapabilities((ROOM_CONTEXT,), (), (1,))
    room = MixedRoom(55, suite_id=3, node=node)
    extensions = (Extension(EXTERNAL_SENDERS, opaque(sender)), Extension(REQUIRED_CAPABILITIES, required.encode()))
    room.create("o", OURS, extensions)
    room.add("o", ("t", TS), ("p", OURS))
    for name in room.names:
        room.commit(name)
    room.assert_agreement()
    room.talk()
    context = room.ours("o").group._state.epoch.context
    outside = Sender(SenderType.EXTERNAL, 0)
    content = FramedContent.make(context.group_id, context.epoch, outside, b"", RemoveProposal(0))
    signature = sign_content(stranger.suite, stranger.key, WireFormat.PUBLIC_MESSAGE, content, context.encoded)
    signed = PublicMessage(AuthenticatedContent(WireFormat.PUBLIC_MESSAGE, content, signature))
    assert refused_by_us(room, frame(WireFormat.PUBLIC_MESSAGE, signed.encode())) == "unsupported_sender"


@pytest.mark.parametrize("suite_id", SUITES)
def test_grease_padding_and_unknown_extensions_are_carried(node: NodeProcess, suite_id: int) -> None:
    room = MixedRoom(60, suite_id=suite_id, node=node)
    odd = {"leaf_extensions": [[0x0A0A, "01"], [0x1A1A, ""]], "package_extensions": [[0x2A2A, "0203"]]}
    room.create("o", OURS)
    greasy = room.new("g", TS)
    room.ts_options(greasy, grease=True, padding=300, **odd)
    made = room.ours("o").commit(add=(greasy.key_package(),))
    room.publish("o", made)
    room.welcome("o", made, greasy)
    room.talk()
    made = room.ts("g").commit_of(info=(Extension(0x3A3A, b"in the GroupInfo"),))
    room.publish("g", made)
    newcomer = room.new("n", OURS)
    add = {"kind": "add", "package": newcomer.key_package().hex()}
    made = room.ts("g").commit_of(add, info=(Extension(0x3A3A, b"in the GroupInfo"),))
    room.publish("g", made)
    room.welcome("g", made, newcomer)
    room.assert_agreement()
    room.talk()


def test_a_removed_ts_mls_member_reads_nothing_later_and_a_new_one_nothing_earlier(node: NodeProcess) -> None:
    room = three_engines(node, 3, 70)
    earlier = room.members["o"].encrypt(b"earlier")
    room.add("o", ("n", TS))
    with pytest.raises(PeerRefused):
        room.members["n"].process(earlier, "o")
    gone = room.members["n"]
    room.publish("o", room.ours("o").commit_of(RemoveProposal(room.ours("o").leaf_of("n"))))
    later = room.members["o"].encrypt(b"later")
    with pytest.raises(PeerRefused):
        gone.process(later, "o")
    assert room.members["t"].process(later, "o").data == b"later"


def test_rule_1_a_flipped_bit_costs_us_no_message_of_ts_mls(node: NodeProcess) -> None:
    room = three_engines(node, 3, 71)
    message = room.members["t"].encrypt(b"text")
    assert refused_by_us(room, message[:-1] + bytes([message[-1] ^ 1])) == "bad_ciphertext"
    assert room.members["o"].process(message, "t").data == b"text"


@pytest.mark.parametrize("suite_id", SUITES)
def test_a_random_walk_keeps_all_engines_in_agreement(node: NodeProcess, suite_id: int) -> None:
    kinds = (OURS, TS)
    if suite_id == 1 and HAS_MLS_RS:
        kinds = (OURS, TS, RS)
    walk = Walk(5, suite_id, node, kinds)
    walk.run(steps_wanted(20))
    assert sum(walk.taken.values()) >= 20
