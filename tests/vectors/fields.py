"""The types of an entry's fields, checked before anything is computed with them.

Python takes `true` for 1 and `1.0` for 1, and reads hex with blanks in it: with them a case would pass that no other
implementation could read.
"""

from __future__ import annotations

import re

NUMBERS = frozenset(
    {
        *("cipher_suite", "n_leaves", "n_nodes", "root", "left", "right", "parent", "sibling", "length", "generation"),
        *("epoch", "index", "node", "sender", "proposal_sender", "resolutions"),
        *("mode", "kem_id", "kdf_id", "aead_id", "L"),
    }
)
"""Fields that hold a number, or lists of numbers and nulls."""

LISTS = frozenset(
    {
        *("epochs", "proposals", "leaves", "psks", "external_psks", "update_paths", "leaves_private", "path_secrets"),
        *("tree_hashes", "resolutions", "left", "right", "parent", "sibling", "encryptions", "exports"),
    }
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*", re.ASCII)


def check_types(value: object, name: str = "") -> None:
    """Fail the case if a field of a known name is of another type than its format says."""
    if name in LISTS and not isinstance(value, list) and not (name == "external_psks" and value is None):
        raise AssertionError(f"{name} is no list")
    if name in NUMBERS:
        check_numbers(value, name, is_whole=True)
    elif isinstance(value, dict):
        for key, each in value.items():
            check_types(each, key)
    elif isinstance(value, list):
        for each in value:
            check_types(each)


def check_numbers(value: object, name: str, *, is_whole: bool) -> None:
    """Fail the case unless `value` is a number that is not negative, or lists of such and of nulls."""
    if isinstance(value, list):
        for each in value:
            check_numbers(each, name, is_whole=False)
    elif type(value) is int:
        if value < 0:
            raise AssertionError(f"{name} is negative")
    elif value is not None or is_whole:
        raise AssertionError(f"{name} is no number")


def unhex(text: object) -> bytes:
    """Return the bytes of a hex string, in either case and with nothing between."""
    if not isinstance(text, str) or _HEX.fullmatch(text) is None:
        raise AssertionError("a field is no hex")
    return bytes.fromhex(text)
