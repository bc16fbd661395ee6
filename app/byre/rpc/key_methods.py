"""Methods for a locked profile whose key the key store has lost."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import HANDLE, NAME, PASSPHRASE, RELAY, Field


async def _ask(engine: EngineApi, p: Params) -> JsonObject:
    return {"uri": (await engine.key_recovery.ask_phone(p["relay"])).uri}


async def _recover(engine: EngineApi, p: Params) -> JsonObject:
    await engine.key_recovery.with_code(p["code"], relay=p["relay"], handle=p["handle"], passphrase=p["passphrase"])
    return {}


async def _cancel(engine: EngineApi, _: Params) -> JsonObject:
    await engine.key_recovery.cancel()
    return {}


_RELAY = Field("relay", RELAY)

KEY_METHODS = (
    Method("key.ask", (_RELAY,), _ask),
    Method(
        "key.recover",
        (Field("code", NAME), _RELAY, Field("handle", HANDLE), Field("passphrase", PASSPHRASE, is_required=False)),
        _recover,
    ),
    Method("key.cancel", (), _cancel, is_ordered=False),
)
