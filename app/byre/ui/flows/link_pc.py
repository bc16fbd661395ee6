"""Linking, PC side, as a step machine without a toolkit.

```
Preparing -offered-> Shown -code_shown-> CodeShown -ready-> Confirming -answer(True)-> Finishing -finished-> Linked
   ^  |                  |                      |                     |  answer(False)             |
   |  +-- failed --> Unreachable                |                     v                            |
   +----- expired, ended, cancelled, refused ---+---------------------+----------------------------+
```
Each input returns the commands to carry out. An expired offer is replaced by itself, without a click; an answer
is taken once; nothing is installed before `Finish(True)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from byre.client.views import LinkOffer


@dataclass(frozen=True, slots=True)
class Preparing:
    """An offer is being made."""


@dataclass(frozen=True, slots=True)
class NoRelay:
    """No relay is known yet: the network settings must name one."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The relay did not answer, or refused; `code` says why."""

    code: str


@dataclass(frozen=True, slots=True)
class PassphraseWanted:
    """No key store: a passphrase must be chosen before the offer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The QR code is on the screen."""

    uri: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class CodeShown:
    """Six digits to type on the phone."""

    code: str
    address: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Confirming:
    """Does the phone say that this PC is linked to `address`?"""

    address: str


@dataclass(frozen=True, slots=True)
class Finishing:
    """The user said yes; the engine installs."""

    address: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Done."""


LinkState = Preparing | NoRelay | Unreachable | PassphraseWanted | Shown | CodeShown | Confirming | Finishing | Linked


@dataclass(frozen=True, slots=True)
class Offer:
    """Command: ask the engine for a new offer."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Command: give the user's answer to the engine."""

    accept: bool


@dataclass(frozen=True, slots=True)
class Cancel:
    """Command: give the handshake up."""


@dataclass(frozen=True, slots=True)
class Say:
    """Command: tell the user, by error code."""

    code: str


Command = Offer | Finish | Cancel | Say


class PcLink:
    """The PC's side of the handshake as the user sees it."""

    def __init__(self, relay: str | None) -> None:
        self.relay = relay
        self.passphrase: str | None = None
        self.state: LinkState = Preparing() if relay else NoRelay()

    def start(self) -> tuple[Command, ...]:
        """Begin, or begin anew."""
        if not self.relay:
            self.state = NoRelay()
            return ()
        self.state = Preparing()
        return (Offer(),)

    def choose_relay(self, relay: str) -> tuple[Command, ...]:
        """The user named a relay."""
        busy = not isinstance(self.state, NoRelay | Unreachable | Preparing)
        self.relay = relay.strip() or None
        return ((Cancel(),) if busy else ()) + self.start()

    def choose_passphrase(self, passphrase: str) -> tuple[Command, ...]:
        """The user chose one because this PC has no key store."""
        self.passphrase = passphrase
        return self.start()

    def offered(self, offer: LinkOffer) -> tuple[Command, ...]:
        """The engine made an offer."""
        if isinstance(self.state, Preparing):
            self.state = Shown(offer.uri, offer.expires_at)
        return ()

    def offer_failed(self, code: str) -> tuple[Command, ...]:
        """It could not."""
        if isinstance(self.state, Preparing):
            self.state = PassphraseWanted() if code == "passphrase_required" else Unreachable(code)
        return ()

    def tick(self, now_ms: int) -> tuple[Command, ...]:
        """Time passes: an expired QR is renewed, silently; an expired code too, with a sentence."""
        if isinstance(self.state, Shown) and now_ms >= self.state.expires_at:
            self.state = Preparing()
            return (Cancel(), Offer())
        if isinstance(self.state, CodeShown) and now_ms >= self.state.expires_at:
            self.state = Preparing()
            return (Cancel(), Say("offer_expired"), Offer())
        return ()

    def code_shown(self, code: str, handle: str, host: str, expires_at: int) -> tuple[Command, ...]:
        """The phone agreed: both know the digits now, and until when. The offer may be one that the RPC made."""
        if not isinstance(self.state, Confirming | Finishing | Linked):
            self.state = CodeShown(code, address(handle, host), expires_at)
        return ()

    def ready(self, handle: str, host: str) -> tuple[Command, ...]:
        """The digits matched on the phone."""
        if isinstance(self.state, CodeShown) and self.state.address == address(handle, host):
            self.state = Confirming(self.state.address)
            return ()
        if isinstance(self.state, CodeShown | Shown):  # another account than the one shown: never
            self.state = Preparing()
            return (Finish(False), Say("link_refused"), Offer())
        return ()

    def answer(self, accept: bool) -> tuple[Command, ...]:
        """The user says whether the phone names this account. Only the first answer counts."""
        if not isinstance(self.state, Confirming):
            return ()
        if accept:
            self.state = Finishing(self.state.address)
            return (Finish(True),)
        self.state = Preparing()
        return (Finish(False), Say("link_refused"), Offer())

    def cancel(self) -> tuple[Command, ...]:
        """The user gave up while digits were shown."""
        if isinstance(self.state, CodeShown | Confirming):
            self.state = Preparing()
            return (Cancel(), Offer())
        return ()

    def finished(self) -> tuple[Command, ...]:
        """The engine installed everything."""
        if isinstance(self.state, Finishing):
            self.state = Linked()
        return ()

    def ended(self, code: str) -> tuple[Command, ...]:
        """The handshake ended without a link."""
        if isinstance(self.state, Linked | Preparing | NoRelay | PassphraseWanted | Unreachable):
            return ()
        if code == "offer_used" and isinstance(self.state, CodeShown | Confirming):
            code = "phone_withdrew"  # three wrong tries there, or its user gave up
        silent = code in ("offer_expired", "cancelled") and isinstance(self.state, Shown)
        self.state = Preparing()
        return (Offer(),) if silent else (Say(code), Offer())


def address(handle: str, host: str) -> str:
    """`handle@host`."""
    return f"{handle}@{host}" if host and "@" not in handle else handle
