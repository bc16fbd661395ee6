"""Methods about copies of the profile: backups, and a damaged profile brought back."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import PASSPHRASE, Field, FileName, Text

_PATH = FileName(4096)
_CODE = Text(200)


async def _export(engine: EngineApi, p: Params) -> JsonObject:
    return {"code": await engine.backups.export(p["path"])}


async def _import(engine: EngineApi, p: Params) -> JsonObject:
    await engine.backups.restore(p["path"], p["code"], passphrase=p["passphrase"])
    status = engine.account.status()
    return {"account_id": status.account_id, "device_id": status.device_id}


async def _salvage(engine: EngineApi, p: Params) -> JsonObject:
    done = await engine.backups.salvage(p["passphrase"])
    return {
        "from_database": done.from_database,
        "from_snapshot": done.from_snapshot,
        "lost_messages": done.lost_messages,
        "lost_pages": done.lost_pages,
        "was_whole": done.was_whole,
    }


async def _set_aside(engine: EngineApi, _: Params) -> JsonObject:
    await engine.backups.set_aside()
    return {}


BACKUP_METHODS = (
    Method("backup.export", (Field("path", _PATH),), _export),
    Method(
        "backup.import",
        (Field("path", _PATH), Field("code", _CODE), Field("passphrase", PASSPHRASE, is_required=False)),
        _import,
    ),
    Method("profile.set_aside", (), _set_aside),
    Method("profile.salvage", (Field("passphrase", PASSPHRASE, is_required=False),), _salvage),
)
