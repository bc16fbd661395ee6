"""Opening a room: the group of one, its head at the home relay, then one commit that adds everybody.

The head is created before anything is stored: an orphaned head harms nobody, a room without one could never commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from byre.client.clock import now_s
from byre.client.context import Context
from byre.client.events import RoomChanged
from byre.client.key_packages import KeyPackages, TakenPackage
from byre.client.mailbox import MailboxTokens
from byre.client.rooms.commits import Commits
from byre.client.rooms.groups import Groups
from byre.client.rooms.intent_codec import stored
from byre.client.rooms.intents import MAX_DEVICES, AddDevices, Package
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.showing import member_rows
from byre.client.rooms.twins import settle_twins
from byre.client.views import RoomId
from byre.errors import UsageError
from byre.identity.room_context import RoomContext, RoomKind
from byre.identity.room_head import claim_key, sign_create
from byre.mls import HYBRID, ROOM_CONTEXT, Extension, Group, suite_by_id
from byre.mls.capabilities import ROOM_CAPABILITIES
from byre.store import IntentRow, RoomRow, Transaction
from byre.wire.ids import GROUP_TAG_SIZE, AccountId, GroupTag

GROUP_ID_SIZE = 32
_LIFETIME_S = 90 * 24 * 3600
_CLOCK_SKEW_S = 24 * 3600


class Founding:
    """Opens rooms on the own relay.

    Args:
        opened: told of every room that was opened, with its kind.
    """

    def __init__(
        self,
        context: Context,
        groups: Groups,
        commits: Commits,
        tokens: MailboxTokens,
        key_packages: KeyPackages,
        opened: Callable[[bytes, str], Awaitable[None]],
    ) -> None:
        self._context = context
        self._groups = groups
        self._commits = commits
        self._tokens = tokens
        self._key_packages = key_packages
        self._opened = opened

    async def direct(self, peer: AccountId) -> bytes:
        """Open a room of two. Raises as `group`."""
        own = self._context.own
        context = RoomContext.direct(own.account_id, peer, home_url=own.relay, group_tag=self._tag())
        return await self._open(context, await self.packages([peer]), peer)

    async def group(self, members: Sequence[AccountId], title: str) -> bytes:
        """Open a group room with all devices of `members` and one's own.

        Raises:
            UsageError: code room_too_large.
            PeerError: a member has no device that can be reached.
            EnvironmentFault: code relay_unreachable.
        """
        return await self._open(self._owned(RoomKind.GROUP, title), await self.packages(members), None)

    async def alone(self, kind: RoomKind) -> bytes:
        """Open a room of one's own devices; they are added one by one."""
        return await self._open(self._owned(kind, ""), (), None)

    async def again(self, row: RoomRow) -> None:
        """Found a room of one's own anew, with all that was written in it: nobody else has its MLS state."""
        kind = RoomKind.DEVICE if row.kind == "device" else RoomKind.NOTE
        context = self._owned(kind, row.title)
        room = LiveRoom.read(await self._group_of_one(context, row.group_id))
        await self._create_head(room)

        def work(tx: Transaction) -> None:
            tx.groups.delete(row.group_id)
            tx.rooms.change(row.id, state="active", relay=context.home_url, group_tag=context.group_tag)
            self._write_group(tx, room, row.id)

        async with self._groups.held(row.group_id):
            await self._context.store.write(work)
            self._groups.put(room)
        self._context.events.publish(RoomChanged(RoomId(row.group_id.hex())))
        await self._opened(room.group_id, row.kind)

    async def packages(self, accounts: Sequence[AccountId], *, with_own: bool = True) -> tuple[Package, ...]:
        """Take one key package of every device of `accounts`, and of one's own other devices."""
        taken: list[TakenPackage] = []
        for account_id in accounts:
            taken += await self._key_packages.take(account_id)
        if with_own:
            taken += await self._key_packages.take(self._context.own.account_id)
        return tuple(package_of(each) for each in taken)

    async def _open(self, context: RoomContext, packages: tuple[Package, ...], peer: AccountId | None) -> bytes:
        if len(packages) + 1 > MAX_DEVICES:
            raise UsageError("The room would have more than a thousand devices.", code="room_too_large")
        room = LiveRoom.read(await self._group_of_one(context))
        await self._create_head(room)
        intent = AddDevices(packages)
        await self._context.store.write(lambda tx: self._write(tx, room, intent, peer))
        self._groups.put(room)
        if packages:
            try:
                await self._commits.bring_about(room.group_id, intent)
            except UsageError:
                await self._discard(room.group_id)
                raise
        if peer is not None:
            await self._context.store.write(lambda tx: settle_twins(tx, self._context.own, peer))
        self._context.events.publish(RoomChanged(RoomId(room.group_id.hex())))
        await self._opened(room.group_id, context.kind.name.lower())
        return room.group_id

    async def _create_head(self, room: LiveRoom) -> None:
        relay, group_tag = self._context.own_relay, room.context.group_tag
        key = claim_key(room.group.export_secret)
        signature = sign_create(key, relay_id=await relay.relay_id(), group_tag=group_tag)
        await relay.create_head(group_tag=group_tag, epoch=room.epoch, claim_public=key.public, signature=signature)

    async def _group_of_one(self, context: RoomContext, group_id: bytes | None = None) -> Group:
        own, now = self._context.own, now_s(self._context.clock)
        token = await self._tokens.fresh()
        return Group.create(
            suite_by_id(HYBRID),
            group_id=group_id or self._context.random(GROUP_ID_SIZE),
            signature_key=own.device_key,
            credential=own.credential(),
            leaf_extensions=(self._tokens.leaf_extension(token),),
            extensions=(Extension(ROOM_CONTEXT, context.encode()),),
            not_before_s=now - _CLOCK_SKEW_S,
            not_after_s=now + _LIFETIME_S,
            random=self._context.random,
            capabilities=ROOM_CAPABILITIES,
        )

    def _write(self, tx: Transaction, room: LiveRoom, intent: AddDevices, peer: AccountId | None) -> None:
        now_ms, context = self._context.clock.now_ms(), room.context
        number = tx.rooms.add(
            RoomRow(
                id=0,
                group_id=room.group_id,
                kind=context.kind.name.lower(),
                state="active",
                relay=context.home_url,
                group_tag=context.group_tag,
                created_at=now_ms,
                last_activity=now_ms,
                title=context.title,
                peer_account=peer,
                policy_version=context.policy_version,
                timer_s=context.retention_s,
            )
        )
        self._write_group(tx, room, number)
        if intent.packages:
            kind, payload = stored(intent)
            tx.intents.add(IntentRow(0, room.group_id, kind, payload, now_ms, now_ms))

    def _write_group(self, tx: Transaction, room: LiveRoom, number: int) -> None:
        group = room.group
        tx.groups.save_epoch(room.group_id, group.epoch, group.epoch_bytes(), group.ratchet_bytes())
        tx.members.replace(number, member_rows(number, room))
        tx.tokens.bind(room.own_recipient.address.token, room.group_id)

    async def _discard(self, group_id: bytes) -> None:
        """Forget a room that nobody could be added to."""

        def work(tx: Transaction) -> None:
            row = tx.rooms.get(group_id)
            tx.groups.delete(group_id)
            tx.intents.delete_group(group_id)
            if row is not None:
                tx.rooms.delete(row.id)

        async with self._groups.held(group_id):
            await self._context.store.write(work)
            self._groups.forget(group_id)

    def _owned(self, kind: RoomKind, title: str) -> RoomContext:
        own = self._context.own
        return RoomContext.owned(kind, own.account_id, home_url=own.relay, group_tag=self._tag(), title=title)

    def _tag(self) -> GroupTag:
        return GroupTag(self._context.random(GROUP_TAG_SIZE))


def package_of(taken: TakenPackage) -> Package:
    """Return a taken key package as intents keep it."""
    return Package(taken.account_id, taken.device_id, taken.key_package.leaf_node.encryption_key, taken.message)
