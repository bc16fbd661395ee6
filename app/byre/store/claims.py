"""Claims of own commits, signed: as a room's home was sent them, until nobody has to send them again.

```
 granted ── the home names the commit ──▶ ordered ── some days, or this device is brought back ──▶ forgotten
```
One per group and epoch. Not among the settings: a body holds a commit of up to some hundred KiB.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from byre.db import Connection
from byre.store.table import Table

CLAIMS_KEPT = 32
"""How many ordered claims of a group stay."""


@dataclass(frozen=True, slots=True)
class SignedClaimRow:
    """A claim. `ordered_at` (ms) is None until the home has named its commit."""

    group_id: bytes
    epoch: int
    home_url: str
    group_tag: bytes
    claim_id: bytes
    commit_hash: bytes
    next_claim_public: bytes
    signature: bytes = field(repr=False)
    body: bytes = field(repr=False)
    ordered_at: int | None = None


_CLAIM = Table.of("signed_claim", SignedClaimRow)


class ClaimRepository:
    """Claims by (group, epoch)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: SignedClaimRow) -> None:
        _CLAIM.put(self._connection, row, "group_id", "epoch")

    def granted(self, group_id: bytes) -> SignedClaimRow | None:
        """The claim of a group that its home has granted last and not yet named."""
        return _CLAIM.one(
            self._connection, "WHERE group_id = ? AND ordered_at IS NULL ORDER BY epoch DESC LIMIT 1", (group_id,)
        )

    def groups_with_granted(self) -> list[bytes]:
        return self._groups("ordered_at IS NULL")

    def mark_ordered(self, group_id: bytes, now_ms: int) -> bool:
        """What is granted of a group was ordered; of many, the last stay. Returns whether there was any."""
        changed = self._connection.execute(
            "UPDATE signed_claim SET ordered_at = ? WHERE group_id = ? AND ordered_at IS NULL", (now_ms, group_id)
        ).rowcount
        self._connection.execute(
            "DELETE FROM signed_claim WHERE group_id = ?1 AND ordered_at IS NOT NULL AND epoch <= (SELECT epoch"
            " FROM signed_claim WHERE group_id = ?1 AND ordered_at IS NOT NULL ORDER BY epoch DESC LIMIT 1 OFFSET ?2)",
            (group_id, CLAIMS_KEPT),
        )
        return changed > 0

    def ordered(self, group_id: bytes) -> list[SignedClaimRow]:
        """The ordered claims of a group, by epoch."""
        return _CLAIM.all(self._connection, "WHERE group_id = ? AND ordered_at IS NOT NULL ORDER BY epoch", (group_id,))

    def groups_with_order(self) -> list[bytes]:
        return self._groups("ordered_at IS NOT NULL")

    def forget_ordered(self, group_id: bytes) -> None:
        self._connection.execute("DELETE FROM signed_claim WHERE group_id = ? AND ordered_at IS NOT NULL", (group_id,))

    def is_any_ordered(self, until_ms: int) -> bool:
        """Whether there are claims that were ordered at `until_ms` or before it."""
        row = self._connection.execute("SELECT 1 FROM signed_claim WHERE ordered_at <= ? LIMIT 1", (until_ms,))
        return row.fetchone() is not None

    def drop_ordered(self, until_ms: int) -> None:
        """Forget what was ordered at `until_ms` or before it."""
        self._connection.execute("DELETE FROM signed_claim WHERE ordered_at <= ?", (until_ms,))

    def _groups(self, where: str) -> list[bytes]:
        rows = self._connection.execute(f"SELECT DISTINCT group_id FROM signed_claim WHERE {where} ORDER BY group_id")
        return [bytes(group_id) for (group_id,) in rows]
