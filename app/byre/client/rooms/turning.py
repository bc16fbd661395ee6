"""What follows when a room turns: after a commit, a join, an acceptance, a return after a day away.

Background work only: everything here may be cut off by a crash and is taken up again by the next turn or by upkeep.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from byre.client.context import Context
from byre.client.delivery.receipts import Receipts
from byre.client.delivery.sending import Sending
from byre.client.rooms.catch_up import CatchUp, Word
from byre.client.rooms.claiming import Claiming, Standing
from byre.client.rooms.commit_rows import state_of
from byre.client.rooms.commits import Commits
from byre.client.rooms.groups import PAST_EPOCH_LIFE_MS, Groups
from byre.client.rooms.joining import Joining
from byre.client.rooms.judging import JudgedCommit
from byre.client.rooms.leaving import Leaving
from byre.client.rooms.rejoining import Rejoining
from byre.client.rooms.reordering import Reordering
from byre.client.rooms.standstill import BRING_BACK_AFTER_MS, LOOK_EVERY_S, Dispute, Standstill
from byre.client.rooms.upkeep import Upkeep
from byre.errors import ByreError
from byre.store import OutboxRow, RoomRow, Transaction
from byre.store.groups import PAST_EPOCHS_SURE
from byre.wire.content_bodies import Back, Joined, Receipt

log = logging.getLogger(__name__)


AWAY_MS = 24 * 3600 * 1000
MERGING_MS = 600_000
"""At a connection what waits is handed over at once; the commits that were missed are merged within this time."""
COMMITS_KEPT_MS = 72 * 3600 * 1000
"""How long a home keeps what ended an epoch."""


class Turning:
    """The sequel of events in rooms."""

    def __init__(
        self,
        context: Context,
        groups: Groups,
        sending: Sending,
        receipts: Receipts,
        commits: Commits,
        leaving: Leaving,
        joining: Joining,
        catch_up: CatchUp,
        upkeep: Upkeep,
        standstill: Standstill,
        claiming: Claiming,
        rejoining: Rejoining,
        reordering: Reordering,
        tell_name: Callable[[bytes], None],
    ) -> None:
        self._context = context
        self._groups = groups
        self._sending = sending
        self._receipts = receipts
        self._commits = commits
        self._leaving = leaving
        self._joining = joining
        self._catch_up = catch_up
        self._upkeep = upkeep
        self._standstill = standstill
        self._claiming = claiming
        self._rejoining = rejoining
        self._reordering = reordering
        self._tell_name = tell_name

    async def epoch_changed(self, group_id: bytes, judged: JudgedCommit | None) -> None:
        """After a commit: send what was held back, propose anew what died with the epoch, take a kept Welcome."""
        if judged is not None and judged.is_readded:
            await self._joining.retry(group_id)
            return
        state = await self._context.store.read(lambda tx: state_of(tx, group_id))
        if state == "left":
            await self._leaving.propose(group_id)
            return
        if state not in ("active", "jammed"):
            return
        if judged is not None and judged.after is not None:
            dispute = Dispute(group_id, judged.after.epoch, judged.digest)
            if state == "jammed":
                await self._look(await self._standstill.moved(dispute))
            else:
                await self._compare(dispute)
        self._tell_name(group_id)
        await self._upkeep.check_listing(group_id)
        await self._seal_again(group_id)
        await self._sending.flush_held(group_id)
        self._commits.wake(group_id)
        self._leaving.proposal_came(group_id)

    async def joined(self, group_id: bytes) -> None:
        """After a join: say so, which also brings what expired for this device, and send what waited."""
        room = await self._groups.current(group_id)
        if room is not None:
            await self._compare(Dispute(group_id, room.epoch))
        await self._sending.content(group_id, Joined())
        await self._sending.seal_again(group_id)
        await self.epoch_changed(group_id, None)

    async def _seal_again(self, group_id: bytes) -> None:
        """Seal again what was written before commits that were missed: by now its readers may have lost that epoch."""
        began_at = self._context.clock.now_ms()

        def oldest(tx: Transaction, row: RoomRow) -> list[OutboxRow]:
            expiries = tx.groups.expiries(group_id)
            if len(expiries) < PAST_EPOCHS_SURE:
                return []
            left_at = expiries[PAST_EPOCHS_SURE - 1] - PAST_EPOCH_LIFE_MS
            before = left_at - MERGING_MS  # what was handed over earlier comes to its reader before the commits
            return tx.reseals.oldest_sealed_long_ago(
                row.id, sealed_by=min(left_at, began_at - 1), handed_over_from=before
            )

        await self._sending.replace(group_id, oldest)

    async def _compare(self, dispute: Dispute) -> None:
        """Compare a merged commit, an own one, too, with the head; a grant that the home forgot is asked for again."""
        word, standing = await self._catch_up.word(dispute), Standing.UNKNOWN
        if word is Word.DISAGREES:
            standing = await self._claiming.again(dispute.group_id)
            if standing is Standing.ORDERED:
                word = await self._catch_up.word(dispute)
        if word is Word.AGREES:
            await self._claiming.confirmed(dispute.group_id)
        elif word is Word.DISAGREES:
            await self._standstill.jam(dispute.group_id, dispute)
            if standing is Standing.OVERRULED:
                await self._ask_back(dispute.group_id)

    def accepted(self, group_id: bytes) -> None:
        """After an acceptance: receipts for all that was kept, and one to the own devices in any case."""
        self._context.tasks.spawn(self._accepted(group_id), "an accepted room")
        self._tell_name(group_id)

    async def _accepted(self, group_id: bytes) -> None:
        def due(tx: Transaction) -> list[bytes]:
            row = tx.rooms.get(group_id)
            now_ms = self._context.clock.now_ms()
            return [] if row is None else [d.message_id for d in tx.receipts.due_in(row.id, now_ms, 1)]

        kind = await self._context.store.read(lambda tx: _kind_of(tx, group_id))
        await self._joining.announce(group_id, kind)  # own devices may lack in it
        if await self._context.store.read(due):
            self._receipts.due(group_id)
        else:
            await self._sending.content(group_id, Receipt(), to_accounts={self._context.own.account_id})

    async def came_back(self) -> None:
        """After a connection: whoever was away for a day fetches commits first and then says `back` everywhere."""
        await self.look_again()
        for group_id in await self._context.store.read(_with_something_to_deliver):
            await self._seal_again(group_id)  # where a crash came between
        away_ms = await self._upkeep.away_ms()
        if away_ms > AWAY_MS and not await self._catch_up_all(is_late=away_ms > COMMITS_KEPT_MS):
            return  # the next connection tries again
        await self._upkeep.online()
        self._upkeep.has_caught_up = True

    async def look_again(self) -> None:
        """Ask about rooms that their home's word has put in doubt, and about grants that it has not confirmed."""
        await self._reordering.look_again()
        for dispute in await self._standstill.disputed():
            await self._look(dispute)
        for group_id in await self._claiming.unconfirmed():
            room = await self._groups.current(group_id)
            state = await self._context.store.read(lambda tx, g=group_id: state_of(tx, g))  # type: ignore[misc]
            if room is None or state in ("left", "removed"):
                await self._claiming.confirmed(group_id)
            elif state == "active":
                await self._compare(Dispute(group_id, room.epoch, await self._opened_by(group_id, room.epoch)))

    async def _look(self, dispute: Dispute) -> None:
        """Ask the home again: where it agrees, the room goes on; where it does not for long, we are off its head."""
        group_id = dispute.group_id
        word = await self._catch_up.look(dispute)
        standing = await self._claiming.again(group_id) if word is Word.DISAGREES else Standing.UNKNOWN
        if standing is Standing.ORDERED:
            word = await self._catch_up.look(dispute)
        if word is Word.AGREES and await self._standstill.go_on(group_id):
            await self._claiming.confirmed(group_id)
            if await self._catch_up.room(group_id):
                await self.epoch_changed(group_id, None)
        elif word is Word.DISAGREES and not dispute.is_gone:
            is_patient = self._context.clock.now_ms() - dispute.since < BRING_BACK_AFTER_MS
            if standing is Standing.OVERRULED or not is_patient:
                await self._ask_back(group_id)

    async def _ask_back(self, group_id: bytes) -> None:
        """Ask the members on the head to bring this device back, unless a Welcome does it that came too early."""
        await self._rejoining.ask_back(group_id)
        await self._joining.retry(group_id)

    async def _opened_by(self, group_id: bytes, epoch: int) -> bytes:
        return await self._context.store.read(lambda tx: tx.groups.ended_by(group_id, epoch - 1)) or b""

    async def run(self) -> None:
        """Look again every half minute, for ever."""
        while True:
            await self._leaving.propose_due()
            await self._context.clock.sleep(LOOK_EVERY_S)
            await self.look_again()

    async def say_back(self) -> None:
        """Say `back` in every room."""
        for row in await self._context.store.read(lambda tx: tx.rooms.all(with_hidden=True)):
            if row.state in ("active", "request", "jammed"):
                await self._sending.content(row.group_id, Back())

    def went_away(self) -> None:
        """After the own relay was lost: from here on this device is away."""
        self._upkeep.has_caught_up = False

    async def _catch_up_all(self, *, is_late: bool) -> bool:
        """Fetch what was missed in every room; False when the own relay, home of one, could not tell.

        Another relay that is away or in doubt keeps its own rooms waiting and no others.
        """
        is_done = True
        rows = await self._context.store.read(lambda tx: tx.rooms.all(with_hidden=True))
        for row in (row for row in rows if row.state in ("active", "request")):
            try:
                if await self._catch_up.room(row.group_id, is_late=is_late):
                    await self._sending.content(row.group_id, Back())
                elif row.relay == self._context.own.relay:
                    state = await self._context.store.read(lambda tx, g=row.group_id: state_of(tx, g))  # type: ignore[misc]
                    is_done = is_done and state in ("rejoining", "jammed")
            except ByreError as error:
                log.warning("a room was not caught up: %s", error.code)
        return is_done


def _kind_of(tx: Transaction, group_id: bytes) -> str:
    row = tx.rooms.get(group_id)
    return "" if row is None else row.kind


def _with_something_to_deliver(tx: Transaction) -> list[bytes]:
    rows = [tx.rooms.by_number(number) for number in tx.reseals.rooms()]
    return [row.group_id for row in rows if row is not None]
