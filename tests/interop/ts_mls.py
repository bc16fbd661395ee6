"""ts-mls (TypeScript, in a node process) as a member of mixed groups: suites 1, 3 and our hybrid 0xF0A2.

Version 1.6.4 makes no Update proposals (it cannot keep the new leaf's key) and sends no text while a proposal waits.
It commits a GroupContextExtensions proposal without the path that RFC 9420 wants, or seals that path under the old
extensions. It refuses some valid trees on joining (`REFUSES_VALID_TREES`): it wants all ancestors of an unmerged leaf
that are not blank to have one list of unmerged leaves.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from byre.mls import Extension
from tests.interop.members import Heard, Made
from tests.interop.npm import FOLDER, install

REFUSES_VALID_TREES = "non-blank intermediate node must list leaf node in its unmerged_leaves"

Json = dict[str, Any]


class PeerRefused(Exception):
    """The peer answered with an error; the text is its own."""


class NodeProcess:
    """One node process with any number of ts-mls members, by name."""

    def __init__(self, node: Path) -> None:
        self._process = subprocess.Popen(
            [str(node), "peer.mjs"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._asked = 0

    @classmethod
    def start(cls) -> NodeProcess:
        """Install what is missing and start, or raise NotToBeHad."""
        return cls(install())

    def ask(self, operation: str, **arguments: object) -> Json:
        """Return the answer of one operation, or raise PeerRefused."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked += 1
        self._process.stdin.write(json.dumps({"id": self._asked, "op": operation, **arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the node process is gone"
        answer = json.loads(line)
        assert answer["id"] == self._asked
        if "error" in answer:
            raise PeerRefused(answer["error"])
        ok = answer["ok"]
        assert isinstance(ok, dict)
        return ok

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


class TsMember:
    """One ts-mls client; `scope` keeps the members of several tests in one process apart."""

    kind = "ts-mls"

    def __init__(self, process: NodeProcess, name: str, suite_id: int, *, scope: str = "", **options: object) -> None:
        self.name = name
        self.psks: dict[bytes, bytes] = {}
        self.options = options
        self._process = process
        self._suite_id = suite_id
        self.handle = scope + name

    def ask(self, operation: str, **arguments: object) -> Json:
        """Ask for an operation on this member."""
        return self._process.ask(operation, member=self.handle, psks=_hex_map(self.psks), **arguments)

    def package(self) -> Json:
        """Make a KeyPackage; return it with its private keys, in hex."""
        return self.ask("package", suite=self._suite_id, identity=self.name, **self.options)

    def key_package(self) -> bytes:
        return bytes.fromhex(self.package()["package"])

    def create(self, group_id: bytes, extensions: tuple[Extension, ...] = ()) -> None:
        self.ask(
            "create",
            suite=self._suite_id,
            identity=self.name,
            group_id=group_id.hex(),
            extensions=listed(extensions),
            **self.options,
        )

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        self.ask("join", welcome=welcome.hex(), tree=None if tree is None else tree.hex())

    def commit(
        self, *, add: tuple[bytes, ...] = (), remove: str | None = None, public: bool = False, tree_inside: bool = True
    ) -> Made:
        proposals: list[Json] = [{"kind": "add", "package": data.hex()} for data in add]
        if remove is not None:
            proposals.append({"kind": "remove", "leaf": self.leaf_of(remove)})
        return self.commit_of(*proposals, public=public, tree_inside=tree_inside)

    def commit_of(
        self, *proposals: Json, public: bool = False, tree_inside: bool = True, info: tuple[Extension, ...] = ()
    ) -> Made:
        """Commit proposals in the peer's own words; `info` are extensions of the Welcome's GroupInfo."""
        made = self.ask(
            "commit",
            proposals=list(proposals),
            public=public,
            tree_in_welcome=tree_inside,
            group_info_extensions=listed(info),
        )
        welcome = None if made["welcome"] is None else bytes.fromhex(made["welcome"])
        return Made(bytes.fromhex(made["commit"]), welcome, bytes.fromhex(made["tree"]))

    def merge(self) -> None:
        self.ask("merge")

    def propose(self, proposal: Json, *, public: bool = False) -> bytes:
        """Send a proposal by reference."""
        return bytes.fromhex(self.ask("propose", proposal=proposal, public=public)["message"])

    def can_remove(self, name: str) -> bool:
        return True

    def leaf_of(self, name: str) -> int:
        """Return a member's leaf index by its name."""
        leaves = self.ask("members")["leaves"]
        return next(int(leaf) for leaf, identity, _ in leaves if bytes.fromhex(identity) == name.encode())

    def process(self, message: bytes, sender: str) -> Heard:
        heard = self.ask("process", message=message.hex())
        data = None if heard["data"] is None else bytes.fromhex(heard["data"])
        return Heard(data, heard["active"] == "removedFromGroup")

    def encrypt(self, data: bytes) -> bytes:
        return bytes.fromhex(self.ask("encrypt", data=data.hex())["message"])

    def export(self, label: str, length: int) -> bytes:
        return bytes.fromhex(self.ask("export", label=label, length=length)["secret"])

    def group_info(self, *, tree_inside: bool) -> tuple[bytes, bytes]:
        """Return a GroupInfo for external joiners, and the tree."""
        answer = self.ask("group_info", with_tree=tree_inside)
        return bytes.fromhex(answer["info"]), bytes.fromhex(answer["tree"])

    def join_external(self, info: bytes, tree: bytes | None, *, resync: bool = False) -> bytes:
        """Enter by an external commit; `resync` replaces the old leaf of ours. Return the commit; `merge` enters."""
        answer = self.ask(
            "join_external",
            suite=self._suite_id,
            identity=self.name,
            info=info.hex(),
            tree=None if tree is None else tree.hex(),
            resync=resync,
            **self.options,
        )
        return bytes.fromhex(answer["commit"])


def listed(extensions: tuple[Extension, ...]) -> list[list[object]]:
    """Return extensions as the node side takes them."""
    return [[each.extension_type, each.data.hex()] for each in extensions]


def _hex_map(values: dict[bytes, bytes]) -> dict[str, str]:
    return {key.hex(): value.hex() for key, value in values.items()}
