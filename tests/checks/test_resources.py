"""Everything under resources/ is vendored with its source, version, licence and SHA-256 in resources/manifest.json."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tests.checks.source import ROOT

RESOURCES = ROOT / "resources"
FIELDS = {"path", "sha256", "source", "version", "licence"}


def faults(manifest: list[dict[str, str]], files: dict[str, bytes]) -> list[str]:
    """Files that the manifest does not name, names without a file, wrong hashes, missing fields."""
    found = []
    named = {entry.get("path", ""): entry for entry in manifest}
    for path, data in files.items():
        entry = named.get(path)
        if entry is None:
            found.append(f"{path} is not in the manifest")
        elif not {key for key, value in entry.items() if value} >= FIELDS:
            found.append(f"{path} lacks {sorted(FIELDS - entry.keys())}")
        elif entry["sha256"] != hashlib.sha256(data).hexdigest():
            found.append(f"{path} is not the file that was vendored")
    return found + [f"{path} is missing" for path in named.keys() - files.keys()]


def resource_files() -> dict[str, bytes]:
    paths = [p for p in sorted(RESOURCES.rglob("*")) if p.is_file() and p.name not in ("manifest.json", "README.md")]
    return {p.relative_to(RESOURCES).as_posix(): p.read_bytes() for p in paths}


def test_every_resource_is_accounted_for() -> None:
    manifest = json.loads((RESOURCES / "manifest.json").read_text())
    assert faults(manifest["files"], resource_files()) == []


def test_resources_are_data_only() -> None:
    code = {".py", ".so", ".dll", ".js", ".exe", ".sh"}
    assert [path for path in resource_files() if Path(path).suffix in code] == []


def test_a_bad_manifest_is_seen() -> None:
    entry = {"path": "a", "sha256": hashlib.sha256(b"1").hexdigest(), "source": "s", "version": "1", "licence": "MIT"}
    assert faults([entry], {"a": b"1"}) == []
    assert faults([entry], {"a": b"2"})
    assert faults([entry], {"a": b"1", "b": b"1"})
    assert faults([entry], {})
    assert faults([{**entry, "licence": ""}], {"a": b"1"})
