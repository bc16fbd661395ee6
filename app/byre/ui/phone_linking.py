"""The phone's side of linking: carries the flow's commands to the engine and its states to the page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from byre.client.events import LinkEnded
from byre.client.views import LinkRequest
from byre.ui.bridge import Bridge
from byre.ui.flows import link_phone
from byre.ui.flows.link_pc import address
from byre.ui.flows.link_phone import Command, Dead, Done, PhoneLink
from byre.ui.look import Look
from byre.ui.pages.phone_link import PhoneLinkPage
from byre.ui.qr import read_qr_file


class PhoneLinking(QObject):
    """Owns the page. `closed` when the user leaves it."""

    closed = Signal()

    def __init__(self, look: Look, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.flow = PhoneLink()
        self.page = PhoneLinkPage(look)
        page = self.page
        page.link_read.connect(lambda uri: self._do(self.flow.read(uri)))
        page.picture_chosen.connect(self._picture)
        page.typed.connect(lambda key: self._do(self.flow.type(key)))
        page.erased.connect(lambda: self._do(self.flow.erase()))
        page.connect_wanted.connect(lambda: self._do(self.flow.connect()))
        page.back.connect(self._back)
        bridge.happened.connect(self._happened)

    def begin(self, uri: str = "") -> None:
        """Start, perhaps with a link from outside.

        Whoever opened the link (a web page can) is not the user: it is filled in and read only when the user says so,
        and it ends no linking that is under way.
        """
        ended = isinstance(self.flow.state, Done | Dead | link_phone.Reading)
        if uri and not ended:
            return
        self._do(self.flow.cancel())
        if uri:
            self.page.fill_in(uri)

    def _back(self) -> None:
        ended = isinstance(self.flow.state, Done | Dead | link_phone.Reading)
        dead = isinstance(self.flow.state, Dead)
        self._do(self.flow.cancel())
        if ended and not dead:
            self.closed.emit()

    def _picture(self, path: object) -> None:
        async def read() -> str:
            return await asyncio.to_thread(read_qr_file, Path(str(path)))

        self._bridge.run(
            read(), lambda uri: self._do(self.flow.read(uri)), lambda code: self._do(self.flow.unreadable(code))
        )

    def _happened(self, event: object) -> None:
        if isinstance(event, LinkEnded):
            self._do(self.flow.ended(event.code))

    def _do(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self._carry(command)
        status = self._bridge.engine.account.status()
        self.page.show_state(self.flow.state, address(status.handle or "", status.host or ""))

    def _carry(self, command: Command) -> None:
        linking = self._bridge.engine.linking

        def failed(code: str) -> None:
            self._do(self.flow.failed(code))

        if isinstance(command, link_phone.Accept):

            def accepted(request: LinkRequest) -> None:
                self._do(self.flow.accepted(request))

            self._bridge.run(linking.accept(command.uri), accepted, failed)
        elif isinstance(command, link_phone.Confirm):
            self._bridge.run(linking.confirm(command.code), lambda _none: self._do(self.flow.matched()), failed)
        else:
            self._bridge.run(linking.cancel(), None, lambda _code: None)
