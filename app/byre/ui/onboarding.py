"""Before there is an account: carries the flows' commands to the engine and shows the page of their state."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from byre.client.events import LinkCodeShown, LinkEnded, LinkReady
from byre.client.views import Created, DeviceId, LinkOffer
from byre.ui.bridge import Bridge
from byre.ui.flows import link_pc
from byre.ui.flows.first_run import Form, RecoveryCheck
from byre.ui.flows.link_pc import CodeShown, Command, Confirming, Finishing, Linked, PcLink
from byre.ui.look import Look
from byre.ui.pages.account import AccountPage
from byre.ui.pages.first_run import FirstRunPage
from byre.ui.pages.link_code import LinkCodePage
from byre.ui.pages.link_confirm import LinkConfirmPage
from byre.ui.pages.recovery import RecoveryPage
from byre.ui.sentences import error_sentence

P = TypeVar("P", bound=QWidget)


class Onboarding(QObject):
    """Owns the pages of first run, linking, creation and recovery.

    Signals: `page(QWidget)` to show one, `said(str)` a sentence for the user, `done()` when there is an account,
    `network()`, `passphrase()` and `language(str)` for what the user asked for.
    """

    page = Signal(QWidget)
    said = Signal(str)
    done = Signal()
    network = Signal()
    passphrase = Signal()
    language = Signal(str)
    backup = Signal()

    def __init__(
        self, look: Look, bridge: Bridge, parent: QObject, *, relay: str | None, device_name: str, can_link: bool
    ) -> None:
        super().__init__(parent)
        self._look, self._bridge = look, bridge
        self._device_name = device_name
        self._can_link = can_link
        self._showing: QWidget | None = None
        self._holding = False
        self.flow = PcLink(relay)
        self._first: FirstRunPage | None = None
        self._code: LinkCodePage | None = None
        self._confirm: LinkConfirmPage | None = None
        self._account: AccountPage | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._tick)
        bridge.happened.connect(self._happened)

    @property
    def relay(self) -> str:
        """The relay as it is chosen or written now."""
        written = self._account.rows["relay"].text().strip() if self._account is not None else ""
        return written or self.flow.relay or ""

    @property
    def needs_relay(self) -> bool:
        """Whether what is shown can do nothing without one."""
        return self._account is None

    @property
    def is_holding(self) -> bool:
        """Whether the recovery code still waits to be confirmed (the account exists already)."""
        return self._holding

    def start(self) -> None:
        """Begin with what this device is for."""
        if self._can_link:
            self._do(self.flow.start())
            self._timer.start()
        else:
            self.show_account(restoring=False)

    def stop(self) -> None:
        """There is an account: no more offers."""
        self._timer.stop()
        with contextlib.suppress(RuntimeError):
            self._bridge.happened.disconnect(self._happened)

    def choose_relay(self, relay: str) -> None:
        """From the network settings."""
        if self._account is not None and relay:
            self._account.rows["relay"].field.set_text(relay)
        if self._can_link and (relay or self.flow.relay):
            self._do(self.flow.choose_relay(relay or self.flow.relay or ""))

    def choose_passphrase(self, passphrase: str) -> None:
        """For a PC without a key store."""
        self._do(self.flow.choose_passphrase(passphrase))

    def show_account(self, *, restoring: bool) -> None:
        """The page that creates or restores an account on this device."""
        page = AccountPage(self._look, restoring=restoring, relay=self.flow.relay or "", can_go_back=self._can_link)
        page.sent.connect(self._send_account)
        page.back.connect(self._back)
        page.backup.connect(self.backup)
        page.top.network.connect(self.network)
        page.top.language_chosen.connect(self.language)
        if isinstance(self.flow.state, link_pc.PassphraseWanted):
            page.require_passphrase()
        else:
            self._bridge.run(self._bridge.engine.account.needs_passphrase(), self._told_of_keys, lambda _code: None)
        page.other.connect(lambda: self.show_account(restoring=not restoring))
        if self._account is not None:
            page.take_over(self._account)
        self._account = page
        self._show(page)
        first = next(iter(page.rows.values()))
        first.field.setFocus()

    def _told_of_keys(self, needs_passphrase: bool) -> None:
        if needs_passphrase and self._account is not None:
            self._account.require_passphrase()

    def _back(self) -> None:
        if self._can_link:
            self._account = None
            self._render()

    def _send_account(self, form: Form, restoring: bool) -> None:
        page = self._account
        if page is None:
            return
        passphrase = form.passphrase or None
        account = self._bridge.engine.account

        def made(created: Created) -> None:
            self.flow.relay = form.relay
            if created.recovery_code:
                self._show_recovery(created)
            else:
                self._finish()

        if restoring:
            intent = account.restore(code=form.code, relay=form.relay, handle=form.handle, passphrase=passphrase)
        else:
            self._holding = True  # the status turns ready before the recovery code was seen
            intent = account.create(handle=form.handle, name=form.name, relay=form.relay, passphrase=passphrase)

        def refused(code: str) -> None:
            self._holding = False
            page.fail(code)

        self._bridge.run(intent, made, refused)

    def _show_recovery(self, created: Created) -> None:
        page = RecoveryPage(self._look, RecoveryCheck(created.recovery_code))
        page.confirmed.connect(self._finish)
        self._show(page)
        page.row.field.setFocus()

    def _finish(self) -> None:
        self._holding = False
        self.done.emit()

    # -- the PC's linking flow

    def _tick(self) -> None:
        if not self._holding:
            self._do(self.flow.tick(self._look.now_ms()))

    def _happened(self, event: object) -> None:
        if isinstance(event, LinkCodeShown):
            self._do(self.flow.code_shown(event.code, event.handle, event.host, event.expires_at))
        elif isinstance(event, LinkReady):
            self._do(self.flow.ready(event.handle, event.host))
        elif isinstance(event, LinkEnded):
            self._do(self.flow.ended(event.code))

    def _do(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self._carry(command)
        if self._account is None:
            self._render()

    def _carry(self, command: Command) -> None:
        linking = self._bridge.engine.linking
        if isinstance(command, link_pc.Offer):
            relay = self.flow.relay or ""
            offer = linking.offer(relay=relay, device_name=self._device_name, passphrase=self.flow.passphrase)
            self._bridge.run(offer, self._offered, lambda code: self._do(self.flow.offer_failed(code)))
        elif isinstance(command, link_pc.Finish):
            accept = command.accept

            def finished(_device: DeviceId | None) -> None:
                if accept:
                    self._do(self.flow.finished())
                    self._finish()

            self._bridge.run(linking.finish(accept), finished, self._finish_failed if accept else lambda _code: None)
        elif isinstance(command, link_pc.Cancel):
            self._bridge.run(linking.cancel(), None, lambda _code: None)
        else:
            self.said.emit(error_sentence(command.code))

    def _offered(self, offer: LinkOffer) -> None:
        self._do(self.flow.offered(offer))

    def _finish_failed(self, code: str) -> None:
        self._do(self.flow.ended(code))

    # -- pages

    def _render(self) -> None:
        state, now = self.flow.state, self._look.now_ms()
        if isinstance(state, Linked):
            return  # the messenger is next: the first page in between would be a flash
        if isinstance(state, CodeShown):
            page = self._code or self._make(LinkCodePage, lambda p: p.cancelled.connect(self._cancel))
            self._code = page
            page.show_state(state, now)
            self._show(page)
            page.setFocus()
        elif isinstance(state, Confirming | Finishing):
            confirm = self._confirm or self._make(LinkConfirmPage, lambda p: p.answered.connect(self._answer))
            fresh = self._confirm is None
            self._confirm = confirm
            if fresh or self._showing is not confirm or isinstance(state, Finishing):
                confirm.show_address(state.address, isinstance(state, Finishing))
            arrives = self._showing is not confirm
            self._show(confirm)
            if arrives:
                confirm.setFocus()  # on no button: an Enter that was meant for something else must not answer
        else:
            first = self._first or self._make(FirstRunPage, self._wire_first)
            self._first = first
            first.show_state(state, now)
            self._show(first)

    def _make(self, kind: Callable[[Look], P], wire: Callable[[P], object]) -> P:
        page = kind(self._look)
        wire(page)
        return page

    def _wire_first(self, page: FirstRunPage) -> None:
        page.second_way.connect(lambda: self.show_account(restoring=False))
        page.network.connect(self.network)
        page.passphrase_wanted.connect(self.passphrase)
        page.retry.connect(lambda: self._do(self.flow.start()))
        page.language_chosen.connect(self.language)

    def _show(self, page: QWidget) -> None:
        if page is not self._showing:
            self._showing = page
            self.page.emit(page)

    def _cancel(self) -> None:
        self._do(self.flow.cancel())

    def _answer(self, accept: bool) -> None:
        self._do(self.flow.answer(accept))
