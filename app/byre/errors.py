"""The four ancestors of every error in Byre: they say who is to blame.

`UsageError` our caller or the user, `PeerError` what another device, the relay or a file sent us,
`EnvironmentFault` the machine (disk, network, key store), `InternalBug` ourselves. Each instance carries a
stable `code` (snake case, English) that callers branch on and that the RPC shows as `data.code`; the
sentence a user reads is chosen in `ui/` by code. Messages never hold a secret, a plaintext or a key.
"""

from __future__ import annotations

import errno


class ByreError(Exception):
    """Any error of ours.

    Args:
        sentence: one English sentence for logs and the RPC, free of secrets and of peer-controlled text.
        code: stable snake-case name; the class's `default_code` when omitted.
    """

    default_code = "internal"

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code


class UsageError(ByreError):
    """The caller or the user asked for something that cannot be done as asked."""

    default_code = "bad_params"


class PeerError(ByreError):
    """Bytes from outside (peer, relay, file) do not parse, do not verify or break a rule."""

    default_code = "bad_peer_data"


class EnvironmentFault(ByreError):
    """The machine failed us: disk, network, key store, operating system."""

    default_code = "environment"


class InternalBug(ByreError):
    """A state that our own code must make impossible."""

    default_code = "internal"


def told(error: Exception) -> ByreError:
    """Return what a caller hears of any exception: never its own words, which may hold what a user wrote.

    What the operating system refused (no descriptor left, a full disk) is the machine's fault, all else ours.
    """
    if isinstance(error, ByreError):
        return error
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return EnvironmentFault("The disk is full.", code="disk_full")
        return EnvironmentFault("The system refused a file or a connection.", code="io_error")
    return InternalBug("Something went wrong inside Byre.")
