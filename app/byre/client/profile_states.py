"""The states of a profile, as they follow from its vault and its session: new, locked, ready, removed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from byre.client.interruption import Interruptible
from byre.client.session import Session
from byre.client.views import ProfileState
from byre.errors import EnvironmentFault, UsageError
from byre.store import ProfileVault, VaultState
from byre.store.vault_return import KeyReturn


class ProfileStates:
    """What a profile is now. `profile.py` changes it."""

    def __init__(self, vault: ProfileVault) -> None:
        self._vault = vault
        self._session: Session | None = None
        self._was_found_damaged = False
        self._counts_as_new = False
        self._tell_damage: Callable[[], None] = lambda: None
        self.relay_waits = Interruptible()
        """What the profile's own changes wait for at a relay: a lock or a quit ends it."""

    def when_damaged(self, tell: Callable[[], None]) -> None:
        """Call `tell` in the loop when the open database turns out to be damaged; it should `give_up_damaged` soon."""
        self._tell_damage = tell

    @property
    def returning(self) -> KeyReturn:
        """The way of the outer secret out of here and back."""
        return self._vault.returning

    @property
    def state(self) -> ProfileState:
        """What the user sees: an account that is not complete is still `new`, and damage locks."""
        if self.is_damaged:
            return ProfileState.LOCKED
        if self._session is not None:
            return ProfileState.READY if self._session.is_complete else ProfileState.NEW
        locked = not self._counts_as_new and self._vault.state() is not VaultState.NEW
        return ProfileState.LOCKED if locked else ProfileState.NEW

    @contextlib.contextmanager
    def _between(self) -> Iterator[None]:
        """While the files are made or destroyed: what lies there then is no locked profile."""
        self._counts_as_new = True
        try:
            yield
        finally:
            self._counts_as_new = False

    @property
    def is_damaged(self) -> bool:
        """Whether the profile is known to be damaged: only an unlock, a salvage, or setting it aside are of use.

        Raises:
            EnvironmentFault: db_newer, io_error.
        """
        return self._was_found_damaged or (self._session is None and self._vault.damage.is_known())

    @property
    def incomplete(self) -> Session | None:
        """The session of an account that is being made or linked."""
        session = self._session
        return None if session is None or session.is_complete or session.is_removed else session

    @property
    def removed(self) -> Session | None:
        """The session of a device that its account has removed."""
        if self._was_found_damaged:
            return None
        return self._session if self._session is not None and self._session.is_removed else None

    @property
    def readable(self) -> Session:
        """The running session, or what a removed device left.

        Raises:
            UsageError: code wrong_state (no account yet) or locked.
        """
        return self.removed or self.session

    @property
    def session(self) -> Session:
        """The running session.

        Raises:
            UsageError: code wrong_state (no account yet) or locked. EnvironmentFault: code db_damaged.
        """
        self.require_undamaged()
        if self._session is not None and self._session.is_complete:
            return self._session
        if self.state is ProfileState.LOCKED:
            raise UsageError("The profile is locked.", code="locked")
        raise UsageError("There is no account here yet.", code="wrong_state")

    def require_undamaged(self) -> None:
        """Raises: EnvironmentFault: code db_damaged."""
        if self.is_damaged:
            raise EnvironmentFault("the profile is damaged; everything is kept as it is", code="db_damaged")

    @property
    def open_session(self) -> Session | None:
        """The session, complete or not."""
        return self._session

    @property
    def has_passphrase(self) -> bool:
        """Whether a person must type something to open the profile."""
        try:
            mode = self._vault.mode()
        except EnvironmentFault as fault:
            if fault.code != "db_damaged":
                raise
            return False  # nobody can tell any more
        return mode is not None and mode.value != "A"


def require_new(profile: ProfileStates, *, is_removed_fine: bool = False) -> None:
    """Refuse unless an account may be made here, or linked in place of the one that removed this device.

    Raises:
        UsageError: code wrong_state or locked.
    """
    profile.require_undamaged()
    if profile.state is ProfileState.LOCKED:
        raise UsageError("The profile is locked.", code="locked")
    if profile.state is not ProfileState.NEW:
        raise UsageError("There is an account here already.", code="wrong_state")
    if profile.removed is not None and not is_removed_fine:
        raise UsageError("Here are messages of a removed device: erase them first.", code="wrong_state")
