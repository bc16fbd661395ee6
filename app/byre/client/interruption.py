"""What a profile's own changes wait for at a relay, so that a lock by hand or a quit need not wait for it, too.

Making an account holds the profile while relays are asked, up to half a minute at a slow one. Each of those waits can
be ended at once: it fails as if the relay had not answered, and what is left is what a crash would leave there, which
the next start goes on with.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from byre.errors import UsageError


class Interrupted(UsageError):
    """The user locked the profile, or quit, while a relay was waited for."""

    default_code = "locked"


class Interruptible:
    """The waits under way."""

    def __init__(self) -> None:
        self._waits: set[asyncio.Timeout] = set()
        self._endings = 0

    @asynccontextmanager
    async def wait(self) -> AsyncIterator[None]:
        """Run what may be interrupted.

        Raises:
            Interrupted: it was.
        """
        if self._endings:
            raise _interrupted()
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._waits.add(limit)
                try:
                    yield
                finally:
                    self._waits.discard(limit)
        except TimeoutError:
            if limit.expired():
                raise _interrupted() from None
            raise

    @contextmanager
    def ended(self) -> Iterator[None]:
        """End every wait under way, and let nobody begin another one meanwhile."""
        for limit in self._waits:
            limit.reschedule(asyncio.get_running_loop().time())
        self._endings += 1
        try:
            yield
        finally:
            self._endings -= 1


def _interrupted() -> Interrupted:
    return Interrupted("The profile was locked before the relay had answered.")
