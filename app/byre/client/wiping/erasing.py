"""Erasing here what is not a whole room: single messages, a contact, everything from before a time (`ErasuresApi`).

A single message goes at once, without certificate; a contact and a time are wipes with one. They stay on this device:
other people's devices and the account's own other ones keep what they have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from byre.client.context import Context
from byre.client.events import ContactChanged, MessagesErased, RoomChanged, RoomErased, WipeProgressed
from byre.client.views import AccountId, MessageId, RoomId, WipeCertificate
from byre.client.wiping.certifying import shown_certificate
from byre.errors import UsageError
from byre.store import RoomRow, Store, Transaction, WipeCertificateRow, WipeScope

_KINDS_WITH_CONTENT = ("message",)


class Erasing:
    """`ErasuresApi`, but for the panic.

    Args:
        show: turns a certificate into its view.
    """

    def __init__(
        self,
        context: Context,
        show: Callable[[WipeCertificateRow], Awaitable[WipeCertificate]] | None = None,
    ) -> None:
        self._context = context
        self._show = show

    async def delete_message(self, message_id: MessageId) -> None:
        """Erase a message from this device, for good; what still waits to be sent of it does not go out.

        Raises:
            UsageError: code no_such_message. EnvironmentFault: disk_full, …
        """
        try:
            number = bytes.fromhex(message_id)
        except ValueError:
            number = b""

        def work(tx: Transaction) -> tuple[list[RoomRow], list[tuple[str, bytes]]]:
            positions = tx.erasures.positions(number)
            if not positions:
                raise UsageError("There is no such message.", code="no_such_message")
            waiting = [one for one in tx.outbox.of_message(number) if one.kind in _KINDS_WITH_CONTENT]
            rooms = [tx.rooms.by_number(room) for room in tx.erasures.erase(positions)]
            return [row for row in rooms if row], [(one.relay, one.mid) for one in waiting if one.mid is not None]

        rooms, sends = await self._context.store.write(work)
        for relay, mid in sends:
            self._context.network.relay(relay).cancel(mid)
        for row in rooms:
            self._context.events.publish(MessagesErased(_room_id(row), (message_id,)))
            self._context.events.publish(RoomChanged(_room_id(row)))
        await forget_traces(self._context.store)

    async def wipe_contact(self, account_id: AccountId) -> WipeCertificate:
        """Erase a contact: the direct rooms' content, the name, what was verified; the keys once no room needs them.

        A direct room that was left before goes altogether.

        Raises:
            UsageError: code no_such_contact. EnvironmentFault: once begun, it is completed at the next start.
        """
        try:
            number = bytes.fromhex(account_id)
        except ValueError:
            number = b""

        def find(tx: Transaction) -> tuple[list[RoomRow], list[tuple[str, bytes]]]:
            if tx.peers.get(number) is None or number == self._context.own.account_id:
                raise UsageError("There is no such contact.", code="no_such_contact")
            rooms = tx.rooms.direct_with(number)
            waiting = [one for row in rooms for one in tx.outbox.of_kind("message", room=row.id)]
            return rooms, [(one.relay, one.mid) for one in waiting if one.mid is not None]

        rooms, sends = await self._context.store.read(find)
        for relay, mid in sends:
            self._context.network.relay(relay).cancel(mid)
        certificate = await self._wipe(WipeScope.of_contact(number, [row.id for row in rooms]), rooms)
        self._context.events.publish(ContactChanged(account_id))
        return certificate

    async def wipe_before(self, time_ms: int) -> WipeCertificate:
        """Erase everything from before a time in all rooms.

        Raises:
            EnvironmentFault: once begun, it is completed at the latest at the next start.
        """
        rooms = await self._context.store.read(lambda tx: tx.rooms.all())
        return await self._wipe(WipeScope.before(time_ms), rooms)

    async def _wipe(self, scope: WipeScope, rooms: list[RoomRow]) -> WipeCertificate:
        publish = self._context.events.publish
        shown = _room_id(rooms[0]) if scope.hides_rooms and rooms else RoomId("")

        def progress(step: str, fraction: float) -> None:
            publish(WipeProgressed(shown, step, fraction))

        certificate = await self._context.store.wipe(scope, on_progress=progress)
        for row in rooms:
            publish(RoomErased(_room_id(row)))
            publish(RoomChanged(_room_id(row)))
        return shown_certificate(certificate) if self._show is None else await self._show(certificate)


async def forget_traces(store: Store) -> None:
    """After an erasure outside of a wipe: no frame of the WAL and no snapshot holds the text once this has returned.

    It waits for a copy or a wipe under way, which may read what was there before them; what does not come to its end
    here is owed, and `Fading` tries it again.
    """
    traces = await store.read(lambda tx: tx.erasures.traces())
    is_folded = await store.fold()
    await store.snapshots.drop()
    if is_folded or await store.fold():
        await store.write(lambda tx: tx.erasures.note_forgotten(traces))


def _room_id(row: RoomRow) -> RoomId:
    return RoomId(row.group_id.hex())
