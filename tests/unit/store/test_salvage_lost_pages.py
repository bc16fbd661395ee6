"""Any page that leads to others may be lost, with no snapshot: what lies in the pages that hold comes back."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from byre.errors import EnvironmentFault
from byre.store.archive import KEPT
from tests.unit.store.lost_pages import MESSAGES, PAGE, Whole, salvaged, whole

EVERYTHING = bool(os.environ.get("BYRE_DAMAGE_ALL"))
NEEDED = {"account"}
"""Whose only page is lost: nothing opens without a snapshot."""
CHANGED = {"account", "room", "setting", "message"}
"""Tables whose rows a salvage changes; texts are compared by themselves."""


def flipped(raw: bytearray, page: int) -> bytearray:
    raw[(page - 1) * PAGE + 1000 + page % 2000] ^= 1
    return raw


def zeroed(raw: bytearray, page: int) -> bytearray:
    raw[(page - 1) * PAGE : page * PAGE] = bytes(PAGE)
    return raw


def cut_off(raw: bytearray, page: int) -> bytearray:
    return raw[: (page - 1) * PAGE]


Hurt = Callable[[bytearray, int], bytearray]
KINDS: dict[str, Hurt] = {"flipped": flipped, "zeroed": zeroed, "cut off": cut_off}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    return whole(tmp_path_factory.mktemp("whole"))


def lost_by(raw: bytes, damaged: bytes) -> set[int]:
    return {
        page
        for page in range(1, len(raw) // PAGE + 1)
        if damaged[(page - 1) * PAGE : page * PAGE] != raw[(page - 1) * PAGE : page * PAGE]
    }


def check(folder: Path, database: Whole, damaged: bytes) -> None:
    lost = lost_by(database.raw, damaged)
    if lost & {database.roots[table] for table in NEEDED}:
        with pytest.raises(EnvironmentFault) as caught:
            salvaged(folder, damaged)
        assert caught.value.code == "db_damaged"
        assert [path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))] == ["store.1.db"]
        assert (folder / "store.1.db").read_bytes() == damaged
        return
    done, numbers, rows = salvaged(folder, damaged)
    expected = {number for number, pages in database.needs.items() if not pages & lost}
    assert numbers == expected
    hurt_trees = {database.trees.get(page, "") for page in lost}
    if not hurt_trees & {"message_name", "message_room"}:
        assert done.from_database + done.lost_messages == MESSAGES + 2
    assert done.lost_pages > 0 or hurt_trees.isdisjoint(KEPT)
    of_lost_messages = {"delivery"} if "message" in hurt_trees else set()
    if "" in hurt_trees:  # perhaps of the schema: then an index looks like this table
        of_lost_messages.add("wipe_watermark")
    for table in set(KEPT) - CHANGED - hurt_trees - of_lost_messages - {"wipe_certificate", "received_mid"}:
        assert rows[table] == database.rows[table], table


def test_texts_need_the_pages_that_the_file_has(database: Whole) -> None:
    assert len(database.needs) == MESSAGES
    assert len(database.inner("message")) >= 3
    assert max(map(len, database.needs.values())) >= 3
    assert {page for pages in database.needs.values() for page in pages} <= set(database.kinds)


@pytest.mark.parametrize(("kind", "at"), [("zeroed", 0), ("flipped", 1), ("cut off", 2)])
def test_inner_pages_of_the_texts_may_be_lost(tmp_path: Path, database: Whole, kind: str, at: int) -> None:
    check(tmp_path / "p", database, bytes(KINDS[kind](bytearray(database.raw), database.inner("message")[at])))


def test_the_roots_of_all_tables_may_be_lost_at_once(tmp_path: Path, database: Whole) -> None:
    damaged = bytearray(database.raw)
    for table in set(KEPT) - NEEDED:
        damaged = flipped(damaged, database.roots[table])
    check(tmp_path / "p", database, bytes(damaged))


def test_without_the_account_nothing_is_changed(tmp_path: Path, database: Whole) -> None:
    check(tmp_path / "p", database, bytes(flipped(bytearray(database.raw), database.roots["account"])))


@pytest.mark.parametrize("number", range(40 if EVERYTHING else 1))
def test_several_pages_may_be_lost_at_once(tmp_path: Path, database: Whole, number: int) -> None:
    chosen = random.Random(number).sample(range(1, len(database.raw) // PAGE + 1), 1 + number % 20)
    damaged = bytearray(database.raw)
    for page in [*chosen, database.roots["message"]]:
        damaged = (flipped, zeroed)[page % 2](damaged, page)
    check(tmp_path / "p", database, bytes(damaged))


@pytest.mark.parametrize("kind", ["flipped", "zeroed"] if EVERYTHING else ["zeroed"])
def test_the_first_page_may_be_lost_and_with_it_the_schema(tmp_path: Path, database: Whole, kind: str) -> None:
    check(tmp_path / "p", database, bytes(KINDS[kind](bytearray(database.raw), 1)))


@pytest.mark.skipif(not EVERYTHING, reason="BYRE_DAMAGE_ALL=1 asks for every page")
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", KINDS)
def test_any_page_may_be_lost(tmp_path: Path, database: Whole, kind: str) -> None:
    for page in range(2, len(database.raw) // PAGE + 1):
        check(tmp_path / f"{page}", database, bytes(KINDS[kind](bytearray(database.raw), page)))
