"""The methods of `byre rpc`: name, parameters, lane and the call on the engine. README.md documents each.

Lanes keep order: requests of the lane `ordered` are carried out one after the other, as they came, so that lines
piped in at once mean what they say. Those of the lane `free` start at once: they wait for another person or must
reach an engine that is busy.
"""

from __future__ import annotations

from collections.abc import Sequence

from byre.client.api import EngineApi
from byre.client.views import AccountId, DeviceId, MessageId, MessageKind, MessageView, RoomId
from byre.rpc import views
from byre.rpc.backup_methods import BACKUP_METHODS
from byre.rpc.key_methods import KEY_METHODS
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.network_methods import NETWORK_METHODS
from byre.rpc.parameters import (
    ACCOUNT_ID,
    DEVICE_ID,
    HANDLE,
    LIMIT,
    MESSAGE_ID,
    NAME,
    PASSPHRASE,
    RELAY,
    ROOM_ID,
    Field,
    Flag,
    ListOf,
    Text,
    Whole,
)
from byre.rpc.reading_methods import READING_METHODS
from byre.rpc.recovery_methods import RECOVERY_METHODS
from byre.rpc.search_methods import SEARCH_METHODS
from byre.rpc.trust_methods import TRUST_METHODS
from byre.rpc.wipe_methods import WIPE_METHODS
from byre.rpc.wiping_methods import WIPING_METHODS

PAGE = 200
MAX_MEMBERS = 256
MAX_TEXT_CHARS = 64 * 1024


async def _account_create(engine: EngineApi, p: Params) -> JsonObject:
    created = await engine.account.create(
        handle=p["handle"], name=p["name"], relay=p["relay"], passphrase=p["passphrase"]
    )
    return {
        "account_id": created.account_id,
        "device_id": created.device_id,
        "recovery_code": created.recovery_code,
    }


async def _account_restore(engine: EngineApi, p: Params) -> JsonObject:
    created = await engine.account.restore(
        code=p["code"], relay=p["relay"], handle=p["handle"], passphrase=p["passphrase"]
    )
    return {"account_id": created.account_id, "device_id": created.device_id}


async def _unlock(engine: EngineApi, p: Params) -> JsonObject:
    await engine.account.unlock(p["passphrase"])
    return {}


async def _account_rename(engine: EngineApi, p: Params) -> JsonObject:
    await engine.account.rename(p["name"])
    return {}


async def _change_passphrase(engine: EngineApi, p: Params) -> JsonObject:
    return {"key_mode": await engine.account.change_lock(p["passphrase"], p["new_passphrase"])}


async def _account_erase(engine: EngineApi, _: Params) -> JsonObject:
    await engine.account.erase()
    return {}


async def _status(engine: EngineApi, _: Params) -> JsonObject:
    return views.status(engine.account.status())


async def _link_offer(engine: EngineApi, p: Params) -> JsonObject:
    offer = await engine.linking.offer(relay=p["relay"], device_name=p["device_name"], passphrase=p["passphrase"])
    return {"uri": offer.uri}


async def _link_accept(engine: EngineApi, p: Params) -> JsonObject:
    request = await engine.linking.accept(p["uri"])
    return {"device_name": request.device_name, "platform": request.platform}


async def _link_confirm(engine: EngineApi, p: Params) -> JsonObject:
    await engine.linking.confirm(p["code"])
    return {}


async def _link_finish(engine: EngineApi, p: Params) -> JsonObject:
    return {"device_id": await engine.linking.finish(p["accept"])}


async def _link_cancel(engine: EngineApi, _: Params) -> JsonObject:
    await engine.linking.cancel()
    return {}


async def _contact_add(engine: EngineApi, p: Params) -> JsonObject:
    return views.contact(await engine.contacts.add(p["handle"]))


async def _room_create(engine: EngineApi, p: Params) -> JsonObject:
    return {"room_id": await engine.rooms.create(p["members"], p["title"])}


async def _room_list(engine: EngineApi, _: Params) -> JsonObject:
    return {"rooms": [views.room(room) for room in await engine.rooms.list()]}


async def _room_members(engine: EngineApi, p: Params) -> JsonObject:
    return {"members": [views.member(member) for member in await engine.rooms.members(RoomId(p["room_id"]))]}


async def _room_accept(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.accept(RoomId(p["room_id"]))
    return {}


async def _room_add(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.add(RoomId(p["room_id"]), p["members"])
    return {}


async def _room_remove(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.remove(RoomId(p["room_id"]), AccountId(p["account_id"]))
    return {}


async def _room_rename(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.rename(RoomId(p["room_id"]), p["title"])
    return {}


async def _room_set_role(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.set_role(RoomId(p["room_id"]), AccountId(p["account_id"]), p["role"])
    return {}


async def _room_set_retention(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.set_retention(RoomId(p["room_id"]), p["seconds"])
    return {}


async def _room_leave(engine: EngineApi, p: Params) -> JsonObject:
    await engine.rooms.leave(RoomId(p["room_id"]))
    return {}


async def _message_send(engine: EngineApi, p: Params) -> JsonObject:
    return {"message_id": await engine.messages.send(RoomId(p["room_id"]), p["text"])}


async def _message_list(engine: EngineApi, p: Params) -> JsonObject:
    """Texts only: rows that a window shows as events are passed over, so pages are read until `limit` is full."""
    room_id, limit = RoomId(p["room_id"]), p["limit"]
    before = MessageId(p["before"]) if p["before"] else None
    size = min(limit, PAGE)
    found: list[MessageView] = []
    while len(found) < limit:
        page = await engine.messages.list(room_id, size, before)
        newest_first = sorted(page, key=lambda view: view.position, reverse=True)
        found += [view for view in newest_first if view.kind is MessageKind.TEXT]
        if len(page) < size:
            break
        before = newest_first[-1].message_id
    return {"messages": [views.message(view) for view in found[:limit]]}


async def _message_read(engine: EngineApi, p: Params) -> JsonObject:
    await engine.messages.mark_read(RoomId(p["room_id"]), MessageId(p["up_to"]))
    return {}


async def _device_list(engine: EngineApi, _: Params) -> JsonObject:
    return {"devices": [views.device(device) for device in await engine.devices.list()]}


async def _device_remove(engine: EngineApi, p: Params) -> JsonObject:
    await engine.devices.remove(DeviceId(p["device_id"]))
    return {}


_ROOM = Field("room_id", ROOM_ID)
_RELAY = Field("relay", RELAY)
_PASSPHRASE = Field("passphrase", PASSPHRASE, is_required=False)
_TITLE = Text(256, least=0)
_MEMBERS = Field("members", ListOf(HANDLE, MAX_MEMBERS))

METHODS: Sequence[Method] = (
    Method("account.create", (Field("handle", HANDLE), Field("name", NAME), _RELAY, _PASSPHRASE), _account_create),
    Method("account.restore", (Field("code", NAME), _RELAY, Field("handle", HANDLE), _PASSPHRASE), _account_restore),
    Method("account.rename", (Field("name", NAME),), _account_rename),
    Method("account.erase", (), _account_erase),
    Method(
        "account.change_passphrase",
        (_PASSPHRASE, Field("new_passphrase", PASSPHRASE, is_required=False)),
        _change_passphrase,
    ),
    Method("unlock", (_PASSPHRASE,), _unlock),
    Method("status", (), _status, is_ordered=False),
    Method("link.offer", (_RELAY, Field("device_name", NAME), _PASSPHRASE), _link_offer),
    Method("link.accept", (Field("uri", Text(4096)),), _link_accept),
    Method("link.confirm", (Field("code", Text(16)),), _link_confirm),
    Method("link.finish", (Field("accept", Flag()),), _link_finish, is_ordered=False),
    Method("link.cancel", (), _link_cancel, is_ordered=False),
    Method("contact.add", (Field("handle", HANDLE),), _contact_add),
    Method("room.create", (_MEMBERS, Field("title", _TITLE, is_required=False)), _room_create),
    Method("room.list", (), _room_list),
    Method("room.members", (_ROOM,), _room_members),
    Method("room.accept", (_ROOM,), _room_accept),
    Method("room.add", (_ROOM, _MEMBERS), _room_add),
    Method("room.remove", (_ROOM, Field("account_id", ACCOUNT_ID)), _room_remove),
    Method("room.rename", (_ROOM, Field("title", _TITLE)), _room_rename),
    Method("room.set_role", (_ROOM, Field("account_id", ACCOUNT_ID), Field("role", Text(16))), _room_set_role),
    Method("room.set_retention", (_ROOM, Field("seconds", Whole(0, 2**32 - 1))), _room_set_retention),
    Method("room.leave", (_ROOM,), _room_leave),
    Method("message.send", (_ROOM, Field("text", Text(MAX_TEXT_CHARS))), _message_send, is_joined=True),
    Method(
        "message.list",
        (_ROOM, Field("limit", LIMIT), Field("before", MESSAGE_ID, is_required=False)),
        _message_list,
    ),
    Method("message.read", (_ROOM, Field("up_to", MESSAGE_ID)), _message_read),
    Method("device.list", (), _device_list),
    Method("device.remove", (Field("device_id", DEVICE_ID),), _device_remove),
    *KEY_METHODS,
    *RECOVERY_METHODS,
    *NETWORK_METHODS,
    *READING_METHODS,
    *BACKUP_METHODS,
    *TRUST_METHODS,
    *SEARCH_METHODS,
    *WIPING_METHODS,
    *WIPE_METHODS,
)
