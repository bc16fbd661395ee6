"""Vectors in the official formats, made by foreign engines, of shapes that nobody chose by hand.

`python -m tests.interop.peer_vectors FOLDER [SEED]` writes passive-client-*, welcome, messages, tree-validation,
tree-operations and files of single computations; `python -m tests.vectors FOLDER/*` runs them. The groups are ts-mls's
(all suites) and, for suite 1, of ts-mls and mls-rs together; our engine has no part in making them.

Shapes: GREASE in all capabilities, unknown extensions in leaves, KeyPackages, GroupInfos and group contexts, big trees
with blanks, proposals by reference and by value mixed, PublicMessage and PrivateMessage, padding, external and
resumption PSKs, several of them at once, external commits and resyncs, trees inside and beside.
"""

from __future__ import annotations

import gzip
import json
import random as stdlib_random
import sys
from pathlib import Path

from byre.mls.key_package import KeyPackage
from byre.mls.profile import HYBRID
from tests.interop.npm import NotToBeHad
from tests.interop.recorder import UNKNOWN, Entry, Recorder, passive_client
from tests.interop.ts_mls import Json, NodeProcess, TsMember

COMPUTATIONS = ("crypto-basics", "psk_secret", "key-schedule", "secret-tree")


def computation_vectors(node: NodeProcess, suite_id: int) -> dict[str, Entry]:
    """Return an entry for each file of single computations."""
    asked: dict[str, Json] = {
        "crypto-basics": node.ask("crypto_basics", suite=suite_id),
        "psk_secret": node.ask("psk_secret", suite=suite_id, count=5),
        "key-schedule": node.ask("key_schedule", suite=suite_id, count=3),
        "secret-tree": node.ask("secret_tree", suite=suite_id, count=16, generations=[0, 1, 40]),
    }
    return {name: {"cipher_suite": suite_id, **answer} for name, answer in asked.items()}


def tree_vectors(node: NodeProcess, suite_id: int, seed: int, size: int) -> tuple[Entry, list[Entry], Entry, Entry]:
    """Return (tree-validation entry, tree-operations entries, welcome entry, messages entry) of one group."""
    room = Recorder(node, suite_id, seed, ("ts-mls",))
    room.grow(size)
    room.thin_out(size // 3)
    someone = room.anyone
    validation = {"cipher_suite": suite_id, **someone.ask("tree_vector")}
    leaves = someone.ask("members")["leaves"]
    arriving = room.newcomer("ts-mls")
    assert isinstance(arriving, TsMember)
    package = arriving.package()
    changes: list[Json] = [{"kind": "add", "package": package["package"]}]
    changes += [{"kind": "remove", "leaf": leaf[0]} for leaf in room.dice.sample(leaves, k=min(4, len(leaves)))]
    operations = [
        {"cipher_suite": suite_id, "proposal_sender": leaves[0][0], **someone.ask("apply_vector", proposal=change)}
        for change in changes
    ]
    info, tree = someone.group_info(tree_inside=room.tree_inside)
    proposed = someone.propose({"kind": "remove", "leaf": leaves[-1][0]}, public=True)
    made = someone.commit_of({"kind": "add", "package": package["package"]}, public=True, info=UNKNOWN)
    assert made.welcome is not None
    signer = next(leaf for leaf in leaves if bytes.fromhex(leaf[1]).decode() == someone.name)
    welcome = {
        "cipher_suite": suite_id,
        "init_priv": package["init_priv"],
        "signer_pub": signer[2],
        "key_package": package["package"],
        "welcome": made.welcome.hex(),
    }

    def bare(proposal: Json) -> str:
        return str(someone.ask("encode_proposal", proposal=proposal)["proposal"])[4:]

    someone.ask("merge")
    messages = {
        **by_hand(bytes.fromhex(package["package"])),
        "mls_welcome": made.welcome.hex(),
        "mls_group_info": info.hex(),
        "mls_key_package": package["package"],
        "ratchet_tree": tree.hex(),
        "add_proposal": bare(changes[0]),
        "remove_proposal": bare(changes[1]),
        "pre_shared_key_proposal": bare(room.psk()),
        "group_context_extensions_proposal": bare({"kind": "extensions", "extensions": [[0x0A0A, ""], [0xFFFF, "00"]]}),
        "re_init_proposal": bare({"kind": "reinit", "suite": "4660"}),
        "public_message_proposal": proposed.hex(),
        "public_message_commit": made.commit.hex(),
        "private_message": someone.encrypt(b"padded").hex(),
    }
    return validation, operations, welcome, messages


def by_hand(package: bytes) -> Entry:
    """Return the messages that ts-mls never shows by themselves: written byte by byte, the leaf from its KeyPackage."""
    leaf = KeyPackage.decode(package[4:]).leaf_node.encoded.hex()
    secret = "20" + "5a" * 32
    member = "0001000104" + "67" * 4 + "00" * 8 + "0100000000" + "00"  # mls10, PublicMessage, group, epoch, leaf 0
    return {
        "group_secrets": secret + "01" + secret + "00",
        "commit": "00" + "00",
        "update_proposal": leaf,
        "external_init_proposal": secret,
        "public_message_application": member + "01" + "02" + "6869" + "4040" + "a5" * 64 + secret,
    }


def write_all(
    node: NodeProcess,
    folder: Path,
    seed: int = 1,
    *,
    epochs: int = 12,
    size: int = 12,
    suites: tuple[int, ...] = (1, 3, HYBRID),
) -> list[Path]:
    """Write a file of each kind; return their paths. Every second one is compressed."""
    files: dict[str, list[Entry]] = {
        name: [] for name in ("passive-client-welcome", "passive-client-handling-commit", "passive-client-random")
    }
    for name in ("tree-validation", "tree-operations", "welcome", "messages", *COMPUTATIONS):
        files[name] = []
    dice = stdlib_random.Random(seed)
    shapes: list[tuple[int, tuple[str, ...]]] = [(suite_id, ("ts-mls",)) for suite_id in suites]
    if _has_mls_rs():
        shapes.append((1, ("ts-mls", "mls-rs", "mls-rs")))
    for suite_id, kinds in shapes:
        drawn = {"kinds": kinds}
        files["passive-client-welcome"].append(
            passive_client(node, suite_id, dice.randrange(1 << 30), epochs=0, size=dice.randint(2, size), **drawn)
        )
        files["passive-client-handling-commit"].append(
            passive_client(node, suite_id, dice.randrange(1 << 30), epochs=2, size=dice.randint(3, size), **drawn)
        )
        files["passive-client-random"].append(
            passive_client(node, suite_id, dice.randrange(1 << 30), epochs=epochs, size=size, **drawn)
        )
        if len(kinds) == 1:
            parts = tree_vectors(node, suite_id, dice.randrange(1 << 30), 2 * size)
            files["tree-validation"].append(parts[0])
            files["tree-operations"].extend(parts[1])
            files["welcome"].append(parts[2])
            files["messages"].append(parts[3])
            for name, entry in computation_vectors(node, suite_id).items():
                files[name].append(entry)
    paths = []
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, entries) in enumerate(files.items()):
        data = json.dumps(entries).encode()
        path = folder / (f"{name}.json" if number % 2 else f"{name}.json.gz")
        path.write_bytes(data if number % 2 else gzip.compress(data, mtime=0))
        paths.append(path)
    return paths


def _has_mls_rs() -> bool:
    try:
        import mls_rs_uniffi  # noqa: F401
    except ImportError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Write the files; return the exit status."""
    if not arguments:
        print("usage: python -m tests.interop.peer_vectors FOLDER [SEED]", file=sys.stderr)
        return 2
    try:
        node = NodeProcess.start()
    except NotToBeHad as reason:
        print(f"byre: {reason}", file=sys.stderr)
        return 1
    for path in write_all(node, Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1, epochs=25, size=12):
        print(path)
    node.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
