"""Two rooms with one of everything that a wipe takes, and what a wipe of them makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.store import (
    KeptEnvelopeRow,
    MemberRow,
    ReadDueRow,
    ReceiptDueRow,
    Transaction,
    UndecryptableRow,
    WipeScope,
)
from byre.store.schema import open_database
from byre.store.vault_rotation import NextGeneration
from byre.store.wipe_erase import last_positions, newest_moment
from byre.store.wipe_rebuild import Export
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, RUN, room, text
from tests.unit.store.test_outbox import COMMIT, ROW


def fill_two_rooms(tx: Transaction) -> None:
    """Two rooms with one of everything that a wipe takes."""
    for number in (1, 2):
        tx.rooms.add(room(number, title=f"방 {number}"))
        group = bytes([number]) * 32
        tx.members.replace(number, [MemberRow(number, PHONE, ALICE, 0, b"address")])
        for n in range(5):
            body = f"방 {number}의 비밀 이야기 {n}"
            message = tx.messages.add(text(n, body, in_room=number, at=n, own=n == 0, content=b"map %d" % n))
            assert message is not None
            tx.seen.accept(number, LAPTOP, RUN, n)
        own = tx.messages.get(number, (0).to_bytes(16, "big"))
        assert own is not None
        tx.deliveries.start(own.id, [BOB])
        tx.messages.add(text(99, "", in_room=number, at=99, kind="system", detail="member_added"))
        tx.drafts.put(number, f"쓰다 만 글 {number}", NOW)
        tx.receipts.add(ReceiptDueRow(number, BOB, b"1" * 16, NOW))
        tx.receipts.add_read(ReadDueRow(number, 5, b"1" * 16, NOW))
        tx.inbox.keep(
            KeptEnvelopeRow(0, b"m" * 16, bytes([number]), "future_epoch", group, 9, b"kept %d" % number, NOW)
        )
        tx.inbox.add_undecryptable(UndecryptableRow(0, b"x", group, 1, "bad_ciphertext", NOW))
        for epoch in range(3):
            tx.groups.save_epoch(group, epoch, b"epoch %d" % epoch, b"ratchet %d" % epoch)
            if epoch < 2:
                tx.groups.end_epoch(group, epoch, expires_at=NOW)
        for row in (ROW, COMMIT):
            fields = {name: getattr(row, name) for name in row.__dataclass_fields__}
            mid = bytes([number, len(row.kind)])
            tx.outbox.add([type(row)(**{**fields, "room": number, "mid": mid, "message_id": mid})])


def begun(connection: Connection, scope: WipeScope, now_ms: int = NOW) -> WipeScope:
    """The scope as a wipe that begins now takes it."""
    return scope.begun(max(now_ms, newest_moment(connection, scope)))


def export(connection: Connection, following: NextGeneration, scope: WipeScope) -> None:
    """Write what stays of the database behind `connection`, which is the tests' own (`rows.db`)."""
    ((path,),) = connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchall()
    run_export(lambda: open_connection(Path(path), Secret(b"k" * 32), any_thread=True), following, scope)


def run_export(opening: Callable[[], Connection], following: NextGeneration, scope: WipeScope) -> None:
    """The copy that a wipe makes, from its beginning to its end."""
    export = Export(opening, following, scope)
    try:
        export.pin()
        export.run()
    finally:
        export.close()


def copied(connection: Connection, tmp_path: Path, scope: WipeScope) -> Connection:
    """The next generation after a wipe of `scope` that began now."""
    tx = Transaction(connection)
    hidden = scope.rooms if scope.hides_rooms else ()
    for number in hidden:
        tx.seen.cover(number, tx.seen.current(number))
    connection.executemany(
        "INSERT INTO wipe_room (room, up_to) VALUES (?, ?)", last_positions(connection, hidden).items()
    )
    following = NextGeneration(2, tmp_path / "next.db", Secret(b"n" * 32), None)
    export(connection, following, begun(connection, scope))
    return open_database(following.path, following.key)
