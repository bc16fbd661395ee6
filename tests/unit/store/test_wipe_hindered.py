"""A wipe that meets what it was not made for: it forgets all the same, and never keeps the profile shut."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.store import message_index
from tests.unit.store.examiner import Examiner
from tests.unit.store.profile import open_store, text
from tests.unit.store.wiped_profile import GONE, check_completed, profile_with_rooms, readable


async def test_where_the_index_cannot_be_merged_to_its_end_it_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)
    monkeypatch.setattr(message_index, "_MOST_MERGES", 0)
    await store.wipe([1])
    await check_completed(vault, store)
    words = [body.split()[-1].encode() for body in GONE]
    await store.close()
    examiner = Examiner(vault.database_path, vault.database_key.reveal())
    assert examiner.count(words) == 0
    assert readable(vault, GONE) == 0


async def test_whatever_keeps_a_wipe_from_ending_does_not_keep_the_profile_shut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault, store = await profile_with_rooms(tmp_path, None)

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr("byre.store.wipe.export_to", broken)
        with pytest.raises(ValueError, match="bug"):
            await store.wipe([1])
        await store.close()
        store = await open_store(vault)
        assert [row.id for row in await store.read(lambda tx: tx.rooms.all())] == [2]
        assert await store.read(lambda tx: tx.wipes.journal()) is not None
        await store.write(lambda tx: tx.messages.add(text(9000, "still here", in_room=2, at=900)))
    assert await store.resume_wipe() is not None
    rows = await store.read(lambda tx: tx.messages.page(2, 1))
    assert [row.body for row in rows] == ["still here"]
    await store.close()
