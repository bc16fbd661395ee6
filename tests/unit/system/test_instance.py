import subprocess
import sys
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.system.instance import LOCK_NAME, ProfileLock

HOLD = """
import pathlib, sys
from byre.system.instance import ProfileLock
lock = ProfileLock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_lock_on_one_profile_is_refused(tmp_path: Path) -> None:
    with ProfileLock(tmp_path), pytest.raises(EnvironmentFault) as caught:
        ProfileLock(tmp_path)
    assert caught.value.code == "profile_in_use"


def test_a_released_profile_can_be_taken_again(tmp_path: Path) -> None:
    lock = ProfileLock(tmp_path)
    lock.release()
    lock.release()
    ProfileLock(tmp_path).release()


def test_two_profiles_do_not_disturb_each_other(tmp_path: Path) -> None:
    with ProfileLock(tmp_path / "a"), ProfileLock(tmp_path / "b"):
        assert (tmp_path / "b" / LOCK_NAME).exists()


def test_another_process_holds_and_its_death_releases(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(EnvironmentFault):
            ProfileLock(tmp_path)
        holder.kill()
    ProfileLock(tmp_path).release()


def test_an_unusable_profile_is_said(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).mkdir()
    with pytest.raises(EnvironmentFault) as caught:
        ProfileLock(tmp_path)
    assert caught.value.code == "no_folder"
