"""Waiting at a relay's rendezvous for the other end of a linking."""

from __future__ import annotations

import asyncio
import contextlib

from byre.client.clock import Clock
from byre.client.connection import RelayClient
from byre.crypto.random import Random
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.wire.ids import RendezvousId

OFFER, ANSWER, REVEAL, GRANT, DONE = 1, 2, 3, 4, 5
"""Slots of the blobs; 1, 3 and 5 are the PC's, 2 and 4 the phone's."""

POLL_S = 25.0
PAUSE_S = 2.0
_JUNK_BYTES = 2048


async def wait_for_blob(
    clock: Clock, relay: RelayClient, rendezvous: RendezvousId, slot: int, *, until_ms: int
) -> bytes | None:
    """Return the blob of a slot once it is there, or None when `until_ms` has passed or the rendezvous is dead."""
    polling = asyncio.ensure_future(_poll(clock, relay, rendezvous, slot))
    over = asyncio.ensure_future(clock.sleep(max(0.0, (until_ms - clock.now_ms()) / 1000)))
    try:
        await asyncio.wait({polling, over}, return_when=asyncio.FIRST_COMPLETED)
        return polling.result() if polling.done() else None
    finally:
        polling.cancel()
        over.cancel()
        await asyncio.gather(polling, over, return_exceptions=True)  # and a cancellation that comes now still ends us


async def put_blob(relay: RelayClient, rendezvous: RendezvousId, slot: int, blob: bytes) -> None:
    """Post a blob.

    Raises:
        UsageError: code offer_used (somebody else has written the slot) or offer_expired.
        EnvironmentFault: code relay_unreachable.
    """
    try:
        await relay.rendezvous_put(rendezvous, slot, blob)
    except PeerError as error:
        if error.code == "relay_taken":
            raise offer_used() from None
        if error.code == "relay_expired":
            raise offer_expired() from None
        raise


async def spoil(relay: RelayClient, rendezvous: RendezvousId, slot: int, random: Random) -> None:
    """Tell the other end at once that nothing will come: a slot is written once, and junk in it ends the handshake."""
    with contextlib.suppress(EnvironmentFault, PeerError, UsageError):  # a courtesy: the offer expires without it
        await put_blob(relay, rendezvous, slot, random(_JUNK_BYTES))


async def is_taken(relay: RelayClient, rendezvous: RendezvousId, slot: int) -> bool:
    """Whether something lies in a slot already. A relay that does not say so counts as an empty slot."""
    try:
        return await relay.rendezvous_get(rendezvous, slot) is not None
    except (EnvironmentFault, PeerError):
        return False


async def expect_answer(relay: RelayClient, rendezvous: RendezvousId, slot: int) -> None:
    """Ask whether the relay is there at all; what it says does not matter.

    Raises:
        EnvironmentFault: code relay_unreachable, relay_certificate, …
    """
    with contextlib.suppress(PeerError):
        await relay.rendezvous_get(rendezvous, slot)


def offer_used() -> UsageError:
    """Return the error for an offer that somebody else has answered, spoilt or withdrawn."""
    return UsageError("This offer has been used already.", code="offer_used")


def offer_expired() -> UsageError:
    """Return the error for an offer whose time is over."""
    return UsageError("This offer to link has expired.", code="offer_expired")


def as_usage(error: PeerError) -> UsageError:
    """Return what the phone's user is told of a handshake that the other end, or a stranger, has spoilt."""
    match error.code:
        case "bad_link_uri":
            return UsageError("This is no link of a PC that wants to be linked.", code="bad_link")
        case "code_mismatch":
            return UsageError("This is not the code that the PC shows.", code="code_mismatch")
        case "offer_expired":
            return offer_expired()
        case "newer_version":
            return UsageError("The PC runs a newer version of Byre.", code="newer_version")
        case _:
            return UsageError("The PC at the relay is not the one of the QR code.", code="link_failed")


async def _poll(clock: Clock, relay: RelayClient, rendezvous: RendezvousId, slot: int) -> bytes | None:
    while True:
        try:
            blob = await relay.rendezvous_get(rendezvous, slot, wait_s=POLL_S)
        except PeerError as error:
            if error.code == "relay_expired":
                return None
            raise
        except EnvironmentFault:
            await clock.sleep(PAUSE_S)
            continue
        if blob is not None:
            return blob
