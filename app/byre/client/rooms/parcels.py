"""What no envelope holds goes as a blob: large commits, and the trees of large rooms.

```
 out   commit made ── over 60 KiB ──> blob at every recipient's relay ──> pointers: one per recipient, one in the claim
                   └─ room of more than 12 ──> tree as a blob ──> {pointer, Welcome of one} per joiner
 in    envelope 3 ──kept in the store, acknowledged──> fetched ──> as if it had come in an envelope ──> "fetched"
```
Only encrypted bytes leave before the grant, and no key to them. A pointer is followed at the relay of one's own
mailbox, by which it came, and a claim's at the room's home: nobody chooses where a device connects to. A pointer that
leads nowhere is tried again until its time in the store is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from byre.client.connection.blobs import Blobs, StoredBlob
from byre.client.context import Context
from byre.client.delivery.fan_out import Recipient, Sealed, shuffled
from byre.client.room_keeper import AfterCommit
from byre.client.rooms.live_room import LiveRoom
from byre.client.rooms.parcel_codec import Parcel, open_blob, seal_blob
from byre.errors import ByreError, EnvironmentFault, PeerError
from byre.identity.mailbox import seal_envelope
from byre.identity.room_head import open_claim_body
from byre.store import KeptEnvelopeRow, Transaction, UndecryptableRow
from byre.wire.blob_pointer import (
    MESSAGE_IN_BLOB,
    TREE_IN_BLOB,
    BlobPointer,
    decode_blob_pointer,
    is_blob_pointer,
)
from byre.wire.envelope import BLOB_POINTER
from byre.wire.ids import MID_SIZE

log = logging.getLogger(__name__)

BLOB = "blob"
"""Reason of a kept pointer."""
TTL_S = 72 * 3600
_FETCHING = "blobs to fetch"
_DOORS = 5


@dataclass(frozen=True, slots=True)
class ParcelPorts:
    """Who takes what was fetched, as if it had come in an envelope with this mid."""

    message: Callable[[bytes, bytes], Awaitable[None]]  # (mid, MLSMessage)
    welcome: Callable[[bytes, bytes, bytes], Awaitable[None]]  # (mid, Welcome, ratchet tree)


class Parcels:
    """Puts blobs to relays and fetches those that pointers lead to."""

    def __init__(self, context: Context, ports: ParcelPorts) -> None:
        self._context = context
        self._ports = ports
        self._blobs = Blobs(context.network.dialer, random=context.random, sleep=context.clock.sleep)

    # --- out ----------------------------------------------------------------------------------------------------

    async def put(self, content: bytes, readers: Sequence[Recipient], *, own: Recipient) -> Parcel:
        """Seal `content` and lay it down once at every relay where a reader has a mailbox.

        Args:
            readers: who gets a capability; somebody who stands for several stands here as often.
            own: this device's own mailbox in the room, by whose token blobs are left at the own relay.

        Raises:
            EnvironmentFault: a relay cannot be reached.
            PeerError: a relay refuses.
        """
        sealed = await asyncio.to_thread(seal_blob, content, self._context.random)
        counts = Counter(each.address.relay_url for each in readers)
        doors: dict[str, list[Recipient]] = {relay_url: [] for relay_url in counts}
        for each in (own, *readers):
            doors.get(each.address.relay_url, []).append(each)
        blobs = [await self._lay_down(url, sealed.data, doors[url][:_DOORS], count) for url, count in counts.items()]
        return Parcel(sealed.key, sealed.digest, len(sealed.data), tuple(blobs))

    async def _lay_down(self, relay_url: str, data: bytes, doors: Sequence[Recipient], readers: int) -> StoredBlob:
        """Leave a blob by the token of one of `doors`; a token may have died since its leaf was made."""
        refused: PeerError | None = None
        for door in doors:
            mailbox, token = door.address.mailbox_id, door.address.token
            try:
                return await self._blobs.put(
                    relay_url, data, mailbox=mailbox, token=token, readers=readers, ttl_s=TTL_S
                )
            except PeerError as error:
                if error.code != "relay_token":
                    raise
                refused = error
        assert refused is not None, "a relay without readers gets no blob"
        raise refused

    def pointers(self, parcel: Parcel, recipients: Iterable[Recipient]) -> list[Sealed]:
        """Return one envelope per recipient that points to a message."""
        return self._sealed(parcel, ((to, MESSAGE_IN_BLOB, b"") for to in recipients))

    def welcomes(self, parcel: Parcel, joiners: Iterable[tuple[Recipient, bytes]]) -> list[Sealed]:
        """Return one envelope per (joiner, Welcome) that points to the tree."""
        return self._sealed(parcel, ((to, TREE_IN_BLOB, welcome) for to, welcome in joiners))

    async def withdraw(self, parcel: Parcel) -> None:
        """Erase a blob that nobody was told of."""
        for blob in parcel.blobs:
            try:
                await self._blobs.finish(blob.relay_url, blob.blob_id, blob.write_capability)
            except ByreError as error:
                log.info("a blob is left to its time: %s", error.code)

    def _sealed(self, parcel: Parcel, items: Iterable[tuple[Recipient, int, bytes]]) -> list[Sealed]:
        random, sealed = self._context.random, []
        for to, kind, message in items:
            parcel, pointer = parcel.pointer(to.address.relay_url, kind, message)
            envelope = seal_envelope(to.address.mailbox_key, BLOB_POINTER, pointer.encode())
            sealed.append(Sealed(to, random(MID_SIZE), envelope))
        return shuffled(sealed, random)

    # --- in -----------------------------------------------------------------------------------------------------

    async def commit_in(self, room: LiveRoom, body: bytes) -> bytes:
        """Return the commit of a claim body, fetched from the room's home if it is a large one.

        Raises:
            PeerError: the body does not open, or points to nothing (relay_absent).
            EnvironmentFault: the home cannot be reached.
        """
        tag = room.context.group_tag
        content = open_claim_body(room.group.export_secret, group_tag=tag, epoch=room.epoch, body=body)
        if not is_blob_pointer(content):
            return content
        return await self._fetched(room.context.home_url, decode_blob_pointer(content))

    def on_pointer(self, tx: Transaction, pointer: bytes, mid: bytes) -> AfterCommit:
        """Keep a pointer that came in an envelope; what it leads to is fetched in the background."""
        mailbox_id, now_ms = self._context.own.mailbox.mailbox_id, self._context.clock.now_ms()
        tx.inbox.keep(KeptEnvelopeRow(0, mailbox_id, mid, BLOB, None, None, pointer, now_ms))
        return self.fetch_soon

    def fetch_soon(self) -> None:
        """Fetch what is kept: after a start, a connection, a turn of the clock."""
        if not self._context.tasks.is_running(_FETCHING):
            self._context.tasks.spawn(self._fetch_all(), _FETCHING)

    async def _fetch_all(self) -> None:
        tried: set[int] = set()
        while True:
            rows = await self._context.store.read(lambda tx: [r for r in tx.inbox.kept() if r.reason == BLOB])
            fresh = [row for row in rows if row.id not in tried]
            if not fresh:
                return
            for row in fresh:
                tried.add(row.id)
                try:
                    await self._take(row)
                except EnvironmentFault as error:
                    log.warning("a blob waits: %s", error.code)

    async def _take(self, row: KeptEnvelopeRow) -> None:
        """Fetch one blob, hand it on, and forget the pointer; one that can never be read is recorded."""
        relay_url = self._context.own.relay
        pointer = None
        try:
            pointer = decode_blob_pointer(row.envelope)
            content = await self._fetched(relay_url, pointer)
            if pointer.kind == MESSAGE_IN_BLOB:
                await self._ports.message(row.mid, content)
            elif pointer.kind == TREE_IN_BLOB:
                await self._ports.welcome(row.mid, pointer.message, content)
            else:
                raise PeerError("a pointer to something newer", code="newer_version")
        except PeerError as error:
            log.warning("a blob cannot be read: %s", error.code)
            lost = UndecryptableRow(0, row.mid, None, None, error.code, self._context.clock.now_ms())
            await self._context.store.write(lambda tx: tx.inbox.add_undecryptable(lost))
        await self._context.store.write(lambda tx: tx.inbox.drop(row.id))
        if pointer is not None:
            await self._say_fetched(relay_url, pointer)

    async def _fetched(self, relay_url: str, pointer: BlobPointer) -> bytes:
        data = await self._blobs.get(relay_url, pointer.blob_id, pointer.capability, pointer.size_bytes)
        return await asyncio.to_thread(open_blob, pointer, data)

    async def _say_fetched(self, relay_url: str, pointer: BlobPointer) -> None:
        try:
            await self._blobs.finish(relay_url, pointer.blob_id, pointer.capability)
        except ByreError as error:
            log.info("a blob is left to its time: %s", error.code)
