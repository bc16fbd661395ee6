import os
import sqlite3
import stat
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.system.paths import MOST_PATH_BYTES, data_folder, default_profile, private_folder, runtime_folder


def test_linux_follows_the_xdg_variable() -> None:
    assert data_folder({"XDG_DATA_HOME": "/data", "HOME": "/home/u"}, "linux") == Path("/data/byre")


def test_linux_ignores_a_relative_xdg_variable() -> None:
    assert data_folder({"XDG_DATA_HOME": "data", "HOME": "/home/u"}, "linux") == Path("/home/u/.local/share/byre")


def test_windows_uses_local_app_data() -> None:
    assert data_folder({"LOCALAPPDATA": "/local", "HOME": "/home/u"}, "win32") == Path("/local/Byre")


def test_mac_uses_application_support() -> None:
    assert data_folder({"HOME": "/Users/u"}, "darwin") == Path("/Users/u/Library/Application Support/Byre")


def test_the_two_roles_never_share_a_profile() -> None:
    env = {"HOME": "/home/u"}
    assert default_profile("primary", env, "linux") != default_profile("linked", env, "linux")


@pytest.mark.parametrize("value", ["", "run"])
def test_no_runtime_folder_without_an_absolute_variable(value: str) -> None:
    assert runtime_folder({"XDG_RUNTIME_DIR": value}, "linux") is None


def test_the_runtime_folder_is_our_own() -> None:
    assert runtime_folder({"XDG_RUNTIME_DIR": "/run/user/1"}, "linux") == Path("/run/user/1/byre")


def test_a_private_folder_is_its_owners_only(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    assert stat.S_IMODE(private_folder(tmp_path).stat().st_mode) == 0o700


def test_a_folder_that_everybody_shares_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    with pytest.raises(EnvironmentFault, match="shared with others") as caught:
        private_folder(tmp_path / "shared")
    assert caught.value.code == "no_folder"
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o1777
    assert private_folder(tmp_path / "shared" / "own").is_dir()


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault) as caught:
        private_folder(tmp_path / "file" / "profile")
    assert caught.value.code == "no_folder"


def test_a_path_that_sqlite_would_not_open_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    def folder(size_bytes: int) -> Path:
        made = tmp_path
        while (left := size_bytes - len(os.fsencode(made))) > 200:
            made = made / ("한" * 50)
        return made / ("x" * (left - 1))

    longest = private_folder(folder(MOST_PATH_BYTES))
    sqlite3.connect(longest / ("n" * 60)).close()
    with pytest.raises(EnvironmentFault, match="too long") as caught:
        private_folder(folder(MOST_PATH_BYTES + 1))
    assert caught.value.code == "no_folder"
    assert not folder(MOST_PATH_BYTES + 1).exists()
