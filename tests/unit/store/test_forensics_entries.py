"""Nothing in a profile's folder is passed over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from byre.store.forensics_entries import CLOSED, EMPTY, FILE, LINK, OTHER, entries_below


def test_every_kind_of_entry_is_named_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("closed", "empty", "sub/deep", "vanished"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "sub" / "deep" / "f").write_bytes(b"")
    (tmp_path / "sub" / "link").symlink_to(tmp_path / "empty")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    real = os.scandir

    def refused(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError
        if path.name == "vanished":
            raise FileNotFoundError
        return real(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert [(entry.name, entry.kind) for entry in entries_below(tmp_path)] == [
        ("a", FILE),
        ("closed", CLOSED),
        ("dangling", LINK),
        ("empty", EMPTY),
        ("pipe", OTHER),
        ("sub/deep/f", FILE),
        ("sub/link", LINK),
    ]
    assert next(entries_below(tmp_path)).path == tmp_path / "a"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(entries_below(tmp_path / "none"))
