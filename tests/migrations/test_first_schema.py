"""A database of the first release opens in today's app, with everything in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from byre.db import Connection, dump_schema, load_migrations, migrate, open_connection
from byre.errors import EnvironmentFault
from byre.store import EpochRow, SearchFilter, SignedClaimRow, Transaction
from byre.store.archive import KEPT, LEFT_OUT
from byre.store.index_upkeep import bring_index_up_to_date
from byre.store.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION, create_database, open_database
from tests.migrations.first_schema import KEY, POSITION, RELEASED_FILE, VERSION, write_first_schema
from tests.unit.store.profile import found, open_store, vault_at
from tests.unit.store.wiped_profile import profile_with_rooms

AT = POSITION >> 20
ALICE, BOB = b"\xa1" + bytes(31), b"\xb0" + bytes(31)
PHONE, LAPTOP, PC = (bytes([number]) + bytes(15) for number in (1, 2, 3))
GROUP, OTHER_GROUP = b"\x06" + bytes(31), b"\x07" + bytes(31)
FIRST, SECOND, ERASED = (bytes([number]) + bytes(15) for number in (0x11, 0x22, 0x33))
RUN = bytes(range(1, 9))


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    return Path(shutil.copy(RELEASED_FILE, tmp_path / "old.db"))


@pytest.fixture
def migrated(old_file: Path) -> Connection:
    return open_database(old_file, KEY)


def tables(connection: Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return sorted(str(name) for (name,) in rows)


def test_the_old_file_has_a_row_in_every_table(old_file: Path) -> None:
    connection = open_connection(old_file, KEY)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    names = tables(connection)
    assert set(names) >= {*KEPT, *LEFT_OUT} - {"sqlite_sequence", "message_index"} - _made_later()
    for name in names:
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() != (0,), name
    connection.close()


def _made_later() -> set[str]:
    """Tables of later migrations, which an old file cannot have."""
    later = "".join(migration.sql for migration in load_migrations("byre.store.migrations")[VERSION:])
    return {name for name in (*KEPT, *LEFT_OUT) if f"CREATE TABLE {name} " in later}


def test_the_first_schema_is_as_it_was_released(old_file: Path, tmp_path: Path) -> None:
    """Whoever changes the first migration breaks profiles that exist: a change is a migration of its own."""
    released = open_connection(old_file, KEY)
    write_first_schema(tmp_path / "now.db")
    now = open_connection(tmp_path / "now.db", KEY)
    assert dump_schema(now) == dump_schema(released)
    for name in tables(released):
        assert now.execute(f"SELECT * FROM {name}").fetchall() == released.execute(f"SELECT * FROM {name}").fetchall()
    released.close()
    now.close()


def test_a_migrated_file_has_the_schema_of_a_new_one(migrated: Connection, tmp_path: Path) -> None:
    create_database(tmp_path / "new.db", KEY)
    new = open_database(tmp_path / "new.db", KEY)
    assert migrated.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert dump_schema(migrated) == dump_schema(new)
    assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []
    assert migrated.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    migrated.close()
    new.close()


@pytest.mark.parametrize("version", range(VERSION, SCHEMA_VERSION))
def test_a_file_of_any_version_in_between_opens_with_all_that_it_holds(old_file: Path, version: int) -> None:
    between = open_connection(old_file, KEY)
    migrate(between, MIGRATIONS[:version], application_id=APPLICATION_ID)
    assert between.execute("PRAGMA user_version").fetchone() == (version,)
    held = {name: _rows(between, name) for name in tables(between)}
    between.close()
    opened = open_database(old_file, KEY)
    assert opened.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    for name, (columns, rows) in held.items():
        assert opened.execute(f"SELECT {columns} FROM {name}").fetchall() == rows, name
    opened.close()


def test_claims_among_the_settings_are_moved_to_a_table_of_their_own(old_file: Path) -> None:
    before = open_connection(old_file, KEY)
    migrate(before, MIGRATIONS[:4], application_id=APPLICATION_ID)
    settings = Transaction(before).settings
    claims = [
        SignedClaimRow(GROUP, 255, "https://relay", b"t" * 16, b"c" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"", AT),
        SignedClaimRow(
            GROUP, 256, "https://relay", b"T" * 16, b"C" * 16, b"H" * 48, b"N" * 32, b"S" * 64, b"b" * 9000, AT
        ),
        SignedClaimRow(GROUP, 257, "https://relay", b"t" * 16, b"x" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"granted"),
        SignedClaimRow(
            OTHER_GROUP, 1, "https://외양간", b"t" * 16, b"c" * 16, b"h" * 48, b"n" * 32, b"s" * 64, b"\xff"
        ),
    ]
    for claim in claims:
        name = (
            f"rooms.claim.{claim.group_id.hex()}"
            if claim.ordered_at is None
            else f"rooms.ordered.{claim.group_id.hex()}.{claim.epoch:016x}.{claim.ordered_at}"
        )
        settings.put(
            name, {key: value.hex() if isinstance(value, bytes) else value for key, value in _sent(claim).items()}
        )
    settings.put("rooms.claims", "another one")
    before.close()
    opened = open_database(old_file, KEY)
    tx = Transaction(opened)
    assert tx.claims.ordered(GROUP) == claims[:2]
    assert [tx.claims.granted(group) for group in (GROUP, OTHER_GROUP)] == claims[2:]
    assert [name for name in tx.settings.names() if name.startswith("rooms.")] == ["rooms.claims"]
    opened.close()


def _sent(claim: SignedClaimRow) -> dict[str, object]:
    """What settings held of a claim until the fifth migration."""
    names = ("home_url", "group_tag", "epoch", "claim_id", "commit_hash", "next_claim_public", "signature", "body")
    return {name: getattr(claim, name) for name in names}


def _rows(connection: Connection, table: str) -> tuple[str, list[tuple[object, ...]]]:
    columns = ", ".join(str(name) for (name,) in connection.execute(f"SELECT name FROM pragma_table_info('{table}')"))
    return columns, connection.execute(f"SELECT {columns} FROM {table}").fetchall()


def test_account_and_people_are_read(migrated: Connection) -> None:
    tx = Transaction(migrated)
    account = tx.account.get()
    assert account is not None
    assert (account.account_id, account.handle, account.name, account.is_linked) == (ALICE, "alice", "앨리스", True)
    assert (account.device_id, account.run_id, account.role) == (PHONE, RUN, "primary")
    assert tx.settings.get("theme") == "dark"
    assert [box.is_registered for box in tx.mailboxes.active()] == [True]
    assert [(device.device_id, device.name) for device in tx.own_devices.all()] == [(PC, "서재")]
    peer = tx.peers.get(BOB)
    assert peer is not None
    assert (peer.handle, peer.name, peer.trust, peer.is_contact, peer.list_version) == (
        "bob",
        "밥",
        "verified",
        True,
        3,
    )
    migrated.close()


def test_rooms_and_messages_are_read_and_found(migrated: Connection) -> None:
    tx = Transaction(migrated)
    bring_index_up_to_date(migrated)
    room, other = tx.rooms.all()
    assert (room.group_id, room.title, room.unread, room.timer_s, room.next_counter) == (GROUP, "외양간", 1, 3600, 7)
    assert (room.last_message, room.last_text, room.read_up_to) == (POSITION + 1, "오래된 글 file", POSITION)
    assert (other.group_id, other.kind, other.state, other.peer_account) == (OTHER_GROUP, "direct", "rejoining", BOB)
    (member,) = tx.members.of_room(1)
    assert (member.account_id, member.device_id, member.leaf, member.is_admin) == (BOB, LAPTOP, 1, True)
    assert tx.drafts.get(1) == "쓰다 만 글"
    newest, own = tx.messages.page(1, 9)
    assert (newest.message_id, newest.body, newest.content, newest.counter) == (SECOND, "오래된 글 file", b"\xf0", 8)
    assert (own.account_id, own.state, own.is_own, own.timer_s) == (ALICE, "stored", True, 3600)
    assert own.expires_at == AT + 3_600_000
    assert [row.body for row in found(tx, "래된", 9, room=1)] == ["오래된 글 file"]
    assert [hit.message.id for hit in tx.search.find("fil", 9, where=SearchFilter(sender=BOB))] == [POSITION + 1]
    assert tx.deliveries.states(POSITION) == {BOB: "stored"}
    assert [row.ciphertext for row in tx.outbox.queued()] == [b"\xf1"]
    migrated.close()


def test_what_is_seen_and_on_its_way_is_kept(migrated: Connection) -> None:
    tx = Transaction(migrated)
    assert tx.groups.current(GROUP) == EpochRow(GROUP, 3, b"\xaa", b"\xbb")
    assert not tx.seen.accept(1, LAPTOP, RUN, 9)
    assert tx.messages.is_known(1, BOB, LAPTOP, ERASED)
    assert [intent.payload for intent in tx.intents.of_group(GROUP)] == [b"\xd0"]
    journal = tx.wipes.journal()
    assert journal is not None
    assert journal.from_generation == 1
    assert [row.document for row in tx.wipes.certificates()] == ["{}"]
    migrated.close()


async def test_what_a_newer_version_wrote_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    await store.close()
    newer = open_connection(vault.database_path, vault.database_key)
    newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1:d}")
    newer.close()
    before = _content(tmp_path)
    again = vault_at(tmp_path)
    await again.unlock("pass")
    with pytest.raises(EnvironmentFault) as caught:
        await open_store(again)
    assert caught.value.code == "db_newer"
    assert not again.damage.is_known()
    assert _content(tmp_path) == before


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
