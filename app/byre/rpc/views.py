"""The engine's views and events as the JSON objects that the README names: shapes only, no decisions."""

from __future__ import annotations

from byre.client.events import (
    ConnectionChanged,
    DeviceLinked,
    DeviceRevoked,
    Event,
    KeyChanged,
    KeyReturned,
    LinkCodeShown,
    LinkEnded,
    LinkReady,
    MessageReceived,
    MessageStateChanged,
    OwnListForked,
    ProfileDamaged,
    RecoveryCodeChanged,
    RoomChanged,
    RoomRequested,
    WipeOrdered,
    WipeReported,
)
from byre.client.views import (
    ContactView,
    DeviceView,
    MemberView,
    MessageKind,
    MessageView,
    RoomView,
    Sender,
    Status,
    WipeCertificate,
)
from byre.rpc.lines import JsonObject


def message(view: MessageView) -> JsonObject:
    return {
        "message_id": view.message_id,
        "room_id": view.room_id,
        "sender": sender(view.sender),
        "text": view.text,
        "sent_at": view.sent_at,
        "state": view.state.value,
    }


def sender(view: Sender) -> JsonObject:
    return {
        "account_id": view.account_id,
        "handle": view.handle,
        "name": view.name,
        "device_id": view.device_id,
    }


def room(view: RoomView) -> JsonObject:
    return {"room_id": view.room_id, "title": view.title, "kind": view.kind.value, "unread": view.unread}


def room_in_full(view: RoomView) -> JsonObject:
    return {
        **room(view),
        "state": view.state.value,
        "members": view.member_count,
        "retention": view.retention_s,
        "may_set_retention": view.may_set_retention,
        "last_activity": view.last_activity,
        "peer": view.peer_account_id,
    }


def member(view: MemberView) -> JsonObject:
    return {
        "account_id": view.account_id,
        "handle": view.handle,
        "name": view.name,
        "devices": [{"device_id": device.device_id} for device in view.devices],
    }


def device(view: DeviceView) -> JsonObject:
    return {"device_id": view.device_id, "name": view.name, "role": view.role.value, "current": view.current}


def contact(view: ContactView) -> JsonObject:
    return {"account_id": view.account_id, "handle": view.handle, "safety_number": view.safety_number}


def status(view: Status) -> JsonObject:
    shown = {"state": view.state.value, "role": view.role.value if view.role else None, "connected": view.connected}
    flags = {"removed": view.is_removed, "forked": view.is_forked, "damaged": view.is_damaged}
    return {**shown, **{name: True for name, is_set in flags.items() if is_set}}


def certificate(view: WipeCertificate) -> JsonObject:
    return {
        "wipe_id": view.wipe_id,
        "counts": view.counts,
        "scanned": view.scanned,
        "remnants": list(view.remnants),
        "generation": view.generation,
        "key_mode": view.key_mode,
        "limits": list(view.limits),
        "exports": list(view.exports),
        "signature": view.signature,
    }


def notification(event: Event) -> tuple[str, JsonObject] | None:
    """Return (method, params) of an event, or None for those that only a window needs."""
    match event:
        case MessageReceived(message=view) if view.kind is MessageKind.TEXT:
            return "message.received", message(view)
        case MessageStateChanged():
            why = {"reason": event.reason} if event.reason else {}
            return "message.state", {"message_id": event.message_id, "state": event.state.value, **why}
        case RoomRequested():
            known = event.sender
            origin = {"account_id": known.account_id, "handle": known.handle, "name": known.name}
            return "room.request", {"room_id": event.room_id, "from": origin}
        case RoomChanged():
            return "room.changed", {"room_id": event.room_id}
        case LinkCodeShown():
            return "link.code", {"code": event.code, "handle": event.handle}
        case LinkReady():
            return "link.ready", {"handle": event.handle, "account_id": event.account_id}
        case LinkEnded():
            return "link.ended", {"code": event.code}
        case KeyReturned():
            return "key.returned", {}
        case DeviceLinked():
            return "device.linked", {"device_id": event.device_id, "name": event.name}
        case DeviceRevoked():
            return "device.revoked", {"device_id": event.device_id}
        case WipeOrdered(order=order):
            return "wipe.ordered", {
                "wipe_id": order.wipe_id,
                "room_id": order.room_id,
                "device_id": order.device_id,
                "due_at": order.due_at,
            }
        case WipeReported():
            return "wipe.reported", {"wipe_id": event.wipe_id, "erased": event.erased, "asked": event.asked}
        case KeyChanged():
            return "contact.key_changed", {
                "account_id": event.account_id,
                "handle": event.handle,
                "reason": event.reason,
            }
        case ProfileDamaged():
            return "profile.damaged", {}
        case RecoveryCodeChanged():
            return "account.code_changed", {}
        case OwnListForked():
            return "account.forked", {"version": event.version}
        case ConnectionChanged():
            away = {} if event.connected else {"next_try_at": event.next_try_at, "reason": event.reason}
            return "connection.changed", {"connected": event.connected, **away}
        case _:
            return None
