"""No room is open: the mark, a sentence and three shortcuts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.widgets.buttons import Button
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import Icon, Logo, PlainLabel


class KeyCaps(QWidget):
    """A shortcut as key caps, drawn from the right."""

    def __init__(self, look: Look, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._look, self._keys = look, keys
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(int(sum(self._widths()) + 4 * (len(self._keys) - 1)) + 1, 26)

    def _widths(self) -> list[float]:
        metrics = self._look.metrics(tokens.META, 600)
        return [metrics.horizontalAdvance(key) + 16 for key in self._keys]

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        x = 0.0
        for key, width in zip(self._keys, self._widths(), strict=True):
            rect = QRectF(x, 0, width, 26)
            painting.box(painter, rect, 8, palette.field, palette.line)
            painting.text(painter, self._look, rect, key, tokens.META, palette.text2, 600, painting.CENTER, elide=False)
            x += width + 4
        painter.end()


class EmptyPane(Surface):
    """The right side while nothing is chosen; while there is nobody to talk to, the way to the first (`new_chat`)."""

    new_chat = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "canvas")
        self._is_first = False
        middle = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 26)
        column.setSpacing(0)
        column.addStretch(260)
        column.addWidget(Logo(look, 80, mono="mark"), 0, middle)
        column.addSpacing(24)
        self.title = PlainLabel(look, tokens.DISPLAY, wrap=True, align=middle)
        column.addWidget(self.title)
        column.addSpacing(4)
        self.about = PlainLabel(look, tokens.LABEL, "text2", weight=400, wrap=True, align=middle)
        column.addWidget(self.about)
        self.begin = Button(look, lambda: tr("New chat"), "primary", height=44, icon="square-pen")
        self.begin.clicked.connect(self.new_chat)
        self._gap = QWidget()
        self._gap.setFixedHeight(20)
        column.addWidget(self._gap)
        column.addWidget(self.begin, 0, middle)
        column.addSpacing(30)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(10)
        shortcuts = (
            (("Ctrl", "K"), lambda: tr("Find by name")),
            (("Ctrl", "N"), lambda: tr("New chat")),
            (("Ctrl", "Shift", "F"), lambda: tr("Search all messages")),
        )
        for at, (keys, words) in enumerate(shortcuts):
            grid.addWidget(KeyCaps(look, keys), at, 0, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(PlainLabel(look, tokens.LABEL, "text2", weight=400, text=words), at, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addStretch(235)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addStretch(1)
        foot.addWidget(Icon(look, "lock", "text2", 14, 2))

        def where() -> str:
            if look.on_phone:
                return tr("Conversations are stored encrypted on this phone")
            return tr("Conversations are stored encrypted on this PC")

        promise = PlainLabel(look, tokens.META, "text2", text=where)
        foot.addWidget(promise)
        foot.addStretch(1)
        column.addLayout(foot)
        look.live(self, self._say)

    def set_first(self, is_first: bool) -> None:
        """Whether there is nobody to talk to yet."""
        if is_first != self._is_first:
            self._is_first = is_first
            self._say()

    def _say(self) -> None:
        first = self._is_first
        self.begin.setVisible(first)
        self._gap.setVisible(first)
        self.title.set_text(tr("Begin with the first conversation") if first else tr("Choose a conversation"))
        self.about.set_text(
            tr("Give your handle to the people you know, or write to theirs.")
            if first
            else tr("Pick one from the list, or find it by name.")
        )
