"""Own key packages with their private parts, and own delivery tokens.

A one-time package's private parts die when the join is durable, a replaced last-resort package's 72 h later. A token
is registered at the relay (its SHA-256 only) before any leaf that carries it leaves this device.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.crypto.secret import Secret
from byre.db import Connection
from byre.store.table import Table


@dataclass(frozen=True, slots=True)
class KeyPackageRow:
    """`bundle` is package and private parts as opaque bytes. state: made, published, used, replaced."""

    reference: bytes
    bundle: Secret
    token: Secret
    state: str
    created_at: int
    expires_at: int
    is_last_resort: bool = False
    purpose: str = ""
    delete_at: int | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A delivery token of an own mailbox. speed: normal, slow, intro. state: made, registered, retiring."""

    token: bytes = field(repr=False)
    mailbox_id: bytes
    speed: str
    state: str
    created_at: int
    group_id: bytes | None = None
    delete_at: int | None = None


_KEY_PACKAGE = Table.of("key_package", KeyPackageRow)
_TOKEN = Table.of("delivery_token", TokenRow)


class KeyPackageRepository:
    """Key packages by reference."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: KeyPackageRow) -> None:
        _KEY_PACKAGE.put(self._connection, row, "reference")

    def get(self, reference: bytes) -> KeyPackageRow | None:
        return _KEY_PACKAGE.one(self._connection, "WHERE reference = ?", (reference,))

    def in_state(self, state: str, *, last_resort: bool | None = None) -> list[KeyPackageRow]:
        """Packages in a state, oldest first; only (or without) last-resort ones if given."""
        return _KEY_PACKAGE.all(
            self._connection,
            "WHERE state = ?1 AND (?2 IS NULL OR is_last_resort = ?2) ORDER BY created_at, reference",
            (state, last_resort),
        )

    def set_state(self, reference: bytes, state: str, *, delete_at: int | None = None) -> None:
        """`delete_at` sets when the private parts die."""
        self._connection.execute(
            "UPDATE key_package SET state = ?, delete_at = coalesce(?, delete_at) WHERE reference = ?",
            (state, delete_at, reference),
        )

    def delete(self, reference: bytes) -> None:
        self._connection.execute("DELETE FROM key_package WHERE reference = ?", (reference,))

    def drop_due(self, now_ms: int) -> int:
        """Delete what is to die by now, or expired; returns how many."""
        return self._connection.execute(
            "DELETE FROM key_package WHERE delete_at <= ?1 OR expires_at <= ?1", (now_ms,)
        ).rowcount


class TokenRepository:
    """Own delivery tokens."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: TokenRow) -> None:
        _TOKEN.put(self._connection, row, "token")

    def get(self, token: bytes) -> TokenRow | None:
        return _TOKEN.one(self._connection, "WHERE token = ?", (token,))

    def of_group(self, group_id: bytes) -> list[TokenRow]:
        """Tokens of a room, newest first."""
        return _TOKEN.all(self._connection, "WHERE group_id = ? ORDER BY created_at DESC", (group_id,))

    def in_state(self, state: str) -> list[TokenRow]:
        return _TOKEN.all(self._connection, "WHERE state = ? ORDER BY created_at", (state,))

    def bind(self, token: bytes, group_id: bytes) -> None:
        """The token is that of a room now."""
        self._connection.execute("UPDATE delivery_token SET group_id = ? WHERE token = ?", (group_id, token))

    def set_state(self, token: bytes, state: str, *, delete_at: int | None = None) -> None:
        self._connection.execute(
            "UPDATE delivery_token SET state = ?, delete_at = coalesce(?, delete_at) WHERE token = ?",
            (state, delete_at, token),
        )

    def due(self, now_ms: int) -> list[TokenRow]:
        """Tokens whose hash is to be taken from the relay by now."""
        return _TOKEN.all(self._connection, "WHERE delete_at <= ? ORDER BY delete_at", (now_ms,))

    def delete(self, token: bytes) -> None:
        self._connection.execute("DELETE FROM delivery_token WHERE token = ?", (token,))
