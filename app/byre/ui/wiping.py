"""Carries one wipe at a time: the flow's intents to the engine, its states to the dialogs, export of the claim."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from byre.client.events import WipeProgressed, WipeReported
from byre.client.views import RoomId, RoomKind, RoomState, WipeCertificate, WipePreview
from byre.ui.bridge import Bridge
from byre.ui.dialogs.certificate import CertificateSheet
from byre.ui.dialogs.sheet import Sheet
from byre.ui.dialogs.wipe import AskWipe, WipeFailed, WipeProgress
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

    def __init__(self, look: Look, bridge: Bridge, window: QWidget) -> None:
        super().__init__(window)
        self._look, self._bridge, self._window = look, bridge, window
        self.flow: WipeFlow | None = None
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
        flow = WipeFlow(RoomId(room_id))
        self.flow = flow

        def counted(asked: tuple[WipePreview, bool]) -> None:
            preview, may_ask = asked
            flow.counted(preview)
            if isinstance(flow.state, Asking):
                sheet = AskWipe(self._look, self._window, preview, may_ask=may_ask)
                sheet.confirmed.connect(self._start)
                self._open(sheet)

        self._bridge.run(self._asked(flow.room_id), counted)

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
        sheet = CertificateSheet(self._look, self._window, certificate)
        sheet.export.connect(self._export)
        flow = self.flow
        if flow is not None and isinstance(flow.state, Certified) and flow.state.certificate is certificate:
            room_id = flow.room_id
            sheet.again.connect(lambda: self.ask(room_id))
        self._open(sheet)

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

    def _start(self, others: bool = False) -> None:
        flow = self.flow
        if flow is None or not flow.start():
            return
        self.began.emit(flow.room_id)
        self._progress()

        def done(certificate: WipeCertificate) -> None:
            flow.certified(certificate)
            self.hidden.emit(False)
            self.show_certificate(certificate)
            if self.sheet is not None:  # the room is nowhere to be seen behind the certificate
                self.sheet.finished.connect(lambda: self.ended.emit(flow.room_id))

        def failed(code: str) -> None:
            flow.failed(code)
            self.hidden.emit(False)
            self.ended.emit(flow.room_id)
            if isinstance(flow.state, Failed):
                self._open(WipeFailed(self._look, self._window, flow.state))

        self._bridge.run(self._bridge.engine.wipes.wipe(flow.room_id, others=others), done, failed)

    def _progress(self) -> None:
        flow = self.flow
        if flow is None or not isinstance(flow.state, Running):
            return
        sheet = WipeProgress(self._look, self._window)
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
        if isinstance(event, WipeProgressed) and flow is not None and event.room_id == flow.room_id:
            quarter = flow.progressed(event.step, event.fraction)
            if isinstance(self.sheet, WipeProgress) and isinstance(flow.state, Running):
                self.sheet.show_state(flow.state, quarter)

    def _export(self, document: str) -> None:
        dialog = QFileDialog(self._window, tr("Export the certificate"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile("byre-wipe-certificate.json")
        dialog.fileSelected.connect(lambda path: self.write(Path(path), document))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def write(self, path: Path, document: str) -> None:
        """Write the exported document."""
        try:
            path.write_text(document, encoding="utf-8")
        except OSError:
            self.said.emit(tr("The file could not be written."))
        else:
            self.said.emit(tr("The certificate was exported."))
