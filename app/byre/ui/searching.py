"""Answers what a search asks for: a day to go to, a room, a person, days to search in; and before a link is opened."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from byre.client.views import AccountId, RoomId
from byre.ui import painting
from byre.ui.asking import Asking
from byre.ui.dialogs.calendar import DayPicker, RangePicker
from byre.ui.dialogs.open_link import OpenLink
from byre.ui.dialogs.pick import Pick
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.messenger import Messenger
from byre.ui.naming import person_name
from byre.ui.plain import one_line, shown_name
from byre.ui.room.pane import RoomPane
from byre.ui.sidebar.friends import Entry
from byre.ui.sidebar.rooms_model import room_colour, room_title


class Searching(QObject):
    """One sheet at a time, over the same window as all other questions."""

    def __init__(self, look: Look, asking: Asking, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._asking, self._window = look, asking, window

    def serve(self, messenger: Messenger) -> None:
        """Answer this messenger and its own windows of rooms."""
        pane, column = messenger.room_pane, messenger.search
        pane.link_wanted.connect(self.link)
        pane.date_wanted.connect(self.day)
        column.room_wanted.connect(lambda: self.room(messenger))
        column.sender_wanted.connect(lambda: self.person(messenger))
        column.days_wanted.connect(lambda: self.days(messenger))

    def link(self, address: str) -> None:
        """Show where a link leads; only then it is handed to the browser."""
        sheet = OpenLink(self._look, self._window, address)
        sheet.agreed.connect(open_outside)
        self._asking.open(sheet)

    def day(self, pane: RoomPane) -> None:
        """Go to a day of the room in `pane`."""
        rows = pane.transcript.items.items
        seen = [rows[at].message for at, _, _ in pane.transcript.visible if at < len(rows)]
        first = next((message.sent_at for message in seen if message is not None), None)
        sheet = DayPicker(self._look, self._window, self._look.now_ms(), first)
        sheet.chosen.connect(pane.go_to_day)
        self._asking.open(sheet)

    def days(self, messenger: Messenger) -> None:
        """Search between two days."""
        sheet = RangePicker(self._look, self._window, self._look.now_ms())
        column = messenger.search

        def chosen(since: int, until: int) -> None:
            column.narrow(replace(column.narrowed, days=0, since=since, until=until))

        sheet.chosen.connect(chosen)
        self._asking.open(sheet)

    def room(self, messenger: Messenger) -> None:
        """Search in one room."""
        column = messenger.search
        entries = [Entry(tr("All rooms"), "", Pick.ALL, colour=0)]
        open_room = messenger.room_pane.room
        rooms = sorted(column.rooms.values(), key=lambda r: open_room is None or r.room_id != open_room.room_id)
        for room in rooms:
            members = tr("%n members", room.member_count)
            entries.append(Entry(room_title(room), members, room.room_id, True, room.trust, room_colour(room)))
        sheet = Pick(self._look, self._window, lambda: tr("Search in which room?"), entries)

        def chosen(key: str) -> None:
            column.narrow(replace(column.narrowed, room=None if key == Pick.ALL else RoomId(key)))

        sheet.chosen.connect(chosen)
        self._asking.open(sheet)

    def person(self, messenger: Messenger) -> None:
        """Search what one person wrote."""
        column, status = messenger.search, messenger.bridge.engine.account.status()
        entries = [Entry(tr("Anybody"), "", Pick.ALL, colour=0)]
        names: dict[str, str] = {}
        if status.account_id is not None:
            own = tr("{name} (me)", name=shown_name(status.name or "", status.handle or ""))
            index = painting.avatar_index(status.account_id)
            entries.append(Entry(own, one_line(status.handle or "", 90), status.account_id, colour=index))
            names[status.account_id] = tr("Me")
        for contact in sorted(column.contacts, key=lambda c: person_name(c.name, c.handle).casefold()):
            name = person_name(contact.name, contact.handle)
            names[contact.account_id] = name
            index = painting.avatar_index(contact.account_id)
            entries.append(Entry(name, one_line(contact.handle, 90), contact.account_id, False, contact.trust, index))
        sheet = Pick(self._look, self._window, lambda: tr("Written by whom?"), entries)

        def chosen(key: str) -> None:
            sender = None if key == Pick.ALL else AccountId(key)
            column.narrow(replace(column.narrowed, sender=sender, sender_name=names.get(key, "")))

        sheet.chosen.connect(chosen)
        self._asking.open(sheet)


def open_outside(address: str) -> None:
    """Hand an address of the web to the system's browser; anything else goes nowhere."""
    target = QUrl(address, QUrl.ParsingMode.StrictMode)
    if target.isValid() and target.scheme().lower() in ("http", "https"):
        QDesktopServices.openUrl(target)
