"""Hands a `byre://` link from a second start to the instance that already runs on the profile.

A Unix socket in the session's runtime folder, readable by its owner only. One line of UTF-8 per connection, answered by
`ok\\n`; a link is only shown to the user, who decides, so that nothing is trusted that comes this way. Where there is
no runtime folder that takes a socket (or no Unix sockets: Windows) the second start says `profile_in_use` instead.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path

from byre.errors import EnvironmentFault, PeerError
from byre.system.paths import private_folder, runtime_folder

logger = logging.getLogger(__name__)

SCHEME = "byre://"
MAX_LINK_BYTES = 4096
_TIMEOUT_S = 5.0


def socket_path(profile: Path, runtime: Path | None = None) -> Path | None:
    """Where the instance on `profile` listens; short, since a Unix socket's path may have 107 bytes at most."""
    folder = runtime_folder() if runtime is None else runtime
    if folder is None or not hasattr(socket, "AF_UNIX"):
        return None
    name = hashlib.sha256(os.fsencode(profile.resolve())).hexdigest()[:16]
    return folder / f"{name}.sock"


def parse_link_line(line: bytes) -> str:
    """The link in one received line, without its newline.

    Raises:
        PeerError: `malformed`: too long, not UTF-8, not printable ASCII, or not a `byre://` link.
    """
    if len(line) > MAX_LINK_BYTES:
        raise PeerError("the link handed over is too long", code="malformed")
    try:
        text = line.decode("ascii").strip()
    except UnicodeDecodeError:
        raise PeerError("the link handed over is not text", code="malformed") from None
    if not text.startswith(SCHEME) or not text.isprintable():
        raise PeerError("what was handed over is no byre link", code="malformed")
    return text


class LinkListener:
    """Listens for links while the window is open; `start` and `stop` run in the window's loop."""

    def __init__(self, path: Path, on_link: Callable[[str], None]) -> None:
        self._path = path
        self._on_link = on_link
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        """Listen, where the folder takes a socket: too long a path, say, or a read-only folder keep no window closed.

        The caller holds the profile's lock, so a socket file that lies there is a dead one.
        """
        try:
            private_folder(self._path.parent)
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINK_BYTES)
            self._path.chmod(0o600)
        except (OSError, EnvironmentFault) as error:
            logger.warning("links of a second start cannot be taken: %s", error)

    async def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), _TIMEOUT_S)
            self._on_link(parse_link_line(line))
            writer.write(b"ok\n")
            await writer.drain()
        except (PeerError, ValueError, OSError, TimeoutError):
            pass  # a stranger's line, a caller that left: nothing to answer
        finally:
            writer.close()


def hand_over(profile: Path, link: str, runtime: Path | None = None) -> bool:
    """Give `link` to the instance on `profile`. Returns False if none listens there."""
    path = socket_path(profile, runtime)
    if path is None:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_TIMEOUT_S)
            connection.connect(str(path))
            connection.sendall(link.encode("ascii", "replace") + b"\n")
            return connection.recv(3) == b"ok\n"
    except OSError:
        return False
