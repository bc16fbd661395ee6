"""The operating system's key store: where the outer secret S lives, and nowhere else.

The only importer of keyring. The backend is chosen by name, never by keyring's own search: that takes half a second
and may find a plaintext file. Every call runs on a thread with a time limit, because a locked key store waits for a
prompt that may never be answered. Whatever goes wrong is `key_unavailable`: the caller asks the user, loses nothing
and empties nothing.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault

SERVICE = "byre"
CALL_LIMIT_S = 60.0
_SECRET_BYTES = 32
_MOST_ENTRIES = 4

T = TypeVar("T")


class KeyStore(Protocol):
    """A place for named secrets outside of the profile. All calls may block and raise `key_unavailable`."""

    def get(self, name: str) -> Secret | None: ...
    def put(self, name: str, secret: Secret) -> None: ...
    def delete(self, name: str) -> None: ...


class Backend(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


def secure_backend(platform: str = sys.platform) -> Backend:
    """The platform's own key store; never a file.

    Raises:
        EnvironmentFault: `key_unavailable`: there is none here.
    """
    backend: type[Backend]
    try:
        if platform == "win32":
            from keyring.backends.Windows import WinVaultKeyring as backend
        elif platform == "darwin":
            from keyring.backends.macOS import Keyring as backend
        else:
            from keyring.backends.SecretService import Keyring as backend
        backend.priority  # type: ignore[attr-defined]  # noqa: B018  (raises where the store is not running)
        return backend()
    except Exception:
        raise _unavailable("there is no key store on this machine") from None


class SystemKeyStore:
    """The key store of the logged-in user. Entries are named `byre` / `<profile>.<generation>`, values are hex."""

    def __init__(self, backend: Callable[[], Backend] = secure_backend, *, limit_s: float = CALL_LIMIT_S) -> None:
        self._backend = backend
        self._limit_s = limit_s

    def get(self, name: str) -> Secret | None:
        """The secret, or None if the store has no such entry."""
        text = self._call(lambda backend: backend.get_password(SERVICE, name))
        if text is None:
            return None
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raw = b""
        if len(raw) != _SECRET_BYTES:
            raise _unavailable("the entry in the key store was changed by somebody else")
        return Secret(raw)

    def put(self, name: str, secret: Secret) -> None:
        """Store a secret and read it back: a store that forgets must not be trusted with the only copy."""
        self._call(lambda backend: backend.set_password(SERVICE, name, secret.reveal().hex()))
        if self.get(name) != secret:
            raise _unavailable("the key store did not keep what was put into it")

    def delete(self, name: str) -> None:
        """Delete an entry and verify that it is gone; a missing one is fine.

        Whatever it holds by now, and also where there are two: a copy of a key ring that was put back makes such.
        """
        for _ in range(_MOST_ENTRIES):
            if not self._has(name):
                return
            self._call(lambda backend: backend.delete_password(SERVICE, name))
        if self._has(name):
            raise _unavailable("the key store did not delete the entry")

    def _has(self, name: str) -> bool:
        return self._call(lambda backend: backend.get_password(SERVICE, name)) is not None

    def _call(self, work: Callable[[Backend], T]) -> T:
        answers: queue.SimpleQueue[tuple[bool, T | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                answers.put((True, work(self._backend())))
            except Exception:  # a backend raises whatever its library does; the reasons hold nothing for us
                answers.put((False, None))

        # A daemon: a prompt that nobody answers must not keep the process alive.
        threading.Thread(target=run, name="byre-key-store", daemon=True).start()
        try:
            succeeded, value = answers.get(timeout=self._limit_s)
        except queue.Empty:
            raise _unavailable("the key store did not answer in time") from None
        if not succeeded:
            raise _unavailable("the key store is locked or cannot be reached")
        return value  # type: ignore[return-value]


def _unavailable(sentence: str) -> EnvironmentFault:
    return EnvironmentFault(sentence, code="key_unavailable")
