"""The two halves of a handshake at a rendezvous, as linking a PC and giving one its key back share them.

```
 PC     post_offer ─▶ QR              await_reply ◀─ blob 2 ─▶ blob 3, code shown ◀─ blob 4: what the phone sent
 phone  ScannedOffer: request ◀─ blob 1     answer ─▶ blob 2 ◀─ blob 3     enter_code: what its user typed
```
Who may say what, and when, `identity.linking` decides; here its blobs meet the relay, the clock and the user. Up to the
typed code nothing is written down on either end: a handshake that a crash cuts off is begun anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import unicodedata
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from byre.client.clock import Clock
from byre.client.connection import Network, RelayClient
from byre.client.context import Context
from byre.client.events import EventBus, LinkCodeShown, LinkEnded
from byre.client.rendezvous import (
    ANSWER,
    DONE,
    GRANT,
    OFFER,
    REVEAL,
    as_usage,
    expect_answer,
    offer_expired,
    offer_used,
    put_blob,
    spoil,
    wait_for_blob,
)
from byre.crypto.random import Random
from byre.errors import ByreError, PeerError, UsageError
from byre.identity.linking import LinkRequest, NewDeviceLink, PhoneLink
from byre.identity.linking.new_device import NewDeviceState
from byre.identity.linking.phone import PhoneState
from byre.identity.linking.transcript import CODE_DIGITS
from byre.wire.relay_url import parse_relay_url

OFFER_WAIT_MS = 10_000
"""How long a phone that has scanned a QR waits for the PC's blob 1."""
REVEAL_WAIT_S = 20.0
"""How long a typed code waits for the PC's nonce."""

N = TypeVar("N", bound=NewDeviceLink)
P = TypeVar("P", bound=PhoneLink)
T = TypeVar("T")


class Around(Protocol):
    """What the PC's half needs of what surrounds it."""

    @property
    def network(self) -> Network: ...
    @property
    def events(self) -> EventBus: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def random(self) -> Random: ...


async def post_offer(around: Around, relay: str, make: Callable[[str, int], N]) -> N:
    """Make an offer at a relay that was typed, from (its URL, now), and post blob 1; the QR may be shown now.

    Raises:
        UsageError: code bad_relay.
        EnvironmentFault: code relay_unreachable.
    """
    try:
        link = make(parse_relay_url(relay), around.clock.now_ms())
    except PeerError:
        raise UsageError("This is no relay's address.", code="bad_relay") from None
    client = around.network.relay(link.payload.relay_url)
    await put_blob(client, link.payload.rendezvous, OFFER, link.blob1)
    return link


async def await_reply(around: Around, link: NewDeviceLink, receive: Callable[[bytes, int], T]) -> T:
    """Go from the posted offer to blob 4, and return what `receive` makes of (it, now); the code is told on the way.

    Raises:
        UsageError: code offer_expired, or offer_used: the phone has ended it, or somebody else wrote into a slot.
        PeerError: a blob does not verify; the link is dead.
        EnvironmentFault: code relay_unreachable, and what `receive` raises.
    """
    clock, payload = around.clock, link.payload
    relay = around.network.relay(payload.relay_url)
    blob2 = await wait_for_blob(clock, relay, payload.rendezvous, ANSWER, until_ms=payload.expires_ms)
    if blob2 is None:
        raise offer_expired()
    shown = link.receive_blob2(blob2, now_ms=clock.now_ms(), random=around.random)
    await put_blob(relay, payload.rendezvous, REVEAL, shown.blob3)
    around.events.publish(LinkCodeShown(shown.code, shown.handle, shown.host, link.deadline_ms))
    blob4 = await wait_for_blob(clock, relay, payload.rendezvous, GRANT, until_ms=link.deadline_ms)
    if blob4 is None:
        raise offer_expired()
    try:
        return receive(blob4, clock.now_ms())
    except PeerError as error:
        if error.code == "bad_ciphertext":
            raise offer_used() from None
        raise


def ending_of(error: ByreError) -> str:
    """Return the code by which the PC's user hears that a handshake has ended."""
    is_plain = error.code in ("offer_expired", "offer_used", "wrong_key", "relay_unreachable")
    return error.code if is_plain else "link_failed"


class ScannedOffer(Generic[P]):
    """The phone's half: one QR that its user scanned, up to the code that they type."""

    def __init__(self, context: Context, kind: type[P], uri: str) -> None:
        """Read the QR.

        Raises:
            UsageError: code bad_link, newer_version or offer_expired.
        """
        self._context = context
        with told_plainly():
            self.link = kind(uri, now_ms=context.clock.now_ms())
        self.device_name = ""
        """What the PC calls itself, once it was asked."""
        self._revealed = asyncio.Event()
        self._watch = f"handshake {self.link.payload.rendezvous.hex()[:8]}: wait for the nonce"

    async def request(self) -> LinkRequest:
        """Return who asks, once the PC's offer is there and is the one of the QR.

        Raises:
            UsageError: code offer_expired, link_failed or newer_version.
            EnvironmentFault: code relay_unreachable.
        """
        link, clock = self.link, self._context.clock
        until_ms = min(link.payload.expires_ms, clock.now_ms() + OFFER_WAIT_MS)
        with told_plainly():
            blob1 = await wait_for_blob(clock, self._relay, link.payload.rendezvous, OFFER, until_ms=until_ms)
            if blob1 is None:
                await expect_answer(self._relay, link.payload.rendezvous, OFFER)  # a phone that is offline says so
                raise offer_expired()
            request = link.receive_blob1(blob1, now_ms=clock.now_ms())
        self.device_name = request.device_name
        return request

    async def answer(self) -> None:
        """Say which account this is: the user has agreed. The PC's nonce is waited for in the background.

        Raises:
            UsageError: code offer_used or offer_expired.
            EnvironmentFault: code relay_unreachable.
        """
        own, clock = self._context.own, self._context.clock
        with told_plainly():
            blob2 = self.link.agree(
                account_public=own.account_public,
                handle=own.handle,
                host=own.host,
                now_ms=clock.now_ms(),
                random=self._context.random,
            )
        await put_blob(self._relay, self.link.payload.rendezvous, ANSWER, blob2)
        self._context.tasks.spawn(self._await_nonce(), self._watch)

    async def enter_code(self, code: str) -> None:
        """Take what the user typed; a code that was right once stays right.

        Raises:
            UsageError: code bad_params (no six digits: costs no try), wrong_state (the PC has not answered yet),
                code_mismatch (the third ends it), offer_used or offer_expired.
        """
        code = _six_digits(code)
        try:
            async with asyncio.timeout(REVEAL_WAIT_S):
                await self._revealed.wait()
        except TimeoutError:
            raise UsageError("The PC has not answered yet.", code="wrong_state") from None
        if self.link.state is PhoneState.MATCHED:
            return
        try:
            self.link.enter_code(code, now_ms=self._context.clock.now_ms())
        except PeerError as error:
            if self.link.state is PhoneState.DEAD:
                self.tell_pc()
                self.drop()
            raise as_usage(error) from None

    async def post(self, blob4: bytes) -> None:
        """Post what the PC waits for.

        Raises:
            UsageError: code offer_used or offer_expired.
            EnvironmentFault: code relay_unreachable: it may be posted again.
        """
        await put_blob(self._relay, self.link.payload.rendezvous, GRANT, blob4)

    def tell_pc(self) -> None:
        """The handshake is over without a grant: the PC need not show its code until it expires."""
        work = spoil(self._relay, self.link.payload.rendezvous, GRANT, self._context.random)
        self._context.tasks.spawn(work, "handshake: tell the PC")

    def drop(self) -> None:
        """Wait for nothing any more."""
        self._context.tasks.cancel(self._watch)

    @property
    def _relay(self) -> RelayClient:
        return self._context.network.relay(self.link.payload.relay_url)

    async def _await_nonce(self) -> None:
        link, clock, code = self.link, self._context.clock, "offer_expired"
        try:
            blob3 = await wait_for_blob(clock, self._relay, link.payload.rendezvous, REVEAL, until_ms=link.deadline_ms)
            if blob3 is not None:
                link.receive_blob3(blob3, now_ms=clock.now_ms())
                self._revealed.set()
                code = await self._await_no()
                if link.state is not PhoneState.CODE_WANTED:
                    return
                self.tell_pc()  # it was not the PC, perhaps, who wrote there
        except PeerError as error:
            code = as_usage(error).code
        link.cancel()
        self._revealed.set()
        self._context.events.publish(LinkEnded(code))

    async def _await_no(self) -> str:
        """While the code is typed: what comes into the last slot before a grant is the PC's no, or a stranger's."""
        link, clock = self.link, self._context.clock
        no = await wait_for_blob(clock, self._relay, link.payload.rendezvous, DONE, until_ms=link.deadline_ms)
        return "offer_expired" if no is None else "offer_used"


def tell_phone(around: Around, link: NewDeviceLink) -> Coroutine[Any, Any, None]:
    """Return what tells the phone that the PC has ended it: junk in the next slots that the phone writes or looks at.

    Without it a phone that scans the QR of a dead offer would take it for good, and ask for digits that nobody shows.
    """
    slots = (ANSWER, REVEAL) if link.state is NewDeviceState.OFFERED else (DONE,)
    return _spoil_all(around, link, slots)


async def _spoil_all(around: Around, link: NewDeviceLink, slots: Sequence[int]) -> None:
    relay = around.network.relay(link.payload.relay_url)
    for slot in slots:
        await spoil(relay, link.payload.rendezvous, slot, around.random)


def _six_digits(typed: str) -> str:
    code = "".join(unicodedata.normalize("NFKC", typed).split())
    if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
        raise UsageError("The code has six digits.", code="bad_params")
    return code


@contextlib.contextmanager
def told_plainly() -> Iterator[None]:
    """Tell the phone's user in their terms what the other end, or a stranger, has spoilt."""
    try:
        yield
    except PeerError as error:
        raise as_usage(error) from None
