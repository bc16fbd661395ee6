"""BEGIN, COMMIT and ROLLBACK around a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from byre.crypto.secret import Secret
from byre.db import Connection, open_connection
from byre.db.faults import is_damage
from byre.db.transaction import read_transaction, write_transaction
from byre.errors import InternalBug


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    opened = open_connection(tmp_path / "d.db", Secret(bytes(32)), create=True)
    opened.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT")
    yield opened
    opened.close()


def rows(connection: Connection) -> list[int]:
    return [a for (a,) in connection.execute("SELECT a FROM t ORDER BY a")]


def add(connection: Connection, number: int) -> int:
    connection.execute("INSERT INTO t (a, b) VALUES (?, ?)", (number, "x" * 3000))
    return number


def test_what_was_done_is_committed_and_its_value_given_back(connection: Connection) -> None:
    assert write_transaction(connection, lambda c: add(c, 1)) == 1
    assert (rows(connection), connection.in_transaction) == ([1], False)


class Stop(BaseException):
    """Not even an Exception."""


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, Stop])
def test_whatever_is_raised_undoes_all_of_it(connection: Connection, error: type[BaseException]) -> None:
    def work(c: Connection) -> None:
        add(c, 1)
        raise error

    with pytest.raises(error):
        write_transaction(connection, work)
    assert (rows(connection), connection.in_transaction) == ([], False)


def test_a_full_disk_undoes_all_of_it_and_leaves_the_connection_good(connection: Connection) -> None:
    pages = (connection.execute("PRAGMA page_count").fetchone() or (0,))[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}").fetchall()
    with pytest.raises(dbapi2.Error) as caught:
        write_transaction(connection, lambda c: [add(c, number) for number in range(20)])
    assert caught.value.sqlite_errorcode == dbapi2.SQLITE_FULL
    assert (rows(connection), connection.in_transaction) == ([], False)
    connection.execute("PRAGMA max_page_count=100000").fetchall()
    write_transaction(connection, lambda c: [add(c, number) for number in range(20)])
    assert len(rows(connection)) == 20


def test_a_statement_that_fails_and_is_caught_undoes_nothing_else(connection: Connection) -> None:
    def work(c: Connection) -> None:
        add(c, 1)
        with pytest.raises(dbapi2.IntegrityError):
            add(c, 1)
        add(c, 2)

    write_transaction(connection, work)
    assert rows(connection) == [1, 2]


def test_a_read_sees_one_snapshot_and_ends(connection: Connection) -> None:
    write_transaction(connection, lambda c: add(c, 1))
    assert read_transaction(connection, rows) == [1]
    assert not connection.in_transaction


def test_a_read_that_writes_is_a_bug_and_undone(connection: Connection) -> None:
    with pytest.raises(InternalBug) as caught:
        read_transaction(connection, lambda c: add(c, 1))
    assert caught.value.code == "write_in_read"
    assert (rows(connection), connection.in_transaction) == ([], False)


def test_a_read_that_raises_ends_too(connection: Connection) -> None:
    def work(c: Connection) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        read_transaction(connection, work)
    assert not connection.in_transaction


LONG = "a long text " * 1000


@pytest.mark.parametrize("transaction", [read_transaction, write_transaction])
@pytest.mark.parametrize("fails", [False, True])
def test_whatever_page_is_damaged_nothing_that_it_held_is_made_up(
    tmp_path: Path, transaction: Callable[..., object], fails: bool
) -> None:
    """A text goes on in pages of its own: SQLCipher reads zeros there and says so at the next page only."""
    path = tmp_path / "long.db"
    connection = open_connection(path, Secret(bytes(32)), create=True)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
    connection.execute("INSERT INTO t (x) VALUES (?)", (LONG,))
    connection.close()
    whole = path.read_bytes()

    def read(inside: Connection) -> str:
        text = str(inside.execute("SELECT x FROM t WHERE id = 1").fetchone()[0])  # type: ignore[index]
        if fails and text != LONG:
            raise ValueError
        return text

    refused = 0
    for page in range(1, len(whole) // 4096):
        raw = bytearray(whole)
        raw[page * 4096 + 1000] ^= 1
        path.write_bytes(raw)
        connection = open_connection(path, Secret(bytes(32)))
        try:
            assert transaction(connection, read) == LONG
        except dbapi2.DatabaseError as error:
            refused += is_damage(error, was_met=False)
        connection.close()
    assert refused >= 3
