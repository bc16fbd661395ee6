"""The eighteen validation rules of our profile, by number; README.md says each in a sentence or two.

A refusal names the rule that it follows, so that code, tests and README can be held against each other.
"""

from __future__ import annotations

from enum import IntEnum

from byre.errors import PeerError


class Rule(IntEnum):
    """The sharp edges of RFC 9420, numbered as in README.md."""

    KEYS_ONLY_ON_SUCCESS = 1
    GENERATION_UNSIGNED = 2
    DERIVE_KEY_PAIR = 3
    PROVISIONAL_CONTEXT = 4
    RESOLUTION = 5
    PARENT_HASH = 6
    PATH_KEYS = 7
    TRANSCRIPT = 8
    PROPOSAL_LIST = 9
    PENDING_COMMIT = 10
    BOUNDS = 11
    LEAF_NODE = 12
    TREE_SHAPE = 13
    CODEC = 14
    IDENTITY = 15
    KEY_PACKAGE = 16
    EPOCH_ORDER = 17
    FRAMING = 18


def violation(rule: Rule, sentence: str, *, code: str = "invalid_commit") -> PeerError:
    """Return the PeerError that says which rule a peer broke."""
    return PeerError(f"Rule {rule.value}: {sentence}", code=code)
