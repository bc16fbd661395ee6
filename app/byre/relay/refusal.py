"""A refusal: the one way in which the relay says no, as an ERR frame with a stable code.

codes: auth, token, quota, rate, size, busy, disk, replaced, proto (relay.md), and for requests taken (write-once and
already there), stale (older than what is stored), expired, absent. Nothing in a refusal says which part was wrong.
"""

from __future__ import annotations

from byre.errors import EnvironmentFault, PeerError
from byre.wire.frames import Err


class Refusal(PeerError):
    """The peer asked for what it may not have; `retry_after_ms` 0 means: do not try this again."""

    def __init__(self, code: str, *, retry_after_ms: int = 0) -> None:
        super().__init__(f"refused: {code}", code=code)
        self.retry_after_ms = retry_after_ms

    def frame(self, subject: bytes | None) -> Err:
        """Return the ERR frame about `subject` (a mid, mailbox or req_id)."""
        return Err(self.code, self.retry_after_ms, subject)


def refusal_of(error: PeerError | EnvironmentFault) -> Refusal:
    """Return the refusal that says as much of an error as a peer may know."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, EnvironmentFault):
        return Refusal("disk", retry_after_ms=10_000)
    return Refusal("proto")
