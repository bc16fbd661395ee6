"""What goes on while a wipe is under way."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from byre.errors import EnvironmentFault
from byre.store import Transaction, wipe
from tests.unit.store.profile import NOW, found, text
from tests.unit.store.wiped_profile import GONE, KEPT, Reports, held_at, profile_with_rooms, readable, reopened


@pytest.mark.parametrize("step", ["look", "write_down", "Export", "scan_files", "unexplained"])
async def test_reads_pass_by_every_step_of_a_wipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    has_begun, may_go_on = held_at(monkeypatch, step)
    wiping = asyncio.ensure_future(store.wipe([1]))
    await has_begun.wait()
    assert len(await store.read(lambda tx: tx.messages.page(2, 99))) == len(KEPT)
    assert not wiping.done()
    may_go_on.set()
    assert "remnants=()" in (await wiping).document
    await store.close()


@pytest.mark.parametrize("step", ["Export", "sync_file", "scan_database", "scan_files"])
async def test_writes_go_on_and_are_in_the_next_generation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    has_begun, may_go_on = held_at(monkeypatch, step)
    wiping = asyncio.ensure_future(store.wipe([1]))
    await has_begun.wait()
    await store.write(lambda tx: tx.messages.add(text(9000, "새로 온 글 하나", in_room=2, at=9000)))
    await store.write(lambda tx: tx.messages.add(text(9001, "지우는 방에 새로 온 글", in_room=1, at=9001)))
    await store.write(lambda tx: tx.erasures.erase(tx.erasures.positions((2003).to_bytes(16, "big"))))
    assert not wiping.done()
    may_go_on.set()
    certificate = await wiping
    assert "remnants=()" in certificate.document
    assert "'messages': 60" in certificate.document

    def state(tx: Transaction) -> tuple[Any, ...]:
        kept, wiped = tx.messages.page(2, 99), tx.messages.page(1, 99)
        return len(kept), kept[0].body, [row.body for row in wiped], len(found(tx, "새로 온", 9)), tx.erasures.debt()

    stays = (len(KEPT), "새로 온 글 하나", ["지우는 방에 새로 온 글"], 2)
    assert await store.read(state) == (*stays, 1)
    await store.close()
    assert readable(vault, [*GONE, KEPT[3]]) == 0
    _, store = await reopened(tmp_path / "p", None, Reports())
    assert (await store.read(state))[:4] == stays
    await store.close()


@pytest.mark.parametrize("step", ["check_copy", "follow", "open_database"])
async def test_what_cannot_go_on_notes_nothing_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    vault, store = await profile_with_rooms(tmp_path / "p", None)
    loop, real = asyncio.get_running_loop(), wipe.sync_folder

    def full(*_: object, **__: object) -> None:
        raise EnvironmentFault("injected", code="disk_full")

    def written(folder: Path) -> None:
        writing = store.write(lambda tx: tx.drafts.put(2, "goes on", NOW))
        asyncio.run_coroutine_threadsafe(writing, loop).result(60)
        real(folder)

    with monkeypatch.context() as patched:
        patched.setattr(wipe, step, full)
        patched.setattr(wipe, "sync_folder", written)
        with pytest.raises(EnvironmentFault):
            await store.wipe([1])
    listed = "SELECT * FROM temp.sqlite_schema"
    assert await store._database.run(lambda connection: connection.execute(listed).fetchall()) == []
    await store.fold()
    assert (tmp_path / "p" / "store.1.db-wal").stat().st_size == 0  # nobody reads there any more
    assert await store.resume_wipe() is not None
    assert await store.read(lambda tx: tx.drafts.get(2)) == "goes on"
    await store.close()
    assert readable(vault, GONE) == 0


async def test_what_comes_while_it_is_looked_at_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, store = await profile_with_rooms(tmp_path / "p", None)
    loop, real = asyncio.get_running_loop(), wipe.look

    def looked(*arguments: Any) -> Any:
        seen = real(*arguments)
        late = text(9001, "지우는 방에 새로 온 글", in_room=1, at=9001)
        writing = store.write(lambda tx: tx.messages.add(late))
        asyncio.run_coroutine_threadsafe(writing, loop).result(60)
        return seen

    monkeypatch.setattr(wipe, "look", looked)
    certificate = await store.wipe([1])
    assert "'messages': 60" in certificate.document
    assert [row.body for row in await store.read(lambda tx: tx.messages.page(1, 9))] == ["지우는 방에 새로 온 글"]
    await store.close()
