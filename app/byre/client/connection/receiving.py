"""Receiving from one relay: mailboxes attached on every new socket, envelopes handed over as they come, acknowledged
after the engine's own commit and never before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from byre.errors import EnvironmentFault
from byre.wire.frames import Ack, Auth, Credit, Frame, Hello, Msg

log = logging.getLogger(__name__)

TAKEN_AT_ONCE: Final = 256
"""Envelopes that are taken together at most, and what is asked of a relay as its window; it may give less."""
WINDOW_BYTES: Final = 512 * 1024
MAILBOXES_AT_ONCE: Final = 16


class MailboxCredentials(Protocol):
    """What attaches a mailbox: its id and the key that signs the relay's challenge (identity's `MailboxKeys`)."""

    @property
    def mailbox_id(self) -> bytes: ...
    @property
    def auth_public(self) -> bytes: ...
    def sign_auth(self, *, relay_id: bytes, origin: str, nonce: bytes) -> bytes: ...
    def sign_mbnew(self, *, relay_id: bytes, origin: str, nonce: bytes) -> bytes: ...


class Receiving:
    """The mailboxes of this device at one relay.

    Args:
        url: the relay's base URL, as it is dialled: signatures cover it.
        push: sends a frame soon; False when the socket is not open.
        on_envelopes: (mailbox, [(mid, body)]) -> when it returns, the envelopes are in our database.
        on_stuck: `on_envelopes` failed: the socket must be opened anew, so that the relay sends it again.
    """

    def __init__(
        self,
        url: str,
        *,
        push: Callable[[Frame], bool],
        on_envelopes: Callable[[bytes, Sequence[tuple[bytes, bytes]]], Awaitable[None]],
        on_stuck: Callable[[], None],
    ) -> None:
        self._url = url
        self._push = push
        self._on_envelopes = on_envelopes
        self._on_stuck = on_stuck
        self._credentials: dict[bytes, MailboxCredentials] = {}
        self._ready: set[bytes] = set()
        self._refused: set[bytes] = set()
        self._envelopes: asyncio.Queue[Msg] = asyncio.Queue()
        self._has_asked = False

    @property
    def has_mailboxes(self) -> bool:
        """Tell whether anything is to be received."""
        return bool(self._credentials)

    @property
    def is_ready(self) -> bool:
        """Tell whether every mailbox is attached."""
        return self._ready >= self._credentials.keys()

    def is_refused(self, mailbox: bytes) -> bool:
        """Tell whether the relay refused this mailbox on the open socket: nothing will attach it but a new start."""
        return mailbox in self._refused

    def is_attached(self, mailbox: bytes) -> bool:
        """Tell whether this mailbox is attached on the open socket."""
        return mailbox in self._ready

    def add(self, credentials: MailboxCredentials, hello: Hello | None) -> None:
        """Receive for a mailbox from now on; `hello` is the open socket's, if there is one."""
        self._credentials[credentials.mailbox_id] = credentials
        if hello is not None:
            self._authenticate([credentials], hello)

    def remove(self, mailbox: bytes) -> None:
        """Stop receiving for a mailbox: what waits here for it comes again, in order, after the next attach."""
        self._credentials.pop(mailbox, None)
        self._ready.discard(mailbox)
        waiting = [self._envelopes.get_nowait() for _ in range(self._envelopes.qsize())]
        for message in waiting:
            if message.mailbox != mailbox:
                self._envelopes.put_nowait(message)

    def opened(self, hello: Hello) -> None:
        """A new socket: attach everything."""
        self._ready.clear()
        self._has_asked = False
        everything = list(self._credentials.values())
        for start in range(0, len(everything), MAILBOXES_AT_ONCE):
            self._authenticate(everything[start : start + MAILBOXES_AT_ONCE], hello)

    def attached(self, mailbox: bytes) -> None:
        """The relay said READY."""
        if mailbox in self._credentials:
            self._ready.add(mailbox)
            if (
                not self._has_asked
            ):  # once per socket: a larger window, one round trip and one commit for more envelopes
                self._has_asked = self._push(Credit(TAKEN_AT_ONCE, WINDOW_BYTES))

    def refused(self, subject: bytes | None) -> bool:
        """The relay refused or dropped a mailbox; False if `subject` is none of ours."""
        if subject not in self._credentials:
            return False
        self._ready.discard(subject)
        self._refused.add(subject)
        return True

    def lost(self) -> None:
        """The socket is gone: what was not handed over comes again."""
        self._ready.clear()
        while not self._envelopes.empty():
            self._envelopes.get_nowait()

    def received(self, message: Msg) -> None:
        """An envelope came; the relay's window bounds how many wait here.

        One that the relay sent before it saw a DETACH is left out: its forerunners were left out too, and all of them
        come again after READY.
        """
        if message.mailbox in self._ready:
            self._envelopes.put_nowait(message)

    async def run(self) -> None:
        """Hand envelopes over, until cancelled."""
        while True:
            burst = [await self._envelopes.get()]
            while len(burst) < TAKEN_AT_ONCE and not self._envelopes.empty():
                burst.append(self._envelopes.get_nowait())
            for mailbox in dict.fromkeys(message.mailbox for message in burst):
                await self._take(mailbox, [(each.mid, each.body) for each in burst if each.mailbox == mailbox])

    async def _take(self, mailbox: bytes, envelopes: Sequence[tuple[bytes, bytes]]) -> None:
        if mailbox not in self._credentials:
            return
        try:
            await self._on_envelopes(mailbox, envelopes)
        except EnvironmentFault as error:
            # a full disk, a profile that is being closed: the relay keeps the envelopes
            log.warning("envelopes wait: %s", error.code)
            self._on_stuck()
        except Exception as error:
            # whatever it was, they are not in our database: they must not be acknowledged and come again
            log.error("envelopes could not be taken: %s", type(error).__name__)
            self._on_stuck()
        else:
            self._push(Ack(mailbox, tuple(mid for mid, _ in envelopes)))

    def _authenticate(self, credentials: list[MailboxCredentials], hello: Hello) -> None:
        self._refused -= {each.mailbox_id for each in credentials}
        self._push(
            Auth(
                tuple(
                    (
                        each.mailbox_id,
                        each.auth_public,
                        each.sign_auth(relay_id=hello.relay_id, origin=self._url, nonce=hello.nonce),
                    )
                    for each in credentials
                )
            )
        )
