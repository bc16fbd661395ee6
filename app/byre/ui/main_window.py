"""The window: chooses the page for the profile's state, answers what pages ask for, closes in order."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.options import WindowOptions
from byre.ui.pages.starting import StartingPage
from byre.ui.painting import avatar_index
from byre.ui.plain import one_line, shown_name
from byre.ui.sentences import error_sentence
from byre.ui.stylesheet import stylesheet
from byre.ui.widgets.notice import Notice

if TYPE_CHECKING:  # at run time they come with `parts`, after the first paint
    from byre.client.views import Status
    from byre.ui.asking import Asking
    from byre.ui.bridge import Bridge
    from byre.ui.copying import Copying
    from byre.ui.desktop.desktop import Desktop
    from byre.ui.erasing import Erasing
    from byre.ui.locking import Locking
    from byre.ui.messenger import Messenger
    from byre.ui.onboarding import Onboarding
    from byre.ui.phone_linking import PhoneLinking
    from byre.ui.preferences import Preferences
    from byre.ui.removal import Removal
    from byre.ui.wiping import Wiping


class MainWindow(QWidget):
    """One profile's window. `first_painted` once, `page_shown(name)`, `shown(message_id, room_id, ns)`."""

    first_painted = Signal()
    page_shown = Signal(str)
    shown = Signal(str, str, object)
    asking: Asking
    erasing: Erasing
    copying: Copying
    locking: Locking
    """These from `attach` on."""

    def __init__(self, look: Look, options: WindowOptions) -> None:
        super().__init__()
        self.look, self.options = look, options
        look.on_phone = options.role_hint == "primary"
        self.closed = asyncio.Event()
        self.may_close = False
        self.page_name = "starting"
        self.bridge: Bridge | None = None
        self.onboarding: Onboarding | None = None
        self.messenger: Messenger | None = None
        self.wiping: Wiping | None = None
        self.phone: PhoneLinking | None = None
        self.removal: Removal | None = None
        self.preferences: Preferences | None = None
        self.desktop: Desktop | None = None
        self._painted = False
        self._titled, self._unread = "", 0
        self.setObjectName("window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.resize(options.width, options.height)
        self.setMinimumSize(360, 440)  # a screen of 1080 at 200 % has no more than 500 for it
        self.setWindowIcon(QIcon(look.logo(64)))
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.starting = StartingPage(look)
        self._stack.addWidget(self.starting)
        self.notice = Notice(look, self)
        look.live(self, self._dress)

    # -- life

    def attach(self, bridge: Bridge) -> None:
        """Follow an engine; shows the page of its state."""
        from byre.ui import parts

        self.bridge = bridge
        if self.windowHandle() is not None:
            parts.InputWatch(self.look, self.windowHandle())
        self.asking = parts.Asking(self.look, self)
        self.preferences = parts.Preferences(self.look, bridge)
        self.desktop = parts.Desktop(self.look, bridge, self.preferences, self)
        self.desktop.lock.connect(self.lock_now)
        self.desktop.quit.connect(self.quit)
        self.desktop.raised.connect(self.bring)
        self.desktop.toggled.connect(lambda: self.hide() if self.isVisible() else self.bring())
        bridge.rarer.connect(self._happened)
        bridge.failed.connect(self.fail)
        parts.News(bridge, self).said.connect(self.notice.tell)
        self.wiping = parts.Wiping(self.look, bridge, self.asking, self)
        self.wiping.said.connect(self.notice.tell)
        self.erasing = parts.Erasing(self.look, bridge, self.asking, self.wiping, self)
        self.copying = parts.Copying(self.look, bridge, self.asking, self, self.options.relay)
        self.copying.opened.connect(self._try_again)
        self.copying.said.connect(self.notice.tell)
        self.locking = parts.Locking(self.look, bridge, self.asking, self.copying, self)
        self.locking.changed.connect(self.refresh)
        self.locking.overdue.connect(lambda: self._show(self.locking.made_page(), "lock"))
        self.refresh()

    def refresh(self) -> None:
        """Show the page that the status asks for."""
        from byre.ui import parts

        bridge = self.bridge
        if bridge is None:
            return
        page = parts.page_for(bridge.engine.account.status(), self.options.role_hint)
        if page == "chats":
            if self.locking.is_under_way or (self.onboarding is not None and self.onboarding.is_holding):
                return
            self._show_messenger()
        elif page == "removed" and self.onboarding is None:
            self._show_removed()
        elif page == "lock":
            self._show_lock()
        else:
            self._show_onboarding()

    def fail(self, code: str) -> None:
        """Say what went wrong."""
        self.notice.tell(error_sentence(code))

    def open_link(self, uri: str) -> None:
        """A `byre://` link from outside: raises the window; one of a PC opens the phone's page, unread."""
        self.bring()
        status = self.bridge.engine.account.status() if self.bridge is not None else None
        if uri == "byre://show":  # a second start without a link
            return
        if not uri.startswith(("byre://link#", "byre://key#")):
            self.notice.tell(error_sentence("bad_link"))
        elif self.messenger is not None and status is not None and status.role == "primary":
            self.link_pc(uri)
        else:
            self.notice.tell(tr("This link is for a phone whose conversations are open."))

    def bring(self) -> None:
        """Show in front."""
        if self.isMinimized() or not self.isVisible():
            self.showNormal()
        self.raise_()
        self.activateWindow()

    def take_focus(self) -> None:
        """Give the focus to what one goes on with: where it was is not there any more."""
        if self.messenger is not None and self.messenger.isVisible():
            self.messenger.take_focus()

    def quit(self) -> None:
        """End the app in order, also when closing the window would only hide it."""
        self.hide()
        if self.desktop is not None:
            self.desktop.close()
        if self.messenger is not None:
            self.messenger.room_pane.end()
        if self.onboarding is not None:
            self.onboarding.stop()
        self.closed.set()

    # -- Qt

    @guarded(None)
    def closeEvent(self, event: QCloseEvent) -> None:
        if self.may_close:
            event.accept()
            return
        event.ignore()
        if self.desktop is not None and self.messenger is not None and self.desktop.stays():
            self.messenger.room_pane.drafts.keep()
            self.hide()
        else:
            self.quit()

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.palette().window())
        painter.end()
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.notice.isVisible():
            self.notice.place()

    @guarded(None)
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.messenger is not None and self.isActiveWindow():
            self.messenger.room_pane.mark_read()

    # -- pages

    def _dress(self) -> None:
        self.setStyleSheet(stylesheet(self.look.palette))
        self._title(self._titled)

    def _count(self, unread: int) -> None:
        self._unread = unread
        self._title(self._titled)

    def _title(self, words: str) -> None:
        self._titled = words
        name, count = tr("Byre"), f"({self._unread}) " if self._unread else ""
        suffix = f" ({one_line(self.options.title_suffix, 40)})" if self.options.title_suffix else ""
        self.setWindowTitle(count + (f"{one_line(words, 60)} – {name}" if words else name) + suffix)

    def _show(self, page: QWidget, name: str) -> None:
        if self._stack.indexOf(page) < 0:
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self.page_name = name
        self.page_shown.emit(name)

    def _show_lock(self) -> None:
        self._put_away()
        self._show(self.locking.made_page(), "lock")
        self.locking.ask()

    def _try_again(self) -> None:
        """A profile may open now that did not: by itself, or by what is asked for."""
        self.refresh()
        if self.page_name == "lock":
            self.locking.try_again()

    def _show_removed(self) -> None:
        from byre.ui import parts

        removal = self.removal
        if removal is None and self.bridge is not None:
            removal = self.removal = parts.Removal(self.look, self.bridge, self.asking, self)
            removal.linked_again.connect(self._show_onboarding)
            removal.reading.connect(self._show_messenger)
            removal.erased.connect(self.refresh)
        if removal is not None and self.page_name != "removed":
            self.asking.close()
            self._drop_messenger()
            self._show(removal.page, "removed")

    def _show_onboarding(self) -> None:
        from byre.ui import parts

        bridge = self.bridge
        if self.onboarding is not None or bridge is None:
            return
        self._put_away()  # of a profile that was destroyed nothing may stay to be seen
        onboarding = parts.Onboarding(
            self.look, bridge, self, relay=self.options.relay, device_name=self.options.device_name,
            can_link=self.options.role_hint != "primary",
        )  # fmt: skip
        self.onboarding = onboarding
        onboarding.page.connect(self._onboarding_page)
        onboarding.said.connect(self.notice.tell)
        onboarding.done.connect(self.refresh)
        onboarding.network.connect(lambda: self.asking.network(bridge, onboarding))
        onboarding.passphrase.connect(lambda: self.asking.passphrase(onboarding))
        if self.preferences is not None:
            onboarding.language.connect(partial(self.preferences.choose_early, "ui.language"))
        onboarding.backup.connect(self.copying.restore)
        onboarding.start()

    def _onboarding_page(self, page: QWidget) -> None:
        names = {"FirstRunPage": "first-run", "LinkCodePage": "link-code", "LinkConfirmPage": "link-confirm"}
        kind = type(page).__name__
        self._show(page, names.get(kind, kind.removesuffix("Page").lower()))

    def _show_messenger(self) -> None:
        from byre.ui import parts

        bridge = self.bridge
        if bridge is None:
            return
        if self.onboarding is not None:
            self.onboarding.stop()
            self.onboarding = None
        if self.messenger is None:
            messenger = parts.Messenger(self.look, bridge)
            self.messenger = messenger
            self.asking.serve(messenger)
            messenger.locked.connect(self.lock_now)
            messenger.link_pc.connect(self.link_pc)
            messenger.shown.connect(self.shown)
            messenger.titled.connect(self._title)
            messenger.counted.connect(self._count)
            if self.wiping is not None:
                parts.serve(messenger, self.look, self.asking, self.copying, self.wiping, self)
                self.wiping.serve(messenger)
            if self.preferences is not None:
                self.preferences.apply_to(messenger)
            if self.desktop is not None:
                self.desktop.begin(messenger)
                parts.install_keys(messenger, self.desktop, self.quit, self.is_busy)
            status = bridge.engine.account.status()
            name, colour = shown_name(status.name or "", status.handle or ""), avatar_index(status.account_id or "")
            messenger.rail.avatar.show_for(name, colour)
            self._offer_lock(status)
            self.erasing.serve(messenger)
            if status.is_forked:
                self._forked()
            self._show(messenger, "chats")
            messenger.chats.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._show(self.messenger, "chats")

    def _offer_lock(self, status: Status) -> None:
        """The rail locks where a passphrase opens again."""
        if self.messenger is not None and self.bridge is not None:
            can_lock = hasattr(self.bridge.engine.account, "lock") and status.has_passphrase
            self.messenger.rail.buttons["lock"].setVisible(can_lock)

    def _forked(self) -> None:
        if self.bridge is not None and self.messenger is not None:
            self.asking.fork(self.bridge)

    def _put_away(self) -> None:
        """Close what shows conversations, and what asks about them."""
        self._title("")
        self.asking.close()
        if self.wiping is not None:
            self.wiping.close()
        self._drop_messenger()

    def _drop_messenger(self) -> None:
        if self.desktop is not None:
            self.desktop.end()
        if self.messenger is not None:
            self.messenger.room_pane.end()
            self._stack.removeWidget(self.messenger)
            self.messenger.deleteLater()
            self.messenger = None
            self._count(0)

    def is_busy(self) -> bool:
        """Whether a sheet is open."""
        return self.asking.sheet is not None or (self.wiping is not None and self.wiping.sheet is not None)

    # -- what pages ask for

    def lock_now(self) -> None:
        """Put everything away, so that nothing is seen, and lock, where there is something to lock."""
        if self.messenger is not None and self.locking.can_lock:
            self._put_away()
            self._show(self.locking.made_page(), "locking")
            self.locking.lock_now()

    def link_pc(self, uri: str = "") -> None:
        """On the phone: the page that links a PC."""
        from byre.ui import parts

        bridge = self.bridge
        if bridge is None:
            return
        if self.phone is None:
            self.phone = parts.PhoneLinking(self.look, bridge, self)
            self.phone.closed.connect(self._linked_back)
        self.phone.begin(uri)
        self._show(self.phone.page, "link-pc")

    def _linked_back(self) -> None:
        if self.messenger is not None:
            self._show(self.messenger, "chats")
            self.messenger.go("settings-devices")

    def _happened(self, event: object) -> None:
        from byre.ui import parts

        if isinstance(event, parts.StatusChanged):
            self._offer_lock(event.status)
            current = {parts.ProfileState.READY: "chats", parts.ProfileState.LOCKED: "lock"}.get(
                event.status.state, "new"
            )
            shown = "chats" if self.messenger is not None else "lock" if self.page_name == "lock" else "new"
            if current != shown or (event.status.is_removed and self.page_name == "chats"):
                self.refresh()
        elif isinstance(event, parts.OwnListForked):
            self._forked()
