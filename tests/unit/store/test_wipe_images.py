"""A certificate is honest about images from a time when the passphrase alone opened the profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from byre.store import Transaction, WipeScope
from byre.store.wipe_images import LIMIT, end, limits_of_images, note_leaving, note_reach
from tests.fakes.key_store import FakeKeyStore
from tests.unit.store.profile import NOW, open_store, room, text, vault_at
from tests.unit.store.wiped_profile import fill


@pytest.mark.parametrize(
    ("until", "scope", "reaches"),
    [
        (None, WipeScope.of_rooms([1]), False),
        (NOW + 5, WipeScope.of_rooms([1]), True),
        (NOW + 4, WipeScope.of_rooms([1]), False),  # what goes came later
        (NOW + 4, WipeScope.of_rooms([2]), True),
        (NOW + 5, WipeScope.of_rooms([3]), False),
        (NOW + 5, WipeScope.rotation(), False),
    ],
)
def test_it_counts_what_was_there_at_that_time(
    tx: Transaction, until: int | None, scope: WipeScope, reaches: bool
) -> None:
    for number in (1, 2, 3):
        tx.rooms.add(room(number))
    tx.messages.add(text(1, "later", at=4))
    tx.messages.add(text(2, "earlier", at=3, in_room=2))
    connection = tx.messages._connection
    if until is not None:
        note_leaving(connection, until)
    note_reach(connection, scope.begun(NOW + 10))
    assert limits_of_images(connection) == ((LIMIT,) if reaches else ())
    end(connection)
    assert limits_of_images(connection) == ()


async def test_a_profile_that_left_the_passphrase_alone_says_so_of_what_is_older(tmp_path: Path) -> None:
    key_store = FakeKeyStore()
    await vault_at(tmp_path / "p").create("pass")
    vault = vault_at(tmp_path / "p", key_store, seed="again")
    await vault.unlock("pass")
    store = await open_store(vault)
    await store.write(fill)
    assert LIMIT in (await store.wipe(WipeScope.before(NOW + 5))).document
    assert await store.change_lock("pass", passphrase="pass") == "B"
    assert LIMIT not in (await store.wipe([1])).document  # this clock stands: all of it came at the switch or later
    await store.close()
