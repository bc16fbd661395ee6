"""Every official vector that we have: one test per file, every case in it counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cryptography_vectors
import pytest

from tests.vectors.files import run_file
from tests.vectors.hpke import run_hpke
from tests.vectors.report import FileReport, run_cases

Book = Callable[[FileReport], None]

MLS = (
    "crypto-basics",
    "deserialization",
    "key-schedule",
    "message-protection",
    "messages",
    "passive-client-handling-commit",
    "passive-client-welcome",
    "psk_secret",
    "secret-tree",
    "transcript-hashes",
    "tree-math",
    "tree-operations",
    "tree-validation",
    "treekem",
    "welcome",
)
PRIMITIVES = ("hpke-rfc9180-x25519-base", "hpke-pq-mlkem768-x25519", "xwing-draft-vectors")


@pytest.mark.parametrize("stem", [*MLS, *PRIMITIVES])
def test_shared_file_passes(stem: str, shared_file: Callable[[str], Path], book: Book) -> None:
    book(run_file(shared_file(stem)))


@pytest.mark.parametrize("name", ["test-vectors.json", "hpke-pq-test-vectors.json"])
def test_hpke_file_of_cryptography_passes(name: str, book: Book) -> None:
    with cryptography_vectors.open_vector_file(f"HPKE/{name}", "r") as file:
        entries = json.load(file)
    book(run_cases(entries, run_hpke))
