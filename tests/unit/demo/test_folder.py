"""The demo's folder: removed at the end, kept after a failure, swept after a kill."""

from __future__ import annotations

from pathlib import Path

from byre.demo.folder import DemoFolder, sweep


def test_a_folder_goes_with_its_demo_unless_it_is_kept(tmp_path: Path) -> None:
    first, second = DemoFolder(tmp_path), DemoFolder(tmp_path)
    assert first.path.stat().st_mode & 0o777 == 0o700
    second.keep()
    for folder in (first, second):
        (folder.path / "log").write_text("x")
        folder.close()
    assert list(tmp_path.iterdir()) == [second.path]
    assert sweep(tmp_path) == 0
    assert (second.path / "log").exists()


def test_what_a_killed_demo_left_is_swept_and_a_running_one_is_not(tmp_path: Path) -> None:
    killed, running = DemoFolder(tmp_path), DemoFolder(tmp_path)
    (killed.path / "profile").mkdir()
    killed._lock.release()  # as its death does
    assert sweep(tmp_path) == 1
    assert not killed.path.exists()
    assert running.path.exists()
    running.close()


def test_only_a_demos_own_folder_is_swept(tmp_path: Path) -> None:
    (tmp_path / "byre-demo-file").write_text("x")
    (tmp_path / "byre-demo-without-lock").mkdir(mode=0o700)
    (tmp_path / "other").mkdir()
    (tmp_path / "byre-demo-link").symlink_to(tmp_path / "other")
    assert sweep(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == 4
