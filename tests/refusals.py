"""What a refusal says: the stable code that users of the RPC and the window build on."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from byre.errors import ByreError


async def refused(work: Awaitable[object]) -> str:
    """Return the code with which `work` is refused; fails when it is not."""
    with pytest.raises(ByreError) as caught:
        await work
    return caught.value.code
