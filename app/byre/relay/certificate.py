"""The relay's own TLS: a certificate that may change while it runs.

Let's Encrypt and its like renew every few weeks; a relay must not lose its connections for that. SIGHUP, or a look at
the files once a minute, reads them again: new handshakes get the new certificate, open connections stay. What cannot be
read leaves the old one in use.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from pathlib import Path
from typing import Final

from byre.errors import UsageError

log = logging.getLogger(__name__)

LOOK_S: Final = 60.0


class Certificate:
    """A certificate chain with its key, in files.

    Raises:
        UsageError: "bad_params"; they cannot be read or do not belong together.
    """

    def __init__(self, chain: Path, key: Path) -> None:
        self._chain = chain
        self._key = key
        self._seen = self._stamp()
        try:
            self.context = self._load(_context())
        except (OSError, ssl.SSLError):
            raise UsageError("The TLS certificate or key cannot be used.") from None

    def reload(self) -> bool:
        """Read the files again; False when they cannot be used and the old certificate stays."""
        self._seen = self._stamp()
        try:
            self._load(_context())  # a pair that does not fit must not get half into the context in use
            self._load(self.context)
        except (OSError, ssl.SSLError):
            log.error("the TLS certificate or key cannot be used; the old one stays")
            return False
        return True

    async def watch(self) -> None:
        """Read the files again whenever they change, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def look(self) -> None:
        """Read the files again if they changed since the last time."""
        if self._stamp() != self._seen:
            self.reload()

    def _load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        context.load_cert_chain(self._chain, self._key, password="")  # never asks at the terminal
        return context

    def _stamp(self) -> tuple[tuple[int, int, int], ...]:
        found = []
        for path in (self._chain, self._key):
            try:
                status = os.stat(path)
            except OSError:
                found.append((0, 0, 0))
            else:
                found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(found)


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
