"""Who an account is that was met in a room: asked at the directory of its relay, one question after the other.

A leaf says whose it is, but not by what name people know them. A room of a thousand brings as many accounts at once; a
question for each would be a thousand tasks that wait for the same relay, and its answers would come in bursts. Nobody
waits for any of these names: they appear in the list of members one by one. Each relay has a line of its own, so that
one that is away keeps back nobody's names but its own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from byre.client.clock import Clock
from byre.client.tasks import TaskSupervisor
from byre.errors import ByreError, EnvironmentFault
from byre.wire.ids import AccountId

log = logging.getLogger(__name__)

TASK = "names of accounts"
AGAIN_S: Final = 30.0
MOST_TRIES: Final = 5
"""A relay that cannot be reached so often is asked again when the account is met the next time."""

NameWanted = Callable[[AccountId, str], Awaitable[None]]
"""Asks for an account's name at the relay of that URL."""


class NameQuestions:
    """The lines of questions, in memory: a leaf that comes again asks again."""

    def __init__(self, ask: NameWanted, *, clock: Clock, tasks: TaskSupervisor) -> None:
        self._ask = ask
        self._clock = clock
        self._tasks = tasks
        self._lines: dict[str, dict[AccountId, int]] = {}

    def add(self, account_id: AccountId, relay_url: str) -> None:
        """Ask in the background; a question that stands in the line already is not asked twice."""
        line = self._lines.get(relay_url)
        if line is None:
            self._lines[relay_url] = {account_id: 0}
            self._tasks.spawn(self._work(relay_url), TASK)
        else:
            line.setdefault(account_id, 0)

    async def _work(self, relay_url: str) -> None:
        line = self._lines[relay_url]
        try:
            while line:
                account_id, tries = next(iter(line.items()))
                try:
                    await self._ask(account_id, relay_url)
                except EnvironmentFault as fault:
                    log.info("the names of accounts wait: %s", fault.code)
                    await self._clock.sleep(AGAIN_S)
                    if tries + 1 < MOST_TRIES:
                        del line[account_id]
                        line[account_id] = tries + 1
                        continue
                except ByreError as error:
                    log.info("an account has no name at its relay: %s", error.code)
                del line[account_id]
        finally:
            del self._lines[relay_url]
