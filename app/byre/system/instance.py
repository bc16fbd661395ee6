"""One process per profile: an operating-system lock on a file inside the profile.

The lock dies with its process however that ends, so there is no stale lock to clean up. Two engines on one profile
would reuse ratchet keys: whoever opens a store holds this lock first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from byre.errors import EnvironmentFault
from byre.system.paths import private_folder

LOCK_NAME = "profile.lock"


class ProfileLock:
    """The right to use a profile; held from construction until `release` or the end of the process.

    Raises:
        EnvironmentFault: `profile_in_use` if another process holds it, `no_folder` if the profile cannot be made.
    """

    def __init__(self, profile: Path) -> None:
        private_folder(profile)
        self.profile = profile
        try:
            # inherited by no child (PEP 446): a helper process that outlives us must not keep the profile locked
            self._descriptor: int | None = os.open(profile / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EnvironmentFault(
                f"the profile {profile} cannot be used: {error.strerror}", code="no_folder"
            ) from None
        try:
            _lock(self._descriptor)
        except OSError:
            self.release()
            raise EnvironmentFault(f"another Byre uses the profile {profile}", code="profile_in_use") from None

    def release(self) -> None:
        """Give the profile back; harmless when repeated."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> ProfileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":  # not run so far: no Windows Python was at hand

    def _lock(descriptor: int) -> None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
