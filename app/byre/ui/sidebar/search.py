"""Search over all rooms or one, by anybody or one person, in all time or some days. Local only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu

from byre.client.events import MessagesErased, RoomErased
from byre.client.views import AccountId, ContactView, MessageId, MessageView, RoomId, RoomView, SearchHitView
from byre.ui import tokens, when
from byre.ui.bridge import Bridge
from byre.ui.end_timer import EndTimer
from byre.ui.i18n import tr
from byre.ui.korean import find_names
from byre.ui.look import Look
from byre.ui.sidebar.chats import PlainList
from byre.ui.sidebar.column import Column
from byre.ui.sidebar.rooms_model import room_title
from byre.ui.sidebar.search_results import RESULT_ROLE, ResultDelegate, ResultsModel
from byre.ui.widgets.buttons import Chip, FilterChip, IconButton
from byre.ui.widgets.cards import Surface
from byre.ui.widgets.labels import Icon, PlainLabel

TYPING_PAUSE_MS = 120
PAGE = 50
PERIODS = (0, 7, 30, 365)
"""Days; 0 is all time."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a search is narrowed to; empty fields narrow nothing."""

    room: RoomId | None = None
    sender: AccountId | None = None
    sender_name: str = ""
    days: int = 0
    since: int | None = None
    until: int | None = None


class SearchColumn(Column):
    """`result_opened(room_id, message_id, query)`, `closed`; what to narrow to is asked by `…_wanted`."""

    result_opened = Signal(str, str, str)
    closed = Signal()
    room_wanted = Signal()
    sender_wanted = Signal()
    days_wanted = Signal()

    def __init__(self, look: Look, bridge: Bridge) -> None:
        close = IconButton(look, "x", lambda: tr("Close the search"))
        super().__init__(look, lambda: tr("Search"), placeholder=lambda: tr("Search all messages"), actions=(close,))
        assert self.field is not None
        close.clicked.connect(self.closed)
        self._bridge = bridge
        self.rooms: dict[RoomId, RoomView] = {}
        self.contacts: Sequence[ContactView] = ()
        self.narrowed = Narrowed()
        self.model = ResultsModel(self)
        self._serial = 0
        self._look_at = look
        self._has_more = False
        self._chips(look)
        head = QHBoxLayout()
        head.setContentsMargins(16, 4, 20, 8)
        self.count = PlainLabel(look, tokens.META, "text2", weight=600)
        head.addWidget(self.count, 1)
        head.addWidget(PlainLabel(look, tokens.META, "text2", text=lambda: tr("Newest first")))
        self.column.addLayout(head)
        self.list = PlainList()
        self.list.setModel(self.model)
        self.list.setItemDelegate(ResultDelegate(look, self.model, self.list))
        self.list.opened.connect(self._open)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.list.left_upwards.connect(lambda: self.field.setFocus() if self.field else None)
        self.column.addWidget(self.list, 1)
        foot = Surface(look, "panel", line="top right")
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(8)
        row.addWidget(Icon(look, "info", "text2", 16), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(
            PlainLabel(
                look, tokens.META, "text2", wrap=True, line_height=18,
                text=lambda: (
                    tr("Search runs only on this phone.\nIt also finds letters inside words.")
                    if look.on_phone
                    else tr("Search runs only on this PC.\nIt also finds letters inside words.")
                ),
            ),
            1,
        )  # fmt: skip
        self.column.addWidget(foot)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._search)
        self.field.edited.connect(lambda _text: self._timer.start(TYPING_PAUSE_MS))
        self.field.submitted.connect(self._submitted)
        self.field.key.connect(self._key)
        look.live(self.list, self._say)
        self.over_timer = EndTimer(self, lambda: look.now_ms())
        self.over_timer.timeout.connect(self._drop_what_is_over)
        bridge.rarer.connect(self._happened)

    def begin(self, query: str) -> None:
        """Start with a query and the focus in the field."""
        assert self.field is not None
        self.field.set_text(query)
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.line.selectAll()
        self._search()

    def narrow(self, narrowed: Narrowed) -> None:
        """Search only there, by that person, in that time."""
        self.narrowed = narrowed
        self._search()

    def step(self, by: int) -> None:
        """Open the next newer (1) or older (-1) result."""
        at = self.list.currentIndex().row()
        wanted = at - by if at >= 0 else 0
        if 0 <= wanted < len(self.model.found):
            self._open(self.model.index(wanted, 0))

    # -- inside

    def _happened(self, event: object) -> None:
        """What was found and is gone, by a timer, by hand or in a wipe, stands here no longer."""
        has_changed = False
        if isinstance(event, MessagesErased):
            gone = frozenset(event.message_ids)
            has_changed = self.model.drop(lambda found: found.message_id in gone)
        elif isinstance(event, RoomErased):
            has_changed = self.model.drop(lambda found: found.room_id == event.room_id)
        if has_changed:
            self._say()

    def _chips(self, look: Look) -> None:
        chips = QHBoxLayout()
        chips.setContentsMargins(16, 0, 8, 8)
        chips.setSpacing(6)
        self.chip = Chip(look, lambda: tr("Messages {count}", count=len(self.model.found)))
        self.chip.setChecked(True)
        self.chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.chip.clicked.connect(lambda: self.chip.setChecked(True))
        self.room_chip = FilterChip(look, self._room_words)
        self.sender_chip = FilterChip(look, lambda: self.narrowed.sender_name or tr("Anybody"))
        self.days_chip = FilterChip(look, self._days_words)
        self.room_chip.clicked.connect(self.room_wanted)
        self.sender_chip.clicked.connect(self.sender_wanted)
        self.days_chip.clicked.connect(self._periods)
        for chip in (self.chip, self.days_chip):
            chips.addWidget(chip)
        chips.addStretch(1)
        self.column.addLayout(chips)
        below = QHBoxLayout()
        below.setContentsMargins(16, 0, 8, 8)
        below.setSpacing(6)
        for chip in (self.room_chip, self.sender_chip):
            below.addWidget(chip)
        below.addStretch(1)
        self.column.addLayout(below)

    def _room_words(self) -> str:
        room = self.rooms.get(self.narrowed.room) if self.narrowed.room is not None else None
        return room_title(room) if room is not None else tr("All rooms")

    def _days_words(self) -> str:
        narrowed, language = self.narrowed, self._look_at.language
        if narrowed.since is not None and narrowed.until is not None:
            days = dict.fromkeys((narrowed.since, narrowed.until - DAY_MS // 2))
            return " – ".join(dict.fromkeys(when.day_short(day, language) for day in days))
        return tr("Last %n days", narrowed.days) if narrowed.days else tr("Any time")

    def _periods(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("periods")
        menu.aboutToHide.connect(menu.deleteLater)
        for days in PERIODS:
            words = tr("Last %n days", days) if days else tr("Any time")
            menu.addAction(words, self._chooser(days))
        menu.addAction(tr("Choose days…"), self.days_wanted.emit)
        menu.popup(self.days_chip.mapToGlobal(self.days_chip.rect().bottomLeft()))

    def _chooser(self, days: int) -> Callable[[], None]:
        old = self.narrowed
        return lambda: self.narrow(Narrowed(old.room, old.sender, old.sender_name, days))

    def _query(self) -> str:
        assert self.field is not None
        return self.field.text().strip()

    def _drop_what_is_over(self) -> None:
        if self.model.drop(self.over_timer.is_over):
            self._say()
        self.over_timer.wind(self.model.found)

    def _search(self) -> None:
        self._timer.stop()
        query = self._query()
        self._serial += 1
        serial = self._serial
        if not self._is_enough(query):
            self._show([], query)
            return

        def found(hits: Sequence[SearchHitView]) -> None:
            if serial == self._serial:
                self._show(hits, query)

        self._bridge.run(self._find(query), found)

    def _is_enough(self, query: str) -> bool:
        """One letter finds names only; nothing at all finds what one person wrote."""
        return len(query) >= 2 or (not query and self.narrowed.sender is not None)

    def _find(self, query: str, before: MessageId | None = None) -> Coroutine[Any, Any, Sequence[SearchHitView]]:
        narrowed = self.narrowed
        since = self._look_at.now_ms() - narrowed.days * DAY_MS if narrowed.days else narrowed.since
        return self._bridge.engine.messages.find(
            query, room_id=narrowed.room, sender=narrowed.sender, since=since, until=narrowed.until, before=before,
            limit=PAGE,
        )  # fmt: skip

    def _scrolled(self, value: int) -> None:
        """Load older hits at the end of the list."""
        query, found = self._query(), self.model.found
        at_end = value >= self.list.verticalScrollBar().maximum()
        if not at_end or not self._has_more or not found or not self._is_enough(query):
            return
        self._has_more = False
        serial = self._serial

        def older(hits: Sequence[SearchHitView]) -> None:
            if serial == self._serial:
                self._has_more = len(hits) >= PAGE
                self.model.append([hit for hit in hits if hit.message.room_id in self.rooms])
                self._say()
                self.over_timer.wind(self.model.found)

        self._bridge.run(self._find(query, found[-1].message_id), older, lambda _code: None)

    def _show(self, hits: Sequence[SearchHitView], query: str) -> None:
        self._has_more = len(hits) >= PAGE
        self.model.replace([hit for hit in hits if hit.message.room_id in self.rooms], self.rooms, query)
        self._say()
        self.over_timer.stop()
        self.over_timer.wind(self.model.found)

    def _say(self) -> None:
        self.list.setAccessibleName(tr("Found messages"))
        for chip in (self.chip, self.room_chip, self.sender_chip, self.days_chip):
            chip.refresh()
        narrowed = self.narrowed
        self.room_chip.set_on(narrowed.room is not None)
        self.sender_chip.set_on(narrowed.sender is not None)
        self.days_chip.set_on(bool(narrowed.days) or narrowed.since is not None)
        query = self._query()
        where = self._room_words()
        more = "+" if self._has_more else ""
        if len(query) == 1:
            titles = [room_title(room) for room in self.rooms.values()]
            names = sum(hit is not None for hit in find_names(query, titles))
            words = tr("One letter searches names only: %n found", names)
        elif not self._is_enough(query):
            words = where
        elif not self.model.found:
            words = f"{where} · {tr('Nothing found')}"
        else:
            words = f"{where} · {tr('%n found', len(self.model.found))}{more}"
        self.count.set_text(words)

    def _submitted(self) -> None:
        """Enter searches at once, and opens the first result when the search has been done."""
        if self._timer.isActive() or not self.model.found or self.model.query != self._query():
            self._search()
        else:
            self._open(self.model.index(max(0, self.list.currentIndex().row()), 0))

    def _key(self, key: int) -> None:
        assert self.field is not None
        if key == Qt.Key.Key_Escape:
            if self.field.text():
                self.field.clear()
            else:
                self.closed.emit()
        elif key == Qt.Key.Key_Down and self.model.found:
            self.list.setFocus(Qt.FocusReason.TabFocusReason)
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _open(self, index: QModelIndex) -> None:
        message = index.data(RESULT_ROLE)
        if isinstance(message, MessageView):
            self.list.setCurrentIndex(index)
            self.result_opened.emit(message.room_id, message.message_id, self.model.query)
