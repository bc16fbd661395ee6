"""The wire forms of proposals."""

from __future__ import annotations

import pytest

from byre.errors import PeerError
from byre.mls.extension import Extension
from byre.mls.proposals import (
    AddProposal,
    ExternalInitProposal,
    GroupContextExtensionsProposal,
    PreSharedKeyProposal,
    Proposal,
    ReInitProposal,
    RemoveProposal,
    UpdateProposal,
    decode_proposal,
)
from byre.mls.psk import PreSharedKeyId, PskType
from tests.fakes.mls import person

PACKAGE = person("a").package().key_package
ALL: list[Proposal] = [
    AddProposal(PACKAGE),
    UpdateProposal(PACKAGE.leaf_node),
    RemoveProposal(7),
    PreSharedKeyProposal(PreSharedKeyId(PskType.EXTERNAL, b"id", b"nonce")),
    ReInitProposal(b"group", 1, 3, (Extension(9, b""),)),
    ExternalInitProposal(b"kem"),
    GroupContextExtensionsProposal((Extension(9, b"data"),)),
]


@pytest.mark.parametrize("proposal", ALL, ids=lambda proposal: type(proposal).__name__)
def test_a_proposal_reads_back(proposal: Proposal) -> None:
    encoded = proposal.encode()
    assert decode_proposal(encoded) == proposal
    assert int.from_bytes(encoded[:2]) == proposal.proposal_type


@pytest.mark.parametrize("data", [b"\x00\x00", b"\x00\x08\x00", b"\x0a\x0a"])
def test_unknown_proposals_are_refused_as_unsupported(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        decode_proposal(data)
    assert caught.value.code == "unsupported_proposal"


@pytest.mark.parametrize("data", [b"", b"\x00\x03\x00\x00\x00\x01\x00"])
def test_broken_proposals_are_malformed(data: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        decode_proposal(data)
    assert caught.value.code == "malformed"
