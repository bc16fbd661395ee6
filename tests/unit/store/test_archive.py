"""An archive: what it holds, what it must never hold, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import open_connection
from byre.errors import ByreError, EnvironmentFault, UsageError
from byre.store import AccountRow, Transaction, archive
from byre.store.archive import (
    KEPT,
    KEY_COPY,
    LEFT_OUT,
    RESTORED,
    check_archive,
    is_restored,
    read_archive,
    write_archive,
)
from byre.store.schema import open_database
from byre.store.settings import SettingsRepository
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import ALICE, LAPTOP, NOW, PHONE, open_memory, room, text

SOURCE_KEY, ARCHIVE_KEY, TARGET_KEY = Secret(b"k" * 32), Secret(b"a" * 32), Secret(b"t" * 32)
RATCHET = b"a ratchet that must not be rewound, never"
EPOCH = b"an epoch that stays where it is, always"


def account() -> AccountRow:
    return AccountRow(
        account_id=ALICE,
        account_public=b"i" * 32,
        account_seed=Secret(b"s" * 32),
        role="primary",
        handle="alice",
        host="relay.test",
        name="앨리스",
        relay="http://relay.test",
        binding=b"b",
        device_id=PHONE,
        device_seed=Secret(b"d" * 32),
        certificate=b"c",
        run_id=b"run one!",
        created_at=NOW,
    )


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A closed database with an account, a room, and a bit of everything that must stay out."""
    connection = open_memory(tmp_path)
    connection.execute("BEGIN")
    tx = Transaction(connection)
    tx.account.put(account())
    tx.rooms.add(room(1, title="회의", next_counter=7))
    for number in range(5):
        tx.messages.add(text(number, f"지난 이야기 {number}", at=number))
    tx.messages.add(text(100, "아직 떠나지 않은 말", own=True, at=10))
    tx.messages.add(text(101, "곧 사라질 말", at=11, timer_s=60, expires_at=NOW + 60_000))
    tx.settings.put("mark", "kept")
    tx.settings.put(KEY_COPY + "00" * 16, {"secret": "another own device's"})
    connection.execute("INSERT INTO mls_epoch (group_id, epoch, bytes) VALUES (?, 1, ?)", (b"g" * 32, EPOCH))
    connection.execute("INSERT INTO mls_ratchet VALUES (?, 1, ?)", (b"g" * 32, RATCHET))
    connection.execute("COMMIT")
    connection.close()
    return tmp_path / "rows.db"


def test_every_table_is_either_kept_or_left_out(tmp_path: Path) -> None:
    connection = open_memory(tmp_path)
    tables = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if not name.startswith("message_index_")
    }
    connection.close()
    assert tables == set(KEPT) | LEFT_OUT
    assert not set(KEPT) & LEFT_OUT


def test_an_archive_holds_the_words_and_no_ratchet(profile: Path, tmp_path: Path) -> None:
    target = tmp_path / "archive.db"
    steps: list[float] = []
    write_archive(profile, SOURCE_KEY, target, ARCHIVE_KEY, on_progress=steps.append)
    assert steps[-1] == 1.0
    assert steps == sorted(steps)
    image = Examiner(target, ARCHIVE_KEY.reveal()).image()
    assert "지난 이야기 3".encode() in image
    for out in (RATCHET, EPOCH, "곧 사라질 말".encode()):
        assert out not in image
    assert check_archive(target, ARCHIVE_KEY) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.db", "rows.db"]
    assert b"\xec\xa7\x80" not in target.read_bytes()[:4096]


def test_the_way_back_begins_a_new_run(profile: Path, tmp_path: Path) -> None:
    write_archive(profile, SOURCE_KEY, tmp_path / "archive.db", ARCHIVE_KEY)
    read_archive(
        tmp_path / "archive.db", ARCHIVE_KEY, tmp_path / "new.db", TARGET_KEY, run_id=b"run two!", now_ms=NOW + 5
    )
    connection = open_database(tmp_path / "new.db", TARGET_KEY)
    tx = Transaction(connection)
    own = tx.account.get()
    assert own is not None
    assert (own.run_id, own.account_seed, own.device_seed) == (b"run two!", Secret(b"s" * 32), Secret(b"d" * 32))
    assert (tx.settings.get("mark"), tx.settings.get(RESTORED)) == ("kept", NOW + 5)
    assert not [name for name in tx.settings.names() if name.startswith(KEY_COPY)]
    assert is_restored(tx.settings)
    found = connection.execute("SELECT body, state FROM message ORDER BY id").fetchall()
    assert [body for body, _ in found] == [*(f"지난 이야기 {n}" for n in range(5)), "아직 떠나지 않은 말"]
    assert found[-1][1] == "failed"
    assert connection.execute("SELECT next_counter, last_text FROM room").fetchall() == [(0, "")]
    assert connection.execute("SELECT count(*) FROM mls_epoch").fetchall() == [(0,)]
    connection.close()


def test_rooms_with_others_ask_to_be_rejoined_and_those_that_were_left_stay_left(tmp_path: Path) -> None:
    connection = open_memory(tmp_path)
    tx = Transaction(connection)
    tx.account.put(account())
    for number, state in enumerate(("active", "request", "left", "removed", "active"), 1):
        tx.rooms.add(room(number, state=state))
        members = [PHONE] if number == 5 else [PHONE, LAPTOP]
        for leaf, device_id in enumerate(members):
            connection.execute(
                "INSERT INTO member (room, device_id, account_id, leaf, address) VALUES (?, ?, ?, ?, x'')",
                (number, device_id, ALICE, leaf),
            )
    archive.mark_restored(connection, run_id=b"run two!", now_ms=NOW)
    states = [row.state for row in sorted(tx.rooms.all(with_hidden=True), key=lambda row: row.id)]
    assert states == ["rejoining", "rejoining", "left", "removed", "rejoining"]
    due = tx.joins.rejoins_due(NOW)
    assert [row.group_id[0] for row in due] == [1, 2]
    assert {row.tries for row in due} == {0}
    connection.close()


def test_claims_of_an_earlier_version_do_not_come_back(tmp_path: Path) -> None:
    """They were settings then; the salvage of a damaged database reads its tables as they are."""
    connection = open_memory(tmp_path)
    settings = SettingsRepository(connection)
    for name in ("rooms.ordered.00.1.2", "rooms.claim.00", "rooms.claimed", "rooms.order"):
        settings.put(name, "x")
    archive.mark_restored(connection, run_id=b"run two!", now_ms=NOW)
    assert settings.names() == ["rooms.claimed", "rooms.order", RESTORED]
    connection.close()


def test_a_profile_that_was_never_restored_says_so(tmp_path: Path) -> None:
    connection = open_memory(tmp_path)
    assert not is_restored(SettingsRepository(connection))
    connection.close()


def test_the_writer_of_the_profile_goes_on_meanwhile(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_connection(profile, SOURCE_KEY)
    real = archive._copy_messages

    def beside(*arguments: object) -> None:
        writer.execute("INSERT INTO setting VALUES ('beside', x'31')")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(archive, "_copy_messages", beside)
    write_archive(profile, SOURCE_KEY, tmp_path / "archive.db", ARCHIVE_KEY)
    assert writer.execute("SELECT count(*) FROM setting WHERE name = 'beside'").fetchall() == [(1,)]
    writer.close()


def test_a_wipe_under_way_is_not_archived(profile: Path, tmp_path: Path) -> None:
    connection = open_connection(profile, SOURCE_KEY)
    names = archive.columns(connection, "wipe_journal").split(", ")
    types = dict(connection.execute("SELECT name, type FROM pragma_table_info('wipe_journal')").fetchall())
    values = [
        1 if types[name.strip('"')] == "INTEGER" else "x" if types[name.strip('"')] == "TEXT" else b"x"
        for name in names
    ]
    connection.execute(f"INSERT INTO wipe_journal VALUES ({', '.join('?' * len(values))})", values)
    connection.close()
    with pytest.raises(UsageError) as caught:
        write_archive(profile, SOURCE_KEY, tmp_path / "archive.db", ARCHIVE_KEY)
    assert caught.value.code == "wrong_state"
    assert not (tmp_path / "archive.db").exists()


def test_nothing_stays_of_a_file_for_which_there_was_no_room_and_a_strange_one_does(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, key = tmp_path / "copy", Secret(b"a" * 32)
    target.write_bytes(b"somebody's")
    with pytest.raises(EnvironmentFault) as caught:
        write_archive(profile, SOURCE_KEY, target, key)
    assert caught.value.code == "db_exists"
    assert target.read_bytes() == b"somebody's"
    target.unlink()

    def full(path: Path, _: Secret) -> None:
        path.write_bytes(b"half a schema")
        raise EnvironmentFault("full", code="disk_full")

    monkeypatch.setattr(archive, "create_database", full)
    with pytest.raises(EnvironmentFault) as caught:
        write_archive(profile, SOURCE_KEY, target, key)
    assert caught.value.code == "disk_full"
    assert not target.exists()


def test_a_copy_that_does_not_hold_together_is_no_archive(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bad(*arguments: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(archive, "sync_file", bad)
    with pytest.raises(OSError, match="no space"):
        write_archive(profile, SOURCE_KEY, tmp_path / "archive.db", ARCHIVE_KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["rows.db"]


@pytest.mark.parametrize("damage", ["other key", "junk", "no account", "missing"])
def test_what_is_no_archive_is_refused(profile: Path, tmp_path: Path, damage: str) -> None:
    path, key = tmp_path / "archive.db", ARCHIVE_KEY
    if damage == "no account":
        connection = open_connection(profile, SOURCE_KEY)
        connection.execute("DELETE FROM account")
        connection.close()
    write_archive(profile, SOURCE_KEY, path, ARCHIVE_KEY)
    if damage == "other key":
        key = TARGET_KEY
    elif damage == "junk":
        path.write_bytes(b"junk" * 5000)
    elif damage == "missing":
        path.unlink()
    with pytest.raises(ByreError) as caught:
        check_archive(path, key)
    assert caught.value.code in ("db_damaged", "db_missing")
