"""The schema of a database as text, for the dump that a test compares."""

from __future__ import annotations

from byre.db.connection import Connection


def dump_schema(connection: Connection) -> str:
    """Every CREATE statement, tables before what hangs on them, each followed by `;` and an empty line.

    Shadow tables of FTS5 are left out: SQLite makes them.
    """
    virtual = [
        str(row[0])
        for row in connection.execute("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    ]
    rows = connection.execute(
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        " ORDER BY CASE type WHEN 'table' THEN 0 ELSE 1 END, name"
    ).fetchall()
    statements = [
        str(sql) for name, table, sql in rows if not any(str(name).startswith(f"{owner}_") for owner in virtual)
    ]
    return "".join(f"{statement};\n\n" for statement in statements)
