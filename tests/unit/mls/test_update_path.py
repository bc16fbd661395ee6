"""The wire form of a path."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.update_path import HpkeCiphertext, UpdatePath, UpdatePathNode
from tests.fakes.mls import person

PATH = UpdatePath(
    person("a").package().key_package.leaf_node,
    (UpdatePathNode(b"key", (HpkeCiphertext(b"enc", b"sealed"), HpkeCiphertext(b"", b""))), UpdatePathNode(b"k", ())),
)


def test_a_path_reads_back() -> None:
    assert UpdatePath.decode(PATH.encode()) == PATH


@pytest.mark.parametrize("data", [b"", PATH.encode()[:-1], PATH.encode() + b"\x00"])
def test_broken_paths_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError):
        UpdatePath.decode(data)


def test_ciphertexts_do_not_print() -> None:
    assert "sealed" not in repr(PATH)
