"""Carries one wipe at a time: the flow's intents to the engine, its states to the dialogs, export of the claim."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from byre.client.events import WipeProgressed, WipeReported
from byre.client.views import RoomId, RoomKind, RoomState, WipeCertificate, WipePreview
from byre.ui.asking import Asking as Sheets
from byre.ui.bridge import Bridge
from byre.ui.dialogs.certificate import CertificateSheet
from byre.ui.dialogs.sheet import Sheet
from byre.ui.dialogs.wipe import AskWipe, WipeFailed, WipeProgress
from byre.ui.file_choice import choose_new_file
from byre.ui.flows.wipe import Asking, Certified, Failed, Running, WipeFlow
from byre.ui.i18n import tr
from byre.ui.look import Look
from byre.ui.messenger import Messenger


class Wiping(QObject):
    """`began(room_id)` and `ended(room_id)` around a wipe, `hidden(bool)` while it goes on hidden, `said(str)`,
    `certified` when a certificate is shown."""

    began = Signal(str)
    ended = Signal(str)
    hidden = Signal(bool)
    said = Signal(str)
    certified = Signal()

    def __init__(self, look: Look, bridge: Bridge, sheets: Sheets, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._sheets, self._window = look, bridge, sheets, window
        self.flow: WipeFlow | None = None
        self._title: Callable[[], str] = str
        self._repeat: Callable[[], None] = lambda: None
        self.sheet: Sheet | None = None
        bridge.rarer.connect(self._happened)

    def serve(self, messenger: Messenger) -> None:
        """Let this messenger ask for wipes; it hides what is being erased, and shows that an erasure goes on."""
        messenger.wipe.connect(self.ask)
        messenger.wipe_shown.connect(self.show_again)
        self.began.connect(messenger.hide_room)
        self.ended.connect(messenger.show_room)
        self.hidden.connect(messenger.rail.show_wiping)
        self.certified.connect(messenger.settings_pane.reload)

    def ask(self, room_id: str) -> None:
        """Count and ask; a second wipe waits until the first is done."""
        if self.flow is not None and isinstance(self.flow.state, Running):
            self.show_again()
            return
        flow, asked_for = WipeFlow(RoomId(room_id)), RoomId(room_id)
        self.flow = flow

        def counted(asked: tuple[WipePreview, bool]) -> None:
            preview, may_ask = asked
            flow.counted(preview)
            if isinstance(flow.state, Asking):
                sheet = AskWipe(self._look, self._window, preview, may_ask=may_ask)
                sheet.confirmed.connect(lambda others: self._start(asked_for, others))
                self._open(sheet)

        self._bridge.run(self._asked(asked_for), counted)

    def carry(self, title: Callable[[], str], erase: Callable[[], Coroutine[Any, Any, WipeCertificate]]) -> None:
        """Erase what is no single room, as long as nothing else is being erased; `title` says what it is."""
        if self.flow is not None and isinstance(self.flow.state, Running):
            self.show_again()
            return
        flow = WipeFlow(None)
        if flow.start():
            self.flow, self._title = flow, title
            self._repeat = lambda: self.carry(title, erase)
            self._run(flow, erase())

    async def _asked(self, room_id: RoomId) -> tuple[WipePreview, bool]:
        """What goes, and whether the members' devices may be asked: in a direct room, or as an admin of a group."""
        engine = self._bridge.engine
        preview, room = await engine.wipes.preview(room_id), await engine.rooms.get(room_id)
        if room.state is not RoomState.ACTIVE or room.kind is RoomKind.NOTE:
            return preview, False
        members = await engine.rooms.members(room_id)
        own = next((member for member in members if member.is_self), None)
        return preview, room.kind is RoomKind.DIRECT or (own is not None and own.role in ("admin", "owner"))

    def show_again(self) -> None:
        """Open the progress of a wipe whose window was closed."""
        if self.flow is not None and isinstance(self.flow.state, Running):
            self.flow.is_hidden = False
            self.hidden.emit(False)
            self._progress()

    def show_certificate(self, certificate: WipeCertificate) -> None:
        """Show a certificate, new or old."""
        self.certified.emit()
        state = self.flow.state if self.flow is not None else None
        is_new = isinstance(state, Certified) and state.certificate is certificate
        sheet = CertificateSheet(self._look, self._window, certificate, is_new=is_new)
        sheet.export.connect(self._export)
        sheet.again.connect(self._again)
        self._open(sheet)

    def _again(self) -> None:
        self._repeat()

    def close(self) -> None:
        """Show no sheet: the conversations close."""
        if self.sheet is not None:
            self.sheet.close_sheet()

    def _open(self, sheet: Sheet) -> None:
        if self.sheet is not None:
            self.sheet.close_sheet()
        self.sheet = sheet

        def gone() -> None:
            if self.sheet is sheet:
                self.sheet = None

        sheet.finished.connect(gone)
        sheet.open()

    def _start(self, room_id: RoomId, others: bool = False) -> None:
        flow = self.flow
        if flow is None or not flow.start():
            return
        self._repeat = lambda: self.ask(room_id)
        self.began.emit(room_id)
        self._title = lambda: tr("Erasing one conversation")
        self._run(flow, self._bridge.engine.wipes.wipe(room_id, others=others))

    def _run(self, flow: WipeFlow, erasing: Coroutine[Any, Any, WipeCertificate]) -> None:
        self._progress()

        def ended() -> None:
            if flow.room_id is not None:
                self.ended.emit(flow.room_id)

        def done(certificate: WipeCertificate) -> None:
            flow.certified(certificate)
            self.hidden.emit(False)
            self.show_certificate(certificate)
            if self.sheet is not None:  # the room is nowhere to be seen behind the certificate
                self.sheet.finished.connect(ended)

        def failed(code: str) -> None:
            flow.failed(code)
            self.hidden.emit(False)
            ended()
            if isinstance(flow.state, Failed):
                self._open(WipeFailed(self._look, self._window, flow.state))

        self._bridge.run(erasing, done, failed)

    def _progress(self) -> None:
        flow = self.flow
        if flow is None or not isinstance(flow.state, Running):
            return
        sheet = WipeProgress(self._look, self._window, self._title)
        sheet.finished.connect(self._closed)
        self._open(sheet)
        sheet.show_state(flow.state, False)

    def _closed(self) -> None:
        if self.flow is not None and self.flow.close_window():
            self.hidden.emit(True)

    def _happened(self, event: object) -> None:
        flow = self.flow
        if isinstance(event, WipeReported) and isinstance(self.sheet, CertificateSheet):
            self.sheet.reported(event)
        if isinstance(event, WipeProgressed) and flow is not None and flow.room_id in (None, event.room_id):
            quarter = flow.progressed(event.step, event.fraction)
            if isinstance(self.sheet, WipeProgress) and isinstance(flow.state, Running):
                self.sheet.show_state(flow.state, quarter)

    def _export(self, document: str) -> None:
        choose_new_file(
            self._look, self._window, tr("Export the certificate"), name="byre-wipe-certificate.json",
            chosen=lambda path: self.write(Path(path), document), ask=self._sheets.open,
        )  # fmt: skip

    def write(self, path: Path, document: str) -> None:
        """Write the exported document."""
        try:
            path.write_text(document, encoding="utf-8")
        except OSError:
            self.said.emit(tr("The file could not be written."))
        else:
            self.said.emit(tr("The certificate was exported."))
