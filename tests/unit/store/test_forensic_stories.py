"""Profiles used at random under the examiner's eyes; with one guard of the wipe switched off he finds something.

More and longer stories: `python -m tests.forensics`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byre.db import Connection
from byre.store import message_index, wipe, wipe_rebuild
from byre.store.forensics import Scan
from byre.store.vault_rotation import Rotation
from tests.fakes.key_store import FakeKeyStore
from tests.forensics.story import Remnant, Story

WITH_KEY_STORE, WITHOUT = 1, 2
STEPS = 12


@pytest.mark.parametrize("seed", [WITH_KEY_STORE, WITHOUT, 3])
async def test_what_went_is_nowhere_and_what_stays_is_there(tmp_path: Path, seed: int) -> None:
    story = await Story(tmp_path, seed).tell(STEPS)
    assert (story.key_store is not None) is (seed != WITHOUT)
    assert story.looks
    assert len(story.gone) > 10


def copy_everything(patch: pytest.MonkeyPatch) -> None:
    real = wipe_rebuild._copy

    def copy(connection: Connection, scope: Any, conditions: dict[str, str]) -> None:
        real(connection, scope, {})

    patch.setattr(wipe_rebuild, "_copy", copy)
    patch.setattr(wipe, "unexplained", lambda scan, connection: Scan())


def leave_the_index_as_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(message_index, "optimise", lambda connection, *, database="main": True)


def leave_the_old_generation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Rotation, "destroy", lambda self, generation: None)


def leave_the_outer_secret(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FakeKeyStore, "delete", lambda self, name: None)


@pytest.mark.parametrize(
    ("switch_off", "seed", "told"),
    [
        (copy_everything, WITHOUT, "can be read after"),
        (leave_the_index_as_it_is, WITHOUT, "can be read after"),
        (leave_the_old_generation, WITHOUT, "can be read after"),
        (leave_the_outer_secret, WITH_KEY_STORE, "the image from before"),
    ],
)
async def test_without_one_guard_the_examiner_finds_something(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    switch_off: Callable[[pytest.MonkeyPatch], None],
    seed: int,
    told: str,
) -> None:
    switch_off(monkeypatch)
    with pytest.raises(Remnant, match=told):
        await Story(tmp_path, seed).tell(STEPS)
