"""A confirmed linking on the PC: what must not be forgotten between its user's yes and the device room's Welcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from byre.client.context import JOINING
from byre.store import Transaction
from byre.wire.ids import RendezvousId


@dataclass(frozen=True, slots=True)
class Joining:
    """What a PC must not forget between its user's yes and the Welcome."""

    relay: str
    rendezvous: RendezvousId
    blob5: bytes = field(repr=False)
    deadline_ms: int
    name: str
    platform: str


def write_joining(tx: Transaction, joining: Joining) -> None:
    """Store the one linking that this PC's user has confirmed."""
    tx.settings.put(
        JOINING,
        {
            "relay": joining.relay,
            "rendezvous": joining.rendezvous.hex(),
            "blob5": joining.blob5.hex(),
            "deadline_ms": str(joining.deadline_ms),
            "name": joining.name,
            "platform": joining.platform,
        },
    )


def read_joining(tx: Transaction) -> Joining | None:
    """Return the confirmed linking that waits for its Welcome."""
    value = tx.settings.get(JOINING)
    if not isinstance(value, dict):
        return None
    text = cast(dict[str, str], value)
    return Joining(
        relay=text["relay"],
        rendezvous=RendezvousId(bytes.fromhex(text["rendezvous"])),
        blob5=bytes.fromhex(text["blob5"]),
        deadline_ms=int(text["deadline_ms"]),
        name=text["name"],
        platform=text["platform"],
    )


def delete_joining(tx: Transaction) -> None:
    """Forget it: the linking has ended."""
    tx.settings.delete(JOINING)
