"""Illegal handshakes and Welcomes that ts-mls signs and seals properly, of a live group: refused, and nothing changes.

The forger keeps its own ratchet, so that its next legal message has the generation of the refused one: a key that a
refusal had burnt would be missed at once (Rule 1).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls import Group, KeyPackage, KeyPackageBundle, ProposalReceived, Received, StagedCommit
from byre.mls.profile import HYBRID
from byre.mls.psk import PreSharedKeyId
from tests.fakes.mls import NOW_S
from tests.interop.members import OurMember
from tests.interop.mixed_room import MixedRoom
from tests.interop.ts_mls import Json, NodeProcess, TsMember

pytestmark = pytest.mark.xdist_group("interop")
OURS, TS = "ours", "ts-mls"
SUITE_1 = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"
HASH_BYTES = 32
MESSAGE_HEAD_BYTES = 4


class Stage:
    """A group in which `t` forges and `o` judges; what proposals name is made before."""

    def __init__(self, node: NodeProcess, suite_id: int) -> None:
        self.room = MixedRoom(900, suite_id=suite_id, node=node)
        self.room.create("t", TS)
        self.room.add("t", ("o", OURS))
        self.room.add("o", ("v", OURS), ("u", TS))
        self.room.commit("t")
        self.room.commit("o")
        self.forger: TsMember = self.room.ts("t")
        self.judge: OurMember = self.room.ours("o")
        packages = {"newcomer": self.room.new("w", TS), "member": self.room.members["v"]}
        self._packages = {name: member.key_package().hex() for name, member in packages.items()}
        self._leaves = {"self": self.forger.leaf_of("t"), "other": self.forger.leaf_of("v"), "nobody": 300}

    def refusal(self, operation: str = "forge_commit", by: TsMember | None = None, **asked: Any) -> str:
        """Return the code by which `o` refuses a forgery, 'taken' when it does not; its state is as before."""
        before = self._stored()
        message = bytes.fromhex((by or self.forger).ask(operation, **asked)["message"])
        try:
            outcome = self.judge.group.process(message, now_s=NOW_S, public_handshakes=True, psks=no_psk)
        except PeerError as error:
            code = error.code
        else:
            assert isinstance(outcome, StagedCommit | ProposalReceived)
            code = "taken"
        assert self._stored() == before
        self._talk()
        return code

    def proposals(self, names: str) -> list[Json]:
        """Return proposals by their names, `kind:what`, with blanks between."""
        return [self._proposal(*name.partition(":")[::2]) for name in names.split()]

    def _proposal(self, kind: str, what: str) -> Json:
        nonce = "00" * HASH_BYTES
        made: dict[str, Json] = {
            "remove": {"leaf": self._leaves.get(what, 0xFFFFFFF0)},
            "add": {"package": self._packages.get(what)},
            "psk": {"id": "aa", "nonce": nonce if what != "short" else "00"},
            "extensions": {"extensions": EXTENSIONS.get(what, [])},
            "external_init": {"kem": "11" * 32},
            "reinit": {"suite": SUITE_1},
            "custom": {"type": 0xFA0A, "data": "00"},
            "reference": {"reference": "22" * HASH_BYTES},
            "resumption": {"kind": "psk", "resumption": [self.judge.group.group_id.hex(), 1, what], "nonce": nonce},
        }
        return {"kind": kind, **made[kind]}

    def _stored(self) -> bytes:
        return self.judge.group.epoch_bytes() + self.judge.group.ratchet_bytes()

    def _talk(self) -> None:
        received = self.judge.group.process(self.forger.encrypt(b"still here"))
        assert isinstance(received, Received)
        assert received.data == b"still here"
        self.judge.group = received.group


EXTENSIONS = {
    "unsupported": [[0xFE02, "00"]],
    "twice": [[0xF0B2, "00"], [0xF0B2, "01"]],
    "required": [[3, "02fe030000"]],
}


def no_psk(psk_id: PreSharedKeyId) -> bytes:
    raise PeerError("no such PSK", code="unknown_psk")


@pytest.fixture(scope="module")
def stage(node: NodeProcess) -> Stage:
    return Stage(node, 3)


@pytest.mark.parametrize("public", [False, True], ids=["private", "public"])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "taken"),
        ({"tag": "flipped"}, "bad_confirmation_tag"),
        ({"signature": "flipped"}, "bad_signature"),
        ({"epochs_ahead": 1}, "future_epoch"),
        ({"epochs_ahead": -1}, "wrong_epoch"),
        ({"group_id": "aa"}, "unknown_group"),
    ],
    ids=["nothing", "tag", "signature", "later epoch", "earlier epoch", "group"],
)
def test_a_frame_that_is_wrong_in_one_thing_is_refused_for_it(
    stage: Stage, wrong: Json, code: str, public: bool
) -> None:
    assert stage.refusal(path="none", public=public, **wrong) == code


@pytest.mark.parametrize(
    ("sender", "public", "code"),
    [
        ("o", False, "bad_signature"),
        ("u", False, "bad_signature"),
        ("u", True, "bad_signature"),
        ("o", True, "own_message"),
        ("", False, "bad_signature"),
        ("", True, "unknown_sender"),
    ],
)
def test_a_commit_in_another_members_name_is_refused(stage: Stage, sender: str, public: bool, code: str) -> None:
    leaf = stage.forger.leaf_of(sender) if sender else 200
    assert stage.refusal(path="none", sender=leaf, public=public) == code


def test_a_wrong_membership_tag_is_refused(stage: Stage) -> None:
    assert stage.refusal(path="none", public=True, membership="flipped") == "bad_membership_tag"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("node_missing", "invalid_path"),
        ("node_extra", "invalid_path"),
        ("ciphertext_missing", "invalid_path"),
        ("ciphertext_extra", "invalid_path"),
        ("ciphertexts_broken", "unreadable_path"),
        ("node_key_is_a_members", "invalid_path"),
        ("node_key_is_empty", "invalid_path"),
        ("node_key_of_zeros", "invalid_path"),
        ("leaf_key_of_zeros", "invalid_leaf"),
        ("leaf_signature", "bad_signature"),
        ("leaf_of_another_group", "bad_signature"),
        ("leaf_of_another_place", "bad_signature"),
        ("leaf_key_kept", "invalid_path"),
        ("leaf_key_of_a_node", "invalid_path"),
        ("leaf_key_of_another", "invalid_path"),
        ("signature_key_of_another", "bad_signature"),
        ("parent_hash", "invalid_path"),
        ("extension_not_in_capabilities", "invalid_leaf"),
        ("extension_twice", "malformed"),
        ("credential_not_in_capabilities", "invalid_leaf"),
    ],
)
def test_a_path_that_is_wrong_in_one_thing_is_refused(stage: Stage, path: str, code: str) -> None:
    assert stage.refusal(path=path) == code


@pytest.mark.parametrize(
    ("names", "path", "code"),
    [
        ("", None, "invalid_commit"),
        ("remove:other", None, "invalid_commit"),
        ("extensions:none", None, "invalid_commit"),
        ("remove:self", "none", "invalid_commit"),
        ("remove:other remove:other", "none", "invalid_commit"),
        ("remove:nobody", "none", "invalid_commit"),
        ("remove:outside", "none", "invalid_commit"),
        ("add:newcomer add:newcomer", "none", "invalid_leaf"),
        ("add:member", "none", "invalid_leaf"),
        ("psk:unknown", "none", "unknown_psk"),
        ("psk:unknown psk:unknown", "none", "invalid_commit"),
        ("psk:short", "none", "invalid_commit"),
        ("extensions:none extensions:none", "none", "invalid_commit"),
        ("extensions:unsupported", "none", "invalid_leaf"),
        ("extensions:twice", "none", "malformed"),
        ("extensions:required", "none", "invalid_leaf"),
        ("external_init:", "none", "invalid_commit"),
        ("reference:", "none", "missing_proposal"),
        ("reinit:", None, "unsupported_proposal"),
        ("custom:", "none", "unsupported_proposal"),
        ("resumption:reinit", "none", "unsupported_proposal"),
        ("resumption:branch", "none", "unsupported_proposal"),
        ("add:newcomer remove:other", "none", "invalid_path"),  # its path is of the tree as it was before
    ],
)
def test_a_list_of_proposals_against_the_rules_is_refused(
    stage: Stage, names: str, path: str | None, code: str
) -> None:
    assert stage.refusal(proposals=stage.proposals(names), path=path) == code


@pytest.mark.parametrize(
    ("name", "wrong", "code"),
    [
        ("extensions:twice", {}, "malformed"),
        ("custom:", {}, "unsupported_proposal"),
        ("remove:other", {"sender": 1}, "bad_signature"),
        ("remove:other", {"sender": 99, "public": True}, "unknown_sender"),
        ("remove:outside", {}, "taken"),  # 12.1: signature and epoch are judged now, the rest with the commit
    ],
)
def test_a_proposal_by_reference_is_judged_as_far_as_it_can_be(stage: Stage, name: str, wrong: Json, code: str) -> None:
    assert stage.refusal("forge_proposal", proposal=stage.proposals(name)[0], **wrong) == code


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ("nothing", "taken"),
        ("no_path", "invalid_commit"),
        ("no_init", "invalid_commit"),
        ("two_inits", "invalid_commit"),
        ("adds", "invalid_commit"),
        ("extends", "invalid_commit"),
        ("removes_two", "invalid_commit"),
        ("removes_another", "bad_signature"),  # its leaf was signed for another place than the one that falls vacant
        ("refers", "missing_proposal"),
        ("leaf_signature", "bad_signature"),
        ("ciphertexts", "unreadable_path"),
        ("signature", "bad_signature"),
        ("tag", "bad_confirmation_tag"),
        ("kem", "bad_confirmation_tag"),
    ],
)
def test_an_external_commit_that_is_wrong_in_one_thing_is_refused(stage: Stage, spoil: str, code: str) -> None:
    stranger = stage.room.new("s", TS)
    assert isinstance(stranger, TsMember)
    stranger.package()
    assert stage.refusal("forge_external", by=stranger, into=stage.forger.handle, spoil=spoil) == code


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ("nothing", "taken"),
        ("tag", "invalid_welcome"),
        ("path_secret", "invalid_welcome"),
        ("signature", "bad_signature"),
        ("signer", "bad_signature"),
        ("extension", "invalid_leaf"),
        ("no_tree", "missing_tree"),
        ("tree_hash", "invalid_tree"),
        ("trailing_blank", "malformed"),
        ("parent_hash", "invalid_tree"),
        ("parent_key_is_a_leafs", "invalid_tree"),
        ("parent_blanked", "invalid_tree"),
        ("unmerged_is_nobody", "invalid_tree"),
        ("unmerged_twice", "malformed"),
        ("leaf_signature", "invalid_tree"),
        ("leaf_blanked", "invalid_tree"),
        ("leaf_twice", "invalid_tree"),
        ("newcomer_missing", "invalid_tree"),
    ],
)
def test_a_welcome_that_is_wrong_in_one_thing_is_refused(stage: Stage, spoil: str, code: str) -> None:
    newcomer = stage.room.new("n", TS)
    assert isinstance(newcomer, TsMember)
    made = newcomer.package()
    package = KeyPackage.decode(bytes.fromhex(made["package"])[MESSAGE_HEAD_BYTES:])
    bundle = KeyPackageBundle(
        package, *(Secret(bytes.fromhex(made[name])) for name in ("init_priv", "encryption_priv"))
    )
    welcome = stage.forger.ask("forge_welcome", newcomer=newcomer.handle, spoil=spoil)["message"]
    key = SigningKey(bytes.fromhex(made["signature_priv"]))
    joined = partial(Group.join, bytes.fromhex(welcome), bundle=bundle, signature_key=key, now_s=NOW_S)
    if code == "taken":
        assert joined().epoch == stage.judge.group.epoch + 1
        return
    with pytest.raises(PeerError) as caught:
        joined()
    assert caught.value.code == code


def test_the_hybrid_refuses_alike_and_everybody_goes_on(node: NodeProcess) -> None:
    stage = Stage(node, HYBRID)
    assert stage.refusal(path="none") == "taken"
    assert stage.refusal(path="none", tag="flipped") == "bad_confirmation_tag"
    assert stage.refusal(path="ciphertexts_broken") == "unreadable_path"
    assert stage.refusal(path="node_key_is_a_members") == "invalid_path"
    stage.room.commit("t")
    stage.room.commit("o")
    stage.room.assert_agreement()
