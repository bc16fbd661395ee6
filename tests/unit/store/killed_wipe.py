"""A process that wipes and kills itself at one step: `python -m tests.unit.store.killed_wipe PROFILE KIND STEP`.

Meanwhile it stores messages, and prints the number of each once it is stored: those were acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "app"))

from byre.store import Store, WipeScope
from byre.store import store as store_module
from byre.store.wipe import WipeRoutine
from tests.unit.store.profile import BOB, NOW, open_store, text, vault_at

SCOPES = {
    "rooms": WipeScope.of_rooms([1]),
    "before": WipeScope.before(NOW + 60),
    "contact": WipeScope.of_contact(BOB, [1]),
    "rotation": WipeScope.rotation(),
}
FIRST = 50_000


async def main(profile: Path, kind: str, step: str) -> None:
    """Open, and wipe until `step`."""

    def die(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    store_module.WipeRoutine = partial(WipeRoutine, on_step=die)  # type: ignore[misc, assignment]
    vault = vault_at(profile)
    await vault.unlock("pass")
    if kind == "panic":
        await vault.destroy(keys_only=True)
        die("keys")
    store = await open_store(vault)
    if kind == "message":
        await store.write(lambda tx: tx.erasures.erase(tx.erasures.positions((1007).to_bytes(16, "big"))))
        die("erased")
    writing = asyncio.ensure_future(_write(store))
    await asyncio.sleep(0)
    if kind == "rotation":
        await store.rotate()
    else:
        await store.wipe(SCOPES[kind])
    writing.cancel()
    await store.close()


async def _write(store: Store) -> None:
    for number in count(FIRST):
        message = text(number, f"während der Löschung {number}", in_room=2, at=number)
        await store.write(lambda tx, message=message: tx.messages.add(message))  # type: ignore[misc]
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
