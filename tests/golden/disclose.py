"""The layout of what `byre relay disclose` and `byre relay report` print: names and types, not values.

The layout is frozen in `disclose.json`; a change of it needs a new `VERSION` in `app/byre/relay/disclose.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

GOLDEN_FILE = Path(__file__).with_name("disclose.json")


def layout(value: Any) -> Any:
    """Return the names and types of a JSON value; a list is described by its first row."""
    if isinstance(value, dict):
        return {name: layout(each) for name, each in value.items()}
    if isinstance(value, list):
        return [layout(value[0])] if value else []
    return type(value).__name__
