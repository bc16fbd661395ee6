"""Whose leaf is this? Edge 15 of the MLS profile: MLS itself never asks, and without this check a relay adds a ghost.

`validate_leaf` is the `LeafValidator` of every MLS call: the credential's signatures hold, the leaf's key is the
certificate's, the device stands in the list that the leaf carries, and the leaf says how it is reached. Who may
change a room's membership is judged elsewhere, over the whole commit (`identity.membership`).
"""

from __future__ import annotations

from byre.errors import PeerError
from byre.identity.credential import VerifiedCredential
from byre.identity.leaf import LeafInfo
from byre.mls.leaf_node import LeafContext, LeafNode
from byre.mls.profile import BASIC_CREDENTIAL, LEAF_PROFILE

LONGEST_LIFETIME_S = 180 * 24 * 3600
"""Twice a key package's 90 days: judged by the leaf's own two numbers, so that every member judges alike."""


def validate_leaf(leaf: LeafNode, context: LeafContext) -> None:
    """Refuse a leaf that is not a device of the account that it names.

    Raises:
        PeerError: code invalid_credential, bad_signature, malformed, newer_version, or invalid_leaf: its lifetime is
            longer than the longest that is acceptable (RFC 9420, section 7.2).
    """
    if context.previous is not None and context.previous.signature_key != leaf.signature_key:
        raise PeerError("a leaf changed its device key", code="invalid_credential")
    check_lifetime(leaf)
    credential_of(leaf)
    leaf_info(leaf)


def check_lifetime(leaf: LeafNode) -> None:
    """Refuse a leaf that is valid for longer than the longest that is acceptable (RFC 9420, section 7.2).

    Raises:
        PeerError: code invalid_leaf.
    """
    lifetime = leaf.lifetime
    if lifetime is not None and lifetime.not_after_s - lifetime.not_before_s > LONGEST_LIFETIME_S:
        raise PeerError("a leaf is valid for longer than anybody may ask", code="invalid_leaf")


def credential_of(leaf: LeafNode) -> VerifiedCredential:
    """Return the verified credential of a leaf.

    Raises:
        PeerError: see `validate_leaf`.
    """
    check_credential_kind(leaf)
    credential = VerifiedCredential.decode(leaf.credential.identity)
    check_credential(leaf, credential)
    return credential


def check_credential_kind(leaf: LeafNode) -> None:
    """Refuse a credential that is not ours.

    Raises:
        PeerError: code invalid_credential.
    """
    if leaf.credential.credential_type != BASIC_CREDENTIAL:
        raise PeerError("a leaf has a credential of another kind", code="invalid_credential")


def check_credential(leaf: LeafNode, credential: VerifiedCredential) -> None:
    """Refuse a leaf whose verified credential is not its own.

    Raises:
        PeerError: code invalid_credential.
    """
    if credential.device_key != leaf.signature_key:
        raise PeerError("a leaf is signed by another key than its certificate's", code="invalid_credential")
    if not credential.device_list.has(credential.certificate):
        raise PeerError("a leaf's own device list does not name its device", code="invalid_credential")


def leaf_info(leaf: LeafNode) -> LeafInfo:
    """Return how the leaf's device is reached and what it understands.

    Raises:
        PeerError: code malformed; the extension is missing or does not parse.
    """
    for extension in leaf.extensions:
        if extension.extension_type == LEAF_PROFILE:
            return LeafInfo.decode(extension.data)
    raise PeerError("a leaf does not say how it is reached", code="malformed")
