"""Every limit of a relay, each with its default; flags and file are made of this table (`config.py`).

`HELLO` tells clients those that they must keep to (`announced`); the rest protects the operator's machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from byre.errors import UsageError
from byre.wire.frames import BLOB_CHUNK_BYTES, MAX_BLOB_READERS, MAX_BODY_BYTES
from byre.wire.frames_blobs import MAX_BLOB_CHUNKS

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
MIB: Final = 1024 * 1024
CLEAN_S: Final = 60
"""How often what is past its end is looked for."""


def _limit(default: int, explanation: str) -> int:
    value: int = field(default=default, metadata={"help": explanation})
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers of a relay; names end in their unit."""

    body_bytes: int = _limit(64 * 1024, "largest body of a message")
    ttl_default_s: int = _limit(48 * HOUR_S, "how long a message is held when its sender names no time")
    ttl_cap_s: int = _limit(72 * HOUR_S, "how long a message is held at most")
    held_messages: int = _limit(2000, "messages held per mailbox")
    held_bytes: int = _limit(64 * 1024 * 1024, "bytes held per mailbox")
    held_messages_per_token: int = _limit(1000, "messages held per mailbox that came by one token")
    held_bytes_per_token: int = _limit(32 * 1024 * 1024, "bytes held per mailbox that came by one token")
    window_frames: int = _limit(64, "unsettled frames per socket and direction")
    credit_frames: int = _limit(256, "unsettled frames to a device that asks for more than that by CREDIT")
    window_bytes: int = _limit(512 * 1024, "unsettled bytes per socket and direction")
    outbox_frames: int = _limit(64, "frames that wait in memory per recipient before they are stored")
    outbox_bytes: int = _limit(512 * 1024, "bytes that wait in memory per recipient before they are stored")
    unread_bytes: int = _limit(1024 * 1024, "bytes a socket may leave unread before it is closed")
    outbox_wait_s: int = _limit(1, "how long a live message waits for room in a recipient's window before it is stored")
    ack_timeout_s: int = _limit(20, "how long a live message waits for its acknowledgement before it is stored")
    urgent_timeout_s: int = _limit(2, "the same for a message that its sender calls urgent")
    live_only_timeout_s: int = _limit(10, "how long a live-only message waits before it is dropped")
    remember_acked_s: int = _limit(600, "how long an acknowledged mid is remembered in memory")
    remember_acked: int = _limit(2048, "acknowledged mids remembered per mailbox")
    auth_deadline_s: int = _limit(10, "how long a receive socket may stay unauthenticated")
    auth_bytes: int = _limit(4096, "bytes a receive socket may send before it is authenticated")
    head_deadline_s: int = _limit(10, "how long a new connection may take to say what it wants")
    head_bytes: int = _limit(8192, "longest head of a request")
    sockets: int = _limit(20_000, "open connections")
    unproven_sockets: int = _limit(2000, "connections that have not authenticated or said what they want yet")
    ping_s: int = _limit(25, "pause between heartbeats; two missed ones close the socket")
    sockets_per_address: int = _limit(64, "open sockets per IP address or /64")
    handshake_burst: int = _limit(20, "new sockets per address at once")
    handshakes_per_s: int = _limit(5, "new sockets per address and second")
    mailboxes_per_socket: int = _limit(32, "mailboxes attached to one socket")
    mailboxes_per_address_day: int = _limit(20, "new mailboxes per address and day")
    records_per_address_day: int = _limit(500, "room heads, account records and linkings begun per address and day")
    commit_bytes_per_address_day: int = _limit(1024 * MIB, "bytes of room commits claimed per address and day")
    tokens_per_mailbox: int = _limit(4096, "delivery tokens per mailbox")
    token_burst: int = _limit(600, "sends by one token at once")
    token_per_s: int = _limit(20, "sends by one token per second")
    slow_token_burst: int = _limit(60, "sends by one slow token at once")
    slow_token_per_hour: int = _limit(60, "sends by one slow token per hour")
    socket_burst: int = _limit(2000, "sends by one socket at once")
    socket_per_s: int = _limit(200, "sends by one socket per second")
    requests_burst: int = _limit(400, "requests by one socket at once")
    requests_per_s: int = _limit(40, "requests by one socket per second")
    requests_at_once: int = _limit(32, "unanswered requests per socket")
    key_packages: int = _limit(100, "one-time key packages per mailbox")
    key_packages_low: int = _limit(20, "one-time key packages below which the device is told")
    takes_per_token: int = _limit(60, "key packages taken by one introduction token in ten minutes")
    takes_per_mailbox_hour: int = _limit(300, "key packages taken from one mailbox per hour")
    commit_body_s: int = _limit(72 * HOUR_S, "how long the body of a commit is kept")
    head_unused_s: int = _limit(400 * DAY_S, "how long an unused room head is kept")
    rendezvous_s: int = _limit(15 * 60, "life of a linking rendezvous after its first blob")
    rendezvous_open_s: int = _limit(5 * 60, "how long a rendezvous takes its second blob")
    rendezvous_blobs: int = _limit(5000, "blobs of all linkings under way")
    lists_per_account: int = _limit(2000, "signed device lists kept per account")
    blob_bytes: int = _limit(100 * MIB, "largest blob")
    blob_readers: int = _limit(1024, "read capabilities of one blob")
    blob_bytes_per_token_day: int = _limit(1024 * MIB, "bytes of new blobs per delivery token and day")
    blob_bytes_per_address_day: int = _limit(4096 * MIB, "bytes of new blobs per address and day")
    blobs_bytes: int = _limit(20 * 1024 * MIB, "bytes of all blobs held")
    blobs_open: int = _limit(10_000, "blobs held")
    blob_idle_s: int = _limit(DAY_S, "how long an unfinished blob waits for its next chunk")
    blob_transfers: int = _limit(64, "chunks and downloads of blobs under way")
    blob_transfers_per_address: int = _limit(8, "chunks and downloads of blobs under way per address")
    blob_stall_s: int = _limit(60, "how long the client of a transfer may take over one mebibyte")
    refusal_delay_ms: int = _limit(40, "after what time every refused token is answered, whatever the reason")
    erase_delay_ms: int = _limit(200, "how long after an acknowledgement the erasing checkpoint runs")
    bucket_s: int = _limit(6 * HOUR_S, "span of one store file of held messages")
    pending_bytes: int = _limit(64 * 1024 * 1024, "bytes on their way to the disk before senders are told to wait")
    free_disk_new_percent: int = _limit(10, "free disk below which no new mailboxes are made")
    free_disk_store_percent: int = _limit(5, "free disk below which nothing more is stored")
    memory_bytes: int = _limit(2048 * MIB, "memory of the process; over four fifths of it nothing new is stored")
    held_ram_bytes: int = _limit(256 * MIB, "bytes of messages held in memory, with durability ram")
    drain_jitter_ms: int = _limit(15_000, "within what time clients are told to come back after a shutdown")
    drain_s: int = _limit(10, "longest time for an orderly shutdown")

    def ttl_s(self, wanted_s: int) -> int:
        """Return how long a message is held whose sender wants `wanted_s` (0: the default)."""
        return min(wanted_s or self.ttl_default_s, self.ttl_cap_s)

    def announced(self) -> dict[str, int]:
        """Return what HELLO says."""
        return {
            "body_bytes": self.body_bytes,
            "ttl_default_s": self.ttl_default_s,
            "ttl_cap_s": self.ttl_cap_s,
            "window_frames": self.window_frames,
            "window_bytes": self.window_bytes,
            "mailboxes_per_socket": self.mailboxes_per_socket,
            "key_packages": self.key_packages,
            "ping_s": self.ping_s,
            "blob_bytes": self.blob_bytes,
            "blob_readers": self.blob_readers,
            "blob_chunk_bytes": BLOB_CHUNK_BYTES,
        }


def checked_limits(given: Mapping[str, object]) -> Limits:
    """Return the limits with these values instead of their defaults.

    Raises:
        UsageError: "bad_params" for an unknown name, anything but a number from 0, a TTL over its cap of 72 hours.
    """
    names = {part.name for part in fields(Limits)}
    values: dict[str, int] = {}
    for name, value in given.items():
        if name not in names:
            raise UsageError(f"There is no limit {name!r}.")
        if type(value) is not int or value < 0:
            raise UsageError(f"The limit {name!r} is a number from 0.")
        values[name] = value
    limits = Limits(**values)
    if limits.ttl_cap_s > 72 * HOUR_S or limits.commit_body_s > 72 * HOUR_S:
        raise UsageError("Nothing is held for more than 72 hours: a TTL limit is too large.")
    if limits.body_bytes > MAX_BODY_BYTES:
        raise UsageError("No body of a message is larger than 64 KiB.")
    if limits.blob_bytes > MAX_BLOB_CHUNKS * BLOB_CHUNK_BYTES or limits.blob_readers > MAX_BLOB_READERS:
        raise UsageError("A blob cannot be larger, or have more readers, than its frames can say.")
    return limits
