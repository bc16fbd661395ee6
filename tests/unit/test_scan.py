"""`byre scan` as a command: what it asks for, prints and returns."""

from __future__ import annotations

import asyncio
import io
import json
import stat
from pathlib import Path

import pytest

from byre.__main__ import EXIT_USAGE, main
from tests.unit.store.wiped_profile import KEPT, profile_with_rooms


def _lines(*lines: str, encoding: str = "utf-8") -> io.TextIOWrapper:
    """A standard input as a session with that locale has it."""
    return io.TextIOWrapper(io.BytesIO("".join(f"{line}\n" for line in lines).encode(encoding)), encoding=encoding)


@pytest.fixture
async def profile(tmp_path: Path) -> Path:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    await store.wipe([1])
    await store.close()
    return tmp_path / "p"


@pytest.fixture(autouse=True)
def _typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", _lines("pass"))
    monkeypatch.setattr("byre.system.hardening.harden_process", lambda: None)


def test_a_clean_profile_gives_zero(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(profile)]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "byre: 0 remnants" in printed.err


def test_remnants_are_printed_by_name(profile: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (profile / "key.1").write_bytes(b"x" * 126)
    (tmp_path / "texts").write_text(f"{KEPT[5]}\n", encoding="utf-8")
    assert main(["scan", str(profile), "--json", "--look-for", str(tmp_path / "texts")]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed["remnants"][0] == "key.1 (old key file)"
    assert [place.endswith("(cell)") for place in printed["remnants"]] == [False, True]
    assert printed["scanned"]["pages"] > 10
    assert KEPT[5] not in json.dumps(printed, ensure_ascii=False)


def test_what_goes_as_the_profile_is_opened_is_named(profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (profile / "key.3").write_bytes(b"x" * 142)
    assert main(["scan", str(profile)]) == 1
    assert capsys.readouterr().out == "key.3 (left by a crash, removed now)\n"
    assert not (profile / "key.3").exists()


def test_a_wrong_passphrase_and_no_profile_are_usage(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", _lines("wrong"))
    assert main(["scan", str(profile)]) == EXIT_USAGE
    (tmp_path / "empty").mkdir()
    for words in (["none"], [str(tmp_path / "empty")], [str(profile), "--look-for", str(tmp_path / "none")]):
        assert main(["scan", *words]) == EXIT_USAGE
    codes = [line.rsplit("(", 1)[1] for line in capsys.readouterr().err.splitlines()]
    assert codes == ["wrong_passphrase)", "no_profile)", "no_profile)", "bad_file)"]


def test_a_folder_that_is_no_profile_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir(mode=0o755)
    (tmp_path / "photos" / "one.jpg").write_bytes(b"x")
    (tmp_path / "photos").chmod(0o755)
    assert main(["scan", str(tmp_path / "photos")]) == EXIT_USAGE
    assert stat.S_IMODE((tmp_path / "photos").stat().st_mode) == 0o755
    assert [each.name for each in (tmp_path / "photos").iterdir()] == ["one.jpg"]


async def test_a_passphrase_is_utf_8_whatever_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None, passphrase="외양간을 고치다")
    await store.close()
    typed = io.TextIOWrapper(io.BytesIO("외양간을 고치다\n".encode()), encoding="euc-kr")
    monkeypatch.setattr("sys.stdin", typed)
    assert await asyncio.to_thread(main, ["scan", str(tmp_path / "p")]) == 0
    monkeypatch.setattr("sys.stdin", _lines("외양간을 고치다", encoding="euc-kr"))
    assert await asyncio.to_thread(main, ["scan", str(tmp_path / "p")]) == EXIT_USAGE
    assert "not UTF-8. (bad_params)" in capsys.readouterr().err
