"""A profile in a real Secret Service, from creation over a wipe to its end; run by test_secret_service."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

from byre.crypto.random import system_random
from byre.errors import ByreError
from byre.store import ProfileVault, SystemKeyStore
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store
from tests.unit.store.wiped_profile import GONE, fill, needles_of


async def story(folder: Path) -> dict[str, object]:
    """What happened, as plain values."""
    profile, image = folder / "p", folder / "image"

    def vault(directory: Path) -> ProfileVault:
        return ProfileVault(directory, random=system_random, key_store=SystemKeyStore(limit_s=20))

    opened = vault(profile)
    await opened.create()
    told: dict[str, object] = {"mode": opened.mode()}
    store = await open_store(opened)
    await store.write(fill)
    await store.close()
    shutil.copytree(profile, image)
    store = await open_store(opened)
    await store.wipe([1])
    told["generation"] = store.generation
    await store.close()
    today = opened.database_key.reveal()
    told["readable_after"] = Examiner(profile / "store.2.db", today).count(needles_of(GONE))
    told["readable_before_with_todays_key"] = Examiner(image / "store.1.db", today).count(needles_of(GONE))
    try:
        await vault(image).unlock()
    except ByreError as error:
        told["unlocking_the_image"] = error.code
    again = vault(profile)
    await again.unlock()
    told["unlocked"] = again.generation
    await again.destroy()
    told["left"] = sorted(path.name for path in profile.iterdir())
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(story(Path(sys.argv[1])))))
