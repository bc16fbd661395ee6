"""What goes on while a wipe is under way."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from byre.store import wipe
from tests.unit.store.wiped_profile import KEPT, profile_with_rooms


@pytest.mark.parametrize("step", ["count_content", "export_to", "scan_files", "unexplained"])
async def test_reads_pass_by_every_step_of_a_wipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    loop, has_begun, may_go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    real = getattr(wipe, step)

    def held(*arguments: Any, **named: Any) -> Any:
        loop.call_soon_threadsafe(has_begun.set)
        assert may_go_on.wait(60)
        return real(*arguments, **named)

    monkeypatch.setattr(wipe, step, held)
    wiping = asyncio.ensure_future(store.wipe([1]))
    await has_begun.wait()
    assert len(await store.read(lambda tx: tx.messages.page(2, 99))) == len(KEPT)
    assert not wiping.done()
    may_go_on.set()
    assert "remnants=()" in (await wiping).document
    await store.close()
