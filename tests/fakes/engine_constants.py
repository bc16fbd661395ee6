"""Constants of the fake engine that its services and the tests share."""

from __future__ import annotations

import hashlib
from datetime import datetime

RECOVERY_CODE = "7GQF-2M9K-XW3A-P8RD-6TBN-4HJC-9VEZ"
CODE = "482916"


def at(hour: int, minute: int, *, day: int = 20) -> int:
    """A moment of the sample day, 20 November 2026, local time, in ms."""
    return int(datetime(2026, 11, day, hour, minute).timestamp() * 1000)


def hex_id(name: str, digits: int) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:digits]
