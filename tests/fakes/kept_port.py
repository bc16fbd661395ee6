"""A TCP port that stays a test's own while its server is down.

A free port that was only looked up is free again for everybody whenever the server behind it is dead, stopped or not
yet started: on a busy machine another test's server gets it then, and ours cannot start again.
"""

from __future__ import annotations

import os
import socket
import weakref
from typing import Final

LOOPBACK: Final = "127.0.0.1"


class KeptPort:
    """Bound for as long as this object lives, and not listening: who dials it is refused until a server listens there.

    A server may (SO_REUSEADDR on both sides); nobody who asks for any free port is given this one.
    """

    def __init__(self, host: str = LOOPBACK) -> None:
        with socket.socket() as place:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind((host, 0))
            self.number: int = place.getsockname()[1]
            handle = place.detach()
        weakref.finalize(self, os.close, handle)
