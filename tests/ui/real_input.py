"""A person typing Hangul: a real X server, ibus-hangul and xdotool's fingers; `python -m tests.ui.real_input` plays it.

Needs Xvfb, dbus-run-session, ibus with ibus-hangul, and xdotool (Debian: xvfb dbus-x11 ibus ibus-hangul xdotool). The
last line that it prints is one JSON object: what each act sent or left in the composer. `test_real_input.py` runs it
where they are installed.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAMS = ("Xvfb", "dbus-run-session", "ibus-daemon", "ibus", "xdotool")
ENGINE = Path("/usr/share/ibus/component/hangul.xml")
DEADLINE_S = 20.0
ANNYEONG = ("d", "k", "s", "s", "u", "d")
INSIDE = "BYRE_REAL_INPUT_INSIDE"


def is_installed() -> bool:
    """Whether everything is there."""
    return all(shutil.which(program) for program in PROGRAMS) and ENGINE.is_file()


def press(*keys: str) -> None:
    """One key after the other, as fast as a fast typist."""
    subprocess.run(["xdotool", "key", "--delay", "30", *keys], check=True)


def until(what: Callable[[], bool]) -> bool:
    """Wait for foreign processes, until a deadline."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


class Typist:
    """Plays from a thread; every look at the window is carried out in the window's loop."""

    def __init__(self, opened: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._opened, self._loop = opened, loop
        self.told: dict[str, object] = {}
        self._room = opened.engine.room("엄마")

    def ask(self, look: Callable[[], object]) -> Any:
        async def looked() -> object:
            return look()

        return asyncio.run_coroutine_threadsafe(looked(), self._loop).result(DEADLINE_S)

    @property
    def composer(self) -> Any:
        return self._opened.messenger.room_pane.composer_bar.composer

    def state(self) -> tuple[str, str]:
        return self.ask(lambda: (self.composer.toPlainText(), self.composer._preedit))  # type: ignore[no-any-return]

    def sent(self) -> list[str]:
        return self.ask(lambda: self._opened.engine.texts(self._room)[1:])  # type: ignore[no-any-return]

    def act(self, name: str, play: Callable[[], None], expected: str) -> None:
        """Do something that sends one message; tell what arrived, once and exactly."""
        before = len(self.sent())
        play()
        until(lambda: len(self.sent()) > before and self.state() == ("", ""))
        time.sleep(0.3)  # a late second commit would show up now
        self.told[name] = {"sent": self.sent()[before:], "left": self.state(), "expected": expected}

    def write(self, *keys: str) -> None:
        """Type and wait until the input method has answered."""
        before = self.state()
        press(*keys)
        until(lambda: self.state() != before and self.state()[1] != "")

    def hangul(self) -> None:
        """Switch the method to Hangul; where it is so already, back and forth again."""
        for _ in range(4):
            press("Hangul", "r")
            until(lambda: self.state() != ("", ""))
            plain, _preedit = self.state()
            press("BackSpace")
            until(lambda: self.state() == ("", ""))
            if not plain:
                return

    def play(self) -> None:
        window = int(self.ask(self._opened.window.winId))
        subprocess.run(["xdotool", "windowfocus", "--sync", str(window)], check=True)
        until(lambda: self.ask(self.composer.hasFocus))
        subprocess.run(["ibus", "engine", "hangul"], check=True)
        self.hangul()
        self.act("enter", lambda: (self.write(*ANNYEONG), press("Return"))[0], "안녕")
        self.act("enter twice", lambda: (self.write(*ANNYEONG), press("Return", "Return"))[0], "안녕")
        self.act("space", lambda: (self.write(*ANNYEONG, "space", "g", "k"), press("Return"))[0], "안녕 하")
        self.act("click", self._click, "안녕")
        self.act("arrow", lambda: (self.write("d", "k", "s", "Left", "s", "u", "d"), press("Return"))[0], "녕안")
        self.act(
            "new line", lambda: (self.write("d", "k", "s", "shift+Return", "s", "u", "d"), press("Return"))[0], "안\n녕"
        )
        self.act("backspace", lambda: (self.write("d", "k", "s", "BackSpace"), press("Return"))[0], "아")
        self._switch()
        self.act("after the switch", lambda: press("Return"), "안녕")
        self._escape()

    def _composed(self) -> None:
        """Type, and wait until the method has answered every key: what is no key overtakes those it still has."""
        self.write(*ANNYEONG)
        until(lambda: self.state() == ("안", "녕"))

    def _click(self) -> None:
        self._composed()
        button = self._opened.messenger.room_pane.composer_bar.send_button
        place = self.ask(lambda: button.mapToGlobal(button.rect().center()))
        subprocess.run(["xdotool", "mousemove", "--sync", str(place.x()), str(place.y()), "click", "1"], check=True)

    def _switch(self) -> None:
        self._composed()
        for title in ("Mia Chen", "엄마"):
            self.ask(lambda room=title: self._opened.messenger.open_room(self._opened.engine.room(room)))
            until(lambda room=title: self.ask(lambda: self._shown() == room))
        until(lambda: self.state() == ("안녕", ""))
        self.told["room switch"] = {"left": self.state(), "expected": "안녕"}

    def _shown(self) -> str:
        room = self._opened.messenger.room_pane.room
        return room.title if room is not None else ""

    def _escape(self) -> None:
        self.write("d", "k", "s")
        press("Escape")
        until(lambda: self.state() == ("안", ""))
        self.told["escape"] = {"left": self.state(), "expected": "안"}


def inside() -> None:
    """The window and the typist, in one process; the bus and the X server are there."""
    import qasync
    from PySide6.QtWidgets import QApplication

    from tests.ui.scenes import Scene, nothing, open_scene

    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)

    async def main() -> dict[str, object]:
        opened = await open_scene(Scene("typed", nothing, size=(900, 600)))
        opened.messenger.open_room(opened.engine.room("엄마"))
        await asyncio.sleep(0.3)
        opened.window.activateWindow()
        opened.messenger.room_pane.composer_bar.composer.setFocus()
        typist = Typist(opened, asyncio.get_running_loop())
        over, loop = asyncio.Event(), asyncio.get_running_loop()

        def play() -> None:
            try:
                typist.play()
            finally:
                loop.call_soon_threadsafe(over.set)

        threading.Thread(target=play, daemon=True).start()
        await over.wait()
        return typist.told

    loop = qasync.QEventLoop(application)
    with loop:
        print(json.dumps(loop.run_until_complete(main()), ensure_ascii=False), flush=True)
    os._exit(0)


def session() -> None:
    """X server and input method around `inside`."""
    with tempfile.TemporaryDirectory() as home:
        runtime = Path(home) / "run"
        runtime.mkdir(mode=0o700)
        read, write = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1000x700x24"], pass_fds=(write,),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        display = ":" + os.read(read, 16).decode().strip()
        env = {
            **os.environ, "DISPLAY": display, "HOME": home, "XDG_RUNTIME_DIR": str(runtime), "QT_IM_MODULE": "ibus",
            "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8", INSIDE: "1",
        }  # fmt: skip
        method = subprocess.Popen(
            ["ibus-daemon", "--panel", "disable", "--desktop", "byre"], env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            ready = ["ibus", "engine", "hangul"]
            until(lambda: subprocess.run(ready, env=env, capture_output=True, check=False).returncode == 0)
            subprocess.run([sys.executable, "-m", "tests.ui.real_input"], env=env, check=True, timeout=90)
        finally:
            for child in (method, server):
                child.terminate()
                child.wait(5)


def main() -> None:
    if os.environ.get(INSIDE) == "1":
        inside()
    elif os.environ.get(INSIDE) == "bus":
        session()
    elif not is_installed():
        sys.exit(f"needs {', '.join(PROGRAMS)} and ibus-hangul")
    else:
        env = {**os.environ, INSIDE: "bus"}
        command = ["dbus-run-session", "--", sys.executable, "-m", "tests.ui.real_input"]
        sys.exit(subprocess.run(command, env=env, check=False).returncode)


if __name__ == "__main__":
    main()
