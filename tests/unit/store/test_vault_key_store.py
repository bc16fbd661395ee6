"""The OS key store, with every failure of keyring that was seen in the field."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest
from keyring.errors import InitError, KeyringLocked, NoKeyringError, PasswordDeleteError, PasswordSetError

from byre.crypto.secret import Secret
from byre.errors import EnvironmentFault
from byre.store.vault_key_store import SERVICE, SystemKeyStore, secure_backend

SECRET = Secret(b"S" * 32)


class Backend:
    """A keyring in memory that fails on demand."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.is_lossy = False
        self.is_sticky = False

    def get_password(self, service: str, username: str) -> str | None:
        self._fail()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._fail()
        if not self.is_lossy:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._fail()
        if not self.is_sticky:
            del self.entries[service, username]

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def backend() -> Backend:
    return Backend()


@pytest.fixture
def store(backend: Backend) -> SystemKeyStore:
    return SystemKeyStore(lambda: backend)


def test_a_secret_is_kept_and_deleted(store: SystemKeyStore, backend: Backend) -> None:
    assert store.get("p.1") is None
    store.put("p.1", SECRET)
    assert store.get("p.1") == SECRET
    assert backend.entries == {(SERVICE, "p.1"): "53" * 32}
    store.delete("p.1")
    store.delete("p.1")
    assert backend.entries == {}


@pytest.mark.parametrize(
    "error",
    [
        InitError("no prompter"),
        KeyringLocked("locked"),
        NoKeyringError("none"),
        PasswordSetError("set"),
        PasswordDeleteError("delete"),
        OSError("bus"),
        RuntimeError("anything"),
    ],
)
@pytest.mark.parametrize("call", ["get", "put", "delete"])
def test_every_failure_is_key_unavailable(store: SystemKeyStore, backend: Backend, error: Exception, call: str) -> None:
    backend.error = error
    calls: dict[str, Callable[[], object]] = {
        "get": lambda: store.get("p.1"),
        "put": lambda: store.put("p.1", SECRET),
        "delete": lambda: store.delete("p.1"),
    }
    with pytest.raises(EnvironmentFault) as caught:
        calls[call]()
    assert caught.value.code == "key_unavailable"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "zz", "53" * 31, "비밀"])
def test_a_changed_entry_is_noticed(store: SystemKeyStore, backend: Backend, text: str) -> None:
    backend.entries[SERVICE, "p.1"] = text
    with pytest.raises(EnvironmentFault) as caught:
        store.get("p.1")
    assert caught.value.code == "key_unavailable"


@pytest.mark.parametrize("text", ["", "zz", "비밀", "54" * 32])
def test_an_entry_is_deleted_whatever_somebody_wrote_into_it(
    store: SystemKeyStore, backend: Backend, text: str
) -> None:
    backend.entries[SERVICE, "p.1"] = text
    store.delete("p.1")
    assert backend.entries == {}


def test_two_entries_of_one_name_are_both_deleted(store: SystemKeyStore, backend: Backend) -> None:
    other = ["55" * 32]
    delete = backend.delete_password

    def one_of_two(service: str, username: str) -> None:
        delete(service, username)
        if other:
            backend.entries[service, username] = other.pop()

    backend.delete_password = one_of_two  # type: ignore[method-assign]
    store.put("p.1", SECRET)
    store.delete("p.1")
    assert (backend.entries, other) == ({}, [])


def test_a_store_that_forgets_or_keeps_is_not_trusted(store: SystemKeyStore, backend: Backend) -> None:
    backend.is_lossy = True
    with pytest.raises(EnvironmentFault):
        store.put("p.1", SECRET)
    backend.is_lossy, backend.is_sticky = False, True
    store.put("p.1", SECRET)
    with pytest.raises(EnvironmentFault):
        store.delete("p.1")


def test_a_prompt_that_nobody_answers_ends_at_the_limit() -> None:
    answered = threading.Event()

    class Hanging(Backend):
        def get_password(self, service: str, username: str) -> str | None:
            answered.wait(30)
            return None

    with pytest.raises(EnvironmentFault) as caught:
        SystemKeyStore(Hanging, limit_s=0.01).get("p.1")
    answered.set()
    assert caught.value.code == "key_unavailable"


@pytest.mark.parametrize(
    ("platform", "module", "name"),
    [
        ("win32", "keyring.backends.Windows", "WinVaultKeyring"),
        ("darwin", "keyring.backends.macOS", "Keyring"),
        ("linux", "keyring.backends.SecretService", "Keyring"),
    ],
)
def test_each_platform_has_its_own_store(
    monkeypatch: pytest.MonkeyPatch, platform: str, module: str, name: str
) -> None:
    class Chosen(Backend):
        priority = 5

    fake = ModuleType(module)
    setattr(fake, name, Chosen)
    monkeypatch.setitem(sys.modules, module, fake)
    assert isinstance(secure_backend(platform), Chosen)


def test_a_platform_without_one_is_key_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    class Absent(Backend):
        @property
        def never(self) -> None: ...

    class Meta(type):
        @property
        def priority(cls) -> int:
            raise RuntimeError("no D-Bus")

    chosen = Meta("Chosen", (Absent,), {})
    monkeypatch.setitem(sys.modules, "keyring.backends.SecretService", SimpleNamespace(Keyring=chosen))
    with pytest.raises(EnvironmentFault) as caught:
        secure_backend("linux")
    assert caught.value.code == "key_unavailable"


def test_no_entry_points_are_scanned() -> None:
    """keyring's own search costs half a second and may choose a plaintext file."""
    import keyring.core

    SystemKeyStore()
    assert keyring.core._keyring_backend is None
