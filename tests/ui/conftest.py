"""The window under test: fake engine, offscreen, no clock, no sleeps. Qt's own messages fail a test.

The window needs only a running asyncio loop; `settle` turns both loops until nothing happens any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QtMsgType
from PySide6.QtGui import QFontDatabase, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QWidget
from pytestqt.qtbot import QtBot

from byre.client.views import ProfileState, Role
from byre.ui.automation import Automation
from byre.ui.bridge import Bridge
from byre.ui.composer import Composer
from byre.ui.desktop.own_window import OwnRoomWindow
from byre.ui.i18n import Language
from byre.ui.look import Look, Theme
from byre.ui.main_window import MainWindow
from byre.ui.messenger import Messenger
from byre.ui.options import WindowOptions
from byre.ui.resources import resources_folder
from byre.ui.room.composer_bar import EmojiPopup
from byre.ui.transcript.view import Transcript
from tests.fakes.engine import FakeEngine

ROUNDS = 12


@pytest.fixture(autouse=True, scope="session")
def _fonts_once() -> Iterator[None]:
    """Register each font file once: a program has one `Look`, and hundreds of them fill Qt's list of fonts."""
    found: dict[str, int] = {}

    class Fonts:
        @staticmethod
        def addApplicationFont(path: str) -> int:
            if path not in found:
                found[path] = QFontDatabase.addApplicationFont(path)
            return found[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("byre.ui.look.QFontDatabase", Fonts)
        yield


class _Windows(QObject):
    """Notes every top-level window that shows up and is not the window under test."""

    def __init__(self) -> None:
        super().__init__()
        self.strays: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            allowed = (MainWindow, OwnRoomWindow, QMenu, QFileDialog, EmojiPopup)
            if not isinstance(watched, allowed) and watched.objectName() != "under test":
                self.strays.append(type(watched).__name__)
        return False


@pytest.fixture
def _no_stray_windows(qapp: QApplication) -> Iterator[None]:
    """A widget that is shown before it has a parent flashes up as a window and takes the focus."""
    watcher = _Windows()
    qapp.installEventFilter(watcher)
    yield
    qapp.removeEventFilter(watcher)
    assert watcher.strays == []


@pytest.fixture(autouse=True)
def _no_qt_messages(qtlog: Any) -> Iterator[None]:
    """A warning of Qt is a bug of ours."""
    yield
    bad = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    offscreen = (
        "This plugin does not support",
        "QObject::connect: No such signal QPlatformNativeInterface::systemTray",
    )
    messages = [r.message for r in qtlog.records if r.type in bad and not r.message.startswith(offscreen)]
    assert messages == [], f"Qt said: {messages}"


async def settle(rounds: int = ROUNDS) -> None:
    """Turn asyncio and Qt until intents are carried out and frames painted."""
    for _ in range(rounds):
        await asyncio.sleep(0)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


@dataclass
class Stage:
    """A window with its engine."""

    window: MainWindow
    engine: FakeEngine
    bridge: Bridge
    automation: Automation

    @property
    def messenger(self) -> Messenger:
        assert self.window.messenger is not None
        return self.window.messenger

    @property
    def composer(self) -> Composer:
        return self.messenger.room_pane.composer_bar.composer

    def words(self) -> list[str]:
        """All sentences that are in sight."""
        return [label.text() for label in self.window.findChildren(QLabel) if label.isVisible()]

    async def open(self, title: str) -> None:
        self.messenger.open_room(self.engine.room(title))
        await settle()


Build = Callable[..., Awaitable[Stage]]


@pytest.fixture
async def build(qapp: QApplication, _no_stray_windows: None) -> AsyncIterator[Build]:
    """Opens windows and closes them in order."""
    stages: list[Stage] = []

    async def make(
        engine: FakeEngine | None = None, *, width: int = 1280, height: int = 820, theme: Theme = "light",
        language: Language = "ko", role_hint: str = "linked", relay: str | None = "https://relay.example",
    ) -> Stage:  # fmt: skip
        made = engine or FakeEngine()
        look = Look(resources_folder(), theme=theme, language=language)
        look.now_ms = lambda: made.now_ms  # type: ignore[method-assign]
        options = WindowOptions(role_hint=role_hint, width=width, height=height, relay=relay, device_name="거실 PC")
        window = MainWindow(look, options)
        automation = Automation(window)
        window.show()
        window.activateWindow()
        await settle(2)
        window.windowHandle().requestActivate()
        await settle(2)
        bridge = Bridge(made)
        await made.start()
        window.attach(bridge)
        stage = Stage(window, made, bridge, automation)
        stages.append(stage)
        if window.messenger is not None:
            window.messenger.listing.timer.setInterval(0)
            window.messenger.room_pane.reading.timer.setInterval(0)
            window.messenger.room_pane.window_model.reload_timer.setInterval(0)
        await settle()
        return stage

    yield make
    for stage in stages:
        stage.window.close()
        await stage.bridge.idle()
        await stage.bridge.close()
        stage.window.may_close = True
        stage.window.close()
        stage.window.look.close()
        stage.window.deleteLater()
    await settle(3)


@pytest.fixture
async def stage(build: Build) -> Stage:
    """A linked PC with the sample rooms."""
    return await build()


@pytest.fixture
def phone_engine() -> FakeEngine:
    return FakeEngine(role=Role.PRIMARY)


@pytest.fixture
def new_engine() -> FakeEngine:
    return FakeEngine(state=ProfileState.NEW, sample=False)


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Look]:
    made = Look(resources_folder(), theme="light", language="ko")
    yield made
    made.close()


@pytest.fixture
def view(qtbot: QtBot, look: Look) -> Transcript:
    """A transcript that shows nothing yet."""
    made = Transcript(look)
    made.setObjectName("under test")
    qtbot.addWidget(made)
    made.resize(760, 600)
    made.show()
    QApplication.processEvents()
    return made


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return tmp_path


def preedit(widget: QWidget, text: str, commit: str = "") -> None:
    """What an input method sends."""
    event = QInputMethodEvent(text, [])
    if commit:
        event.setCommitString(commit)
    QApplication.sendEvent(widget, event)


def compose_annyeong(widget: QWidget, *, finish: bool = False) -> None:
    """안녕 as a Korean input method sends it."""
    for text in ("ㅇ", "아", "안"):
        preedit(widget, text)
    preedit(widget, "ㄴ", commit="안")
    preedit(widget, "녀")
    preedit(widget, "녕")
    if finish:
        preedit(widget, "", commit="녕")
