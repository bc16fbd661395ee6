"""A device that its account has removed: it stops, says so, and keeps what it holds until its user decides.

```
 newest signed list without this device ──▶ removed: state `new`, nothing connects, messages stay readable
     ├── link again (the same account): another device id, the history stays
     └── erase: the profile is destroyed as a whole
```
Nobody but the account's key can remove a device: a relay that withholds or drops things does not.
"""

from __future__ import annotations

from collections.abc import Callable

from byre.client.events import DeviceRevoked, Event, StatusChanged
from byre.client.profile import Profile
from byre.client.session import Session, Surroundings
from byre.client.tasks import TaskSupervisor
from byre.client.views import Status
from byre.errors import UsageError


class Removal:
    """Takes the profile out of service when its device is listed no more."""

    def __init__(
        self, profile: Profile, surroundings: Surroundings, tasks: TaskSupervisor, *, status: Callable[[], Status]
    ) -> None:
        self._profile = profile
        self._around = surroundings
        self._tasks = tasks
        self._status = status
        surroundings.events.subscribe(self._heard)

    async def retire(self, session: Session) -> None:
        """Stop a session whose device was removed; nothing happens when it is over already."""
        async with self._profile.changing:
            if self._profile.open_session is not session or session.is_removed:
                return
            await self._profile.retire()
        self._around.events.publish(StatusChanged(self._status()))

    async def erase(self) -> None:
        """Erase what a removed device left; the profile is `new` then. An offer to link stays open.

        Raises:
            UsageError: code wrong_state: this device was not removed.
            EnvironmentFault: key_unavailable, io_error, …; call it again.
        """
        async with self._profile.changing:
            if self._profile.removed is None:
                raise UsageError("This device was not removed from its account.", code="wrong_state")
            await self._profile.destroy()
        self._around.events.publish(StatusChanged(self._status()))

    def _heard(self, event: Event) -> None:
        session = self._profile.open_session
        if not isinstance(event, DeviceRevoked) or session is None or not session.is_complete:
            return
        if event.device_id == session.context.own.device_id.hex():
            self._tasks.spawn(self.retire(session), "removed from the account")
