"""The desktop's D-Bus, on a bus of its own: signals of a locked screen, and notifications through the portal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEARD = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, QProcess, QTimer
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from byre.ui.desktop.bus import PORTAL, PortalNotifications, ScreenSignals

app = QCoreApplication([])
owner = QObject()
bus = QDBusConnection.sessionBus()

assert bus.registerService(PORTAL[0])
portal = PortalNotifications(owner)
assert portal.is_there
portal.opened.connect(lambda key: print("opened", key, flush=True))
screen = ScreenSignals(owner)
screen.locked.connect(lambda: print("locked", flush=True))

def signal(path, interface, member, *arguments):
    message = QDBusMessage.createSignal(path, interface, member)
    message.setArguments(list(arguments))
    assert bus.send(message)

signal("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", True)
signal("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", False)
signal("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", True)
signal(PORTAL[1], PORTAL[2], "ActionInvoked", "room", "open", "")
portal.show("room", "Byre", "New message")
portal.withdraw("room")
QTimer.singleShot(600, app.quit)
app.exec()
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="no dbus-run-session here")
def test_screen_lock_and_clicked_notification_are_heard() -> None:
    done = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-c", HEARD],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")) == sorted(["locked", "locked", "opened room", ""])


DELAYED = """
import os, select
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QTimer, Slot
from PySide6.QtDBus import QDBusConnection, QDBusUnixFileDescriptor
from byre.ui.desktop.bus import LOGIN, SleepDelay

app = QCoreApplication([])
reading, writing = os.pipe()

@ClassInfo({"D-Bus Interface": LOGIN[2]})
class Manager(QObject):
    @Slot(str, str, str, str, result=QDBusUnixFileDescriptor)
    def Inhibit(self, *asked):
        print(*asked, flush=True)
        return QDBusUnixFileDescriptor(writing)

def is_held():
    return not select.select([reading], [], [], 0)[0]

manager = Manager()
own = QDBusConnection.connectToBus(os.environ["DBUS_SYSTEM_BUS_ADDRESS"], "login1")
assert own.registerService(LOGIN[0])
assert own.registerObject(LOGIN[1], manager, QDBusConnection.RegisterOption.ExportAllSlots)
delay = SleepDelay(manager)
delay.take("Locks first")
delay.take("Locks first")

def look():
    if delay._held is not None:
        os.close(writing)
        print("held", is_held(), flush=True)
        delay.release()
    elif delay._asked is None and not is_held():
        print("held", False, flush=True)
        app.quit()

timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
QTimer.singleShot(30_000, app.quit)
app.exec()
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="no dbus-run-session here")
def test_sleep_waits_until_it_is_released() -> None:
    on_it = 'DBUS_SYSTEM_BUS_ADDRESS="$DBUS_SESSION_BUS_ADDRESS" exec "$0" -c "$1"'
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", on_it, sys.executable, DELAYED],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["sleep Byre Locks first delay", "held True", "held False", ""]
