"""A restored phone shows itself to its PCs, which would else learn of it at their next look at the directory.

What is sent is a rejoin request for a room that does not exist: its key package carries this device's credential, and
that the newest own list, signed by the account's key. A PC learns the list, and brings the phone into all of its rooms.
"""

from __future__ import annotations

from byre.client.context import Context
from byre.client.key_packages import KeyPackages
from byre.client.leaf_check import leaf_info
from byre.identity.mailbox import seal_envelope
from byre.identity.rejoin import RejoinRequest
from byre.wire.envelope import REJOIN_REQUEST
from byre.wire.ids import MID_SIZE, DeviceId, GroupId

_GROUP_ID_SIZE = 32
_TTL_S = 24 * 3600
"""A PC that is away for longer looks at the directory when it comes back, as it does anyway."""


class Greeting:
    """Greets own devices outside of any room."""

    def __init__(self, context: Context, key_packages: KeyPackages) -> None:
        self._context = context
        self._key_packages = key_packages

    async def greet(self, device_id: DeviceId) -> None:
        """Show an own device this one and the newest own list. Lost on the way, it is no harm.

        Raises:
            ByreError: the relay is away, or has no package of that device.
        """
        own, random = self._context.own, self._context.random
        taken = await self._key_packages.take_device(own.account_id, device_id)
        bundle = await self._key_packages.fresh_bundle()
        request = RejoinRequest.issue(
            own.device_key,
            group_id=GroupId(random(_GROUP_ID_SIZE)),
            key_package=bundle.key_package.encoded,
            now_ms=self._context.clock.now_ms(),
        )
        address = leaf_info(taken.key_package.leaf_node).address
        self._context.network.relay(address.relay_url).send(
            mid=random(MID_SIZE),
            mailbox=address.mailbox_id,
            token=address.token,
            ttl_s=_TTL_S,
            body=seal_envelope(address.mailbox_key, REJOIN_REQUEST, request.encoded),
        )
