"""The mark of damage: what one run has met, the next one knows, and looks at again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.store import ProfileVault, VaultState, vault_profile
from byre.store.vault_profile import damage_mark
from tests.unit.store.profile import vault_at

PAGE = 4096


async def vault(folder: Path) -> ProfileVault:
    made = vault_at(folder, None)
    await made.create("pass")
    return made


async def refused(vault: ProfileVault) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        await vault.unlock("pass")
    return caught.value.code


def flip(folder: Path) -> None:
    raw = bytearray((folder / "store.1.db").read_bytes())
    raw[-PAGE + 500] ^= 1
    (folder / "store.1.db").write_bytes(raw)


async def test_what_was_met_is_known_after_a_restart(tmp_path: Path) -> None:
    first = await vault(tmp_path)
    assert not first.damage.is_known()
    first.damage.remember()
    first.lock()
    flip(tmp_path)
    again = vault_at(tmp_path, None)
    assert again.damage.is_known()
    assert again.state() is VaultState.LOCKED
    assert await refused(again) == "db_damaged"
    assert again.state() is VaultState.LOCKED
    await again.unlock("pass", to_salvage=True)


async def test_a_log_that_ends_too_soon_is_met_by_the_unlock_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How that is told: `test_log_check`."""
    first = await vault(tmp_path)
    first.lock()
    with monkeypatch.context() as patched:
        patched.setattr("byre.store.vault_damage.ends_too_soon", lambda path: path == tmp_path / "store.1.db")
        assert await refused(first) == "db_damaged"
    assert first.damage.is_known()
    await first.unlock("pass")
    assert not first.damage.is_known(), "it was put back"
    first.lock()


async def test_a_mark_without_damage_is_forgotten(tmp_path: Path) -> None:
    first = await vault(tmp_path)
    first.damage.remember()
    first.lock()
    await first.unlock("pass")
    assert not (tmp_path / "damaged.1").exists()
    first.lock()
    assert not first.damage.is_known()


async def test_a_locked_profile_remembers_nothing_and_a_full_disk_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await vault(tmp_path)

    def full(path: Path, data: bytes) -> None:
        raise EnvironmentFault("the disk is full", code="disk_full")

    with monkeypatch.context() as patched:
        patched.setattr(vault_profile, "write_durably", full)
        made.damage.remember()
    made.lock()
    made.damage.remember()
    assert not made.damage.is_known()


async def test_what_lies_there_tells_without_a_key(tmp_path: Path) -> None:
    made = await vault(tmp_path)
    made.lock()
    for name in ("manifest", "key.1", "store.1.db"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        assert made.damage.is_known(), name
        (tmp_path / name).mkdir()
        assert made.damage.is_known(), name
        (tmp_path / name).rmdir()
        os.mkfifo(tmp_path / name)
        assert made.damage.is_known(), name  # and does not wait for somebody to write
        (tmp_path / name).unlink()
        (tmp_path / name).write_bytes(b"")
        assert made.damage.is_known(), name
        (tmp_path / name).write_bytes(whole)
    assert not made.damage.is_known()
    (tmp_path / "destroying").write_bytes(b"")
    assert not made.damage.is_known()  # it counts as new


async def test_a_mark_names_only_what_a_salvage_moves(tmp_path: Path) -> None:
    made = await vault(tmp_path)
    files = made._files
    assert damage_mark(files, 1) is None
    for text, read in ((b"", ""), (b"damaged.1.2.db", "damaged.1.2.db"), (b"../manifest", ""), (b"\xff", "")):
        (tmp_path / "damaged.1").write_bytes(text)
        assert damage_mark(files, 1) == read
    await made.destroy()
    assert not (tmp_path / "damaged.1").exists()
