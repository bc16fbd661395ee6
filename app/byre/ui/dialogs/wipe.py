"""The wipe dialogs: ask, progress, failure. The flow decides; this only shows it. The certificate has its own file."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import WipePreview
from byre.ui import painting, tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.flows.wipe import STEPS, Failed, Running
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.sentences import error_sentence
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Box
from byre.ui.widgets.check_row import CheckRow
from byre.ui.widgets.labels import Icon, PlainLabel
from byre.ui.widgets.progress import ProgressBar

GUESS_AFTER_MS = 1_500


def step_words(step: str) -> str:
    """What a step does."""
    return {
        "hide": tr("Receiving and sending have stopped"),
        "delete": tr("Messages and the keys of attachments are deleted"),
        "rebuild": tr("Only what stays moves into a new store"),
        "scan": tr("Every page of the new store is checked"),
        "switch": tr("A new key takes over, the old key is destroyed"),
        "destroy": tr("The old files are overwritten and deleted"),
        "certify": tr("Every byte of the profile folder is checked again"),
    }[step]


def done_words(step: str) -> str:
    """What a step has done."""
    return {
        "delete": tr("Messages and the keys of attachments were deleted"),
        "rebuild": tr("What stays has moved into a new store"),
        "scan": tr("Every page of the new store was checked"),
        "switch": tr("A new key has taken over, the old key was destroyed"),
        "destroy": tr("The old files were overwritten and deleted"),
    }.get(step, step_words(step))


class AskWipe(Sheet):
    """The question, with counts and where it reaches. `confirmed(others)` on yes; the default is no.

    `may_ask`: the members' devices can be asked to erase it, too.
    """

    confirmed = Signal(bool)

    def __init__(self, look: Look, window: QWidget, preview: WipePreview, *, may_ask: bool = False) -> None:
        super().__init__(look, window, width=520)
        self._may_ask = may_ask
        self.fill(lambda: self._fill(look, preview))

    def _fill(self, look: Look, preview: WipePreview) -> None:
        top = QHBoxLayout()
        top.setSpacing(16)
        tile = Icon(look, "eraser", "danger", 24, tile=48, tile_colour="danger_soft", tile_radius=24)
        top.addWidget(tile, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        title = tr("Erase this conversation without a trace?")
        self.setAccessibleName(title)
        words.addWidget(PlainLabel(look, tokens.DISPLAY, wrap=True, text=title))
        words.addWidget(
            PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=tr("This cannot be undone."))
        )
        top.addLayout(words, 1)
        self.body.addLayout(top)
        self.body.addSpacing(20)
        devices = tr("%n devices are told to erase it", preview.own_devices)
        held = tr("%n envelopes wait there; they die when your devices fetch them", preview.relay_held)
        rows = (
            ("messages-square", tr("Messages on this device"), tr("%n messages", preview.messages)),
            ("monitor-smartphone", tr("Your other devices"), devices),
            ("server", tr("The relay"), held),
            ("users", tr("Other people's devices"), tr("Keep what they have")),
        )  # fmt: skip
        for icon, name, value in rows:
            line = QHBoxLayout()
            line.setSpacing(12)
            line.setContentsMargins(0, 5, 0, 5)
            line.addWidget(Icon(look, icon, "text2", 18), 0, Qt.AlignmentFlag.AlignTop)
            caption = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, text=name)
            caption.setFixedWidth(168 if self._inner_width() > 400 else 108)
            line.addWidget(caption, 0, Qt.AlignmentFlag.AlignTop)
            told = PlainLabel(look, tokens.LABEL, wrap=True, text=value)
            line.addWidget(told, 1, Qt.AlignmentFlag.AlignTop)
            self.body.addLayout(line)
        self.body.addSpacing(12)
        note = Box(look, "field")
        inside = QHBoxLayout(note)
        inside.setContentsMargins(16, 14, 16, 14)
        inside.addWidget(
            PlainLabel(
                look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20,
                text=tr("You stay in the room; what is written later shows up in it again."),
            )
        )  # fmt: skip
        self.body.addWidget(note)
        self.others = CheckRow(
            look, lambda: tr("Ask the others' devices to erase it, too"),
            lambda: tr(
                "Their apps erase it and report that, if they are Byre, unaltered and ever online again. It is a "
                "request: nobody can prove that another device has kept no copy."
            ),
        )  # fmt: skip
        if self._may_ask:
            self.body.addSpacing(8)
        self.body.addWidget(self.others)
        if not self._may_ask:
            self.others.hide()

        def say(asked: bool) -> None:
            told.set_text(tr("Are asked to erase it") if asked else tr("Keep what they have"))

        self.others.toggled.connect(say)
        self.no = Button(look, lambda: tr("Keep it"), "secondary")
        self.no.clicked.connect(self.close_sheet)
        self.yes = Button(look, lambda: tr("Erase"), "danger", icon="eraser")
        self.yes.clicked.connect(self._yes)
        self.foot(self.no, self.yes)

    def focus_first(self) -> None:
        """No is the default."""
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _yes(self) -> None:
        self.confirmed.emit(self.others.isChecked())
        self.close_sheet()


class _Mark(QWidget):
    """Done, now or waiting."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.state = "wait"
        self.setFixedSize(20, 20)

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        rect = QRectF(self.rect())
        if self.state == "done":
            painting.box(painter, rect, 10, palette.ok)
            painting.icon(painter, self._look, 4, 4, "check", palette.canvas, 12, 3)
        elif self.state == "now":
            painting.box(painter, rect, 10, None, palette.line, 2.5)
            pen = QPen(QColor(palette.accent), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawArc(rect.adjusted(1.25, 1.25, -1.25, -1.25), 90 * 16, -224 * 16)
        else:
            painting.box(painter, rect, 10, None, palette.text3, 1.5)
        painter.end()


class WipeProgress(Sheet):
    """560x528. `hidden_by_user`: the window is closed, the wipe goes on."""

    hidden_by_user = Signal()

    def __init__(self, look: Look, window: QWidget, title: Callable[[], str]) -> None:
        super().__init__(look, window, width=560, height=528)
        self._title = title
        self._shown: Running | None = None
        self._began_at = look.now_ms()
        self.fill(lambda: self._fill(look))

    def _fill(self, look: Look) -> None:
        self.body.setContentsMargins(32, 32, 32, 16)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(Icon(look, "eraser", "danger", 24, tile=48, tile_colour="danger_soft", tile_radius=24))
        words = QVBoxLayout()
        words.setSpacing(2)
        title = self._title()
        self.setAccessibleName(title)
        words.addWidget(PlainLabel(look, tokens.DISPLAY, text=title))
        self.step = PlainLabel(look, tokens.LABEL, "text2", weight=400)
        words.addWidget(self.step)
        top.addLayout(words, 1)
        self.body.addLayout(top)
        self.body.addSpacing(24)
        self.bar = ProgressBar(look)
        self.body.addWidget(self.bar)
        self.body.addSpacing(17)
        self._rows: list[tuple[_Mark, PlainLabel, PlainLabel]] = []
        for step in STEPS:
            holder = QWidget()
            holder.setMinimumHeight(36)
            row = QHBoxLayout(holder)
            row.setContentsMargins(0, 3, 0, 3)
            row.setSpacing(12)
            mark = _Mark(look)
            label = PlainLabel(look, tokens.BODY, wrap=True, text=step_words(step))
            value = PlainLabel(look, tokens.LABEL, "text2", weight=400, tabular=True, align=Qt.AlignmentFlag.AlignRight)
            row.addWidget(mark)
            row.addWidget(label, 1)
            row.addWidget(value)
            self._rows.append((mark, label, value))
            self.body.addWidget(holder)
        self.body.addSpacing(15)
        note = Box(look, "field")
        note.setMinimumHeight(60)
        inside = QHBoxLayout(note)
        inside.setContentsMargins(14, 8, 14, 8)
        inside.setSpacing(12)
        inside.addWidget(Icon(look, "info", "text2", 18))
        narrow = self._inner_width() < 480
        undone = tr("It cannot be undone. If the app or the PC goes off now,\nit is finished at the next start.")
        words_of_it = undone.replace("\n", " ") if narrow else undone
        inside.addWidget(
            PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, line_height=20, text=words_of_it), 1
        )
        self.body.addWidget(note)
        self.body.addSpacing(16)
        foot = QVBoxLayout() if narrow else QHBoxLayout()
        foot.setSpacing(12)
        self.others = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True)
        foot.addWidget(self.others, 1)
        self.close_button = Button(look, lambda: tr("Close the window only"), "secondary", padding=40)
        self.close_button.clicked.connect(self._hide)
        foot.addWidget(self.close_button)
        self.body.addLayout(foot)
        if self._shown is not None:
            self.show_state(self._shown, False)

    def show_state(self, state: Running, announce: bool) -> None:
        """Show how far it is."""
        self._shown = state
        step = tr("Step {at} of {total}", at=state.index + 1, total=len(STEPS))
        left_s = self._left_s(state.fraction)
        self.step.set_text(tr("About %n s left", left_s) + " · " + step if left_s else step)
        self.bar.show_fraction(state.fraction)
        self.others.set_text(tr("%n other devices of yours are told, too", state.others))
        self.others.setVisible(bool(state.others))
        for at, (mark, label, value) in enumerate(self._rows):
            mark.state = "done" if at < state.index else "now" if at == state.index else "wait"
            mark.update()
            label.set_colour("text" if at <= state.index else "text2")
            label.set_weight(600 if at == state.index else 400)
            label.set_text(done_words(STEPS[at]) if at < state.index else step_words(STEPS[at]))
            said = tr("%n messages", state.messages) if at == 1 and state.index > 1 and state.messages else ""
            if at == state.index and state.percent is not None:
                said = tr("{percent} %", percent=state.percent)
            value.set_text(said)
        if announce and QAccessible.isActive():
            percent = tr("{percent} % erased", percent=int(state.fraction * 100))
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, percent))

    def _left_s(self, fraction: float) -> int:
        """A guess from what is behind; nothing while that is too little to tell."""
        gone_ms = self.look.now_ms() - self._began_at
        if gone_ms < GUESS_AFTER_MS or not 0.1 < fraction < 1:
            return 0
        return max(1, round(gone_ms * (1 - fraction) / fraction / 1000))

    def _hide(self) -> None:
        self.hidden_by_user.emit()
        self.close_sheet()


class WipeFailed(Sheet):
    """It stopped. When it had begun, it goes on at the next start, and this says so."""

    def __init__(self, look: Look, window: QWidget, state: Failed) -> None:
        super().__init__(look, window, width=480)

        def why() -> str:
            more = " " + tr("What was begun is finished at the next start.") if state.started else ""
            return error_sentence(state.code) + more

        self.head(lambda: tr("Erasing did not finish"), why)
        close = Button(look, lambda: tr("Close"), "secondary")
        close.clicked.connect(self.close_sheet)
        self.foot(close)
