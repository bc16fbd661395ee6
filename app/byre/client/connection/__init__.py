"""The engine's way to relays: one receive and one send socket each, kept alive, with every send retried until final.

`network.py` holds the relays, `relay_client.py` one of them. aiohttp is imported lazily (`dialer.py`), after the
window's first paint. What may never happen here: an acknowledgement before the client's own commit, a send socket
that says who it is, a plain-text connection that leaves the machine.
"""

from byre.client.connection.callbacks import NetworkCallbacks
from byre.client.connection.dialer import Dialer
from byre.client.connection.network import Network
from byre.client.connection.receiving import MailboxCredentials
from byre.client.connection.relay_client import RelayClient
from byre.client.connection.results import (
    ClaimResult,
    CommitResult,
    ConflictingCommit,
    DirectoryAnswer,
    Found,
    Gone,
    Granted,
    NothingYet,
    Progress,
    TakenKeyPackage,
)
from byre.client.connection.route import Route

__all__ = [
    "ClaimResult",
    "CommitResult",
    "ConflictingCommit",
    "Dialer",
    "DirectoryAnswer",
    "Found",
    "Gone",
    "Granted",
    "MailboxCredentials",
    "Network",
    "NetworkCallbacks",
    "NothingYet",
    "Progress",
    "RelayClient",
    "Route",
    "TakenKeyPackage",
]
