"""The wipe under power cuts: whatever has just become durable is copied, and a new process starts from the copy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from byre.store import store as store_module
from byre.store.wipe import WipeRoutine
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.wiped_profile import (
    STEP_NAMES,
    Reports,
    check_completed,
    profile_with_rooms,
    reopened,
)


@pytest.fixture(params=["A", "C"])
def key_store(request: pytest.FixtureRequest) -> FakeKeyStore | None:
    return FakeKeyStore() if request.param == "A" else None


@dataclass
class Cuts:
    """Copies of a profile and its key store at every step of one wipe."""

    profile: Path
    key_store: FakeKeyStore | None
    copies: dict[str, tuple[Path, FakeKeyStore | None]] = field(default_factory=dict)

    def take(self, step: str) -> None:
        copy = self.profile.parent / f"{self.profile.name}, {step}"
        shutil.copytree(self.profile, copy)
        self.copies[step] = (copy, self.key_store.copy() if self.key_store else None)


async def cut_everywhere(tmp_path: Path, key_store: FakeKeyStore | None, monkeypatch: pytest.MonkeyPatch) -> Cuts:
    _, store = await profile_with_rooms(tmp_path / "p", key_store)
    cuts = Cuts(tmp_path / "p", key_store)
    if key_store:
        key_store.on_change = lambda what: cuts.take(f"key store {what}")
    with monkeypatch.context() as patched:
        patched.setattr(store_module, "WipeRoutine", partial(WipeRoutine, on_step=cuts.take))
        await store.wipe([1])
    await store.close()
    return cuts


async def test_a_power_cut_at_any_step_ends_in_a_completed_wipe(
    tmp_path: Path, key_store: FakeKeyStore | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = await cut_everywhere(tmp_path, key_store, monkeypatch)
    assert [step for step in cuts.copies if not step.startswith("key store")] == list(STEP_NAMES)
    assert ("key store put" in cuts.copies) == ("key store delete" in cuts.copies) == (key_store is not None)
    for step, (copy, keys) in cuts.copies.items():
        reports = Reports()
        vault, store = await reopened(copy, keys, reports)
        await check_completed(vault, store)
        assert len(reports.seen) == (0 if step in ("certified", "truncated") else 1), step
        assert all(report.remnants == () and report.counts["messages"] == 60 for report in reports.seen), step
        assert all(report.scanned["needles"] >= 60 and report.scanned["pages"] > 10 for report in reports.seen), step
        if keys:
            assert [name.split(".")[1] for name in keys.entries] == ["2"], step
        await store.close()


async def test_a_second_power_cut_during_the_completion_is_survived_too(
    tmp_path: Path, key_store: FakeKeyStore | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = await cut_everywhere(tmp_path, key_store, monkeypatch)
    for step in ("key_file_written", "switched"):
        copy, keys = cuts.copies[step]
        again = Cuts(copy, keys)
        with monkeypatch.context() as patched:
            patched.setattr(store_module, "WipeRoutine", partial(WipeRoutine, on_step=again.take))
            _, store = await reopened(copy, keys, Reports())
            await store.close()
        for second, second_keys in again.copies.values():
            vault, store = await reopened(second, second_keys, Reports())
            await check_completed(vault, store)
            await store.close()
