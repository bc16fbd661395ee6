"""What the window says in a sentence when it happens, and does nothing else about."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from byre.client.events import DeviceLinked, ProfileDamaged, ProfileRewound, RecoveryCodeChanged, RoomRequested
from byre.ui.bridge import Bridge
from byre.ui.i18n import tr
from byre.ui.naming import person_name
from byre.ui.plain import isolated, one_line


class News(QObject):
    """`said(str)`."""

    said = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        bridge.rarer.connect(self._happened)

    def _happened(self, event: object) -> None:
        if isinstance(event, DeviceLinked):
            self.said.emit(tr("A PC was linked: {name}", name=isolated(one_line(event.name, 40))))
        elif isinstance(event, RoomRequested):
            name = isolated(person_name(event.sender.name, event.sender.handle))
            self.said.emit(tr("{name} wants to talk to you", name=name))
        elif isinstance(event, RecoveryCodeChanged):
            self.said.emit(tr("The relay has the new recovery code; the old one opens nothing any more."))
        elif isinstance(event, ProfileDamaged):  # the page of the lock follows, and brings back what can be read
            self.said.emit(tr("The store is damaged and was closed. New messages wait at the relay meanwhile."))
        elif isinstance(event, ProfileRewound):
            self.said.emit(
                tr("This profile is an older copy: what came later is missing. Your rooms come back by themselves.")
            )
