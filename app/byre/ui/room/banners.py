"""Between header and transcript: offline strip and changed-key warning; and the bar in the composer's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import isolated
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box, Surface
from byre.ui.widgets.labels import Icon, PlainLabel


class OfflineStrip(Surface):
    """48 px: why the relay cannot be reached, when the engine tries again by itself, and a button to try now.

    The number counts down to the moment that the engine named; without one it only says that it goes on trying.
    """

    retry = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "warn_soft")
        self.setFixedHeight(48)
        self._next_try_at: int | None = None
        self._reason = ""
        self._narrow = False
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 12, 0)
        row.setSpacing(7)
        row.addWidget(Icon(look, "cloud-off", "warn", 20, 2))
        row.addSpacing(5)
        self.what = PlainLabel(look, tokens.LABEL, weight=600)
        self.what.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row.addWidget(self.what)
        self.countdown = PlainLabel(look, tokens.LABEL, "text2", weight=400, tabular=True)
        row.addWidget(self.countdown, 1)
        self.button = Button(look, lambda: tr("Try now"), "quiet", height=32, padding=12)
        self.button.clicked.connect(self.retry)
        row.addWidget(self.button)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.say)
        look.live(self, self.say)
        self.hide()

    def set_offline(self, offline: bool, next_try_at: int | None = None, reason: str = "") -> None:
        """Show or hide, with what the engine said."""
        self._next_try_at, self._reason = next_try_at, reason
        self.say()
        self.setVisible(offline)
        if offline and next_try_at is not None:
            self._timer.start()
        else:
            self._timer.stop()

    def set_narrow(self, narrow: bool) -> None:
        """One pane: only how long it takes."""
        self._narrow = narrow
        self._row.setContentsMargins(16 if narrow else 24, 0, 4 if narrow else 12, 0)
        self._row.setSpacing(6 if narrow else 7)
        self.say()

    def say(self) -> None:
        """Say why, and how long it takes."""
        self.what.set_text(
            {
                "relay_certificate": tr("The relay's certificate is not the right one."),
                "proxy_unreachable": tr("The proxy cannot be reached."),
            }.get(self._reason)
            or tr("The relay cannot be reached.")
        )
        left_ms = (self._next_try_at or 0) - self._look.now_ms()
        is_waiting = self._next_try_at is not None and left_ms > 0
        if self._narrow:
            words = tr("again in %n s", -(-left_ms // 1000)) if is_waiting else ""
        elif is_waiting:
            words = tr("Trying again in %n s · reading and writing go on", -(-left_ms // 1000))
        else:
            words = tr("It is tried again and again · reading and writing go on")
        self.countdown.set_text(words)
        self.setAccessibleName(f"{self.what.text()} {words}".strip())


class WarnStrip(Surface):
    """A sentence over the composer: one can write, but something does not work."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "warn_soft")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(12)
        row.addWidget(Icon(look, "triangle-alert", "warn", 18, 2), 0, Qt.AlignmentFlag.AlignTop)
        self.words = PlainLabel(look, tokens.LABEL, wrap=True)
        row.addWidget(self.words, 1)
        self.hide()

    def tell(self, words: str) -> None:
        """Say it; nothing at all for no words."""
        self.words.set_text(words)
        self.setAccessibleName(words)
        self.setVisible(bool(words))


class KeyChangedBanner(QWidget):
    """The loud, blocking warning: the key behind a known name is another one."""

    compare = Signal()
    go_on = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._name = ""
        self._reason = "key"
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 12, 20, 0)
        box = Box(look, "danger_soft", line="danger", radius=12, width=1.5)
        outer.addWidget(box)
        row = QHBoxLayout(box)
        row.setContentsMargins(20, 18, 24, 16)
        row.setSpacing(16)
        icon = Icon(look, "shield-alert", "on_accent", 22, 2, tile=40, tile_colour="danger_button", tile_radius=20)
        beside = QVBoxLayout()
        beside.setContentsMargins(0, 2, 0, 0)
        beside.addWidget(icon)
        beside.addStretch(1)
        row.addLayout(beside)
        column = QVBoxLayout()
        column.setSpacing(6)
        self.title = PlainLabel(look, tokens.TITLE, weight=700)
        column.addWidget(self.title)
        self.why = PlainLabel(look, tokens.LABEL, weight=400, wrap=True, line_height=20)
        column.addWidget(self.why)
        buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons = buttons
        buttons.setContentsMargins(0, 24, 0, 0)
        buttons.setSpacing(12)
        self.compare_button = Button(look, lambda: tr("Compare safety number"), height=36, icon="scan-eye")
        self.compare_button.clicked.connect(self.compare)
        on = Button(look, lambda: tr("Continue without comparing…"), "quiet", height=36, padding=16)
        on.clicked.connect(self.go_on)
        buttons.addWidget(self.compare_button)
        buttons.addWidget(on)
        buttons.addStretch(1)
        column.addLayout(buttons)
        row.addLayout(column, 1)
        look.live(self, self._say)
        self.hide()

    def show_for(self, name: str, reason: str = "key") -> None:
        """Warn about the key of `name`: it is another one, or (`history`) it has signed two histories."""
        self._name, self._reason = name, reason
        self._say()

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        below = QBoxLayout.Direction.TopToBottom
        self._buttons.setDirection(below if self.width() < 560 else QBoxLayout.Direction.LeftToRight)

    def _say(self) -> None:
        words = tr("{name}'s key has changed", name=isolated(self._name))
        self.title.set_text(words)
        self.setAccessibleName(words)
        if self._reason == "history":
            why = tr(
                "Their key has signed two different lists of devices: it may have been copied, or a restored phone "
                "went on from an old list. Ask them, and compare the safety number when you meet or by voice. Until "
                "then nothing is sent in this conversation."
            )
        else:
            why = tr(
                "They may have made a new account on a new phone, or somebody may have taken this name. This app "
                "cannot know which. Compare the safety number when you meet or by voice. Until then nothing is sent "
                "in this conversation."
            )
        self.why.set_text(why)


class Bar(QWidget):
    """52 px in the composer's place: a sentence with an icon and up to two buttons, below it where it is narrow."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(20, 16, 20, 28)
        box = Box(look, "field", radius=16)
        self._outer.addWidget(box)
        self._inside = QBoxLayout(QBoxLayout.Direction.LeftToRight, box)
        self._inside.setContentsMargins(20, 8, 8, 8)
        self._inside.setSpacing(12)
        said = QHBoxLayout()
        said.setSpacing(12)
        self._icon = Icon(look, "lock", "text2", 18)
        said.addWidget(self._icon)
        self.words = PlainLabel(look, tokens.BODY, "text2", wrap=True)
        said.addWidget(self.words, 1)
        self._inside.addLayout(said, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._inside.addLayout(self._row)
        self.buttons: list[Button] = []
        self._acts: list[tuple[str, str, Callable[[], None]]] = []
        self.hide()

    def show_bar(self, icon: str, words: str, *buttons: tuple[Callable[[], str], str, Callable[[], None]]) -> None:
        """Say `words`; each button is (words, kind, what it does)."""
        self._icon.set_icon(icon)
        self.words.set_text(words)
        acts = [(text(), kind, act) for text, kind, act in buttons]
        if acts != self._acts:  # or one of them, just about to be pressed, would lose the focus
            self._acts = acts
            self._refill(buttons)
        self._lay()
        self.show()

    def give_way(self, to: QWidget) -> None:
        """Hide; `to` gets the focus that was here, or nowhere."""
        focused = QApplication.focusWidget()
        had_focus = not self.isHidden() and (focused is None or self.isAncestorOf(focused))
        self.hide()
        if had_focus:
            to.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refill(self, buttons: Sequence[tuple[Callable[[], str], str, Callable[[], None]]]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for text, kind, act in buttons:
            button = Button(self._look, text, kind, height=36, padding=16)  # type: ignore[arg-type]
            button.clicked.connect(lambda _=False, do=act: do())
            self._row.addWidget(button)
            self.buttons.append(button)

    @guarded(None)
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay()

    def _lay(self) -> None:
        narrow = self.width() < 500 and bool(self.buttons)
        across = QBoxLayout.Direction.LeftToRight
        self._inside.setDirection(QBoxLayout.Direction.TopToBottom if narrow else across)
        self._inside.setContentsMargins(*((16, 14, 16, 12) if narrow else (20, 8, 8, 8)))
        self._outer.setContentsMargins(*((12, 8, 12, 16) if narrow else (20, 16, 20, 28)))
