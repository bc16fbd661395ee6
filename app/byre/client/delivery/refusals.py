"""Contents whose delivery token a relay refused: sealed again when there is reason to think that it will be taken.

A device that takes another token names it in its leaf. One whose leaf still names the refused one is at a relay that
has lost it, registers there anew within seconds of its connection, and may have said something before: what was
refused after that would wait for the next time it is heard. So it is tried a few times, and then waits to be heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from byre.client.context import Context
from byre.client.delivery.sending import Sending
from byre.client.rooms.groups import Groups
from byre.client.stretch import Stretch
from byre.store import OutboxRow, RoomRow, Transaction

AGAIN_S: Final = (5.0, 60.0, 600.0)


class Refusals:
    """Looks at refused contents together: a relay that knows none of a large room's mailboxes refuses a thousand."""

    def __init__(self, context: Context, groups: Groups, sending: Sending) -> None:
        self._context = context
        self._groups = groups
        self._sending = sending

    async def address_anew(self, refused: Sequence[OutboxRow]) -> None:
        """Seal again at once for devices that have taken another token since, and for the others a few times later."""
        numbers = {row.room for row in refused if row.room is not None}

        def find(tx: Transaction) -> dict[int, bytes]:
            rows = [tx.rooms.by_number(number) for number in numbers]
            return {row.id: row.group_id for row in rows if row is not None}

        stretch = Stretch(self._context.turns)
        for number, group_id in (await self._context.store.read(find)).items():
            room = await self._groups.current(group_id)
            of_room = {row.device_id: row for row in refused if row.room == number}
            tries = set[int]()
            for leaf in () if room is None else room.facts.leaves:
                row = of_room.get(leaf.device_id)
                if row is not None and leaf.info.address.token != row.token:
                    await self._sending.seal_again(group_id, row.device_id)
                elif row is not None:
                    tries.add(row.attempts)
                await stretch.rest()
            for attempts in sorted(tries):
                if attempts < len(AGAIN_S):
                    self._context.tasks.spawn(self._try_again(group_id, attempts), "refused messages, again")

    async def _try_again(self, group_id: bytes, attempts: int) -> None:
        await self._context.clock.sleep(AGAIN_S[attempts])

        def oldest(tx: Transaction, row: RoomRow) -> list[OutboxRow]:
            return tx.reseals.oldest_refused(row.id, now_ms=self._context.clock.now_ms(), attempts=attempts)

        await self._sending.replace(group_id, oldest, is_retry=True)
