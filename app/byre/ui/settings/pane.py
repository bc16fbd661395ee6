"""The settings pages: profile, devices, erasing, network, theme, keys, language, about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from byre import __version__
from byre.client.events import ConnectionChanged, DeviceLinked, DeviceRevoked, DevicesChanged, StatusChanged
from byre.client.views import Role, WipeCertificate
from byre.ui import tokens, when
from byre.ui.bridge import Bridge
from byre.ui.i18n import LANGUAGES, tr
from byre.ui.keymap import KEYS
from byre.ui.look import THEMES, Look
from byre.ui.pages.forms import FormRow
from byre.ui.pages.top_bar import LANGUAGE_NAMES
from byre.ui.plain import one_line
from byre.ui.room.options import OptionRow
from byre.ui.settings.devices import DevicesPage
from byre.ui.settings.network import NetworkForm
from byre.ui.settings.recovery import RecoveryCodeRow
from byre.ui.widgets.buttons import Button, IconButton
from byre.ui.widgets.cards import Box, Line, ScrollPage, rebuilt
from byre.ui.widgets.choices import Choices
from byre.ui.widgets.flash import FlashMark
from byre.ui.widgets.labels import Icon, PlainLabel

WIDTH = 680


class SettingsPane(ScrollPage):
    """Shows one page at a time. `chosen(name, value)` for a changed setting, `link_pc` on a phone, `back`."""

    chosen = Signal(str, str)
    link_pc = Signal()
    back = Signal()
    erase_older = Signal(int)
    erase_all = Signal()
    certificate_wanted = Signal(object)
    backup_wanted = Signal()
    lock_change_wanted = Signal()
    recovery_code_wanted = Signal()
    said = Signal(str)

    def __init__(self, look: Look, bridge: Bridge) -> None:
        super().__init__(look, "canvas")
        self._bridge = bridge
        self.page = "devices"
        self.choices: Callable[[str], str] = lambda _name: ""
        self._certificates: Sequence[WipeCertificate] = ()
        self._connected = PlainLabel(look, tokens.LABEL, parent=self)  # what the last card says last
        self._connected.hide()
        column = QVBoxLayout(self.content)
        self._outer = column
        column.setContentsMargins(24, 32, 24, 32)
        column.setSpacing(0)
        self.back_button = IconButton(look, "arrow-left", lambda: tr("Back"))
        self.back_button.clicked.connect(self.back)
        column.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._frame = QWidget()
        self._frame.setMaximumWidth(WIDTH)
        self._body = QVBoxLayout(self._frame)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        holder = QHBoxLayout()
        holder.addStretch(1)
        holder.addWidget(self._frame, 1000)
        holder.addStretch(1)
        column.addLayout(holder)
        column.addStretch(1)
        self.devices = DevicesPage(look, bridge)
        self.devices.link_pc.connect(self.link_pc)
        self._body.addWidget(self.devices)
        self._frame.setMinimumWidth(0)
        bridge.happened.connect(self._happened)
        look.live(self, self._rebuild)

    def show_page(self, page: str) -> None:
        """Show `page`; asks the engine for what it needs."""
        self.page = page
        if page == "devices":
            self.devices.reload()
        elif page == "erasing":
            self._bridge.run(self._bridge.engine.wipes.certificates(), self._listed, lambda _code: None)
        self._rebuild()
        self.verticalScrollBar().setValue(0)

    def flash(self, words: str) -> None:
        """Bring the option with these words into sight and mark it for a moment."""
        for widget in self._frame.findChildren(QWidget):
            if isinstance(widget, PlainLabel | QAbstractButton) and widget.text() == words and widget.isVisibleTo(self):
                QTimer.singleShot(0, widget, lambda found=widget: self._mark(found))
                return

    def _mark(self, widget: QWidget) -> None:
        self.ensureWidgetVisible(widget, 0, 120)
        FlashMark(self._look, widget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_narrow(self, narrow: bool) -> None:
        """One pane: a back button and smaller margins."""
        self.back_button.setVisible(narrow)
        side = 16 if narrow else 24
        self._outer.setContentsMargins(side, 10 if narrow else 32, side, 24)

    def _listed(self, certificates: Sequence[WipeCertificate]) -> None:
        self._certificates = certificates
        if self.page == "erasing":
            self._rebuild()

    def _happened(self, event: object) -> None:
        if isinstance(event, DeviceLinked | DeviceRevoked | DevicesChanged):
            self.devices.reload()
        elif isinstance(event, ConnectionChanged) and self.page == "network":
            self._connected.set_text(tr("Connected") if event.connected else tr("Not connected"))
        elif isinstance(event, StatusChanged) and self.page in ("profile", "lock"):
            self._rebuild()

    def _rebuild(self) -> None:
        while self._body.count() > 1:  # the first one stays: a widget taken out and put back keeps stale heights
            item = self._body.takeAt(1)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.devices.setVisible(self.page == "devices")
        if self.page == "devices":
            rebuilt(self._frame)
            return
        builders: dict[str, Callable[[], None]] = {
            "profile": self._profile, "erasing": self._erasing, "network": self._network, "look": self._theme,
            "keys": self._keys, "language": self._language, "about": self._about, "notices": self._notices,
            "lock": self._lock, "privacy": self._privacy, "backup": self._backup,
        }  # fmt: skip
        builders.get(self.page, self._about)()
        rebuilt(self._frame)

    # -- pieces

    def _title(self, words: str, why: str = "") -> None:
        self._body.addWidget(PlainLabel(self._look, tokens.H1, wrap=True, text=words))
        self._body.addSpacing(6)
        if why:
            label = PlainLabel(self._look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=why)
            self._body.addWidget(label)
        self._body.addSpacing(20)

    def _heading(self, words: str, why: str = "") -> None:
        self._body.addSpacing(24)
        self._body.addWidget(PlainLabel(self._look, tokens.TITLE, weight=600, text=words))
        if why:
            self._body.addSpacing(4)
            label = PlainLabel(self._look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=why)
            self._body.addWidget(label)
        self._body.addSpacing(12)

    def _card(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Rows of (icon, name, value)."""
        box = Box(self._look, "card", line="line", radius=16)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for at, (icon, name, value) in enumerate(rows):
            if at:
                column.addWidget(Line(self._look))
            holder = QWidget()
            holder.setMinimumHeight(60)
            row = QHBoxLayout(holder)
            row.setContentsMargins(20, 8, 20, 8)
            row.setSpacing(16)
            row.addWidget(Icon(self._look, icon, "text2", 20))
            row.addWidget(PlainLabel(self._look, tokens.LABEL, text=name))
            right = Qt.AlignmentFlag.AlignRight
            self._connected = PlainLabel(
                self._look, tokens.LABEL, "text2", weight=400, align=right, text=one_line(value, 120)
            )  # fmt: skip
            row.addWidget(self._connected, 1)
            column.addWidget(holder)
        self._body.addWidget(box)

    def _choices(self, options: Sequence[tuple[str, str, str]], setting: str, heading: str = "", why: str = "") -> None:
        if heading:
            self._heading(heading, why)
        choices = Choices(self._look, options, self.choices(setting))
        choices.chosen.connect(lambda value: self.chosen.emit(setting, value))
        self._body.addWidget(choices)

    # -- pages

    def _profile(self) -> None:
        status = self._bridge.engine.account.status()
        self._title(tr("My profile"), tr("What the people you talk to see of you."))
        row = FormRow(self._look, lambda: tr("Name"), hint=lambda: tr("Shown to the people you talk to"))
        row.field.set_text(status.name or "")
        save = Button(self._look, lambda: tr("Save"), "soft", height=44, padding=16)

        def done() -> None:
            name = " ".join(row.text().split())
            if name and name != (status.name or ""):
                rename = self._bridge.engine.account.rename(name)
                self._bridge.run(rename, lambda _none: self._rebuild(), row.set_error)

        row.field.submitted.connect(done)
        save.clicked.connect(done)
        beside = QHBoxLayout()
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        beside.addWidget(row, 1)
        lower = QVBoxLayout()  # beside the field, whatever stands under that
        lower.addSpacing(24)
        lower.addWidget(save)
        lower.addStretch(1)
        beside.addLayout(lower)
        holder = QWidget()
        holder.setLayout(beside)
        self._body.addWidget(holder)
        self._body.addSpacing(16)
        address = f"{status.handle}@{status.host}" if status.handle and status.host else status.handle or ""
        self._card(
            (
                ("message-circle", tr("Handle"), address),
                ("key-round", tr("Account"), " ".join((status.account_id or "")[i : i + 4] for i in range(0, 16, 4))),
            )
        )
        if status.role is Role.PRIMARY:
            code = RecoveryCodeRow(self._look, self._bridge)
            code.wanted.connect(self.recovery_code_wanted)
            self._body.addWidget(code)

    def _erasing(self) -> None:
        self._title(
            tr("Storage and erasing"),
            tr("Erasing a conversation makes a new store under a new key and checks that nothing is left."),
        )
        keep = [("0", "hard-drive", tr("Keep messages until I erase them"))]
        keep += [(d, "timer", tr("Erase here after %n days", int(d))) for d in ("7", "30", "90", "365")]
        self._choices(keep, "ui.keep_days")
        self._heading(tr("Erase now"), tr("On this device, in all conversations, without a trace."))
        row = QHBoxLayout()
        row.setSpacing(8)
        for days in (7, 30, 365):
            row.addWidget(self._older_button(days))
        row.addStretch(1)
        holder = QWidget()
        holder.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self._body.addWidget(holder)
        self._body.addSpacing(8)
        all_of_it = Button(self._look, lambda: tr("Destroy everything on this device…"), "danger", height=40)
        all_of_it.clicked.connect(self.erase_all)
        self._body.addWidget(all_of_it, 0, Qt.AlignmentFlag.AlignLeft)
        self._heading(tr("Wipe certificates"))
        if not self._certificates:
            self._card((("eraser", tr("No wipe certificates yet"), ""),))
            return
        language = self._look.language
        box = Box(self._look, "card", line="line", radius=16)
        column = QVBoxLayout(box)
        column.setContentsMargins(20, 8, 20, 8)
        for certificate in self._certificates:
            icon = "triangle-alert" if certificate.remnants else "shield-check"
            left = tr("Remnants %n", len(certificate.remnants))
            opener = OptionRow(self._look, icon, when.full(certificate.created_at, language), left)
            opener.clicked.connect(partial(self.certificate_wanted.emit, certificate))
            column.addWidget(opener)
        self._body.addWidget(box)

    def _backup(self) -> None:
        self._title(
            tr("Backup"),
            tr("A backup is this device in one encrypted file: its keys, conversations and messages."),
        )
        make = Button(self._look, lambda: tr("Make a backup…"), "primary", height=44, icon="archive")
        make.clicked.connect(self.backup_wanted)
        self._body.addWidget(make, 0, Qt.AlignmentFlag.AlignLeft)
        self._heading(
            tr("Good to know"),
            tr(
                "The code of a backup is shown once. A wipe does not reach the file; the certificate of a wipe says "
                "how many backups there are. To restore one, start Byre on a device without an account."
            ),
        )

    def _older_button(self, days: int) -> Button:
        button = Button(self._look, lambda: tr("Older than %n days", days), "danger_outline", height=40, padding=12)
        button.clicked.connect(lambda: self.erase_older.emit(days))
        return button

    def _network(self) -> None:
        status = self._bridge.engine.account.status()
        self._title(
            tr("Relay and network"),
            tr("The relay passes sealed envelopes on. It sees mailboxes, times and sizes; never names or texts."),
        )
        state = tr("Connected") if status.connected else tr("Not connected")
        self._card((("server", tr("Relay"), status.relay or ""), ("globe", tr("Connection"), state)))
        form = NetworkForm(self._look, self._bridge)
        form.said.connect(self.said)
        self._body.addWidget(form)

    def _theme(self) -> None:
        self._title(tr("Theme and text"))
        names = {"system": tr("Like the system"), "light": tr("Light"), "dark": tr("Dark")}
        icons = {"system": "monitor", "light": "sun", "dark": "moon"}
        self._choices([(t, icons[t], names[t]) for t in THEMES], "ui.theme")
        sizes = ("80", "90", "100", "110", "125", "150", "175", "200")
        why = tr("For the text of conversations and the field where you write.")
        self._choices([(s, "file-text", f"{s} %") for s in sizes], "ui.text_scale", tr("Size of the text"), why)

    def _keys(self) -> None:
        self._title(tr("Typing and shortcuts"))
        self._choices(
            [
                ("enter", "keyboard", tr("Enter sends · Shift+Enter breaks the line")),
                ("ctrl", "keyboard", tr("Ctrl+Enter sends · Enter breaks the line")),
            ],
            "ui.send_key",
        )
        self._body.addSpacing(24)
        self._card([(key.icon, key.words(), key.keys) for key in KEYS])

    def _language(self) -> None:
        self._title(tr("Language"))
        self._choices([(x, "languages", LANGUAGE_NAMES[x]) for x in LANGUAGES], "ui.language")

    def _notices(self) -> None:
        self._title(tr("Notifications"), tr("While Byre is locked nothing is shown at all."))
        on = [("on", "bell", tr("Show notifications")), ("off", "bell-off", tr("No notifications"))]
        self._choices(on, "ui.notify")
        self._choices(
            [
                ("none", "eye-off", tr("Neither names nor texts")),
                ("names", "user-round", tr("Names only")),
                ("all", "eye", tr("Names and texts")),
            ],
            "ui.previews",
            tr("What a notification shows"),
            tr("Notifications are kept by your system, outside of Byre's encrypted store."),
        )
        closing = [("quit", "log-out", tr("Quit Byre")), ("hide", "bell", tr("Stay in the notification area"))]
        self._choices(closing, "ui.on_close", tr("When the window is closed"))

    def _lock(self) -> None:
        status = self._bridge.engine.account.status()
        self._title(
            tr("Locking"),
            tr("Locking forgets the key in memory; the passphrase opens again.")
            if status.has_passphrase
            else tr("There is no passphrase on this device, so there is nothing to lock with."),
        )
        change = Button(self._look, lambda: tr("Change how Byre is locked…"), "soft", height=44, icon="key-round")
        change.clicked.connect(self.lock_change_wanted)
        self._body.addWidget(change, 0, Qt.AlignmentFlag.AlignLeft)
        self._body.addSpacing(20)
        if not status.has_passphrase:
            return
        minutes = [("0", "lock", tr("Never by itself"))]
        minutes += [(m, "lock", tr("After %n minutes", int(m))) for m in ("1", "5", "10", "30", "60")]
        self._choices(minutes, "ui.idle_minutes")
        screen = [("on", "monitor", tr("Lock with the screen, and before sleep")), ("off", "monitor", tr("Stay open"))]
        self._choices(screen, "ui.screen_lock", tr("When the screen is locked"))

    def _privacy(self) -> None:
        self._title(tr("Privacy"), tr("What others and this screen get to see."))
        self._choices(
            [
                ("on", "eye", tr("Show last messages in the list")),
                ("off", "eye-off", tr("Show only how many are unread")),
            ],
            "ui.list_previews",
        )
        self._body.addSpacing(24)
        self._card(
            (
                ("eye-off", tr("When you are online, or typing"), tr("Never told")),
                ("globe", tr("Previews of links"), tr("Never loaded")),
                ("check-check", tr("That you read a message"), tr("Told to the room")),
            )
        )

    def _about(self) -> None:
        self._title(tr("About and licences"))
        self._card(
            (
                ("info", tr("Byre"), __version__),
                ("file-text", tr("Licence"), "AGPL-3.0-or-later"),
                ("file-text", "Pretendard", "OFL-1.1"),
                ("file-text", "Lucide", "ISC, MIT"),
                ("file-text", "Qt for Python", "LGPL-3.0"),
            )
        )
