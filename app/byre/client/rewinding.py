"""An open profile that turns out to be an older copy (`own_record`): it is closed, rewound and opened anew."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from byre.client.events import Event, ProfileOutrun
from byre.client.profile import Profile
from byre.client.session import Session, Surroundings
from byre.client.tasks import TaskSupervisor
from byre.errors import ByreError

log = logging.getLogger(__name__)


class Rewinding:
    """Rewinds the open profile when its session says that another copy went further."""

    def __init__(
        self,
        profile: Profile,
        surroundings: Surroundings,
        tasks: TaskSupervisor,
        *,
        go_on: Callable[[Session], Awaitable[None]],
    ) -> None:
        self._profile = profile
        self._tasks = tasks
        self._go_on = go_on
        surroundings.events.subscribe(self._heard)

    async def rewind(self, session: Session) -> None:
        """Open the profile anew as the older copy that it is; nothing happens when `session` is over already."""
        async with self._profile.changing:
            if self._profile.open_session is not session or not session.is_complete:
                return
            log.warning("this profile is an older copy: every room is rejoined")
            try:
                await self._go_on(await self._profile.rewind())
            except ByreError as error:
                log.warning("the profile was not opened anew: %s", error.code)

    def _heard(self, event: Event) -> None:
        session = self._profile.open_session
        if isinstance(event, ProfileOutrun) and session is not None:
            self._tasks.spawn(self.rewind(session), "rewind an older copy")
