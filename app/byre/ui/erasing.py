"""Erasing what is not a whole room: a message, a contact, everything older than a day, all of it; and a PC's orders.

Each asks first, the harmless answer is the default. What the engine certifies is shown as any wipe certificate. On the
phone, a wipe that a PC ordered is told with the way to undo it while there is time.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from byre.client.events import WipeOrdered
from byre.client.views import AccountId, MessageId, WipeCertificate, WipeOrder
from byre.ui import when
from byre.ui.asking import Asking
from byre.ui.bridge import Bridge
from byre.ui.dialogs.question import Question
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.messenger import Messenger
from byre.ui.plain import isolated, one_line
from byre.ui.wiping import Wiping

DAY_MS = 86_400_000
Words = Callable[[], str]


class Erasing(QObject):
    """Asks, hands over to the engine, shows the certificate."""

    def __init__(self, look: Look, bridge: Bridge, asking: Asking, wiping: Wiping, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._asking, self._wiping, self._window = look, bridge, asking, wiping, window
        bridge.rarer.connect(self._happened)

    def serve(self, messenger: Messenger) -> None:
        """Let what this messenger's panes ask to erase be erased."""
        messenger.room_pane.erase_message.connect(self.message)
        messenger.profile.erase.connect(self.contact)
        messenger.settings_pane.erase_older.connect(self.older_than)
        messenger.settings_pane.erase_all.connect(self.everything)
        self.pending()

    def message(self, message_id: str) -> None:
        """One message, on this device only."""
        self._ask(
            lambda: tr("Erase this message here?"),
            lambda: tr("It is erased on this device, for good. Other devices keep what they have."),
            lambda: tr("Erase"),
            lambda: self._bridge.engine.erasures.delete_message(MessageId(message_id)),
        )

    def contact(self, account_id: str, name: str) -> None:
        """Somebody, with the direct conversations."""
        self._certified(
            lambda: tr("Erasing a contact"),
            lambda: tr("Erase {name} from this device?", name=isolated(one_line(name, 40))),
            lambda: tr("Your direct conversations, the name and what you verified are erased here, without a trace."),
            lambda: self._bridge.engine.erasures.wipe_contact(AccountId(account_id)),
        )

    def older_than(self, days: int) -> None:
        """Everything from before that many days, in all rooms."""
        before = self._look.now_ms() - days * DAY_MS
        self._certified(
            lambda: tr("Erasing old messages"),
            lambda: tr("Erase everything older than {date}?", date=when.date(before, self._look.language)),
            lambda: tr("In all conversations on this device, without a trace. This cannot be undone."),
            lambda: self._bridge.engine.erasures.wipe_before(before),
        )

    def everything(self) -> None:
        """All of it, at once: keys first."""
        self._ask(
            lambda: tr("Destroy everything on this device now?"),
            lambda: tr(
                "The keys are destroyed first, so that nothing can be read any more, then the files. Only the recovery "
                "code or another device brings the account back; conversations that are only here are lost."
            ),
            lambda: tr("Destroy everything"),
            lambda: self._bridge.engine.account.panic(),
        )

    def pending(self) -> None:
        """On the phone: orders that came while the window was closed."""

        def listed(orders: Sequence[WipeOrder]) -> None:
            for order in orders[:1]:
                self._ordered(order)

        self._bridge.run(self._bridge.engine.wipes.pending(), listed, lambda _code: None)

    # -- inside

    def _happened(self, event: object) -> None:
        if isinstance(event, WipeOrdered):
            self._ordered(event.order)

    def _ordered(self, order: WipeOrder) -> None:
        minutes = max(0, -(-(order.due_at - self._look.now_ms()) // 60_000))
        sheet = Question(
            self._look,
            self._window,
            lambda: tr("A PC of yours wants to erase a conversation"),
            lambda: tr("In %n minutes it is erased on all your devices. Undo it if that was not you.", minutes),
            yes=lambda: tr("Undo"),
            kind="primary",
            no=lambda: tr("Let it be erased"),
            is_unasked=True,
        )

        def answered(yes: bool) -> None:
            if yes:
                self._bridge.run(self._bridge.engine.wipes.undo(order.wipe_id))

        sheet.answered.connect(answered)
        self._asking.open(sheet)

    def _certified(
        self, named: Words, title: Words, why: Words, erase: Callable[[], Coroutine[Any, Any, WipeCertificate]]
    ) -> None:
        """Ask `title`; what goes on then is shown as `named`, with its steps, until there is a certificate."""
        self._asked(title, why, lambda: tr("Erase"), lambda: self._wiping.carry(named, erase))

    def _ask(self, title: Words, why: Words, yes: Words, erase: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self._asked(title, why, yes, lambda: self._bridge.run(erase()))

    def _asked(self, title: Words, why: Words, yes: Words, act: Callable[[], object]) -> None:
        sheet = Question(self._look, self._window, title, why, yes=yes)
        sheet.answered.connect(lambda agreed: act() if agreed else None)
        self._asking.open(sheet)
