"""Ways of deleting that leave residue, and that ours leaves none: each read by an examiner who has the key.

Every trap was found in measurements; a test that no longer finds residue in the careless way shows that the trap is
gone, not that something broke. The remedy of the wipe (delete, optimise, export to a new file) must hold in all.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from byre.crypto.secret import Secret
from byre.db import Connection, Pragmas, open_connection
from byre.store.forensics import scan_database
from byre.store.forensics_needles import NeedleSet
from byre.store.vault_rotation import NextGeneration
from byre.store.wipe_scope import WipeScope
from tests.unit.store.examiner import Examiner
from tests.unit.store.wiped_content import run_export

KEY = b"k" * 32
ROWS = 300
GONE = range(0, ROWS, 2)
FTS = "CREATE VIRTUAL TABLE message_index USING fts5(body, content=''{})"


def word(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:30]


def bodies(number: int) -> str:
    return f"common {word(number)} words"


# FTS5 stores a term without the letters that it shares with the one before: the rest is what an examiner finds.
TERMS = [word(number)[5:].encode() for number in GONE]
TEXTS = [bodies(number).encode() for number in GONE]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Connection]]:
    opened: list[Connection] = []

    def open_with(schema: str, **pragmas: object) -> Connection:
        connection = open_connection(tmp_path / "a.db", Secret(KEY), pragmas=Pragmas(**pragmas), create=True)  # type: ignore[arg-type]
        connection.execute("CREATE TABLE peer (account_id BLOB)")
        connection.execute(schema)
        if "message_index" not in schema:
            connection.execute(FTS.format(""))
        opened.append(connection)
        return connection

    yield open_with
    for connection in opened:
        connection.close()


def in_one(connection: Connection, statements: Iterator[tuple[str, tuple[object, ...]]]) -> None:
    connection.execute("BEGIN")
    for sql, parameters in statements:
        connection.execute(sql, parameters)
    connection.execute("COMMIT")


def index_all(connection: Connection) -> None:
    in_one(connection, (("INSERT INTO message_index (rowid, body) VALUES (?, ?)", (n, bodies(n))) for n in range(ROWS)))


def unindex(connection: Connection) -> None:
    in_one(
        connection,
        (
            ("INSERT INTO message_index (message_index, rowid, body) VALUES ('delete', ?, ?)", (n, bodies(n)))
            for n in GONE
        ),
    )


def store_all(connection: Connection) -> None:
    in_one(connection, (("INSERT INTO t (id, x) VALUES (?, ?)", (n, bodies(n))) for n in range(ROWS)))


def delete_rows(connection: Connection) -> None:
    in_one(connection, (("DELETE FROM t WHERE id = ?", (n,)) for n in GONE))


def checkpoint(connection: Connection, how: str = "TRUNCATE") -> None:
    connection.execute(f"PRAGMA wal_checkpoint({how})").fetchall()


def residue(tmp_path: Path, needles: list[bytes], name: str = "a.db") -> int:
    found = Examiner(tmp_path / name, KEY).count(needles)
    # The scanner of the app and the examiner share no code and must agree.
    scan = scan_database(tmp_path / name, Secret(KEY), NeedleSet(needles))
    assert len({finding.needle for finding in scan.findings}) == found
    return found


def rebuilt(connection: Connection, tmp_path: Path) -> str:
    source = connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchall()[0][0]
    following = NextGeneration(2, tmp_path / "b.db", Secret(KEY), None)
    run_export(lambda: open_connection(Path(source), Secret(KEY), any_thread=True), following, WipeScope.rotation())
    return "b.db"


def test_deleted_terms_stay_in_the_index_even_after_vacuum(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make(FTS.format(", columnsize=0"))
    index_all(connection)
    unindex(connection)
    checkpoint(connection)
    assert residue(tmp_path, TERMS) > len(TERMS) * 0.9
    connection.execute("VACUUM")
    checkpoint(connection)
    assert residue(tmp_path, TERMS) > len(TERMS) * 0.9


def test_secure_delete_that_comes_late_does_not_reach_back(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make(FTS.format(", columnsize=0"))
    index_all(connection)
    unindex(connection)
    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1)")
    checkpoint(connection)
    assert residue(tmp_path, TERMS) > len(TERMS) * 0.9


def test_secure_delete_in_time_leaves_nothing(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make(FTS.format(", columnsize=0"))
    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1)")
    index_all(connection)
    unindex(connection)
    checkpoint(connection)
    assert residue(tmp_path, TERMS) == 0


def test_contentless_delete_ignores_secure_delete(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make(FTS.format(", contentless_delete=1"))
    connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('secure-delete', 1)")
    index_all(connection)
    few = 10  # a tenth of a segment in tombstones would set off a merge
    in_one(connection, (("DELETE FROM message_index WHERE rowid = ?", (n,)) for n in GONE[:few]))
    checkpoint(connection)
    assert residue(tmp_path, TERMS[:few]) == few


def test_optimise_and_export_leave_nothing_of_the_index(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make(FTS.format(", columnsize=0"))
    index_all(connection)
    unindex(connection)
    connection.execute("INSERT INTO message_index (message_index) VALUES ('optimize')")
    assert residue(tmp_path, TERMS, rebuilt(connection, tmp_path)) == 0


def levels_above(connection: Connection) -> None:
    """An index that was optimised several times has levels; something larger makes its segment move down again."""
    for numbers in (range(1000, 1300), range(1300, 1310), range(1310, 1320)):
        in_one(connection, (("INSERT INTO message_index (rowid, body) VALUES (?, ?)", (n, bodies(n))) for n in numbers))
        connection.execute("INSERT INTO message_index (message_index) VALUES ('optimize')")


def test_fts5s_own_optimise_keeps_words_where_all_segments_lie_on_one_level(
    make: Callable[..., Connection], tmp_path: Path
) -> None:
    """SQLite 3.53: such a level is merged into the next one, which is not the last, and delete marks come along."""
    connection = make(FTS.format(", columnsize=0"))
    levels_above(connection)
    index_all(connection)
    unindex(connection)
    for _ in range(2):  # and with one segment there is nothing to merge any more
        connection.execute("INSERT INTO message_index (message_index) VALUES ('optimize')")
    connection.execute("VACUUM")
    checkpoint(connection)
    assert residue(tmp_path, TERMS) > len(TERMS) * 0.9
    assert residue(tmp_path, TERMS, rebuilt(connection, tmp_path)) == 0


def test_without_secure_delete_everything_stays(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)", secure_delete=False)
    store_all(connection)
    delete_rows(connection)
    checkpoint(connection)
    assert residue(tmp_path, TEXTS) > len(TEXTS) * 0.5
    assert residue(tmp_path, TEXTS, rebuilt(connection, tmp_path)) == 0


def test_a_restart_checkpoint_leaves_the_frames(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
    store_all(connection)
    delete_rows(connection)
    checkpoint(connection, "RESTART")
    assert residue(tmp_path, TEXTS) > len(TEXTS) * 0.9
    checkpoint(connection, "TRUNCATE")
    assert residue(tmp_path, TEXTS) == 0


def test_analyze_keeps_samples_of_the_text(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
    connection.execute("CREATE INDEX t_x ON t (x)")
    store_all(connection)
    connection.execute("ANALYZE")
    delete_rows(connection)
    connection.execute("VACUUM")
    checkpoint(connection)
    assert residue(tmp_path, TEXTS) > 0


def test_the_app_never_analyses() -> None:
    rooms = Path(__file__).parents[3] / "app" / "byre"
    sources = [path for folder in ("store", "db") for path in (rooms / folder).rglob("*.*") if path.suffix != ".pyc"]
    told_so = ("README.md",)
    for path in sources:
        if path.name not in told_so:
            text = path.read_text(encoding="utf-8").lower()
            assert "analyze" not in text, path.name
            assert "pragma optimize" not in text, path.name


def test_growing_updates_leave_old_text_in_page_slack(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
    left = 0
    for seed in range(12):
        draw = random.Random(seed)
        connection.execute("DELETE FROM t")
        store_all(connection)
        for _ in range(6):
            for number in draw.sample(range(ROWS), ROWS // 3):
                connection.execute("UPDATE t SET x = x || ? WHERE id = ?", ("y" * draw.randrange(5, 200), number))
        delete_rows(connection)
        checkpoint(connection)
        left = residue(tmp_path, TEXTS)
        if left:
            break
    assert left > 0
    assert residue(tmp_path, TEXTS, rebuilt(connection, tmp_path)) == 0


def test_rekey_deletes_nothing(make: Callable[..., Connection], tmp_path: Path) -> None:
    connection = make("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)", secure_delete=False)
    store_all(connection)
    delete_rows(connection)
    checkpoint(connection)
    other = b"o" * 32
    connection.execute(f"PRAGMA rekey = \"x'{other.hex()}'\"").fetchall()
    checkpoint(connection)
    assert Examiner(tmp_path / "a.db", other).count(TEXTS) > len(TEXTS) * 0.5
