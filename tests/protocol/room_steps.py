"""Steps that the room playbooks share: who shows which texts, who is in a room, who has which state."""

from __future__ import annotations

from collections.abc import Iterable

from byre.client.events import RoomChanged
from byre.client.views import MessageKind, RoomId, RoomState
from byre.errors import UsageError
from byre.store import Transaction
from tests.fakes.world import Client, World


async def texts(client: Client, room: RoomId) -> list[str]:
    """The texts that a client shows, as a multiset; the error's code instead when it has no such room."""
    try:
        rows = await client.engine.messages.list(room, 500)
    except UsageError as error:
        return [error.code]
    return sorted(row.text for row in rows if row.kind is MessageKind.TEXT)


async def lines(client: Client, room: RoomId) -> list[tuple[str, str]]:
    """The system lines that a client shows, oldest first: (event, subject)."""
    rows = await client.engine.messages.list(room, 500)
    return [(row.text, row.detail) for row in reversed(rows) if row.kind is MessageKind.SYSTEM]


async def shows(world: World, client: Client, room: RoomId, *expected: str) -> None:
    """Wait until the client shows exactly these texts."""

    async def does() -> bool:
        return await texts(client, room) == sorted(expected)

    try:
        await world.until(does)
    except TimeoutError:
        raise AssertionError(f"{client.folder.name} shows {await texts(client, room)}") from None


async def handles(client: Client, room: RoomId) -> set[str]:
    """The members that a client sees, itself included."""
    try:
        return {member.handle for member in await client.engine.rooms.members(room)}
    except UsageError:
        return set()


async def device_count(client: Client, room: RoomId) -> int:
    """How many devices a client sees in a room; 0 when it is not in it."""
    try:
        return sum(len(member.devices) for member in await client.engine.rooms.members(room))
    except UsageError:
        return 0


async def has_members(world: World, client: Client, room: RoomId, *expected: str) -> None:
    """Wait until the client sees exactly these members."""

    async def does() -> bool:
        return await handles(client, room) == set(expected)

    try:
        await world.until(does)
    except TimeoutError:
        raise AssertionError(f"{client.folder.name} sees {await handles(client, room)}") from None


async def has_devices(world: World, client: Client, room: RoomId, count: int) -> None:
    """Wait until the client sees so many devices in the room."""

    async def does() -> bool:
        return await device_count(client, room) == count

    try:
        await world.until(does)
    except TimeoutError:
        raise AssertionError(f"{client.folder.name} sees {await device_count(client, room)} devices") from None


async def has_state(world: World, client: Client, room: RoomId, state: RoomState) -> None:
    """Wait until the room is in a state at the client."""

    async def does() -> bool:
        try:
            return (await client.engine.rooms.get(room)).state is state
        except UsageError:
            return False

    await world.until(does)


async def acquainted(world: World, *names: str) -> list[Client]:
    """Accounts that have each other as contacts."""
    clients = [await world.account(name) for name in names]
    for client in clients:
        for name in names:
            if name != client.folder.name:
                await client.engine.contacts.add(name)
    return clients


async def joined(clients: Iterable[Client], room: RoomId) -> None:
    """Wait until each client has the room."""
    for client in clients:
        await client.wait(RoomChanged, lambda event: event.room_id == room)


async def at_rest(world: World, *clients: Client) -> None:
    """Wait until everybody has told its name in every room, and all that was said has been confirmed."""
    for client in clients:
        await world.until(lambda client=client: _is_at_rest(client))


async def _is_at_rest(client: Client) -> bool:
    context = client.engine._profile.session.context

    def work(tx: Transaction) -> bool:
        for row in tx.rooms.all():
            others = {one.device_id for one in tx.members.of_room(row.id) if one.account_id != context.own.account_id}
            if others - set(tx.peers.told(row.id)):
                return False
        return tx.outbox.count() == 0

    return await context.store.read(work)


async def passed_on(world: World, sender: Client) -> None:
    """Wait until the relay has confirmed everything of a sender."""
    store = sender.engine._profile.session.context.store

    async def is_empty() -> bool:
        return not await store.read(lambda tx: tx.outbox.unconfirmed())

    await world.until(is_empty)
