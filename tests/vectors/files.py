"""Where vectors lie and which runner a file's name asks for.

A name asks by its beginning (`passive-client-random.json`), or else by any kind that stands in it, the longest first
(`2024_tree_math.json.gz`); letters and digits alone count, in either case.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from pathlib import Path

from tests.vectors import groups, hpke, primitives, trees
from tests.vectors.report import Entry, FileReport, Runner, run_cases

# The first kind that a file's name begins with decides.
RUNNERS: tuple[tuple[str, Runner], ...] = (
    ("crypto-basics", primitives.run_crypto_basics),
    ("deserialization", primitives.run_deserialization),
    ("key-schedule", primitives.run_key_schedule),
    ("message-protection", groups.run_message_protection),
    ("messages", primitives.run_messages),
    ("passive", groups.run_passive_client),
    ("psk-secret", primitives.run_psk_secret),
    ("secret-tree", primitives.run_secret_tree),
    ("transcript-hashes", primitives.run_transcript_hashes),
    ("tree-math", primitives.run_tree_math),
    ("tree-operations", trees.run_tree_operations),
    ("tree-validation", trees.run_tree_validation),
    ("treekem", trees.run_treekem),
    ("welcome", primitives.run_welcome),
    ("hpke", hpke.run_hpke),
    ("xwing", hpke.run_xwing),
)
ANY_VECTORS = "test-vectors"
"""What HPKE's file is called, and what stands in many another name."""

LARGEST = 1 << 29
_GZIP = b"\x1f\x8b"


def vector_folder() -> Path:
    """Return where the shared vectors are expected: BYRE_VECTORS, or beside the repository."""
    named = os.environ.get("BYRE_VECTORS")
    return Path(named) if named else Path(__file__).parents[3] / "shared" / "vectors" / "mls"


def find_file(stem: str) -> Path | None:
    """Return the shared file of that name, plain or compressed, or None."""
    return next((path for path in _candidates(stem) if path.is_file()), None)


def runner_for(name: str) -> Runner | None:
    """Return the runner for a file name, or None for an unknown kind."""
    plain = _plain(name)
    first = next((runner for kind, runner in RUNNERS if plain.startswith(_plain(kind))), None)
    longest = sorted(RUNNERS, key=lambda pair: -len(pair[0]))
    named = first or next((runner for kind, runner in longest if _plain(kind) in plain), None)
    return hpke.run_hpke if named is None and _plain(ANY_VECTORS) in plain else named


def load(path: Path) -> list[Entry]:
    """Return a file's entries; what is gzip is unpacked, whatever it is called."""
    data = path.read_bytes()
    if data.startswith(_GZIP) or path.suffix == ".gz":
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            data = packed.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise MemoryError("no file of vectors is as large as that")
    entries = json.loads(data)
    return entries if isinstance(entries, list) else [entries]


def run_file(path: Path) -> FileReport:
    """Run all cases of a file; a file of an unknown kind or that does not parse is one failure."""
    runner = runner_for(path.name)
    if runner is None:
        return FileReport(failures=["no runner for a file of this name"])
    try:
        entries = load(path)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError, MemoryError) as error:
        return FileReport(failures=[f"the file does not read: {type(error).__name__}"])
    return run_cases(entries, runner)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _candidates(stem: str) -> list[Path]:
    return [vector_folder() / f"{stem}.json", vector_folder() / f"{stem}.json.gz"]
