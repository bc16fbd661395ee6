"""Methods that read one room, and pages of it that do not begin at its end."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.client.views import MessageId, MessageKind, RoomId
from byre.rpc import views
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import MESSAGE_ID, ROOM_ID, Field, Whole

_ROOM = Field("room_id", ROOM_ID)
_LATEST_MS = 2**42 - 1


async def _room_get(engine: EngineApi, p: Params) -> JsonObject:
    return views.room_in_full(await engine.rooms.get(RoomId(p["room_id"])))


async def _around(engine: EngineApi, p: Params) -> JsonObject:
    rows = await engine.messages.around(RoomId(p["room_id"]), MessageId(p["message_id"]), p["limit"])
    return {"messages": [views.message(row) for row in rows if row.kind is MessageKind.TEXT]}


async def _at(engine: EngineApi, p: Params) -> JsonObject:
    found = await engine.messages.first_since(RoomId(p["room_id"]), p["time"])
    return {"message_id": None if found is None else found.message_id}


READING_METHODS = (
    Method("room.get", (_ROOM,), _room_get),
    Method("message.around", (_ROOM, Field("message_id", MESSAGE_ID), Field("limit", Whole(1, 500))), _around),
    Method("message.at", (_ROOM, Field("time", Whole(0, _LATEST_MS))), _at),
)
