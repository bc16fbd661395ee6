"""`byre relay losses`: bucket files that were made and are gone, empty or unreadable, and the operator's word for it.

A relay never starts over a loss: a disk that is not mounted must not look like an empty one. Who knows that a file is
lost for good says so by `--accept`: its key is destroyed, what is left of it deleted, and the store epoch renewed, by
which clients learn that what was held here may be gone. Nobody can tell how many messages were in a lost file; how many
commit bodies were is known: their rooms' heads lie in relay.db. A lost relay.db cannot be accepted: it is the relay.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.relay.buckets import PRAGMAS, bucket_files, bucket_path, open_bucket
from byre.relay.clock import Clock, ExpiryClock
from byre.relay.disk import DataDirectory
from byre.relay.durable import Durable
from byre.relay.key_file import KeyFile
from byre.relay.settings import Limits
from byre.relay.tasks import Tasks
from byre.relay.wreck import Wreck

VERSION: Final = 1
LOST_BUCKETS: Final = "lost_buckets"
"""The setting that counts what was ever accepted as lost."""


async def losses(path: Path, clock: Clock, *, limits: Limits, is_accepted: bool, random: Callable[[int], bytes]) -> str:
    """Return a JSON document of what is lost in a stopped relay's directory; when it is accepted, go on without it.

    Raises:
        EnvironmentFault: the directory is no relay's, a relay runs in it, or relay.db itself is lost or damaged.
    """
    if not (path / "relay.keys").exists():
        raise EnvironmentFault("This is not a relay's data directory.", code="db_missing")
    directory = DataDirectory(path, clock)
    try:
        keys = directory.keys(random)
        durable = await Durable.open(path, keys, Tasks(), erase_delay_s=0)
        try:
            found = [
                {"file": bucket_path(path, start).name, "state": state, **await _contents(durable, start, limits)}
                for start, state in [(start, await _state(path, start, key, random)) for start, key in _known(keys)]
                if state
            ]
            if is_accepted and found:
                await _accept(path, keys, durable, [each["start_ms"] for each in found], random)
            expiry = ExpiryClock(clock, last_seen_ms=await durable.setting("last_seen_ms"))
            document = {
                "version": VERSION,
                "at": _time(expiry.now_ms()),
                "lost": found,
                "accepted": bool(is_accepted and found),
                "accepted_ever": await durable.setting(LOST_BUCKETS),
            }
        finally:
            await durable.close()
    finally:
        directory.unlock()
    return json.dumps(document, indent=2) + "\n"


def _known(keys: KeyFile) -> list[tuple[int, Secret]]:
    return [(start, key) for start, key in sorted(keys.buckets.items()) if keys.is_bucket_made(start)]


async def _state(path: Path, start: int, key: Secret, random: Callable[[int], bytes]) -> str:
    """Return what is wrong with a bucket's file; nothing when it opens, or will be healed by the next start."""
    file = bucket_path(path, start)
    if not file.exists():
        return "missing"
    if file.stat().st_size == 0:
        return "empty"
    try:
        database = await open_bucket(file, key, random)
    except EnvironmentFault as fault:
        if fault.code == "db_damaged":
            return "" if await asyncio.to_thread(Wreck(file, key, PRAGMAS).can_be_read) else "damaged"
        raise
    await database.close()
    return ""


async def _contents(durable: Durable, start: int, limits: Limits) -> dict[str, Any]:
    row = await durable.read(
        lambda connection: connection.execute("SELECT count(*) FROM ended_epoch WHERE bucket = ?", (start,)).fetchone()
    )
    end_ms = start + 1000 * limits.bucket_s
    return {
        "start_ms": start,
        "messages_held_from": _time(start),
        "messages_held_until": _time(end_ms),
        "all_expired_by": _time(end_ms + 1000 * max(limits.ttl_cap_s, limits.commit_body_s)),
        "messages": None,  # whoever could count them would have the file
        "commit_bodies": int(row[0]) if row else 0,
    }


async def _accept(
    path: Path, keys: KeyFile, durable: Durable, starts: list[int], random: Callable[[int], bytes]
) -> None:
    for start in starts:
        keys.destroy_bucket(start)
        for file in bucket_files(path, start):
            with suppress(FileNotFoundError):
                file.unlink()
    keys.renew_store_epoch(random)
    await durable.set_setting(LOST_BUCKETS, await durable.setting(LOST_BUCKETS) + len(starts))


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
