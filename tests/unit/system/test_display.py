"""A session without a screen is told so, before Qt ends the process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.system.display import require_display


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Path]:
    """A socket that takes connections."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "screen-0"))
        listening.listen()
        yield tmp_path / "screen-0"


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DISPLAY": "", "WAYLAND_DISPLAY": ""},
        {"DISPLAY": ":64999"},
        {"DISPLAY": "unix:64999.0"},
        {"DISPLAY": "127.0.0.1:59000"},
        {"DISPLAY": "nonsense"},
        {"DISPLAY": "a:99999"},
        {"DISPLAY": "/nowhere/X0"},
        {"WAYLAND_DISPLAY": "wayland-0"},
        {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": "/nowhere", "DISPLAY": ":64999"},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "wayland;xcb"},
    ],
)
def test_no_screen_that_answers_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(EnvironmentFault) as refused:
        require_display(environment, platform="linux")
    assert refused.value.code == "no_display"


def test_a_screen_that_answers_is_enough(screen: Path) -> None:
    require_display({"DISPLAY": str(screen)}, platform="linux")
    wayland = {"WAYLAND_DISPLAY": screen.name, "XDG_RUNTIME_DIR": str(screen.parent)}
    require_display(wayland, platform="linux")
    require_display({**wayland, "DISPLAY": ":64999"}, platform="linux")
    require_display({"WAYLAND_DISPLAY": "gone", "DISPLAY": str(screen)}, platform="linux")


def test_an_x_server_across_the_network_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setattr("byre.system.display._X_PORT", listening.getsockname()[1] - 10)
        require_display({"DISPLAY": "127.0.0.1:10.0"}, platform="linux")


def test_only_a_screen_of_the_kind_that_is_asked_for_counts(screen: Path) -> None:
    runtime = {"XDG_RUNTIME_DIR": str(screen.parent)}
    only_x = {**runtime, "DISPLAY": str(screen), "WAYLAND_DISPLAY": "gone"}
    only_wayland = {**runtime, "DISPLAY": ":64999", "WAYLAND_DISPLAY": screen.name}
    for environment, kinds in (
        (only_x, ("xcb", "wayland;xcb")),
        (only_wayland, ("wayland", "wayland-egl", "xcb;wayland")),
    ):
        for kind in kinds:
            require_display({**environment, "QT_QPA_PLATFORM": kind}, platform="linux")
    for environment, kind in ((only_x, "wayland"), (only_x, "wayland-egl;wayland"), (only_wayland, "xcb")):
        with pytest.raises(EnvironmentFault, match=kind) as refused:
            require_display({**environment, "QT_QPA_PLATFORM": kind}, platform="linux")
        assert refused.value.code == "no_display"
    require_display({**only_x, "QT_QPA_PLATFORM": "wayland;offscreen"}, platform="linux")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_have_a_screen(platform: str) -> None:
    require_display({}, platform=platform)


@pytest.mark.parametrize("name", ["offscreen", "minimal", "vnc:size=1x1", "eglfs"])
def test_what_needs_no_screen_is_left_to_qt(name: str) -> None:
    require_display({"QT_QPA_PLATFORM": name}, platform="linux")
