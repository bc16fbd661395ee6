"""Methods that erase on this device what is not a whole room."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.client.views import AccountId, MessageId
from byre.rpc import views
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import ACCOUNT_ID, MESSAGE_ID, Field, Whole

_LATEST_MS = 2**53 - 1


async def _contact_wipe(engine: EngineApi, p: Params) -> JsonObject:
    return views.certificate(await engine.erasures.wipe_contact(AccountId(p["account_id"])))


async def _message_delete(engine: EngineApi, p: Params) -> JsonObject:
    await engine.erasures.delete_message(MessageId(p["message_id"]))
    return {}


async def _wipe_before(engine: EngineApi, p: Params) -> JsonObject:
    return views.certificate(await engine.erasures.wipe_before(p["time"]))


async def _profile_panic(engine: EngineApi, _: Params) -> JsonObject:
    await engine.account.panic()
    return {}


WIPING_METHODS = (
    Method("contact.wipe", (Field("account_id", ACCOUNT_ID),), _contact_wipe),
    Method("message.delete", (Field("message_id", MESSAGE_ID),), _message_delete),
    Method("wipe.before", (Field("time", Whole(0, _LATEST_MS)),), _wipe_before),
    Method("profile.panic", (), _profile_panic, is_ordered=False),
)
