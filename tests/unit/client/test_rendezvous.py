"""Waiting at a rendezvous, and what its answers mean to a person."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from byre.client.rendezvous import GRANT, OFFER, PAUSE_S, as_usage, is_taken, put_blob, spoil, wait_for_blob
from byre.crypto.random import system_random
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.wire.ids import RendezvousId
from tests.fakes.clock import FrozenClock
from tests.refusals import refused

PLACE = RendezvousId(b"r" * 16)


class Slots:
    """A relay's rendezvous; `answers` are raised or returned in turn before the slots are looked at."""

    def __init__(self) -> None:
        self.slots: dict[int, bytes] = {}
        self.answers: list[Any] = []

    async def rendezvous_put(self, rendezvous: bytes, slot: int, blob: bytes) -> None:
        self._next()
        if slot in self.slots:
            raise PeerError("taken", code="relay_taken")
        self.slots[slot] = blob

    async def rendezvous_get(self, rendezvous: bytes, slot: int, *, wait_s: float = 0) -> bytes | None:
        await asyncio.sleep(0)
        self._next()
        return self.slots.get(slot)

    def _next(self) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer


AWAY = EnvironmentFault("away", code="relay_unreachable")


def relay() -> Any:
    return Slots()


async def test_a_slot_is_written_once() -> None:
    place = relay()
    await put_blob(place, PLACE, OFFER, b"first")
    assert await refused(put_blob(place, PLACE, OFFER, b"second")) == "offer_used"
    place.answers = [PeerError("over", code="relay_expired"), PeerError("odd", code="relay_lied"), AWAY]
    codes = [await refused(put_blob(place, PLACE, GRANT, b"x")) for _ in range(3)]
    assert codes == ["offer_expired", "relay_lied", "relay_unreachable"]


async def test_spoiling_is_a_courtesy_that_never_fails() -> None:
    place = relay()
    for answer in (AWAY, PeerError("over", code="relay_expired"), PeerError("odd", code="relay_lied")):
        place.answers = [answer]
        await spoil(place, PLACE, GRANT, system_random)
    assert place.slots == {}
    await spoil(place, PLACE, GRANT, system_random)
    await spoil(place, PLACE, GRANT, system_random)
    assert len(place.slots[GRANT]) > 1120  # as long as a grant: HPKE refuses it by its tag


async def test_a_relay_that_does_not_say_counts_as_an_empty_slot() -> None:
    place = relay()
    place.slots[OFFER] = b"x"
    place.answers = [AWAY]
    assert [await is_taken(place, PLACE, OFFER) for _ in range(2)] == [False, True]


async def test_a_blob_is_waited_for_through_an_absence_and_until_the_end() -> None:
    place, clock = relay(), FrozenClock()
    place.answers = [AWAY]
    waiting = asyncio.ensure_future(wait_for_blob(clock, place, PLACE, OFFER, until_ms=clock.now_ms() + 60_000))
    await _settle()
    place.slots[OFFER] = b"here"
    clock.advance(PAUSE_S)
    assert await waiting == b"here"
    waiting = asyncio.ensure_future(wait_for_blob(clock, place, PLACE, GRANT, until_ms=clock.now_ms() + 10))
    await _settle()
    clock.advance(1)
    assert await waiting is None
    place.answers = [PeerError("over", code="relay_expired")]
    assert await wait_for_blob(clock, place, PLACE, GRANT, until_ms=clock.now_ms() + 60_000) is None


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("bad_link_uri", "bad_link"),
        ("code_mismatch", "code_mismatch"),
        ("offer_expired", "offer_expired"),
        ("newer_version", "newer_version"),
        ("bad_ciphertext", "link_failed"),
    ],
)
def test_what_the_phone_is_told(code: str, told: str) -> None:
    error = as_usage(PeerError("", code=code))
    assert (type(error), error.code) == (UsageError, told)


async def test_who_is_cancelled_while_it_tidies_up_still_ends() -> None:
    """The blob has come, its waits are being ended, and just then the session stops: nothing may go on after it."""

    class Slow(FrozenClock):
        async def sleep(self, seconds: float) -> None:
            try:
                await super().sleep(seconds)
            finally:
                tidying.set()
                await may_end.wait()

    tidying, may_end = asyncio.Event(), asyncio.Event()
    place, clock = relay(), Slow()
    place.slots[OFFER] = b"x"
    waiting = asyncio.ensure_future(wait_for_blob(clock, place, PLACE, OFFER, until_ms=clock.now_ms() + 1000))
    await tidying.wait()
    waiting.cancel()
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
