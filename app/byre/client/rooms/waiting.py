"""Who waits for an intent of theirs to come true: until it has, and no longer than the session."""

from __future__ import annotations

import asyncio

from byre.errors import ByreError, UsageError


class Waiting:
    """The callers that wait, each for the number of an intent."""

    def __init__(self) -> None:
        self._futures: dict[int, asyncio.Future[None]] = {}
        self._is_closed = False

    async def outcome(self, number: int) -> None:
        """Return when the intent has come true.

        Raises:
            ByreError: what `tell` was given, or UsageError code locked: the profile was closed meanwhile, and the
                intent is brought about when it is open again.
        """
        if self._is_closed:
            raise _locked()
        future = self._futures.setdefault(number, asyncio.get_running_loop().create_future())
        try:
            await asyncio.shield(
                future
            )  # two may wait for one intent: the one that gives up takes nothing from the other
        finally:
            if future.done():
                self._futures.pop(number, None)

    def tell(self, number: int, error: ByreError | None) -> None:
        """Say how an intent ended, or, with an error, what keeps it back; nothing happens where nobody waits."""
        future = self._futures.pop(number, None)
        if future is None or future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()  # seen: who waited may have given up

    def close(self) -> None:
        """The session ends: nobody would be told any more."""
        self._is_closed = True
        for number in tuple(self._futures):
            self.tell(number, _locked())


def _locked() -> UsageError:
    return UsageError("The profile was closed; the change is made when it is open again.", code="locked")
