"""New vectors of the official formats, by a second computation: `python -m tests.vectors.make FOLDER [SEED [SIZE]]`.

Trees are lived in (adds, removals with truncation, Updates, paths, so that there are blanks and unmerged leaves) up to
SIZE members; what the files say of them is computed by `second_tree` and `second_crypto`, which share no code with the
engine. `python -m tests.vectors FOLDER/*` then holds the engine against it. Groups with their Welcomes and commits come
from foreign engines instead: `python -m tests.interop.peer_vectors`.
"""

from __future__ import annotations

import gzip
import json
import random as stdlib_random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.vectors.second_crypto import (
    NH,
    NONCE,
    SecondSuite,
    derive_tree_secret,
    digest,
    expand_with_label,
    key_pair,
    mac,
    number,
    sign,
    signature_public,
    vector,
)
from tests.vectors.second_tree import Leaf, SecondTree

Entry = dict[str, Any]


def lived_in(suite: SecondSuite, dice: stdlib_random.Random, size: int) -> SecondTree:
    """Return a tree of about `size` members with a past."""
    tree = SecondTree(suite, dice.randbytes(dice.choice([1, 16, 70])), dice)
    tree.add(tree.new_leaf(1))
    while len(tree.members) < size:
        for _ in range(dice.choice([1, 1, 1, 2, max(1, size // 6)])):
            tree.add(tree.new_leaf(1))
        _live(tree, ["commit", "commit", "commit", "remove", "update", "nothing"])
    for _ in range(size // 3):  # those who came last are unmerged in many places
        _live(tree, ["commit", "commit", "remove", "update"])
        tree.add(tree.new_leaf(1))
    return tree


def _live(tree: SecondTree, what: list[str]) -> None:
    one = tree.dice.choice(tree.members)
    match tree.dice.choice(what):
        case "commit":
            tree.commit(one, lambda _: b"any context")
        case "remove" if len(tree.members) > 2:
            tree.remove(one)
        case "update":
            tree.update(one, tree.new_leaf(2, of=tree.leaves[one], index=one))


def tree_validation(suite: SecondSuite, dice: stdlib_random.Random, size: int) -> list[Entry]:
    """Return a tree with its hashes and resolutions."""
    tree = lived_in(suite, dice, size)
    return [
        {
            "cipher_suite": suite.suite_id,
            "tree": tree.encode().hex(),
            "group_id": tree.group_id.hex(),
            "resolutions": [tree.resolution(span) for span in tree.spans()],
            "tree_hashes": [tree.tree_hash(span).hex() for span in tree.spans()],
        }
    ]


def tree_operations(suite: SecondSuite, dice: stdlib_random.Random, size: int) -> list[Entry]:
    """Return an Add, an Update and Removes, each applied to one tree."""
    before = lived_in(suite, dice, size)
    members = before.members
    entries = []

    def note(proposal: bytes, after: SecondTree) -> None:
        entries.append(
            {
                "cipher_suite": suite.suite_id,
                "tree_before": before.encode().hex(),
                "proposal": proposal.hex(),
                "proposal_sender": sender,
                "tree_hash_before": before.tree_hash().hex(),
                "tree_after": after.encode().hex(),
                "tree_hash_after": after.tree_hash().hex(),
            }
        )

    sender = dice.choice(members)
    after = before.copy()
    leaf = after.new_leaf(1)
    after.add(leaf)
    note(b"\x00\x01" + _key_package(suite, leaf, dice), after)
    after = before.copy()
    leaf = after.new_leaf(2, of=before.leaves[sender], index=sender)
    after.update(sender, leaf)
    note(b"\x00\x02" + leaf.encoded, after)
    for gone in {members[-1], members[0], dice.choice(members)}:
        if len(members) > 1:
            after = before.copy()
            after.remove(gone)
            note(b"\x00\x03" + number(gone, 4), after)
    return entries


def treekem(suite: SecondSuite, dice: stdlib_random.Random, size: int, senders: int = 4) -> list[Entry]:
    """Return a tree, what each member knows, and paths of some members, each from this very tree."""
    tree = lived_in(suite, dice, size)
    epoch, confirmed = dice.randrange(1 << 40), dice.randbytes(NH)

    def context(after: SecondTree) -> bytes:
        head = number(1, 2) + number(suite.suite_id, 2) + vector(tree.group_id) + number(epoch, 8)
        return head + vector(after.tree_hash()) + vector(confirmed) + vector(b"")

    private, paths = [], []
    for index in tree.members:
        leaf = tree.leaves[index]
        assert leaf is not None, "a member has a leaf"
        secrets = [{"node": node, "path_secret": secret.hex()} for node, secret in tree.known[index].items()]
        keys = {"encryption_priv": leaf.private.hex(), "signature_priv": leaf.seed.hex()}
        private.append({"index": index, **keys, "path_secrets": secrets})
    for sender in dice.sample(tree.members, k=min(senders, len(tree.members))):
        after = tree.copy()
        path, learned, commit_secret = after.commit(sender, context)
        paths.append(
            {
                "sender": sender,
                "update_path": path.hex(),
                "path_secrets": [learned[i].hex() if i in learned else None for i in range(len(tree.leaves))],
                "commit_secret": commit_secret.hex(),
                "tree_hash_after": after.tree_hash().hex(),
            }
        )
    return [
        {
            "cipher_suite": suite.suite_id,
            "group_id": tree.group_id.hex(),
            "epoch": epoch,
            "confirmed_transcript_hash": confirmed.hex(),
            "ratchet_tree": tree.encode().hex(),
            "leaves_private": private,
            "update_paths": paths,
        }
    ]


def transcript_hashes(suite: SecondSuite, dice: stdlib_random.Random, size: int) -> list[Entry]:
    """Return a signed commit and the hashes around it."""
    before, key = dice.randbytes(NH), dice.randbytes(NH)
    content = _framed(dice.randbytes(9), 7, 3, b"aad" * size, 3, _commit(dice))
    wire_format, signature = number(dice.choice([1, 2]), 2), vector(dice.randbytes(64))
    confirmed = digest(before + wire_format + content + signature)
    tag = mac(key, confirmed)
    return [
        {
            "cipher_suite": suite.suite_id,
            "confirmation_key": key.hex(),
            "authenticated_content": (wire_format + content + signature + vector(tag)).hex(),
            "interim_transcript_hash_before": before.hex(),
            "confirmed_transcript_hash_after": confirmed.hex(),
            "interim_transcript_hash_after": digest(confirmed + vector(tag)).hex(),
        }
    ]


def message_protection(suite: SecondSuite, dice: stdlib_random.Random, size: int) -> list[Entry]:
    """Return a proposal, a commit and text of leaf 1 in a group of two, sealed and public."""
    seed, group_id, epoch = dice.randbytes(32), dice.randbytes(size), dice.randrange(1 << 60)
    tree_hash, confirmed = dice.randbytes(NH), dice.randbytes(NH)
    encryption, sender_data, membership = (dice.randbytes(NH) for _ in range(3))
    context = number(1, 2) + number(suite.suite_id, 2) + vector(group_id) + number(epoch, 8)
    context += vector(tree_hash) + vector(confirmed) + vector(b"")
    leaf_secret = expand_with_label(encryption, "tree", b"right", NH)

    def tbs(wire_format: int, framed: bytes) -> bytes:
        return number(1, 2) + number(wire_format, 2) + framed + context

    def auth(wire_format: int, framed: bytes, tag: bytes) -> bytes:
        return vector(sign(seed, "FramedContentTBS", tbs(wire_format, framed))) + tag

    def public(kind: int, body: bytes, tag: bytes) -> bytes:
        framed = _framed(group_id, epoch, 1, b"in the open", kind, body)
        data = auth(1, framed, tag)
        return b"\x00\x01\x00\x01" + framed + data + vector(mac(membership, tbs(1, framed) + data))

    def private(kind: int, body: bytes, tag: bytes) -> bytes:
        ratchet = expand_with_label(leaf_secret, "application" if kind == 1 else "handshake", b"", NH)
        generation = dice.randrange(4)
        for step in range(generation):
            ratchet = derive_tree_secret(ratchet, "secret", step, NH)
        key = derive_tree_secret(ratchet, "key", generation, suite.key_length)
        nonce = derive_tree_secret(ratchet, "nonce", generation, NONCE)
        guard, said = dice.randbytes(4), dice.randbytes(dice.choice([0, 70]))
        nonce = bytes(a ^ b for a, b in zip(nonce, guard + bytes(NONCE - 4), strict=True))
        framed = _framed(group_id, epoch, 1, said, kind, body)
        start = vector(group_id) + number(epoch, 8) + number(kind, 1)
        plaintext = body + auth(2, framed, tag) + bytes(dice.choice([0, 1, 200]))
        sealed = suite.aead(key).encrypt(nonce, plaintext, start + vector(said))
        key = expand_with_label(sender_data, "key", sealed[:NH], suite.key_length)
        nonce = expand_with_label(sender_data, "nonce", sealed[:NH], NONCE)
        data = suite.aead(key).encrypt(nonce, number(1, 4) + number(generation, 4) + guard, start)
        return b"\x00\x01\x00\x02" + start + vector(said) + vector(data) + vector(sealed)

    proposal, commit, text = b"\x00\x03" + number(0, 4), _commit(dice), dice.randbytes(size * 10)
    tag = vector(dice.randbytes(NH))
    return [
        {
            "cipher_suite": suite.suite_id,
            "group_id": group_id.hex(),
            "epoch": epoch,
            "tree_hash": tree_hash.hex(),
            "confirmed_transcript_hash": confirmed.hex(),
            "signature_priv": seed.hex(),
            "signature_pub": signature_public(seed).hex(),
            "encryption_secret": encryption.hex(),
            "sender_data_secret": sender_data.hex(),
            "membership_key": membership.hex(),
            "proposal": proposal.hex(),
            "proposal_priv": private(2, proposal, b"").hex(),
            "proposal_pub": public(2, proposal, b"").hex(),
            "commit": commit.hex(),
            "commit_priv": private(3, commit, tag).hex(),
            "commit_pub": public(3, commit, tag).hex(),
            "application": text.hex(),
            "application_priv": private(1, vector(text), b"").hex(),
        }
    ]


def secret_tree(suite: SecondSuite, dice: stdlib_random.Random, size: int) -> list[Entry]:
    """Return the message keys of a tree of `size` leaves: some generations of each, in no order and far apart."""
    root, sender_data, sample = dice.randbytes(NH), dice.randbytes(NH), dice.randbytes(dice.choice([16, NH, 90]))
    level = [root]
    while len(level) < size:
        level = [expand_with_label(secret, "tree", side, NH) for secret in level for side in (b"left", b"right")]

    def pair(secret: bytes, label_context: bytes) -> tuple[str, str]:
        key = expand_with_label(secret, "key", label_context, suite.key_length)
        return key.hex(), expand_with_label(secret, "nonce", label_context, NONCE).hex()

    leaves, far = [], dice.randrange(size)
    for leaf, leaf_secret in enumerate(level[:size]):
        asked = [dice.randrange(2500 if leaf == far else 6) for _ in range(dice.randrange(4))]
        found: dict[int, dict[str, object]] = {each: {"generation": each} for each in asked}
        for kind in ("application", "handshake"):
            ratchet = expand_with_label(leaf_secret, kind, b"", NH)
            for generation in range(max(asked, default=-1) + 1):
                if generation in found:
                    key, nonce = pair(ratchet, number(generation, 4))
                    found[generation] |= {f"{kind}_key": key, f"{kind}_nonce": nonce}
                ratchet = derive_tree_secret(ratchet, "secret", generation, NH)
        leaves.append([found[each] for each in asked])
    key, nonce = pair(sender_data, sample[:NH])
    data = {"sender_data_secret": sender_data.hex(), "ciphertext": sample.hex(), "key": key, "nonce": nonce}
    return [
        {"cipher_suite": suite.suite_id, "encryption_secret": root.hex(), "sender_data": data, "leaves": leaves},
    ]


def tree_math(dice: stdlib_random.Random) -> list[Entry]:
    """Return index arithmetic of full trees, by recursion."""
    entries = []
    for leaves in [1 << height for height in range(11)]:
        width = 2 * leaves - 1
        table: dict[str, list[int | None]] = {n: [None] * width for n in ("left", "right", "parent", "sibling")}

        def fill(low: int, high: int, table: dict[str, list[int | None]] = table) -> int:
            middle = (low + high) // 2
            if low < high:
                children = fill(low, middle - 1), fill(middle + 1, high)
                table["left"][middle], table["right"][middle] = children
                for child, other in (children, children[::-1]):
                    table["parent"][child], table["sibling"][child] = middle, other
            return middle

        entries.append({"n_leaves": leaves, "n_nodes": width, "root": fill(0, width - 1), **table})
    return entries


def deserialization(dice: stdlib_random.Random) -> list[Entry]:
    """Return length headers around every border."""
    borders = (0, 1, 62, 63, 64, 65, 16382, 16383, 16384, 16385, (1 << 30) - 1)
    lengths = [*borders, *(dice.randrange(1 << 30) for _ in range(4))]
    return [{"vlbytes_header": _header(length).hex(), "length": length} for length in lengths]


def _header(length: int) -> bytes:
    if length < 64:
        return number(length, 1)
    return number(length | 0x4000, 2) if length < 16384 else number(length | 0x80000000, 4)


def _framed(group_id: bytes, epoch: int, leaf: int, said: bytes, kind: int, body: bytes) -> bytes:
    return vector(group_id) + number(epoch, 8) + b"\x01" + number(leaf, 4) + vector(said) + number(kind, 1) + body


def _commit(dice: stdlib_random.Random) -> bytes:
    """Return a commit without a path: a Remove, references, an external PSK."""
    psk = b"\x01\x00\x04\x01" + vector(b"psk") + vector(dice.randbytes(NH))
    references = [b"\x02" + vector(dice.randbytes(NH)) for _ in range(dice.randint(0, 3))]
    return vector(b"".join([b"\x01\x00\x03" + number(5, 4), *references, psk])) + b"\x00"


def _key_package(suite: SecondSuite, leaf: Leaf, dice: stdlib_random.Random) -> bytes:
    content = number(1, 2) + number(suite.suite_id, 2) + vector(key_pair(dice.randbytes(NH))[1]) + leaf.encoded
    content += vector(number(0x4A4A, 2) + vector(b"grease"))
    return content + vector(sign(leaf.seed, "KeyPackageTBS", content))


OF_A_SUITE: dict[str, Callable[[SecondSuite, stdlib_random.Random, int], list[Entry]]] = {
    "tree-validation": tree_validation,
    "tree-operations": tree_operations,
    "treekem": treekem,
    "transcript-hashes": transcript_hashes,
    "message-protection": message_protection,
    "secret-tree": secret_tree,
}


def write_all(folder: Path, seed: int, sizes: tuple[int, ...]) -> list[Path]:
    """Write a file of each kind; return their paths. Every second one is compressed."""
    dice = stdlib_random.Random(seed)
    files: dict[str, list[Entry]] = {"tree-math": tree_math(dice), "deserialization": deserialization(dice)}
    for name, make in OF_A_SUITE.items():
        suites = [SecondSuite(1), SecondSuite(3)]
        files[name] = [entry for suite in suites for size in sizes for entry in make(suite, dice, size)]
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for position, (name, entries) in enumerate(files.items()):
        data = json.dumps(entries).encode()
        path = folder / (f"{name}.json" if position % 2 else f"{name}.json.gz")
        path.write_bytes(data if position % 2 else gzip.compress(data, mtime=0))
        paths.append(path)
    return paths


def main(arguments: list[str]) -> int:
    """Write the files; return the exit status."""
    if not arguments:
        print("usage: python -m tests.vectors.make FOLDER [SEED [SIZE]]", file=sys.stderr)
        return 2
    seed, largest = ([int(each) for each in arguments[1:]] + [1, 130][len(arguments) - 1 :])[:2]
    sizes = tuple(sorted({1, 2, 3, 5, 8, 9, 17, 33, largest}))
    for path in write_all(Path(arguments[0]), seed, sizes):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
