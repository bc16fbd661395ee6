"""One example of every relay frame, from fixed bytes: what `frames.json` holds.

`python -m tests.golden.frames` prints the file anew. Do that only for a layout that never left this machine: a changed
layout of a released frame needs a new wire version.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from byre.wire import frames as f

GOLDEN_FILE = Path(__file__).with_name("frames.json")


def run(first: int, length: int) -> bytes:
    """Return `length` bytes counting up from `first`."""
    return bytes((first + index) % 256 for index in range(length))


REQ, MAILBOX, MID = run(0x10, 16), run(0x20, 16), run(0x30, 16)
KEY, HASH, SIGNATURE, COMMIT = run(0x40, 32), run(0x60, 32), run(0x80, 64), run(0xA0, 48)
TAG, CLAIM, BODY = run(0xB0, 16), run(0xC0, 16), run(0xD0, 24)

EXAMPLES: tuple[f.Frame, ...] = (
    f.Hello(1, HASH, KEY, 1_800_000_000_000, REQ, f.DURABILITY_DISK, {"window_frames": 64, "window_bytes": 524288}),
    f.Auth(((MAILBOX, KEY, SIGNATURE),)),
    f.Ready(MAILBOX, 3, 7),
    f.Ping(1),
    f.Pong(1),
    f.Credit(64, 524288),
    f.Drain(1500),
    f.Err("token", 0, MID),
    f.Detach(MAILBOX),
    f.Done(REQ),
    f.Send(MID, MAILBOX, HASH, 172800, f.FLAG_URGENT, BODY),
    f.Relayed(MID),
    f.Acked(MID),
    f.Stored(MID, REQ),
    f.Msg(MAILBOX, 9, MID, BODY),
    f.Ack(MAILBOX, (MID, REQ)),
    f.MailboxNew(REQ, MAILBOX, KEY, SIGNATURE),
    f.MailboxDelete(REQ, MAILBOX),
    f.TokenPut(REQ, MAILBOX, ((HASH, f.TOKEN_NORMAL), (KEY, f.TOKEN_INTRO))),
    f.TokenDelete(REQ, MAILBOX, 259200, (HASH,)),
    f.KeyPackagePut(REQ, MAILBOX, (BODY, HASH), BODY, False),
    f.KeyPackageTake(REQ, MAILBOX, HASH),
    f.KeyPackageGiven(REQ, BODY, True),
    f.KeyPackageCount(MAILBOX, 19, True, False),
    f.DirectoryPut(REQ, f.RECORD_ACCOUNT, BODY, HASH),
    f.DirectoryGet(REQ, f.BY_HANDLE, "외양간".encode(), 2, HASH),
    f.DirectoryFound(REQ, BODY, (HASH, KEY), (BODY,), None),
    f.HeadCreate(REQ, TAG, 0, KEY, SIGNATURE),
    f.Claim(REQ, TAG, 5, CLAIM, COMMIT, KEY, SIGNATURE, BODY),
    f.Grant(REQ, 6, CLAIM),
    f.Conflict(REQ, 6, CLAIM, COMMIT, BODY),
    f.Gone(REQ, 0),
    f.GetCommit(REQ, TAG, 5, SIGNATURE),
    f.CommitFound(REQ, 6, CLAIM, COMMIT, BODY),
    f.RendezvousPut(REQ, TAG, 1, BODY),
    f.RendezvousGet(REQ, TAG, 2, 25_000),
    f.RendezvousFound(REQ, None),
    f.BlobNew(REQ, MAILBOX, HASH, 3_000_000, 172800, 2),
    f.BlobMade(REQ, TAG, KEY, (HASH, run(0xA0, 32)), f.BLOB_CHUNK_BYTES, 1_800_000_000_000),
    f.BlobState(TAG, 3_000_000, f.BLOB_CHUNK_BYTES, b"\x05", 1_800_000_000_000),
)


def golden() -> dict[str, str]:
    """Return the bytes of each example in hex, by the frame's name."""
    return {type(frame).__name__: f.encode_frame(frame).hex() for frame in EXAMPLES}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(golden(), indent=1) + "\n")
