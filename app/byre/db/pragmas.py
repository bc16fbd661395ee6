"""The PRAGMAs that a connection runs under, as one frozen value.

`CLIENT_PRAGMAS` are the store's: what is deleted is overwritten, temporary data stays in RAM, a commit is on the
disk before we acknowledge anything. The relay takes the same with its own checkpoint habits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pragmas:
    """Settings of one connection. Booleans become ON/OFF; `cache_kib` is KiB of page cache."""

    synchronous: str = "FULL"  # covers power loss: we acknowledge and advance ratchets after the commit
    secure_delete: bool = True
    cache_kib: int = 32_000
    wal_autocheckpoint_pages: int = 1000
    journal_size_limit_bytes: int = 0
    foreign_keys: bool = True
    busy_timeout_ms: int = 0
    max_page_count: int | None = None
    exclusive: bool = False
    """Lock the file for this process; the WAL index then lives in RAM, so that reading touches no file."""

    def statements(self) -> tuple[str, ...]:
        """The statements to run right after the key, in order."""
        limit = () if self.max_page_count is None else (f"PRAGMA max_page_count={self.max_page_count:d}",)
        return (
            "PRAGMA journal_mode=WAL",
            f"PRAGMA synchronous={self.synchronous}",
            f"PRAGMA secure_delete={_switch(self.secure_delete)}",
            "PRAGMA temp_store=MEMORY",
            f"PRAGMA cache_size=-{self.cache_kib:d}",
            f"PRAGMA foreign_keys={_switch(self.foreign_keys)}",
            "PRAGMA trusted_schema=OFF",
            f"PRAGMA wal_autocheckpoint={self.wal_autocheckpoint_pages:d}",
            f"PRAGMA journal_size_limit={self.journal_size_limit_bytes:d}",
            f"PRAGMA busy_timeout={self.busy_timeout_ms:d}",
            *limit,
        )


def _switch(on: bool) -> str:
    return "ON" if on else "OFF"


CLIENT_PRAGMAS = Pragmas()
"""The store's settings (see the store's README for the reasons)."""
