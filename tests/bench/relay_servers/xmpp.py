"""ejabberd and prosody (XMPP, SASL PLAIN on): each message is answered by its receiver's receipt (XEP-0184); what is
held for a receiver who is away is confirmed by the server (XEP-0198).
"""

from __future__ import annotations

import base64
import re

from tests.bench.relay_servers.link import Link
from tests.bench.relay_servers.load import Pair
from tests.bench.relay_servers.process import ServerFault

TEXT = "m" * 280  # with the number before it: 300 bytes
_STREAM = (
    "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
)
_BODY = re.compile(rb"<body>(\d{20})")
_RECEIPT = re.compile(rb"<received[^>]*id=['\"](\d+)['\"]")
_STANZA = re.compile(rb"<(?:message|iq|presence)[ >]")
_HANDLED = re.compile(rb"<a [^>]*h=['\"](\d+)['\"]")


class XmppLink(Link):
    """A client; once a pair is set, it takes every stanza."""

    pair: XmppPair | None = None
    is_sender = False
    _stanzas = 0

    @classmethod
    async def login(cls, port: int, name: str) -> XmppLink:
        link = await cls.connect(port)
        await link.say(_STREAM, b"</stream:features>")
        await link.say(
            f"<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>{name}</username>"
            "<password>bench</password></query></iq>",
            b"reg",
        )
        secret = base64.b64encode(f"\0{name}\0bench".encode()).decode()
        await link.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", b"<success")
        await link.say(_STREAM, b"</stream:features>")
        await link.say(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind>"
            "</iq>",
            b"</iq>",
        )
        return link

    async def say(self, what: str, answer: bytes) -> None:
        """Send and wait for an answer."""
        self.buffer.clear()
        self.write(what.encode())
        await self.until(lambda: answer in self.buffer or b"<failure" in self.buffer)
        if b"<failure" in self.buffer:
            raise ServerFault(bytes(self.buffer).decode(errors="replace"))

    def parse(self) -> None:
        if self.pair is None:
            return
        end = self.buffer.rfind(b">") + 1
        if not end or self.buffer[:end].count(b"<message") != self.buffer[:end].count(b"</message>"):
            end = self.buffer.rfind(b"</message>")
            if end < 0:
                return
            end += len(b"</message>")
        data = bytes(self.buffer[:end])
        del self.buffer[:end]
        if self.is_sender:
            self._stanzas += len(_STANZA.findall(data))
            if b"<r " in data:
                self.write(b"<a xmlns='urn:xmpp:sm:3' h='%d'/>" % self._stanzas)
            for number in _RECEIPT.findall(data):
                self.pair.acknowledged(int(number))
            for handled in _HANDLED.findall(data):
                self.pair.handled(int(handled))
        else:
            for number in _BODY.findall(data):
                self.pair.arrived(int(number))


class XmppPair(Pair):
    """Two accounts."""

    def __init__(self, port: int, name: str) -> None:
        super().__init__()
        self._port = port
        self._name = name
        self._is_away = False
        self._handled = 0
        self._sender = XmppLink()
        self._receiver = XmppLink()

    async def open(self) -> None:
        self._sender = await XmppLink.login(self._port, f"s{self._name}")
        await self._sender.say("<enable xmlns='urn:xmpp:sm:3'/>", b"<enabled")
        self._sender.buffer.clear()
        self._sender.pair, self._sender.is_sender = self, True
        self._sender.write(b"<presence/>")
        await self.come_back()

    def send(self, number: int) -> None:
        asking = "<r xmlns='urn:xmpp:sm:3'/>" if self._is_away else ""
        to = f"r{self._name}@localhost" + ("" if self._is_away else "/x")
        self._sender.write(
            f"<message to='{to}' type='chat' id='{number}'><body>{number:020}{TEXT}</body>"
            f"<request xmlns='urn:xmpp:receipts'/></message>{asking}".encode()
        )

    def arrived(self, number: int) -> None:
        if not self._is_away:
            self._receiver.write(
                f"<message to='s{self._name}@localhost/x' id='r{number}'>"
                f"<received xmlns='urn:xmpp:receipts' id='{number}'/></message>".encode()
            )
        self.received(number)

    def handled(self, count: int) -> None:
        """The server has taken so many stanzas of the sender."""
        for number in range(self._handled, count):
            if self._is_away:
                self.held(number)
        self._handled = count

    async def leave(self) -> None:
        self._receiver.write(b"<presence type='unavailable'/></stream:stream>")
        await self._receiver.close()
        self._sender.write(b"<r xmlns='urn:xmpp:sm:3'/>")  # what was sent live is not counted as held
        before = self._handled
        await self._sender.until(lambda: self._handled > before)
        self._is_away = True

    async def come_back(self) -> None:
        self._receiver = await XmppLink.login(self._port, f"r{self._name}")
        self._receiver.buffer.clear()
        self._receiver.pair = self
        self._is_away = False
        self._receiver.write(b"<presence><priority>5</priority></presence>")

    async def close(self) -> None:
        await self._receiver.close()
        await self._sender.close()
