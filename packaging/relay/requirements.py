"""Prints the part of `../requirements/run.txt` that a relay needs, hashes included: no Qt on a server.

python3 packaging/relay/requirements.py > relay.txt && pip install --require-hashes --no-deps -r relay.txt
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGES = (
    "aiohappyeyeballs",
    "aiohttp",
    "aiosignal",
    "attrs",
    "cffi",
    "cryptography",
    "frozenlist",
    "idna",
    "msgpack",
    "multidict",
    "prometheus-client",
    "propcache",
    "pycparser",
    "pynacl",
    "sqlcipher3",
    "typing-extensions",
    "uvloop",
    "yarl",
)
"""aiohttp, cryptography, msgpack, prometheus-client, PyNaCl, sqlcipher3, uvloop, and what these need."""


def blocks(text: str) -> dict[str, str]:
    """Return the requirement of each package, with its hashes, by the package's name."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        start = re.match(r"([A-Za-z0-9._-]+)(\[[^]]*\])?==", line)
        if start:
            name = start[1].lower().replace("_", "-").replace(".", "-")
            found[name] = ""
        if name and not line.startswith("#"):
            found[name] += line
    return found


def relay_requirements(run: str) -> str:
    """Return the lines for a relay."""
    known = blocks(run)
    return "".join(known[name] for name in PACKAGES)


if __name__ == "__main__":
    run = Path(__file__).resolve().parents[1] / "requirements" / "run.txt"
    sys.stdout.write(relay_requirements(run.read_text(encoding="utf-8")))
