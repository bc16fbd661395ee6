"""Linking, phone side, as a step machine without a toolkit.

```
Reading --read(uri)--> Asking --accepted--> Typing --six digits, connect--> Checking --matched--> Done
   ^                     |                    ^                                |
   +------- failed ------+                    +------- code_mismatch ----------+--- offer_used --> Dead
```
Digits only, typed by hand: a paste is refused on purpose, since a code that can be pasted can be sent by a stranger.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from byre.client.views import LinkRequest

DIGITS = 6
TRIES = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A QR picture or pasted text is wanted; `code` is why the last one was refused."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """The engine fetches what the PC says of itself."""


@dataclass(frozen=True, slots=True)
class Typing:
    """The six boxes."""

    request: LinkRequest
    digits: str = ""
    tries: int = TRIES
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Checking:
    """The engine compares."""

    typing: Typing


@dataclass(frozen=True, slots=True)
class Done:
    """The code matched: now, and only now, the sentence with the address is shown."""

    request: LinkRequest


@dataclass(frozen=True, slots=True)
class Dead:
    """The offer is dead; `code` says why; `wants_key`: it was a PC's that asked for its key."""

    code: str
    wants_key: bool = False


PhoneState = Reading | Asking | Typing | Checking | Done | Dead


@dataclass(frozen=True, slots=True)
class Accept:
    """Command: read the offer behind this link."""

    uri: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Command: compare these digits."""

    code: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Command: give up."""


Command = Accept | Confirm | Cancel


class PhoneLink:
    """The phone's side of the handshake as the user sees it."""

    def __init__(self) -> None:
        self.state: PhoneState = Reading()

    def read(self, uri: str) -> tuple[Command, ...]:
        """A QR code was read or text was pasted. `accept` at the engine is the user's agreement to talk to that PC."""
        words = uri.strip()
        if not isinstance(self.state, Reading):
            return ()
        if not words.startswith(("byre://link#", "byre://key#")) or len(words) > 4096 or not words.isascii():
            self.state = Reading("bad_link")
            return ()
        self.state = Asking()
        return (Accept(words),)

    def unreadable(self, code: str = "no_qr") -> tuple[Command, ...]:
        """The picture holds no QR code of ours."""
        self.state = Reading(code)
        return ()

    def accepted(self, request: LinkRequest) -> tuple[Command, ...]:
        """The PC's name and platform are known."""
        if isinstance(self.state, Asking):
            self.state = Typing(request)
        return ()

    def failed(self, code: str) -> tuple[Command, ...]:
        """An intent failed."""
        if isinstance(self.state, Asking):
            self.state = Reading(code)
        elif isinstance(self.state, Checking):
            typing = self.state.typing
            if code == "code_mismatch" and typing.tries > 1:
                self.state = replace(typing, digits="", tries=typing.tries - 1, is_wrong=True)
            elif code in ("relay_unreachable", "wrong_state"):
                self.state = replace(typing, is_wrong=False)
            else:
                self.state = Dead("three_wrong" if code == "code_mismatch" else code, typing.request.wants_key)
        return ()

    def type(self, key: str) -> tuple[Command, ...]:
        """One character typed into the boxes; anything but one digit is ignored."""
        if isinstance(self.state, Typing) and len(key) == 1 and key in "0123456789":
            digits = (self.state.digits + key)[:DIGITS]
            self.state = replace(self.state, digits=digits, is_wrong=False)
        return ()

    def erase(self) -> tuple[Command, ...]:
        """Backspace."""
        if isinstance(self.state, Typing):
            self.state = replace(self.state, digits=self.state.digits[:-1])
        return ()

    def connect(self) -> tuple[Command, ...]:
        """The user presses the button, which is enabled at six digits."""
        if isinstance(self.state, Typing) and len(self.state.digits) == DIGITS:
            code = self.state.digits
            self.state = Checking(self.state)
            return (Confirm(code),)
        return ()

    def matched(self) -> tuple[Command, ...]:
        """The engine matched the digits and granted."""
        if isinstance(self.state, Checking):
            self.state = Done(self.state.typing.request)
        return ()

    def cancel(self) -> tuple[Command, ...]:
        """The user gave up; harmless at any time."""
        busy = isinstance(self.state, Asking | Typing | Checking)
        self.state = Reading()
        return (Cancel(),) if busy else ()

    def ended(self, code: str) -> tuple[Command, ...]:
        """The offer died from outside."""
        if isinstance(self.state, Asking):
            self.state = Dead(code)
        elif isinstance(self.state, Typing | Checking):
            typing = self.state.typing if isinstance(self.state, Checking) else self.state
            self.state = Dead(code, typing.request.wants_key)
        return ()
