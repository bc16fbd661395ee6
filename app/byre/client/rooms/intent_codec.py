"""Intents as the store keeps them: a kind and a packed payload of our own.

Only this device writes and reads these bytes; what does not decode is a bug or a newer program's, never a peer's.
"""

from __future__ import annotations

from byre.client.rooms.intents import (
    AddDevices,
    CommitLeaving,
    Intent,
    Package,
    ReAdd,
    RemoveAccount,
    RemoveDevices,
    RenewLeaf,
    Retitle,
    SetRetention,
    SetRole,
)
from byre.errors import InternalBug
from byre.wire.msgpack_codec import pack, pack_list, unpack


def stored(intent: Intent) -> tuple[str, bytes]:
    """Return the kind and payload of an intent."""
    if isinstance(intent, AddDevices):
        return "add_devices", pack_list([_packed(package) for package in intent.packages])
    if isinstance(intent, RemoveAccount):
        return "remove_account", pack([intent.account_id])
    if isinstance(intent, RemoveDevices):
        return "remove_devices", pack([intent.account_id, sorted(intent.device_ids), intent.signed_list])
    if isinstance(intent, ReAdd):
        return "readd", pack([_packed(intent.package)])
    if isinstance(intent, RenewLeaf):
        return "renew_leaf", pack([intent.package_key])
    if isinstance(intent, Retitle):
        return "retitle", pack([intent.title])
    if isinstance(intent, SetRole):
        return "set_role", pack([intent.account_id, intent.role])
    if isinstance(intent, SetRetention):
        return "set_retention", pack([intent.seconds])
    return "commit_leaving", pack([])


def restored(kind: str, payload: bytes) -> Intent:
    """Return the intent that `stored` made.

    Raises:
        InternalBug: code bad_intent.
    """
    items = unpack(payload, max_bytes=len(payload))  # our own bytes: a thousand packages take three megabytes
    if not isinstance(items, list):
        raise InternalBug("a stored intent does not decode", code="bad_intent")
    if kind == "add_devices":
        return AddDevices(tuple(Package(*item) for item in items))
    if kind == "remove_account":
        return RemoveAccount(items[0])
    if kind == "remove_devices":
        return RemoveDevices(items[0], frozenset(items[1]), items[2])
    if kind == "readd":
        return ReAdd(Package(*items[0]))
    if kind == "renew_leaf":
        return RenewLeaf(items[0])
    if kind == "retitle":
        return Retitle(items[0])
    if kind == "set_role":
        return SetRole(items[0], items[1])
    if kind == "set_retention":
        return SetRetention(items[0])
    if kind == "commit_leaving":
        return CommitLeaving()
    raise InternalBug("a stored intent is of no known kind", code="bad_intent")


def _packed(package: Package) -> list[bytes]:
    return [package.account_id, package.device_id, package.package_key, package.key_package]
