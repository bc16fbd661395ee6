"""Claims of own commits that the home has ordered: kept 72 hours, for a home that is put back from an older copy.

```
 granted ── the home names the commit ──▶ ordered ── 72 hours, or this device is brought back ──▶ forgotten
                                             └── the home's head is older: claimed again, as it was sent (`reordering`)
```
They are stored by group, epoch and the time from which they are kept, and hold what the relay had: a signature, and the
commit under a key of an epoch that is gone. Runs inside a store transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from byre.store import Transaction

KEPT_MS = 72 * 3600 * 1000
"""As long as the home keeps what ended an epoch: a head that is older than that is not brought forward any more."""
MOST = 32
_ORDERED = "rooms.ordered."


@dataclass(frozen=True, slots=True)
class SignedClaim:
    """A claim as the home was sent it."""

    home_url: str
    group_tag: bytes
    epoch: int
    claim_id: bytes
    commit_hash: bytes
    next_claim_public: bytes
    signature: bytes
    body: bytes


def value_of(claim: SignedClaim) -> dict[str, str | int]:
    """Return a claim as settings keep it."""
    return {
        "home_url": claim.home_url,
        "group_tag": claim.group_tag.hex(),
        "epoch": claim.epoch,
        "claim_id": claim.claim_id.hex(),
        "commit_hash": claim.commit_hash.hex(),
        "next_claim_public": claim.next_claim_public.hex(),
        "signature": claim.signature.hex(),
        "body": claim.body.hex(),
    }


def claim_of(value: object) -> SignedClaim | None:
    """Return the claim that settings keep as `value`, None for none."""
    if not isinstance(value, dict):
        return None
    known = cast(dict[str, Any], value)
    return SignedClaim(
        home_url=str(known["home_url"]),
        epoch=int(known["epoch"]),
        **{
            name: bytes.fromhex(known[name])
            for name in ("group_tag", "claim_id", "commit_hash", "next_claim_public", "signature", "body")
        },
    )


def put_ordered(tx: Transaction, group_id: bytes, claim: SignedClaim, now_ms: int) -> None:
    """Keep a claim that the home has ordered; of many in one room only the last."""
    tx.settings.put(f"{_ORDERED}{group_id.hex()}.{claim.epoch:016x}.{now_ms}", value_of(claim))
    for name in _names(tx, group_id)[:-MOST]:
        tx.settings.delete(name)


def ordered(tx: Transaction, group_id: bytes) -> list[SignedClaim]:
    """Return the claims kept of a room, by epoch."""
    found = [claim_of(tx.settings.get(name)) for name in _names(tx, group_id)]
    return [claim for claim in found if claim is not None]


def forget_ordered(tx: Transaction, group_id: bytes) -> None:
    """This device was brought back: what it had ordered may have been another order than the members follow."""
    for name in _names(tx, group_id):
        tx.settings.delete(name)


def outdated(tx: Transaction, now_ms: int) -> list[str]:
    """Return the names of what has been kept for long enough."""
    return [name for name in _names(tx) if int(name.rpartition(".")[2]) + KEPT_MS <= now_ms]


def groups_with_order(tx: Transaction) -> list[bytes]:
    """Return the groups of which claims are kept."""
    return list(dict.fromkeys(bytes.fromhex(name.removeprefix(_ORDERED).split(".")[0]) for name in _names(tx)))


def _names(tx: Transaction, group_id: bytes | None = None) -> list[str]:
    prefix = _ORDERED if group_id is None else f"{_ORDERED}{group_id.hex()}."
    return [name for name in tx.settings.names() if name.startswith(prefix)]
