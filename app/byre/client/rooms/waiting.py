"""Who waits for an intent of theirs to come true: until it has, and no longer than the session."""

from __future__ import annotations

import asyncio

from byre.errors import ByreError, UsageError


class Waiting:
    """The callers that wait, each for an intent of a room."""

    def __init__(self) -> None:
        self._futures: dict[int, tuple[bytes, asyncio.Future[None]]] = {}
        self._is_closed = False

    async def outcome(self, group_id: bytes, number: int) -> None:
        """Return when the intent of that number has come true.

        Raises:
            ByreError: what `tell` was given, or UsageError code locked: the profile was closed meanwhile, and the
                intent is brought about when it is open again.
        """
        if self._is_closed:
            raise _locked()
        new = asyncio.get_running_loop().create_future()
        future = self._futures.setdefault(number, (group_id, new))[1]
        await asyncio.shield(future)  # two may wait for one intent: who gives up takes it from nobody else

    def tell(self, number: int, error: ByreError | None) -> None:
        """Say how an intent ended, or, with an error, what keeps it back; nothing happens where nobody waits."""
        _, future = self._futures.pop(number, (b"", None))
        if future is None or future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()  # seen: who waited may have given up

    def tell_all(self, group_id: bytes, error: ByreError) -> None:
        """Say to everybody who waits for a change of this room that it does not come now."""
        for number in [number for number, (waited_for, _) in self._futures.items() if waited_for == group_id]:
            self.tell(number, error)

    def close(self) -> None:
        """The session ends: nobody would be told any more."""
        self._is_closed = True
        for number in tuple(self._futures):
            self.tell(number, _locked())


def _locked() -> UsageError:
    return UsageError("The profile was closed; the change is made when it is open again.", code="locked")
