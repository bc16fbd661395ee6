import asyncio
import stat
from pathlib import Path

import pytest

from byre.errors import PeerError
from byre.system.handover import MAX_LINK_BYTES, LinkListener, hand_over, parse_link_line, socket_path

LINK = "byre://link#AAEC"


async def test_a_link_reaches_the_running_instance(tmp_path: Path) -> None:
    got: list[str] = []
    path = socket_path(tmp_path / "profile", tmp_path / "run")
    assert path is not None
    listener = LinkListener(path, got.append)
    await listener.start()
    try:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert await asyncio.to_thread(hand_over, tmp_path / "profile", LINK, tmp_path / "run")
    finally:
        await listener.stop()
    assert got == [LINK]
    assert not path.exists()


async def test_a_foreign_line_is_not_answered(tmp_path: Path) -> None:
    got: list[str] = []
    path = tmp_path / "run" / "s.sock"
    listener = LinkListener(path, got.append)
    await listener.start()
    try:
        for line in (b"https://example.org\n", b"\xff\n", b"byre://" + b"a" * 2 * MAX_LINK_BYTES + b"\n", b""):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(line)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
    finally:
        await listener.stop()
    assert got == []


async def test_a_dead_socket_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run" / "s.sock"
    path.parent.mkdir()
    path.write_text("left behind")
    listener = LinkListener(path, lambda link: None)
    await listener.start()
    await listener.stop()


@pytest.mark.parametrize("folder", ["l" * 120, "file"])
async def test_a_folder_that_takes_no_socket_stops_nobody(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("in the way")
    path = socket_path(tmp_path / "profile", tmp_path / folder)
    assert path is not None
    listener = LinkListener(path, lambda link: None)
    await listener.start()
    assert not await asyncio.to_thread(hand_over, tmp_path / "profile", LINK, tmp_path / folder)
    await listener.stop()


def test_nobody_listens(tmp_path: Path) -> None:
    assert not hand_over(tmp_path / "profile", LINK, tmp_path / "run")


def test_without_a_runtime_folder_nothing_is_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert not hand_over(tmp_path, LINK)


def test_every_profile_has_its_own_socket(tmp_path: Path) -> None:
    assert socket_path(tmp_path / "a", tmp_path) != socket_path(tmp_path / "b", tmp_path)


def test_a_link_line_loses_its_newline() -> None:
    assert parse_link_line(LINK.encode() + b"\r\n") == LINK


@pytest.mark.parametrize(
    "line", [b"", b"byre:/x", b"byre://\x00", "byre://é".encode(), b"byre://" + b"a" * MAX_LINK_BYTES]
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(PeerError) as caught:
        parse_link_line(line)
    assert caught.value.code == "malformed"
