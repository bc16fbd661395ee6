"""Copies and keys of the profile: backups, salvage, a lost key, another passphrase. Each is asked, none deletes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from byre.client.events import KeyReturned, LinkCodeShown, LinkEnded
from byre.client.views import LinkOffer, SalvageView
from byre.ui.asking import Asking
from byre.ui.bridge import Bridge
from byre.ui.dialogs.backup import BackupEntry, BackupMade
from byre.ui.dialogs.lock_change import LockChange
from byre.ui.dialogs.question import Question
from byre.ui.dialogs.recovery_code import NewRecoveryCode
from byre.ui.dialogs.rescue import AskPhone, CodeEntry, Salvage, Ways
from byre.ui.file_choice import choose_file, choose_new_file
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.plain import shown_address

SUFFIX = "byrebackup"


class Copying(QObject):
    """`opened` when a locked or new profile may have become ready, `said(str)` for the user."""

    opened = Signal()
    said = Signal(str)

    def __init__(self, look: Look, bridge: Bridge, asking: Asking, window: QWidget, relay: str | None) -> None:
        super().__init__(window)
        self._look, self._bridge, self._asking, self._window, self._relay = look, bridge, asking, window, relay

    # -- backups

    def export(self) -> None:
        """Ask where to, then write."""
        choose_new_file(
            self._look,
            self._window,
            tr("Make a backup"),
            name=f"byre.{SUFFIX}",
            chosen=self.export_to,
            ask=self._asking.open,
        )

    def export_to(self, path: str) -> None:
        """Write a backup to a file, with progress, and show its code once."""
        sheet = BackupMade(self._look, self._window)
        self._asking.open(sheet)
        self._bridge.run(self._bridge.engine.backups.export(path, sheet.progress), sheet.done, sheet.fail)

    def restore(self) -> None:
        """Ask for the file of a backup, then for its code."""
        choose_file(self._window, tr("Choose the backup"), self.restore_from)

    def restore_from(self, path: str) -> None:
        """Become the device of a backup."""
        sheet = BackupEntry(self._look, self._window)

        def sent(code: str, passphrase: str) -> None:
            backups = self._bridge.engine.backups
            made = backups.restore(path, code, passphrase=passphrase or None, on_progress=sheet.bar.show_fraction)
            self._bridge.run(made, lambda _none: self._opened(sheet), sheet.fail)

        sheet.sent.connect(sent)
        self._asking.open(sheet)

    def new_recovery_code(self) -> None:
        """On the phone: another recovery code in place of the one on paper."""
        sheet = NewRecoveryCode(self._look, self._window)
        codes = self._bridge.engine.recovery_code
        sheet.wanted.connect(lambda: self._bridge.run(codes.propose(), sheet.show_code, sheet.fail))
        sheet.confirmed.connect(lambda code: self._bridge.run(codes.confirm(code), sheet.done, sheet.fail))
        self._asking.open(sheet)

    # -- what does not open

    def stuck(self, code: str) -> None:
        """Offer the ways on for a profile that does not open."""
        if code == "db_damaged":
            self.salvage()
            return
        ways = [("again", lambda: tr("Try again"), "primary")]
        if code in ("key_unavailable", "key_missing", "key_file_damaged"):
            if self._bridge.engine.key_recovery.is_possible():
                ways.append(("phone", lambda: tr("Get the key back from my phone…"), "soft"))
                ways.append(("code", lambda: tr("Open with the recovery code…"), "soft"))
            ways.append(("aside", lambda: tr("Set this profile aside and begin anew…"), "outline"))
        sheet = Ways(
            self._look,
            self._window,
            lambda: tr("Your conversations do not open"),
            lambda: tr(
                "Unlock your system's key store, or log in to the desktop again, then try again: everything is still "
                "here. If the key is gone for good, your phone or the recovery code can bring it back. Nothing is "
                "deleted here."
            ),
            tuple(ways),  # type: ignore[arg-type]
        )
        acts = {"again": self.opened.emit, "phone": self.ask_phone, "code": self.with_code, "aside": self.set_aside}
        sheet.taken.connect(lambda name: acts[name]())
        self._asking.open(sheet)

    def salvage(self) -> None:
        """Bring a damaged profile back from what can be read of it and its snapshot."""
        needs = self._bridge.engine.account.status().has_passphrase
        sheet = Salvage(self._look, self._window, needs_passphrase=needs)

        def done(found: SalvageView) -> None:
            self.opened.emit()
            sheet.done(found)

        def agreed(passphrase: str) -> None:
            self._bridge.run(self._bridge.engine.backups.salvage(passphrase or None), done, sheet.fail)

        sheet.agreed.connect(agreed)
        self._asking.open(sheet)

    def with_code(self) -> None:
        """The recovery code opens a primary device."""
        sheet = CodeEntry(self._look, self._window, self._relay or "")
        recovery = self._bridge.engine.key_recovery

        def sent(code: str, relay: str, handle: str, passphrase: str) -> None:
            opening = recovery.with_code(code, relay=relay, handle=handle, passphrase=passphrase or None)
            self._bridge.run(opening, lambda _none: self._opened(sheet), sheet.fail)

        sheet.sent.connect(sent)
        self._asking.open(sheet)

    def ask_phone(self) -> None:
        """The phone gives a PC its key back."""
        if not self._relay:
            self._asking.connection(self._bridge, "", self._ask_at)
        else:
            self._ask_at(self._relay)

    def _ask_at(self, relay: str) -> None:
        sheet, bridge = AskPhone(self._look, self._window), self._bridge
        recovery = bridge.engine.key_recovery

        def happened(event: object) -> None:
            if isinstance(event, LinkCodeShown):
                sheet.show_digits(event.code, shown_address(event.handle, event.host), event.expires_at)
            elif isinstance(event, LinkEnded) and event.code == "offer_expired":
                sheet.begin_anew()  # a new code by itself, as on the first screen
            elif isinstance(event, LinkEnded):
                sheet.fail(event.code)
            elif isinstance(event, KeyReturned):
                sheet.is_done = True
                sheet.close_sheet()
                self.opened.emit()

        def offered(offer: LinkOffer) -> None:
            sheet.show_offer(offer.uri, offer.expires_at)

        def ask() -> None:
            bridge.run(recovery.ask_phone(relay), offered, sheet.fail)

        bridge.happened.connect(happened)
        sheet.finished.connect(lambda: bridge.happened.disconnect(happened))
        sheet.cancelled.connect(lambda: bridge.run(recovery.cancel(), None, lambda _code: None))
        sheet.again.connect(ask)
        self._asking.open(sheet)
        ask()

    def set_aside(self) -> None:
        """Keep what cannot be opened in a folder of its own, and begin anew."""
        sheet = Question(
            self._look,
            self._window,
            lambda: tr("Set this profile aside?"),
            lambda: tr(
                "Its files are kept in a folder inside the profile, and nothing is deleted. Byre then begins as on the "
                "first day: link this PC again, or restore the account."
            ),
            yes=lambda: tr("Set aside"),
        )

        def answered(yes: bool) -> None:
            if yes:
                self._bridge.run(self._bridge.engine.backups.set_aside(), lambda _none: self.opened.emit())

        sheet.answered.connect(answered)
        self._asking.open(sheet)

    # -- the lock

    def change_lock(self) -> None:
        """Another passphrase, or none."""
        status = self._bridge.engine.account.status()
        uses = status.key_mode != "C"
        sheet = LockChange(self._look, self._window, has_passphrase=status.has_passphrase, uses_key_store=uses)

        def changed(mode: str) -> None:
            sheet.close_sheet()
            self.said.emit(
                tr("The key store alone opens Byre now.") if mode == "A" else tr("The new passphrase opens Byre now.")
            )

        def sent(current: str, passphrase: str, store: bool) -> None:
            change = self._bridge.engine.account.change_lock(current or None, passphrase or None, use_key_store=store)
            self._bridge.run(change, changed, sheet.fail)

        sheet.sent.connect(sent)
        self._asking.open(sheet)

    def _opened(self, sheet: BackupEntry | CodeEntry) -> None:
        sheet.close_sheet()
        self.opened.emit()
