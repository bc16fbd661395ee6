"""The wire form of a commit."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.commit import Commit, ProposalReference
from byre.mls.proposals import RemoveProposal
from byre.mls.update_path import UpdatePath
from tests.fakes.mls import person

PATH = UpdatePath(person("a").package().key_package.leaf_node, ())


@pytest.mark.parametrize("path", [None, PATH], ids=["without a path", "with a path"])
def test_a_commit_reads_back(path: UpdatePath | None) -> None:
    commit = Commit((RemoveProposal(1), ProposalReference(b"reference")), path)
    assert Commit.decode(commit.encode()) == commit


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02", b"\x00\x00\x00", b"\x02\x03\x00\x00"])
def test_broken_commits_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        Commit.decode(data)
    assert caught.value.code == "malformed"
