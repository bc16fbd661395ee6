"""Signal Desktop's database engine (@signalapp/sqlcipher) through node, fed with the same corpus."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from tests.bench.store_corpus import Written
from tests.interop.npm import install

FOLDER = Path(__file__).with_name("signal")
NAME = "@signalapp/sqlcipher"
_BATCH = 5000


class SignalPeer:
    """One database of Signal's engine, in a node process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, op: str, **parameters: Any) -> Any:
        """Carry out one command; returns its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **parameters}, ensure_ascii=False) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended: {self._process.wait()}")
        return json.loads(line)

    def fill(self, written: Iterable[Written]) -> None:
        """Write the corpus, many rows to a transaction."""
        numbered = enumerate(written, 1)
        while batch := list(islice(numbered, _BATCH)):
            rows = [[number, f"{number:032x}", f"room {one.room}", one.at_ms, one.body] for number, one in batch]
            self.ask("insert", rows=rows)


@contextmanager
def signal_peer(folder: Path, written: Iterable[Written], count: int) -> Iterator[SignalPeer]:
    """Install the packages that the lock names and run the engine on its database in `folder`.

    A database that an earlier run filled with `count` messages is used again; what this run adds to it goes away.

    Raises:
        tests.interop.npm.NotToBeHad: no node, or no registry.
    """
    node = install(FOLDER)
    filled = folder / f"signal.{count:d}.db"
    key = folder / f"{filled.name}.key"  # of made-up messages: nothing that it protects
    if not key.exists():
        filled.unlink(missing_ok=True)
        made = secrets.token_hex(32)
        with _running(node, filled, made) as peer:
            peer.fill(written)
        key.write_text(made)
    with tempfile.TemporaryDirectory() as run:
        copy = shutil.copy(filled, run)
        with _running(node, Path(copy), key.read_text()) as peer:
            yield peer


@contextmanager
def _running(node: Path, database: Path, key: str) -> Iterator[SignalPeer]:
    command = [str(node), str(FOLDER / "peer.mjs"), str(database), key]
    process = subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield SignalPeer(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(60)


def version() -> str:
    """The peer's version, as the lock pins it."""
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    return str(lock["packages"][f"node_modules/{NAME}"]["version"])
