"""Vectors of a whole group: message-protection, passive-client-*."""

from __future__ import annotations

import os
from dataclasses import replace

from byre.crypto.hpke import public_of
from byre.crypto.secret import Secret
from byre.crypto.signature import SigningKey
from byre.errors import PeerError
from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite
from byre.mls.commit import Commit
from byre.mls.credential import Credential
from byre.mls.framing import Body, WireFormat, encode_body
from byre.mls.group.group import Group, ProposalReceived, StagedCommit
from byre.mls.group.message import (
    encrypt_application,
    frame_handshake,
    open_application,
    open_handshake,
    open_public,
    seal_handshake,
)
from byre.mls.group.state import EpochState, GroupState
from byre.mls.group_context import GroupContext
from byre.mls.key_package import KeyPackageBundle
from byre.mls.key_schedule import EpochSecrets
from byre.mls.leaf_node import LeafNode, LeafSource, build_leaf
from byre.mls.mls_message import MLSMessage
from byre.mls.private_message import PrivateMessage
from byre.mls.proposals import decode_proposal
from byre.mls.psk import PreSharedKeyId, PskType
from byre.mls.public_message import PublicMessage
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.secret_tree import SecretTree
from tests.vectors.fields import unhex
from tests.vectors.primitives import key_package_of, signing_key, suite_of
from tests.vectors.report import Entry, expect


def run_message_protection(entry: Entry) -> None:
    """A proposal, a commit and an application message, opened as given and sealed and opened by ourselves."""
    suite = suite_of(entry)
    sender = _two_members(entry, suite, own_leaf_index=1)
    receiver = _two_members(entry, suite, own_leaf_index=0)
    proposal = decode_proposal(unhex(entry["proposal"]))
    commit = Commit.decode(unhex(entry["commit"]))
    for name, body in (("proposal", proposal), ("commit", commit)):
        for kind in ("priv", "pub"):
            message = MLSMessage.decode(unhex(entry[f"{name}_{kind}"])).message
            expect(_open(receiver, message), encode_body(body), f"{name}_{kind}")
        for wire_format in (WireFormat.PRIVATE_MESSAGE, WireFormat.PUBLIC_MESSAGE):
            content = frame_handshake(sender.epoch, body, b"", wire_format)
            if isinstance(body, Commit):
                content = replace(content, confirmation_tag=bytes(suite.hash_length))
            _, sealed = seal_handshake(sender, content, os.urandom)
            expect(_open(receiver, MLSMessage.decode(sealed).message), encode_body(body), f"our own {name}")
    application = unhex(entry["application"])
    given = MLSMessage.decode(unhex(entry["application_priv"])).message
    _, own = encrypt_application(sender, application, b"", os.urandom)
    for message in (given, MLSMessage.decode(own).message):
        assert isinstance(message, PrivateMessage)
        opened = open_application(receiver, message)
        opened.verify()
        expect(opened.data, application, "application data")


def run_passive_client(entry: Entry) -> None:
    """Join by a Welcome and follow the group through commits of others."""
    suite = suite_of(entry)
    package = key_package_of(entry["key_package"])
    bundle = KeyPackageBundle(package, Secret(unhex(entry["init_priv"])), Secret(unhex(entry["encryption_priv"])))
    for kind in ("init", "encryption"):
        public = package.init_key if kind == "init" else package.leaf_node.encryption_key
        expect(public_of(suite.hpke.kem_id, unhex(entry[f"{kind}_priv"])), public, f"{kind} key")
    psks = {unhex(psk["psk_id"]): unhex(psk["psk"]) for psk in entry.get("external_psks") or ()}
    resumption: dict[tuple[bytes, int], bytes] = {}

    def look_up(psk_id: PreSharedKeyId) -> bytes:
        if psk_id.psk_type is PskType.EXTERNAL and psk_id.identifier in psks:
            return psks[psk_id.identifier]
        if (psk_id.identifier, psk_id.epoch) in resumption:
            return resumption[psk_id.identifier, psk_id.epoch]
        raise PeerError("no such PSK", code="unknown_psk")

    beside = entry.get("ratchet_tree")
    tree = None if beside in (None, "") else unhex(beside)
    group = Group.join(
        unhex(entry["welcome"]),
        bundle=bundle,
        signature_key=signing_key(entry["signature_priv"]),
        ratchet_tree=tree,
        psks=look_up,
    )
    expect(group.ratchet_tree, tree or group.ratchet_tree, "the tree beside the Welcome")
    expect(group.epoch_authenticator, Secret(unhex(entry["initial_epoch_authenticator"])), "authenticator")
    for number, case in enumerate(entry["epochs"]):
        resumption[group.group_id, group.epoch] = group.resumption_psk.reveal()
        group = Group.load(group.epoch_bytes(), group.ratchet_bytes())
        for message in case["proposals"]:
            received = group.process(unhex(message), psks=look_up, public_handshakes=True)
            assert isinstance(received, ProposalReceived)
            group = received.group
        staged = group.process(unhex(case["commit"]), psks=look_up, public_handshakes=True)
        assert isinstance(staged, StagedCommit)
        if staged.self_removed:
            expect(number, len(entry["epochs"]) - 1, "the number of the epoch that goes on without us")
            return
        group = staged.merge()
        expect(group.epoch_authenticator, Secret(unhex(case["epoch_authenticator"])), "authenticator")


def _open(receiver: GroupState, message: object) -> bytes:
    if isinstance(message, PrivateMessage):
        body: Body = open_handshake(receiver, message).content.content.body
    else:
        assert isinstance(message, PublicMessage)
        body = open_public(receiver, message).content.content.body
    return encode_body(body)


def _two_members(entry: Entry, suite: CipherSuite, *, own_leaf_index: int) -> GroupState:
    """Return the state of one of the file's two members; leaf 1 holds the file's signature key."""
    key = signing_key(entry["signature_priv"])
    expect(key.public, unhex(entry["signature_pub"]), "signature key")
    tree = RatchetTree((_leaf(suite, SigningKey(bytes(32))), None, _leaf(suite, key)))
    context = GroupContext(
        suite.suite_id,
        unhex(entry["group_id"]),
        entry["epoch"],
        unhex(entry["tree_hash"]),
        unhex(entry["confirmed_transcript_hash"]),
        (),
    )
    secrets = EpochSecrets(
        sender_data_secret=unhex(entry["sender_data_secret"]),
        exporter_secret=b"",
        external_secret=b"",
        confirmation_key=b"",
        membership_key=unhex(entry["membership_key"]),
        resumption_psk=b"",
        epoch_authenticator=b"",
        init_secret=b"",
    )
    epoch = EpochState(suite, context, tree, own_leaf_index, {}, key, secrets, b"", b"")
    return GroupState(epoch, SecretTree.from_encryption_secret(2, unhex(entry["encryption_secret"])))


def _leaf(suite: CipherSuite, key: SigningKey) -> LeafNode:
    return build_leaf(
        suite,
        key,
        encryption_key=b"",
        credential=Credential(b""),
        capabilities=Capabilities(),
        extensions=(),
        source=LeafSource.KEY_PACKAGE,
    )
