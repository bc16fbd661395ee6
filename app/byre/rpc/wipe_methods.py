"""Methods about wipes beyond this device: what others answered, what a linked PC has ordered, and undoing it."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.client.views import RoomId, WipeOrder
from byre.rpc import views
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import ROOM_ID, Field, Flag, Hex

WIPE_ID = Hex(16, 16)


def order(view: WipeOrder) -> JsonObject:
    return {
        "wipe_id": view.wipe_id,
        "room_id": view.room_id,
        "device_id": view.device_id,
        "due_at": view.due_at,
    }


async def _wipe(engine: EngineApi, p: Params) -> JsonObject:
    return views.certificate(await engine.wipes.wipe(RoomId(p["room_id"]), others=bool(p["others"])))


async def _list(engine: EngineApi, _: Params) -> JsonObject:
    return {
        "wipes": [
            {
                "wipe_id": each.wipe_id,
                "created_at": each.created_at,
                "asked": each.devices_asked,
                "erased": each.devices_erased,
                "certificate": each.certificate_json,
            }
            for each in await engine.wipes.certificates()
        ]
    }


async def _reports(engine: EngineApi, p: Params) -> JsonObject:
    return {
        "reports": [
            {
                "account_id": each.account_id,
                "handle": each.handle,
                "device_id": each.device_id,
                "device_name": each.device_name,
                "state": each.state,
                "at": each.at,
                "certificate": each.certificate_json or None,
            }
            for each in await engine.wipes.reports(p["wipe_id"])
        ]
    }


async def _pending(engine: EngineApi, _: Params) -> JsonObject:
    return {"orders": [order(each) for each in await engine.wipes.pending()]}


async def _undo(engine: EngineApi, p: Params) -> JsonObject:
    await engine.wipes.undo(p["wipe_id"])
    return {}


WIPE_METHODS = (
    Method("room.wipe", (Field("room_id", ROOM_ID), Field("others", Flag(), is_required=False)), _wipe),
    Method("wipe.list", (), _list),
    Method("wipe.reports", (Field("wipe_id", WIPE_ID),), _reports),
    Method("wipe.pending", (), _pending),
    Method("wipe.undo", (Field("wipe_id", WIPE_ID),), _undo),
)
