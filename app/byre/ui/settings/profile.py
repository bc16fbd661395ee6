"""My profile: the name that others see, the handle and the account; on the phone the recovery code."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from byre.client.views import Role, Status
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.pages.forms import FormRow
from byre.ui.settings.page import SettingsPage
from byre.ui.settings.recovery import RecoveryCodeRow
from byre.ui.widgets.buttons import Button


class ProfilePage(SettingsPage):
    """`recovery_code_wanted` when the user wants another code. What is being written is never replaced."""

    recovery_code_wanted = Signal()

    def __init__(self, look: Look, choices: Callable[[str], str], bridge: Bridge) -> None:
        super().__init__(look, choices)
        self._bridge = bridge
        self._status = bridge.engine.account.status()
        self.put_title(lambda: tr("My profile"), lambda: tr("What the people you talk to see of you."))
        self.name = FormRow(look, lambda: tr("Name"), hint=lambda: tr("Shown to the people you talk to"))
        self.name.field.set_text(self._status.name or "")
        save = Button(look, lambda: tr("Save"), "soft", height=44, padding=16)
        self.name.field.submitted.connect(self._save)
        save.clicked.connect(self._save)
        holder = QWidget()
        beside = QHBoxLayout(holder)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        beside.addWidget(self.name, 1)
        lower = QVBoxLayout()  # beside the field, whatever stands under that
        lower.addSpacing(24)
        lower.addWidget(save)
        lower.addStretch(1)
        beside.addLayout(lower)
        self.put_widget(holder)
        self.column.addSpacing(16)
        self._card = self.put_card(
            (
                ("message-circle", lambda: tr("Handle"), self._address),
                ("key-round", lambda: tr("Account"), self._account),
            )
        )
        if self._status.role is Role.PRIMARY:
            code = RecoveryCodeRow(look, bridge)
            code.wanted.connect(self.recovery_code_wanted)
            self.put_widget(code)

    def refresh(self, status: Status) -> None:
        before, self._status = self._status, status
        if status.name != before.name and self.name.text() == (before.name or ""):
            self.name.field.set_text(status.name or "")
        self._card.say()

    def _address(self) -> str:
        status = self._status
        return f"{status.handle}@{status.host}" if status.handle and status.host else status.handle or ""

    def _account(self) -> str:
        return " ".join((self._status.account_id or "")[at : at + 4] for at in range(0, 16, 4))

    def _save(self) -> None:
        name = " ".join(self.name.text().split())
        if name and name != (self._status.name or ""):
            self._bridge.run(self._bridge.engine.account.rename(name), lambda _none: self._saved(), self.name.set_error)

    def _saved(self) -> None:
        self.refresh(self._bridge.engine.account.status())
