"""Answers what the messenger asks for with a sheet: new chat, invitation, safety number, changed key, removal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from byre.client.views import AccountId, ContactView, DeviceId, RoomId, SignedListView, Trust
from byre.ui.bridge import Bridge
from byre.ui.dialogs.connection import ConnectionEntry
from byre.ui.dialogs.entry import PassphraseEntry, TitleEntry
from byre.ui.dialogs.fork import OwnFork
from byre.ui.dialogs.full_text import FullText
from byre.ui.dialogs.new_chat import NewChat
from byre.ui.dialogs.question import Question
from byre.ui.dialogs.safety import SafetyNumber
from byre.ui.dialogs.sheet import Sheet
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.messenger import Messenger
from byre.ui.onboarding import Onboarding
from byre.ui.plain import isolated, one_line
from byre.ui.qr import read_qr_file


class Asking(QObject):
    """One sheet at a time over one window."""

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._window = look, window
        self.sheet: Sheet | None = None

    def open(self, sheet: Sheet) -> None:
        """Open a sheet in place of the former one."""
        if self.sheet is not None:
            self.sheet.close_sheet()
        self.sheet = sheet

        def gone() -> None:
            if self.sheet is sheet:
                self.sheet = None

        sheet.finished.connect(gone)
        sheet.open()

    def close(self) -> None:
        """Close what is open."""
        if self.sheet is not None:
            self.sheet.close_sheet()

    def serve(self, messenger: Messenger) -> None:
        """Answer everything that this messenger asks for."""
        messenger.new_chat.connect(lambda: self.new_chat(messenger))
        messenger.compare.connect(lambda account_id: self.compare(messenger.bridge, account_id))
        messenger.accept_key.connect(lambda account_id: self.accept_key(messenger.bridge, account_id))
        messenger.full_text.connect(lambda what: self.open(FullText(self._look, self._window, *what)))
        messenger.rename_room.connect(lambda room_id, title: self.rename_room(messenger.bridge, room_id, title))
        messenger.invite.connect(lambda room_id: self.invite(messenger.bridge, room_id))
        devices = messenger.settings_pane.devices
        devices.remove_wanted.connect(lambda device_id, name: self.remove_device(messenger, device_id, name))

    def network(self, bridge: Bridge, onboarding: Onboarding) -> None:
        """Before there is an account: ask for the relay, and for the way to it."""
        self.connection(bridge, onboarding.relay, onboarding.choose_relay, needs_relay=onboarding.needs_relay)

    def connection(
        self, bridge: Bridge, relay: str, chosen: Callable[[str], None], *, needs_relay: bool = True
    ) -> None:
        """Ask how relays are reached; `chosen` gets the relay once the way to it is set."""
        network = bridge.engine.network
        sheet = ConnectionEntry(self._look, self._window, network.get(), relay, needs_relay=needs_relay)

        def sent(url: str, proxy: str, ca_pem: str) -> None:
            def put(_none: None) -> None:
                sheet.close_sheet()
                chosen(url)

            bridge.run(network.put(proxy=proxy, ca_pem=ca_pem), put, sheet.fail)

        sheet.sent.connect(sent)
        self.open(sheet)

    def passphrase(self, onboarding: Onboarding) -> None:
        """On a PC without a key store: ask for a passphrase."""
        sheet = PassphraseEntry(self._look, self._window)
        sheet.chosen.connect(onboarding.choose_passphrase)
        self.open(sheet)

    def forgotten(self) -> None:
        """Say what helps when the passphrase is forgotten; nothing is ever deleted."""
        sheet = Question(
            self._look,
            self._window,
            lambda: tr("Forgot the passphrase?"),
            lambda: tr(
                "Nobody can read the passphrase out of this device. If this PC is linked, unlink it on your phone and "
                "link it again. If this is the primary device, the recovery code restores your account on a new "
                "device. Nothing is deleted here."
            ),
            yes=lambda: tr("Understood"),
            kind="primary",
            no=lambda: tr("Close"),
        )
        self.open(sheet)

    def new_chat(self, messenger: Messenger) -> None:
        """Ask whom to talk to."""
        sheet = NewChat(self._look, self._window, messenger.bridge)
        sheet.opened.connect(lambda room_id: messenger.open_room(RoomId(room_id)))
        self.open(sheet)

    def rename_room(self, bridge: Bridge, room_id: str, title: str) -> None:
        """Ask for a group's new name."""
        sheet = TitleEntry(self._look, self._window, title)
        sheet.chosen.connect(lambda chosen: bridge.run(bridge.engine.rooms.rename(RoomId(room_id), chosen)))
        self.open(sheet)

    def invite(self, bridge: Bridge, room_id: str) -> None:
        """Ask whom to invite."""
        self.open(NewChat(self._look, self._window, bridge, invite_into=RoomId(room_id)))

    def compare(self, bridge: Bridge, account_id: str) -> None:
        """Show the safety number with somebody."""
        who = AccountId(account_id)
        contacts = bridge.engine.contacts

        def told(contact: ContactView) -> None:
            sheet = SafetyNumber(self._look, self._window, contact, bridge.engine.account.status().host or "")
            sheet.same.connect(lambda _who: bridge.run(self._agreed(bridge, contact)))

            def checked(same: bool) -> None:
                sheet.tell_checked(same)
                if same:
                    bridge.run(self._agreed(bridge, contact))

            async def check(path: Path) -> bool:
                return await contacts.check_qr(who, await asyncio.to_thread(read_qr_file, path))

            sheet.picture_chosen.connect(lambda path: bridge.run(check(path), checked, sheet.fail))
            self.open(sheet)

        bridge.run(contacts.get(who), told)

    @staticmethod
    async def _agreed(bridge: Bridge, contact: ContactView) -> None:
        """The numbers are the same: a changed key is accepted first, then the account is verified."""
        contacts, who = bridge.engine.contacts, contact.account_id
        if contact.trust is Trust.CHANGED:
            await contacts.accept_changed_key(who)
            known = await contacts.list()  # another account has the handle now
            who = next((c.account_id for c in known if c.handle == contact.handle), who)
        await contacts.mark_verified(who)

    def fork(self, bridge: Bridge) -> None:
        """The own account's key has signed two histories: say it, block, and ask which one goes on."""

        def listed(lists: Sequence[SignedListView]) -> None:
            sheet = OwnFork(self._look, self._window, lists)

            def answered(yes: bool) -> None:
                if yes:
                    bridge.run(bridge.engine.account.accept_fork())

            sheet.answered.connect(answered)
            self.open(sheet)

        bridge.run(bridge.engine.account.forked_lists(), listed)

    def accept_key(self, bridge: Bridge, account_id: str) -> None:
        """The second question before going on with a key that was not compared; the default is no."""
        sheet = Question(
            self._look,
            self._window,
            lambda: tr("Continue without comparing?"),
            lambda: tr(
                "If somebody took this name, they will read what you write from now on. The room stays “not verified”."
            ),
            yes=lambda: tr("Continue anyway"),
            no=lambda: tr("No"),
        )

        def answered(yes: bool) -> None:
            if yes:
                bridge.run(bridge.engine.contacts.accept_changed_key(AccountId(account_id)))

        sheet.answered.connect(answered)
        self.open(sheet)

    def remove_device(self, messenger: Messenger, device_id: str, name: str) -> None:
        """Ask before a device is removed."""
        bridge = messenger.bridge
        sheet = Question(
            self._look,
            self._window,
            lambda: tr("Remove {name}?", name=isolated(one_line(name, 40))),
            lambda: tr("It can no longer read or send with this account. What it already has stays on it."),
            yes=lambda: tr("Remove"),
        )

        def answered(yes: bool) -> None:
            if yes:
                remove = bridge.engine.devices.remove(DeviceId(device_id))
                bridge.run(remove, lambda _none: messenger.settings_pane.devices.reload())

        sheet.answered.connect(answered)
        self.open(sheet)
