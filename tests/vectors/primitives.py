"""Vectors of single computations: crypto-basics, tree-math, deserialization, key-schedule, psk_secret, secret-tree,
transcript-hashes, messages, welcome."""

from __future__ import annotations

from collections.abc import Callable

from byre.crypto.hpke import public_of
from byre.crypto.signature import SigningKey
from byre.errors import PeerError, UsageError
from byre.mls import key_schedule, transcript, tree_math
from byre.mls.cipher_suite import CipherSuite, suite_by_id
from byre.mls.commit import Commit
from byre.mls.framing import AuthenticatedContent, ContentType, WireFormat
from byre.mls.group.join import open_group_info
from byre.mls.group_context import GroupContext
from byre.mls.key_package import KeyPackage
from byre.mls.mls_message import MLSMessage, frame, peek_message
from byre.mls.private_message import PrivateMessage
from byre.mls.proposals import decode_proposal
from byre.mls.psk import PreSharedKeyId, PskType, psk_secret
from byre.mls.public_message import PublicMessage
from byre.mls.ratchet_tree import RatchetTree
from byre.mls.secret_tree import APPLICATION, HANDSHAKE, SecretTree, sender_data_key_nonce
from byre.mls.welcome import GroupSecrets, Welcome, open_group_secrets
from byre.wire.tls import Reader, opaque, varint
from tests.vectors.fields import unhex
from tests.vectors.report import Entry, Refused, expect

LARGEST_SUITE = 0xFFFF


def suite_of(entry: Entry) -> CipherSuite:
    """Return the entry's suite, or refuse the case."""
    if entry["cipher_suite"] > LARGEST_SUITE:
        raise AssertionError("cipher_suite is no cipher suite")
    try:
        return suite_by_id(entry["cipher_suite"])
    except PeerError:
        raise Refused(f"cipher suite {entry['cipher_suite']} is not ours") from None


def signing_key(text: str) -> SigningKey:
    """Return an Ed25519 key from its seed, or from seed ‖ public key as some implementations write it."""
    data = unhex(text)
    key = SigningKey(data[:32] if len(data) == 64 else data)
    expect(key.public, data[32:] or key.public, "public half of a signature key")
    return key


def key_package_of(text: str) -> KeyPackage:
    """Return a KeyPackage from its MLSMessage, or from itself as some implementations write it."""
    data = unhex(text)
    if not data.startswith(frame(WireFormat.KEY_PACKAGE, b"")):
        return KeyPackage.decode(data)
    package = MLSMessage.decode(data).message
    assert isinstance(package, KeyPackage), "the frame says so"
    return package


def run_crypto_basics(entry: Entry) -> None:
    """RefHash, ExpandWithLabel, DeriveSecret, DeriveTreeSecret, SignWithLabel, EncryptWithLabel."""
    suite = suite_of(entry)
    case = entry["ref_hash"]
    expect(suite.ref_hash(case["label"], unhex(case["value"])), unhex(case["out"]), "ref_hash")
    case = entry["expand_with_label"]
    expanded = suite.expand_with_label(unhex(case["secret"]), case["label"], unhex(case["context"]), case["length"])
    expect(expanded, unhex(case["out"]), "expand_with_label")
    case = entry["derive_secret"]
    expect(suite.derive_secret(unhex(case["secret"]), case["label"]), unhex(case["out"]), "derive_secret")
    case = entry["derive_tree_secret"]
    derived = suite.derive_tree_secret(unhex(case["secret"]), case["label"], case["generation"], case["length"])
    expect(derived, unhex(case["out"]), "derive_tree_secret")
    case = entry["sign_with_label"]
    public, content = unhex(case["pub"]), unhex(case["content"])
    suite.verify_with_label(public, case["label"], content, unhex(case["signature"]))
    own = suite.sign_with_label(signing_key(case["priv"]), case["label"], content)
    suite.verify_with_label(public, case["label"], content, own)
    case = entry["encrypt_with_label"]
    private, public, context = unhex(case["priv"]), unhex(case["pub"]), unhex(case["context"])
    sealed = (unhex(case["kem_output"]), unhex(case["ciphertext"]))
    plaintext = unhex(case["plaintext"])
    expect(suite.decrypt_with_label(private, case["label"], context, *sealed), plaintext, "decrypt_with_label")
    again = suite.encrypt_with_label(public, case["label"], context, plaintext)
    expect(suite.decrypt_with_label(private, case["label"], context, *again), plaintext, "encrypt_with_label")


def run_tree_math(entry: Entry) -> None:
    """Indices of a full tree."""
    leaves = entry["n_leaves"]
    expect(tree_math.node_width(leaves), entry["n_nodes"], "n_nodes")
    expect(tree_math.root(leaves), entry["root"], "root")
    for node in range(entry["n_nodes"]):
        expect(_or_none(tree_math.left, node), entry["left"][node], "left")
        expect(_or_none(tree_math.right, node), entry["right"][node], "right")
        expect(_or_none(tree_math.parent, node, leaves), entry["parent"][node], "parent")
        expect(_or_none(tree_math.sibling, node, leaves), entry["sibling"][node], "sibling")


def run_deserialization(entry: Entry) -> None:
    """Length headers of vectors."""
    header = unhex(entry["vlbytes_header"])
    expect(Reader(header).length(), entry["length"], "length")
    expect(varint(entry["length"]), header, "header")


def run_key_schedule(entry: Entry) -> None:
    """A chain of epochs."""
    suite = suite_of(entry)
    init_secret = unhex(entry["initial_init_secret"])
    for number, case in enumerate(entry["epochs"]):
        context = GroupContext(
            suite.suite_id,
            unhex(entry["group_id"]),
            number,
            unhex(case["tree_hash"]),
            unhex(case["confirmed_transcript_hash"]),
            (),
        )
        expect(context.encoded, unhex(case["group_context"]), "group_context")
        expect(GroupContext.decode(context.encoded), context, "decoded group_context")
        joiner = key_schedule.joiner_secret(suite, init_secret, unhex(case["commit_secret"]), context)
        expect(joiner, unhex(case["joiner_secret"]), "joiner_secret")
        member = key_schedule.member_secret(suite, joiner, unhex(case["psk_secret"]))
        expect(key_schedule.welcome_secret(suite, member), unhex(case["welcome_secret"]), "welcome_secret")
        secrets, encryption_secret = key_schedule.epoch_secrets(suite, member, context)
        expect(encryption_secret, unhex(case["encryption_secret"]), "encryption_secret")
        for name in secrets.__slots__:
            expect(getattr(secrets, name), unhex(case[name]), name)
        public = key_schedule.external_key_pair(suite, secrets.external_secret)[1]
        expect(public, unhex(case["external_pub"]), "external_pub")
        asked = case["exporter"]
        exported = key_schedule.export_secret(
            suite, secrets.exporter_secret, asked["label"], unhex(asked["context"]), asked["length"]
        )
        expect(exported, unhex(asked["secret"]), "exporter")
        init_secret = secrets.init_secret


def run_psk_secret(entry: Entry) -> None:
    """psk_secret of external PSKs."""
    suite = suite_of(entry)
    psks = [
        (PreSharedKeyId(PskType.EXTERNAL, unhex(psk["psk_id"]), unhex(psk["psk_nonce"])), unhex(psk["psk"]))
        for psk in entry["psks"]
    ]
    expect(psk_secret(suite, psks), unhex(entry["psk_secret"]), "psk_secret")


def run_secret_tree(entry: Entry) -> None:
    """Message keys of all leaves, and sender data keys."""
    suite = suite_of(entry)
    data = entry["sender_data"]
    key = sender_data_key_nonce(suite, unhex(data["sender_data_secret"]), unhex(data["ciphertext"]))
    expect(key, (unhex(data["key"]), unhex(data["nonce"])), "sender data key")
    leaf_count = tree_math.leaf_count_for(len(entry["leaves"]))
    tree = SecretTree.from_encryption_secret(leaf_count, unhex(entry["encryption_secret"]))
    for leaf_index, generations in enumerate(entry["leaves"]):
        for case in generations:
            generation = case["generation"]
            _, key = tree.open_key(suite, leaf_index, APPLICATION, generation)  # of the whole tree: in any order
            expect(key, (unhex(case["application_key"]), unhex(case["application_nonce"])), "application key")
            _, key = tree.open_key(suite, leaf_index, HANDSHAKE, generation)
            expect(key, (unhex(case["handshake_key"]), unhex(case["handshake_nonce"])), "handshake key")


def run_transcript_hashes(entry: Entry) -> None:
    """Confirmed and interim transcript hash, confirmation tag."""
    suite = suite_of(entry)
    content = AuthenticatedContent.decode(unhex(entry["authenticated_content"]))
    expect(content.encode(), unhex(entry["authenticated_content"]), "encoding")
    before = unhex(entry["interim_transcript_hash_before"])
    confirmed = transcript.confirmed_transcript_hash(
        suite, before, content.wire_format, content.content.encoded, content.signature
    )
    expect(confirmed, unhex(entry["confirmed_transcript_hash_after"]), "confirmed")
    tag = transcript.confirmation_tag(suite, unhex(entry["confirmation_key"]), confirmed)
    expect(tag, content.confirmation_tag, "confirmation tag")
    interim = transcript.interim_transcript_hash(suite, confirmed, tag)
    expect(interim, unhex(entry["interim_transcript_hash_after"]), "interim")


PROPOSAL_TYPES = {
    "add_proposal": 1,
    "update_proposal": 2,
    "remove_proposal": 3,
    "pre_shared_key_proposal": 4,
    "re_init_proposal": 5,
    "external_init_proposal": 6,
    "group_context_extensions_proposal": 7,
}


MESSAGES: dict[str, tuple[WireFormat, ContentType | None] | None] = {
    "commit": None,
    "ratchet_tree": None,
    "group_secrets": None,
    "mls_welcome": (WireFormat.WELCOME, None),
    "mls_group_info": (WireFormat.GROUP_INFO, None),
    "mls_key_package": (WireFormat.KEY_PACKAGE, None),
    "public_message_application": (WireFormat.PUBLIC_MESSAGE, ContentType.APPLICATION),
    "public_message_proposal": (WireFormat.PUBLIC_MESSAGE, ContentType.PROPOSAL),
    "public_message_commit": (WireFormat.PUBLIC_MESSAGE, ContentType.COMMIT),
    "private_message": (WireFormat.PRIVATE_MESSAGE, None),
}
"""What a file of messages holds besides bare proposals, and which frame says so; fields of other names are ignored."""


def run_messages(entry: Entry) -> None:
    """Every kind of message decodes and encodes to the same bytes."""
    known = {name: value for name, value in entry.items() if name in MESSAGES or name in PROPOSAL_TYPES}
    missing = sorted((MESSAGES.keys() | PROPOSAL_TYPES.keys()) - known.keys())
    assert not missing, f"missing: {', '.join(missing)}"
    for name, value in known.items():
        data = unhex(value)
        if name in PROPOSAL_TYPES:
            encoded = decode_proposal(PROPOSAL_TYPES[name].to_bytes(2) + data).encode()[2:]
        elif name == "commit":
            encoded = Commit.decode(data).encode()
        elif name == "ratchet_tree":
            encoded = RatchetTree.decode(data).encode()
        elif name == "group_secrets":
            encoded = GroupSecrets.decode(data).encode()
        else:
            parsed = MLSMessage.decode(data)
            expect(_kind(parsed), MESSAGES[name], f"the kind of {name}")
            encoded = _encode_message(parsed)
            peek_message(data)
        expect(encoded, data, name)


def run_welcome(entry: Entry) -> None:
    """A Welcome's secrets and GroupInfo."""
    suite = suite_of(entry)
    package = key_package_of(entry["key_package"])
    welcome = MLSMessage.decode(unhex(entry["welcome"])).message
    assert isinstance(welcome, Welcome)
    expect(public_of(suite.hpke.kem_id, unhex(entry["init_priv"])), package.init_key, "init key")
    sealed = welcome.secrets_for(package.reference(suite))
    assert sealed is not None, "no entry for the key package"
    secrets = open_group_secrets(suite, sealed, unhex(entry["init_priv"]), welcome.encrypted_group_info)
    member = key_schedule.member_secret(suite, secrets.joiner_secret, psk_secret(suite, []))
    info = open_group_info(suite, member, welcome.encrypted_group_info)
    info.verify(suite, unhex(entry["signer_pub"]))
    epoch, _ = key_schedule.epoch_secrets(suite, member, info.group_context)
    tag = transcript.confirmation_tag(suite, epoch.confirmation_key, info.group_context.confirmed_transcript_hash)
    expect(tag, info.confirmation_tag, "confirmation tag")


def _kind(parsed: MLSMessage) -> tuple[WireFormat, ContentType | None]:
    message = parsed.message
    return parsed.wire_format, message.content.content.content_type if isinstance(message, PublicMessage) else None


def _encode_message(parsed: MLSMessage) -> bytes:
    message = parsed.message
    if isinstance(message, PrivateMessage):
        body = opaque(message.group_id) + message.epoch.to_bytes(8) + message.content_type.to_bytes(1)
        body += opaque(message.authenticated_data) + opaque(message.encrypted_sender_data) + opaque(message.ciphertext)
        return frame(WireFormat.PRIVATE_MESSAGE, body)
    encoded = getattr(message, "encoded", None)
    return frame(parsed.wire_format, message.encode() if encoded is None else encoded)  # type: ignore[union-attr]


def _or_none(compute: Callable[..., int], *arguments: int) -> int | None:
    try:
        return compute(*arguments)
    except UsageError:
        return None
