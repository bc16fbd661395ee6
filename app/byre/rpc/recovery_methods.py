"""Methods for a new recovery code: shown, typed back, in force."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import NAME, Field


async def _new_code(engine: EngineApi, _: Params) -> JsonObject:
    return {"recovery_code": await engine.recovery_code.propose()}


async def _confirm_code(engine: EngineApi, p: Params) -> JsonObject:
    return {"in_force": await engine.recovery_code.confirm(p["code"])}


RECOVERY_METHODS = (
    Method("account.new_code", (), _new_code),
    Method("account.confirm_code", (Field("code", NAME),), _confirm_code),
)
