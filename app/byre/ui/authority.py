"""Reads the CA file that a user chose; whether it is a certificate is for the engine to say."""

from __future__ import annotations

from pathlib import Path

MOST_BYTES = 1 << 20


def read_authority(path: str) -> str | None:
    """The text of the file, `?` where it holds no PEM certificate at all, None where it cannot be read."""
    if not Path(path).is_file():  # a pipe would be waited for
        return None
    try:
        with Path(path).open("rb") as file:
            text = file.read(MOST_BYTES).decode("ascii", "replace")
    except OSError:
        return None
    return text if "BEGIN CERTIFICATE" in text else "?"
