"""Messaging Layer Security (RFC 9420), sans-IO: the engine of every encrypted room. See README.md for the profile.

One module per noun of the RFC; `Group` is the one door for the client. No clock, no randomness source, no I/O.
"""

from byre.mls.capabilities import Capabilities
from byre.mls.cipher_suite import CipherSuite, suite_by_id
from byre.mls.credential import Credential
from byre.mls.extension import Extension, RequiredCapabilities, find_extension
from byre.mls.framing import ContentType, WireFormat
from byre.mls.group.commit import WelcomeOut
from byre.mls.group.group import (
    Group,
    PendingCommit,
    Processed,
    ProposalReceived,
    Received,
    StagedCommit,
    Unverified,
)
from byre.mls.group.state import Member, PendingProposal
from byre.mls.group_info import GroupInfo
from byre.mls.key_package import KeyPackage, KeyPackageBundle, generate_key_package
from byre.mls.leaf_node import LeafContext, LeafNode, LeafPlace, LeafSource, LeafValidator, Lifetime
from byre.mls.mls_message import MessageHeader, MLSMessage, peek_message
from byre.mls.profile import HYBRID, LAST_RESORT, LEAF_PROFILE, ROOM_CONTEXT, X25519_AES128, X25519_CHACHA
from byre.mls.proposal_list import AppliedProposal
from byre.mls.proposals import (
    AddProposal,
    GroupContextExtensionsProposal,
    Proposal,
    RemoveProposal,
    UpdateProposal,
)
from byre.mls.welcome import Welcome

__all__ = [
    "HYBRID",
    "LAST_RESORT",
    "LEAF_PROFILE",
    "ROOM_CONTEXT",
    "X25519_AES128",
    "X25519_CHACHA",
    "AddProposal",
    "AppliedProposal",
    "Capabilities",
    "CipherSuite",
    "ContentType",
    "Credential",
    "Extension",
    "Group",
    "GroupContextExtensionsProposal",
    "GroupInfo",
    "KeyPackage",
    "KeyPackageBundle",
    "LeafContext",
    "LeafNode",
    "LeafPlace",
    "LeafSource",
    "LeafValidator",
    "Lifetime",
    "MLSMessage",
    "Member",
    "MessageHeader",
    "PendingCommit",
    "PendingProposal",
    "Processed",
    "Proposal",
    "ProposalReceived",
    "Received",
    "RemoveProposal",
    "RequiredCapabilities",
    "StagedCommit",
    "Unverified",
    "UpdateProposal",
    "Welcome",
    "WelcomeOut",
    "WireFormat",
    "find_extension",
    "generate_key_package",
    "peek_message",
    "suite_by_id",
]
