"""Settings of this device: small JSON values, encrypted with everything else."""

from __future__ import annotations

import json

from byre.client.context import Context
from byre.errors import UsageError

_PREFIX = "user."
_LARGEST = 64 * 1024


class Settings:
    """`SettingsApi` over the store; the engine's own values live under another prefix."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, name: str) -> object | None:
        """Return a value, or None when it was never put."""
        return await self._context.store.read(lambda tx: tx.settings.get(_PREFIX + name))

    async def put(self, name: str, value: object) -> None:
        """Store a JSON-able value.

        Raises:
            UsageError: code bad_params; no JSON value, or larger than 64 KiB.
        """
        try:
            size = len(json.dumps(value))
        except (TypeError, ValueError):
            raise UsageError("A setting is a JSON value.") from None
        if size > _LARGEST:
            raise UsageError("A setting has at most 64 KiB.")
        await self._context.store.write(lambda tx: tx.settings.put(_PREFIX + name, value))
