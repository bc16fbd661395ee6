"""What a row offers: the context menu of a message, by mouse or by the menu key; and what a state means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from byre.client.views import MessageState, MessageView
from byre.ui.i18n import tr
from byre.ui.transcript.items import UNSTORED, Item, state_name


@dataclass(frozen=True, slots=True)
class RowActs:
    """What the view can do with a row; None where it cannot."""

    copy_selection: Callable[[], None] | None
    open_link: Callable[[str], None]
    retry: Callable[[str], None]
    erase: Callable[[str], None]
    go_to_date: Callable[[], None]


def row_menu(parent: QWidget, item: Item, links: tuple[str, ...], acts: RowActs) -> QMenu:
    """The menu of one row; it destroys itself after use."""
    menu = QMenu(parent)
    menu.setObjectName("row menu")
    menu.aboutToHide.connect(menu.deleteLater)
    if acts.copy_selection is not None:
        menu.addAction(tr("Copy selection"), acts.copy_selection)
    if item.kind == "message":
        menu.addAction(tr("Copy message"), lambda: QGuiApplication.clipboard().setText(item.text))
    for url in links[:3]:
        short = url if len(url) <= 40 else url[:39] + "…"
        menu.addAction(tr("Open {link}…", link=short), partial(acts.open_link, url))
        menu.addAction(tr("Copy the link"), partial(QGuiApplication.clipboard().setText, url))
    if item.note is not None and item.note.action == "retry":
        menu.addAction(tr("Send again"), lambda: acts.retry(item.key))
    if item.kind == "day":
        menu.addAction(tr("Go to a date"), acts.go_to_date)
    if item.kind == "message" and not item.key.startswith(UNSTORED):
        menu.addSeparator()
        menu.addAction(tr("Erase on this device…"), lambda: acts.erase(item.key))
    return menu


def state_words(message: MessageView, *, on_phone: bool = False) -> str:
    """The state of an own message, and what that means."""
    if not message.is_own:
        return ""
    if message.state is MessageState.DELIVERED and message.unread_by:
        meaning = tr("A device of everybody has it. %n have not read it.", message.unread_by)
    else:
        meaning = {
            MessageState.QUEUED: tr("It is on this phone. It has not reached the relay yet.")
            if on_phone
            else tr("It is on this PC. It has not reached the relay yet."),
            MessageState.RELAYED: tr("The relay passes it on. It is not on the other devices yet."),
            MessageState.STORED: tr("The relay keeps it for them. It is not on the other devices yet."),
            MessageState.DELIVERED: tr("A device of everybody has it."),
            MessageState.READ: tr("Everybody has read it."),
            MessageState.EXPIRED: tr("Nobody fetched it in time. It is sent again when the device comes back."),
            MessageState.FAILED: tr("It was not sent. The reason stands under it."),
        }.get(message.state, "")
    return f"{state_name(message.state)}: {meaning}" if meaning else ""
