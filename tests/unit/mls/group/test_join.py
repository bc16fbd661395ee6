"""Joining: everything in a Welcome is checked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.errors import PeerError, UsageError
from byre.mls import (
    AddProposal,
    Group,
    KeyPackageBundle,
    LeafContext,
    LeafNode,
    MLSMessage,
    PendingCommit,
    RemoveProposal,
)
from byre.mls.extension import ratchet_tree_extension
from byre.mls.framing import WireFormat
from byre.mls.group_info import GroupInfo
from byre.mls.key_schedule import member_secret, welcome_key_nonce, welcome_secret
from byre.mls.mls_message import frame
from byre.mls.proposals import PreSharedKeyProposal
from byre.mls.psk import PreSharedKeyId, PskType, psk_secret
from byre.mls.welcome import GroupSecrets, Welcome, open_group_secrets, seal_group_secrets
from tests.fakes.mls import NOW_S, Person, Room, person

CAROL = person("c")


class Invitation:
    """A Welcome for Carol that can be taken apart and put together otherwise."""

    def __init__(self, **options: object) -> None:
        self.room = Room.of("a", "b")
        self.bundle = CAROL.package()
        self.pending: PendingCommit = self.room["a"].commit(
            [AddProposal(self.bundle.key_package)],
            now_s=NOW_S,
            random=self.room.random,
            **options,  # type: ignore[arg-type]
        )
        welcome = MLSMessage.decode(self.pending.welcomes[0].message).message
        assert isinstance(welcome, Welcome)
        self.welcome = welcome
        suite = self.room["a"].suite
        self.suite = suite
        self.secrets = open_group_secrets(
            suite, welcome.secrets[0], self.bundle.init_private.reveal(), welcome.encrypted_group_info
        )
        self.member = member_secret(suite, self.secrets.joiner_secret, psk_secret(suite, []))
        key, nonce = welcome_key_nonce(suite, welcome_secret(suite, self.member))
        self.info = GroupInfo.decode(suite.aead.open(key, nonce, b"", welcome.encrypted_group_info))

    def join(self, message: bytes | None = None, **changes: object) -> Group:
        values: dict[str, object] = {"bundle": self.bundle, "signature_key": CAROL.key, "now_s": NOW_S}
        return Group.join(message or self.pending.welcomes[0].message, **{**values, **changes})  # type: ignore[arg-type]

    def forged(
        self, info: GroupInfo | None = None, secrets: GroupSecrets | None = None, signer: Person | None = None
    ) -> bytes:
        """The Welcome with another GroupInfo, signed by `signer` (a by default), or other secrets."""
        info = info or self.info
        signed = GroupInfo.sign(
            self.suite,
            (signer or self.room.people["a"]).key,
            group_context=info.group_context,
            extensions=info.extensions,
            confirmation_tag=info.confirmation_tag,
            signer=info.signer,
        )
        key, nonce = welcome_key_nonce(self.suite, welcome_secret(self.suite, self.member))
        sealed = self.suite.aead.seal(key, nonce, b"", signed.encoded)
        [entry] = seal_group_secrets(self.suite, [(self.bundle.key_package, secrets or self.secrets)], sealed)
        return frame(WireFormat.WELCOME, Welcome(self.welcome.suite_id, (entry,), sealed).encode())


def refuse(invitation: Invitation, message: bytes | None, code: str, **changes: object) -> None:
    with pytest.raises(PeerError) as caught:
        invitation.join(message, **changes)
    assert caught.value.code == code


def test_a_joiner_knows_who_vouched_for_the_group() -> None:
    invitation = Invitation()
    group = invitation.join()
    assert group.welcomed_by == 0
    assert group.epoch_authenticator == invitation.pending.group.epoch_authenticator
    assert invitation.join(invitation.forged()).epoch == group.epoch  # the forger itself makes honest Welcomes
    assert Group.load(group.epoch_bytes(), group.ratchet_bytes()).welcomed_by == 0
    staged = group.process(invitation.pending.group.commit(now_s=NOW_S, random=invitation.room.random).message)
    assert getattr(staged, "merge")().welcomed_by is None  # noqa: B009


def test_a_parsed_welcome_does_too() -> None:
    invitation = Invitation()
    parsed = MLSMessage.decode(invitation.pending.welcomes[0].message)
    assert Group.join(parsed, bundle=invitation.bundle, signature_key=CAROL.key).epoch == 2


def test_the_tree_may_come_beside() -> None:
    invitation = Invitation(tree_in_welcome=False)
    refuse(invitation, None, "missing_tree")
    assert invitation.join(ratchet_tree=invitation.pending.group.ratchet_tree).epoch == 2
    refuse(invitation, None, "invalid_tree", ratchet_tree=invitation.room["a"].ratchet_tree)
    refuse(invitation, None, "malformed", ratchet_tree=b"")


def test_a_welcome_for_somebody_else_is_none() -> None:
    invitation = Invitation()
    refuse(invitation, None, "not_for_us", bundle=CAROL.package())
    refuse(invitation, invitation.pending.message, "malformed")
    with pytest.raises(UsageError):
        invitation.join(signature_key=person("x").key)


def test_rule_16_suites_agree_throughout() -> None:
    invitation = Invitation()
    other = frame(WireFormat.WELCOME, replace(invitation.welcome, suite_id=3).encode())
    refuse(invitation, other, "invalid_welcome")
    context = replace(invitation.info.group_context, suite_id=3)
    refuse(invitation, invitation.forged(replace(invitation.info, group_context=context)), "invalid_welcome")


def test_the_group_info_is_signed_by_a_member() -> None:
    invitation = Invitation()
    refuse(invitation, invitation.forged(signer=person("x")), "bad_signature")
    refuse(invitation, invitation.forged(replace(invitation.info, signer=7)), "invalid_welcome")


def test_rule_8_the_confirmation_tag_is_compared() -> None:
    invitation = Invitation()
    refuse(invitation, invitation.forged(replace(invitation.info, confirmation_tag=bytes(32))), "invalid_welcome")


def test_rule_13_the_tree_is_the_one_of_the_context() -> None:
    invitation = Invitation()
    old = (ratchet_tree_extension(invitation.room["a"].ratchet_tree),)
    refuse(invitation, invitation.forged(replace(invitation.info, extensions=old)), "invalid_tree")


def test_rule_12_our_own_leaf_stands_in_the_tree() -> None:
    invitation = Invitation()
    tree_without_us = invitation.room["a"]
    context = replace(invitation.info.group_context, tree_hash=tree_without_us.tree_hash)
    info = replace(
        invitation.info, group_context=context, extensions=(ratchet_tree_extension(tree_without_us.ratchet_tree),)
    )
    refuse(invitation, invitation.forged(info), "invalid_welcome")


def test_rule_7_the_path_secret_gives_the_trees_keys() -> None:
    invitation = Invitation()
    refuse(invitation, invitation.forged(secrets=replace(invitation.secrets, path_secret=bytes(32))), "invalid_path")
    plain = Invitation(force_path=False)
    assert plain.secrets.path_secret is None
    blank = plain.forged(secrets=replace(plain.secrets, path_secret=bytes(32)))
    refuse(plain, blank, "invalid_welcome")


def test_rule_15_the_validator_sees_the_whole_tree() -> None:
    invitation = Invitation()
    seen: list[bytes] = []
    invitation.join(validate=lambda leaf, _: seen.append(leaf.credential.identity))
    assert seen == [b"a", b"b", b"c"]

    def refuse_b(leaf: LeafNode, place: LeafContext) -> None:
        if place.leaf_index == 1:
            raise PeerError("revoked", code="revoked")

    refuse(invitation, None, "revoked", validate=refuse_b)


def test_a_joiner_needs_the_psks_of_its_welcome() -> None:
    room, bundle = Room.of("a"), CAROL.package()
    psk = PreSharedKeyProposal(PreSharedKeyId(PskType.EXTERNAL, b"id", bytes(32)))
    pending = room["a"].commit(
        [AddProposal(bundle.key_package), psk], now_s=NOW_S, random=room.random, psks=lambda _: b"shared"
    )
    welcome = pending.welcomes[0].message
    group = Group.join(welcome, bundle=bundle, signature_key=CAROL.key, psks=lambda _: b"shared")
    assert group.epoch_authenticator == pending.group.epoch_authenticator
    for psks, code in ((None, "unknown_psk"), (lambda _: b"other", "bad_ciphertext")):
        with pytest.raises(PeerError) as caught:
            Group.join(welcome, bundle=bundle, signature_key=CAROL.key, **({"psks": psks} if psks else {}))
        assert caught.value.code == code


def test_a_removed_device_reads_nothing_later_and_a_new_one_nothing_earlier() -> None:
    room = Room.of("a", "b", "c")
    early, gone = room.send("a", b"early"), room["c"]
    room.commit("a", RemoveProposal(2))
    room.add("b", "d")
    late = room.send("a", b"late")
    for group, message in ((gone, late), (room["d"], early)):
        with pytest.raises(PeerError):
            group.process(message)


def test_a_stored_bundle_joins() -> None:
    invitation = Invitation()
    stored = KeyPackageBundle.from_bytes(invitation.bundle.to_bytes())
    assert invitation.join(bundle=stored).epoch == 2
