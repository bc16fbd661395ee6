"""A folded message in full, as plain text; it goes with its message: by a timer, by hand, in a wipe."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from byre.client.views import MessageView
from byre.ui import tokens
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import drawable
from byre.ui.room.window import RoomWindow
from byre.ui.transcript.items import UNSTORED
from byre.ui.widgets.buttons import Button


class FullText(Sheet):
    """Follows the room that it was opened from; once the message is not there any more, it closes."""

    edit: QPlainTextEdit
    """Made by `fill`, and anew with the language."""

    def __init__(self, look: Look, window: QWidget, message: MessageView, model: RoomWindow) -> None:
        super().__init__(look, window, width=680, height=640)
        self._message, self._model = message, model
        self.fill(self._fill)
        model.changed.connect(self._follow)
        model.left.connect(self.close_sheet)

    def close_sheet(self) -> None:
        """Forget the text at once, not when Qt comes to it."""
        self.edit.clear()
        super().close_sheet()

    def _fill(self) -> None:
        self.head(lambda: tr("The whole message"))
        self.edit = QPlainTextEdit()
        self.edit.setReadOnly(True)
        self.edit.setFont(self.look.font(tokens.BODY))
        self.edit.setTabChangesFocus(True)
        self.edit.setPlainText(drawable(self._message.text).replace("\u2028", "\n"))
        self.edit.setAccessibleName(tr("The whole message"))
        self.body.addWidget(self.edit, 1)
        close = Button(self.look, lambda: tr("Close"), "secondary")
        close.clicked.connect(self.close_sheet)
        self.foot(close)

    def _follow(self) -> None:
        mine = self._message
        if mine.message_id.startswith(UNSTORED):  # it is stored meanwhile, under a number of its own
            stored = [m for m in self._model.messages if m.is_own and m.text == mine.text]
            self._message = stored[-1] if stored else mine
        elif all(m.message_id != mine.message_id for m in self._model.messages):
            self.close_sheet()
