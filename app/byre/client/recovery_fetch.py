"""The recovery file of an account, fetched by its code: for who restores the account, and who wants its key copy.

A relay answers for a wrong code as for an unknown handle; whether it knows the handle is then asked without the code,
so that a person hears which of the two they have mistyped.
"""

from __future__ import annotations

from byre.client.connection import DirectoryAnswer, RelayClient
from byre.client.directory import no_such_handle
from byre.errors import PeerError, UsageError
from byre.identity.recovery import fetch_key, normalise_code


async def fetch_by_code(relay: RelayClient, handle: str, code: str) -> tuple[str, DirectoryAnswer, bytes]:
    """Return the code in its one spelling, the account's records (not verified yet) and its recovery file.

    Raises:
        UsageError: code no_such_handle or wrong_recovery_code.
        EnvironmentFault: code relay_unreachable.
    """
    try:
        code = normalise_code(code)
    except PeerError:
        raise wrong_recovery_code() from None
    answer = await relay.directory_get(handle=handle, fetch_key=fetch_key(code))
    if answer is None and await relay.directory_get(handle=handle) is None:
        raise no_such_handle()
    if answer is None or answer.recovery_file is None:
        raise wrong_recovery_code()
    return code, answer, answer.recovery_file


def wrong_recovery_code() -> UsageError:
    """Return the error for a code that opens nothing."""
    return UsageError("This is not the recovery code of this account.", code="wrong_recovery_code")
