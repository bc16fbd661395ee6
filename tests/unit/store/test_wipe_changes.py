"""What is written while a wipe copies follows into the next generation: nothing is left behind, nothing comes back."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, migrate, open_connection
from byre.db.transaction import write_transaction
from byre.store import EarlyReceiptRow, IntentRow, KeptEnvelopeRow, MemberRow, Transaction, WipeScope
from byre.store.peers import PeerRow
from byre.store.schema import APPLICATION_ID, MIGRATIONS, open_database
from byre.store.vault_rotation import NextGeneration
from byre.store.wipe_changes import follow, forget, note, noted
from byre.store.wipe_erase import last_positions
from byre.store.wipe_rebuild import Export
from tests.migrations.first_schema import CONTENT
from tests.unit.store.profile import ALICE, BOB, LAPTOP, NOW, PHONE, RUN, room, text
from tests.unit.store.test_outbox import ROW
from tests.unit.store.wiped_content import begun, fill_two_rooms

KEY, NEXT_KEY = Secret(b"k" * 32), Secret(b"n" * 32)
SCOPES = {
    "rotation": WipeScope.rotation(),
    "rooms": WipeScope.of_rooms([1]),
    "covered": WipeScope.covered([1]),
    "contact": WipeScope.of_contact(BOB, [1]),
    "before": WipeScope.before(NOW + 3),
}
Work = Callable[[Connection], object]


def rewritten(path: Path, scope: WipeScope, meanwhile: Work, name: str, *, are_bound: bool = True) -> Connection:
    """The next generation of the database at `path`, to which `meanwhile` writes while it is copied.

    `are_bound`: whether foreign keys are looked at, and deletions go on to rows that refer to what went.
    """
    writer = open_connection(path, KEY)
    writer.execute(f"PRAGMA foreign_keys={are_bound:d}")
    following = NextGeneration(2, path.with_name(name), NEXT_KEY, None)
    export = Export(lambda: open_connection(path, KEY, any_thread=True), following, scope)
    note(writer)
    export.pin()
    write_transaction(writer, meanwhile)
    export.run()
    export.close()
    follow(lambda: open_connection(path, KEY), following, scope, noted(writer))
    forget(writer)
    writer.close()
    return open_database(following.path, following.key)


def content(connection: Connection) -> dict[str, list[Any]]:
    """Every row of every table, and every word of the search index with where it stands."""
    names = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name != 'sqlite_schema'"
    ).fetchall()
    found = {name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for (name,) in names}
    connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'message_index', 'instance')")
    found["words"] = connection.execute(
        "SELECT term, doc, offset FROM temp.words ORDER BY doc, offset, term"
    ).fetchall()
    connection.execute("DROP TABLE temp.words")
    return found


# Every table, whatever is done to its rows.


def profile_of_every_table(path: Path) -> None:
    connection = open_connection(path, KEY, create=True)
    migrate(connection, MIGRATIONS, application_id=APPLICATION_ID)
    for statement in CONTENT:
        connection.execute(statement)
    connection.execute("INSERT INTO wipe_late VALUES (1, 1, zeroblob(16), zeroblob(8), 1, 1)")
    connection.execute(
        "INSERT INTO signed_claim VALUES (x'01', 1, NULL, 'r', x'02', x'03', x'04', x'05', x'06', x'07')"
    )
    connection.close()


def tables(connection: Connection) -> list[str]:
    return [
        str(name)
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]


def other(column: str, kind: str) -> str:
    return {"INTEGER": f"{column} + 1000", "TEXT": f"{column} || 'x'", "BLOB": f"CAST({column} || 'x' AS BLOB)"}[kind]


def change(connection: Connection, table: str, how: str) -> None:
    """One kind of change to every row of a table."""
    columns = connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,)).fetchall()
    unique = {
        str(column)
        for (column,) in connection.execute(
            'SELECT i.name FROM pragma_index_list(?) l JOIN pragma_index_info(l.name) i WHERE l."unique"', (table,)
        )
    }
    key, key_kind = next((name, kind) for name, kind, pk in columns if pk)
    last, last_kind = next((name, kind) for name, kind, _ in reversed(columns) if name not in _CHECKED)
    match how:
        case "touched":
            connection.execute(f"UPDATE {table} SET {last} = {other(last, last_kind)}")
        case "moved" if table not in (*_ONE_ROW, "room", "message"):  # their numbers stand in other rows
            connection.execute(f"UPDATE {table} SET {key} = {other(key, key_kind)}")
        case "doubled" if table not in _ONE_ROW:
            values = [other(name, kind) if pk or name in unique else name for name, kind, pk in columns]
            connection.execute(f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table}")
        case "replaced":
            connection.execute(_REPLACING.get(table, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))
        case "emptied":
            connection.execute(f"DELETE FROM {table}")


_ONE_ROW = ("account", "wipe_journal")
_CHECKED = ("state",)
_REPLACING = {
    # These throw out a row under another key, which no statement names.
    "author": "UPDATE OR REPLACE author SET (account_id, device_id) = (SELECT account_id, device_id FROM author WHERE"
    " id = 1) WHERE id = 2",
    "outbox": "INSERT OR REPLACE INTO outbox SELECT id + 5, message_id, device_id, account_id, room, kind, relay,"
    " mailbox_id, token, mid, ciphertext, content, state, attempts, ttl_s, created_at, sent_at, expires_at FROM outbox",
}


@pytest.mark.parametrize("how", ["touched", "moved", "doubled", "replaced", "emptied"])
def test_every_table_follows(tmp_path: Path, how: str) -> None:
    path = tmp_path / "store.db"
    profile_of_every_table(path)

    def meanwhile(connection: Connection) -> None:
        for name in tables(connection):
            before = connection.total_changes
            change(connection, name, how)
            assert connection.total_changes > before or how in ("moved", "doubled", "emptied"), name

    copy = rewritten(path, WipeScope.rotation(), meanwhile, "next.db", are_bound=how == "emptied")
    original = open_connection(path, KEY)
    now, came_out = content(original), content(copy)
    copy.close()
    original.close()
    # The words of this file are not what the index would be given: they are compared below.
    for table in now.keys() - {"words"}:
        assert came_out[table] == now[table], table
    assert now["draft"] != [] or how == "emptied"


# Wipes of every scope, beside a wipe for which all writes waited.


def profile(path: Path, scope: WipeScope) -> WipeScope:
    connection = open_connection(path, KEY, create=True)
    migrate(connection, MIGRATIONS, application_id=APPLICATION_ID)
    tx = Transaction(connection)
    tx.peers.put(PeerRow(BOB, b"p" * 32, "bob", "relay.test", NOW, name="밥", is_contact=True))
    tx.peers.put(PeerRow(ALICE, b"a" * 32, "alice", "relay.test", NOW))
    fill_two_rooms(tx)
    tx.rooms.add(room(3))
    tx.messages.add(text(3001, "세 번째 방", in_room=3, at=50))
    if scope.kind == "covered":
        tx.seen.cover(1, tx.seen.current(1))
    hidden = scope.rooms if scope.hides_rooms else ()
    connection.executemany(
        "INSERT INTO wipe_room (room, up_to) VALUES (?, ?)", last_positions(connection, hidden).items()
    )
    scope = begun(connection, scope, NOW + 200)
    connection.close()
    return scope


def write_at_random(tx: Transaction, seed: int) -> None:
    """What may be written while a wipe is under way."""
    dice = random.Random(seed)
    later = iter(range(NOW + 10_000, NOW + 90_000, 7))
    for number in range(60):
        at, where, before, share = next(later), dice.randint(1, 3), dice.randrange(number + 1), dice.random() < 0.5
        group = bytes([where]) * 32
        match dice.randrange(20):
            case 0 | 1 | 2 | 3:
                body = ("새 글", "방 1의 비밀 이야기 3", "Hello again", "네")[before % 4]
                tx.messages.add(text(9000 + number, f"{body} {number}", in_room=where, at=at - NOW, own=share))
            case 4:
                tx.messages.add(text(before % 5, "once more", in_room=where, at=at - NOW))  # sent again
            case 5:
                for name in (before % 5, 9000 + before):
                    row = tx.messages.get(where, name.to_bytes(16, "big"))
                    if row is not None:
                        tx.messages.set_state(row.id, "read", unread_by=before)
            case 6:
                stays = [row for row in tx.messages.page(3, 99) if row.room == 3]
                tx.erasures.erase([row.id for row in stays[:1]])
            case 7:
                tx.drafts.put(where, "쓰는 중" if share else "", at)
            case 8:
                tx.settings.put(f"setting {before % 3}", number)
            case 9:
                current = tx.groups.current(group)
                if current is not None:
                    tx.groups.save_ratchets(group, current.epoch, b"ratchet now %d" % number)
            case 10:
                current = tx.groups.current(group)
                if current is not None:
                    tx.groups.end_epoch(group, current.epoch, expires_at=at)
                    tx.groups.save_epoch(group, current.epoch + 1, b"epoch %d" % number, b"ratchet %d" % number)
            case 11:
                mid = b"mid%d" % number
                new = replace(ROW, message_id=mid, mid=mid, room=where, created_at=at)
                tx.outbox.add([new])
                tx.outbox.set_state(mid, "relayed", now_ms=at, free_ciphertext=share)
            case 12:
                tx.outbox.settle(b"mid%d" % before, ROW.device_id)
            case 13:
                tx.seen.accept(where, LAPTOP, RUN, 100 + number)
            case 14:
                tx.members.replace(where, [MemberRow(where, PHONE, ALICE, 0, b"address %d" % number)])
            case 15:
                tx.inbox.keep(KeptEnvelopeRow(0, b"m" * 16, b"%d" % number, "future_epoch", group, 9, b"k", at))
            case 16:
                tx.intents.add(IntentRow(0, group, "add", b"%d" % number, at, at))
                for intent in tx.intents.of_group(group)[1:]:
                    tx.intents.delete(intent.id)
            case 17:
                tx.receipts.add_early([EarlyReceiptRow(b"e%d" % number, where, ALICE, PHONE, True, at)])
            case 18:
                tx.rooms.mark_read(where, at << 20)
            case 19:
                known = tx.peers.get(ALICE)
                assert known is not None
                tx.peers.put(replace(known, name=f"Alice {number}"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", SCOPES)
def test_it_comes_out_as_if_all_that_had_waited(tmp_path: Path, kind: str, seed: int) -> None:
    path = tmp_path / "store.db"
    scope = profile(path, SCOPES[kind])

    def write(connection: Connection) -> None:
        write_at_random(Transaction(connection), seed)

    waited = rewritten(path, scope, lambda connection: None, "waited.db")
    write_transaction(waited, write)
    expected = content(waited)
    waited.close()
    copy = rewritten(path, scope, write, "next.db")
    came_out = content(copy)
    copy.close()
    for table, rows in expected.items():
        assert came_out[table] == rows, table


def steps_of_following(folder: Path, unread: int) -> int:
    """How much SQLite does where one more comes into a room with so many unread."""
    folder.mkdir()
    path, steps = folder / "store.db", [0]
    writer = open_connection(path, KEY, create=True)
    migrate(writer, MIGRATIONS, application_id=APPLICATION_ID)
    tx = Transaction(writer)
    tx.rooms.add(room(1))
    tx.messages.add_many([text(number, "말", at=number) for number in range(unread)])
    following = NextGeneration(2, folder / "next.db", NEXT_KEY, None)
    scope = begun(writer, WipeScope.before(NOW + 3), NOW + 200_000)
    export = Export(lambda: open_connection(path, KEY, any_thread=True), following, scope)
    note(writer)
    export.pin()
    tx.messages.add(text(90_000, "하나 더", at=90_000))
    export.run()
    export.close()

    def counting() -> Connection:
        connection = open_connection(path, KEY)

        def one_more() -> int:
            steps[0] += 1
            return 0

        connection.set_progress_handler(one_more, 1)  # type: ignore[attr-defined]
        return connection

    follow(counting, following, scope, noted(writer))
    writer.close()
    copy = open_database(following.path, following.key)
    assert copy.execute("SELECT unread FROM room").fetchall() == [(unread - 3 + 1,)]
    copy.close()
    return steps[0]


def test_what_is_unread_is_not_counted_again_while_writes_wait(tmp_path: Path) -> None:
    few, many = (steps_of_following(tmp_path / str(unread), unread) for unread in (10, 2000))
    assert many < few + 1000


def test_who_is_added_again_while_being_erased_stays(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    scope = profile(path, SCOPES["contact"])
    back = PeerRow(BOB, b"p" * 32, "bob", "relay.test", NOW, name="밥", is_contact=True)
    copy = rewritten(path, scope, lambda connection: Transaction(connection).peers.put(back), "next.db")
    assert Transaction(copy).peers.get(BOB) == back
    copy.close()


def test_nothing_is_noted_after_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    profile(path, SCOPES["rotation"])
    connection = open_connection(path, KEY)
    note(connection)
    Transaction(connection).drafts.put(1, "noted", NOW)
    assert [changed.key for changed in noted(connection)["draft"]] == [(1,)]
    forget(connection)
    forget(connection)
    assert connection.execute("SELECT name FROM sqlite_temp_schema").fetchall() == []
    assert connection.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    connection.close()
