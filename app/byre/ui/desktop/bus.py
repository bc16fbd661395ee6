"""The desktop's D-Bus, where there is one: signals of a locked screen, the sleep that waits, notifications.

QtDBus is loaded on first use. Everything here may be missing (Windows, macOS, a bare X server): the callers go on
without it. Python's integers become int32 in QtDBus, which `org.freedesktop.Notifications` refuses (it wants uint32);
the portal's interface has strings and variants only.
"""

from __future__ import annotations

import logging
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusPendingCallWatcher,
    QDBusUnixFileDescriptor,
)

PORTAL = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Notification")
SCREEN_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.kde.screensaver")
SLEEP = ("org.freedesktop.login1.Manager", "PrepareForSleep")
LOGIN = ("org.freedesktop.login1", "/org/freedesktop/login1", SLEEP[0])
LOCK = ("org.freedesktop.login1.Session", "Lock")
_TOLD: Any = SLOT("told(QDBusMessage)")
_INVOKED: Any = SLOT("invoked(QDBusMessage)")
"""Strings: the stubs of PySide6 say bytes, its code refuses them."""
_log = logging.getLogger("byre.ui")


class ScreenSignals(QObject):
    """`locked` when the screen was locked or the machine is about to sleep."""

    locked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        session, system = QDBusConnection.sessionBus(), QDBusConnection.systemBus()
        if session.isConnected():
            for name in SCREEN_SAVERS:
                session.connect("", "", name, "ActiveChanged", self, _TOLD)
        if system.isConnected():
            system.connect("", "", *SLEEP, self, _TOLD)
            system.connect("", "", *LOCK, self, _TOLD)

    @Slot(QDBusMessage)
    def told(self, message: QDBusMessage) -> None:
        """A signal of the desktop; one that ends a lock or a sleep has False as its argument."""
        arguments = message.arguments()
        if not arguments or arguments[0] is not False:
            self.locked.emit()


class SleepDelay(QObject):
    """Lets the machine sleep only once the lock is done: what sleeps unlocked keeps texts and the key in its memory.

    login1 waits, for seconds, for whoever holds a `delay`. This one ends with the process, which begins anew at each
    lock, or by `release`. Where there is no login1 nothing is held.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: QDBusUnixFileDescriptor | None = None
        self._asked: QDBusPendingCallWatcher | None = None

    def take(self, why: str) -> None:
        """Ask for the delay, unless it is held; `why` is what the system may show."""
        bus = QDBusConnection.systemBus()
        if self._held is not None or self._asked is not None or not bus.isConnected():
            return
        call = QDBusMessage.createMethodCall(*LOGIN, "Inhibit")
        call.setArguments(["sleep", "Byre", why, "delay"])
        self._asked = QDBusPendingCallWatcher(bus.asyncCall(call), self)
        self._asked.finished.connect(self._answered)

    def release(self) -> None:
        """There is nothing to lock any more, or it is not wished: the machine sleeps at once."""
        self._held = self._asked = None

    def _answered(self, watcher: QDBusPendingCallWatcher) -> None:
        watcher.deleteLater()  # its answer holds the delay, too
        if watcher is not self._asked:
            return
        self._asked = None
        arguments = [] if watcher.isError() else watcher.reply().arguments()
        if arguments and isinstance(arguments[0], QDBusUnixFileDescriptor):
            self._held = arguments[0]


class PortalNotifications(QObject):
    """Notifications through the desktop portal. `opened(id)` when the user clicks one."""

    opened = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bus = QDBusConnection.sessionBus()
        self.is_there = False
        if self._bus.isConnected():
            interface = self._bus.interface()
            self.is_there = bool(interface.isServiceRegistered(PORTAL[0]).value())
            self._bus.connect("", PORTAL[1], PORTAL[2], "ActionInvoked", self, _INVOKED)

    def show(self, key: str, title: str, body: str) -> None:
        """Show, or replace, the notification `key`."""
        fields = {"title": title, "body": body, "default-action": "open", "priority": "normal"}
        self._call("AddNotification", [key, fields])

    def withdraw(self, key: str) -> None:
        """Take it away again."""
        self._call("RemoveNotification", [key])

    @Slot(QDBusMessage)
    def invoked(self, message: QDBusMessage) -> None:
        """The user acted on a notification."""
        arguments = message.arguments()
        if arguments and isinstance(arguments[0], str):
            self.opened.emit(arguments[0])

    def _call(self, method: str, arguments: list[object]) -> None:
        call = QDBusMessage.createMethodCall(*PORTAL, method)
        call.setArguments(arguments)
        if not self._bus.send(call):
            _log.info("the desktop took no notification")
