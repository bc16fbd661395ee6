"""Methods about the way to relays: proxy, authorities, pinned certificates, and trying again now."""

from __future__ import annotations

import asyncio
from pathlib import Path

from byre.client.api import EngineApi
from byre.errors import UsageError
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import Field, FileName, MapOf, Text

LARGEST_FILE = 256 * 1024
_ADDRESS = Text(4096, least=0)


async def _get(engine: EngineApi, _: Params) -> JsonObject:
    route = engine.network.get()
    return {"proxy": route.proxy, "has_ca": bool(route.ca_pem), "pins": route.pins}


async def _set(engine: EngineApi, p: Params) -> JsonObject:
    ca_pem = None if p["ca_file"] is None else await _read(p["ca_file"])
    await engine.network.put(proxy=p["proxy"], ca_pem=ca_pem, pins=p["pins"])
    return {}


async def _reconnect(engine: EngineApi, _: Params) -> JsonObject:
    await engine.reconnect()
    return {}


async def _read(path: str) -> str:
    if not path:
        return ""

    def read() -> str:
        if not Path(path).is_file():  # a pipe would be waited for, and all requests with it
            raise OSError
        with Path(path).open("rb") as file:
            return file.read(LARGEST_FILE + 1).decode()

    try:
        return await asyncio.get_running_loop().run_in_executor(None, read)
    except (OSError, UnicodeDecodeError):
        raise UsageError("This file cannot be read as certificates in PEM.", code="bad_certificate") from None


NETWORK_METHODS = (
    Method("network.get", (), _get, is_ordered=False),
    Method(
        "network.set",
        (
            Field("proxy", _ADDRESS, is_required=False),
            Field("ca_file", FileName(4096, least=0), is_required=False),
            Field("pins", MapOf(Text(300), Text(64), 64), is_required=False),
        ),
        _set,
    ),
    Method("network.reconnect", (), _reconnect, is_ordered=False),
)
