"""One member in the drawer: who it is, by how many devices; a press offers what may be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from byre.client.views import MemberView, Role, Trust
from byre.ui import painting, tokens
from byre.ui.guard import guarded
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.naming import person_name
from byre.ui.sidebar.profile import are_roles_known, devices_words
from byre.ui.widgets.labels import Avatar, Icon, PlainLabel
from byre.ui.widgets.pressing import PlainButton


def role_words(role: str) -> str:
    """What a member is in a group; nothing for a plain member."""
    return {"admin": tr("Admin"), "owner": tr("Owner")}.get(role, "")


def _icons(member: MemberView) -> list[str]:
    if not are_roles_known(member):
        return ["monitor-smartphone"] if member.devices else []
    devices = sorted(member.devices, key=lambda each: each.role is not Role.PRIMARY)[:3]
    return ["smartphone" if device.role is Role.PRIMARY else "monitor" for device in devices]


class MemberRow(PlainButton):
    """44 px: avatar, name, role, devices. `asked(what)`: chat, compare, remove, member, admin or owner."""

    asked = Signal(str)

    def __init__(self, look: Look, member: MemberView, *, is_group: bool) -> None:
        super().__init__()
        self._look, self._member, self._is_group = look, member, is_group
        self.setFixedHeight(44)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        name = person_name(member.name, member.handle)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(Avatar(look, 34, name, painting.avatar_index(member.account_id)))
        row.addSpacing(6)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(6)
        title = tr("{name} (me)", name=name) if member.is_self else name
        line.addWidget(PlainLabel(look, tokens.LABEL, weight=600, text=title))
        spoken = title
        if member.is_self or member.trust is Trust.VERIFIED:
            line.addWidget(Icon(look, "shield-check", "ok", 14, 2))
            spoken += ", " + tr("Verified")
        elif member.trust is Trust.CHANGED:
            line.addWidget(Icon(look, "shield-alert", "danger", 14, 2))
            spoken += ", " + tr("Key changed")
        role = role_words(member.role) if is_group else ""
        if role:
            line.addWidget(PlainLabel(look, tokens.MICRO, "link", text=role))
            spoken += ", " + role
        line.addStretch(1)
        words.addLayout(line)
        about = devices_words(member)
        words.addWidget(PlainLabel(look, tokens.META, "text2", text=about))
        words.addStretch(1)
        row.addLayout(words, 1)
        for icon in _icons(member):
            row.addWidget(Icon(look, icon, "text2", 16))
        row.setSpacing(6)
        self.setAccessibleName(f"{spoken}, {about}")
        if not member.is_self:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.clicked.connect(self.open_menu)
        else:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def open_menu(self) -> None:
        """Offer what may be done with this member."""
        member = self._member
        menu = QMenu(self)
        menu.setObjectName("member")
        menu.aboutToHide.connect(menu.deleteLater)
        if self._is_group:
            menu.addAction(tr("Chat"), lambda: self.asked.emit("chat"))
        menu.addAction(tr("Compare safety number"), lambda: self.asked.emit("compare"))
        words = {"member": tr("Make a plain member"), "admin": tr("Make an admin…"), "owner": tr("Make an owner…")}
        roles = [role for role in member.roles_to_give if role in words and role != member.role]
        if roles:
            menu.addSeparator()
        for role in roles:
            menu.addAction(words[role], partial(self.asked.emit, role))
        if member.may_be_removed:
            menu.addSeparator()
            menu.addAction(tr("Remove from the room…"), lambda: self.asked.emit("remove"))
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    @guarded(None)
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._member.is_self:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(-1, 1, 1, -1)
        if self.underMouse() or self.isDown():
            painting.box(painter, rect, 12, self._look.palette.row_hover)
        if self.hasFocus() and self._look.by_keys:
            painting.ring(painter, rect, self._look.palette.accent)
        painter.end()
