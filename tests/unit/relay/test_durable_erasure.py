"""What was erased from the durable file can be read by nobody who has it with its key: own page decryptor, no SQLite.

Tokens come and go, packages are taken and replaced, rendezvous expire, recovery files are replaced, mailboxes and
accounts are deleted with all that hangs on them, as a dice says. Then the pages are searched, in the clear
and under every key that lies anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from byre.crypto import aead
from byre.crypto.secret import Secret
from byre.db import Connection, load_migrations, migrate, open_connection
from byre.db.transaction import write_transaction
from byre.relay import durable_upgrade
from byre.relay.clock import ExpiryClock
from byre.relay.counters import Counters
from byre.relay.durable import APPLICATION_ID, PRAGMAS, Durable
from byre.relay.durable_upgrade import bring_into_slots
from byre.relay.key_file import KeyFile
from byre.relay.key_packages import KeyPackages
from byre.relay.lane import Lane
from byre.relay.mailboxes import Mailboxes
from byre.relay.rendezvous import Rendezvous
from byre.relay.sealed_values import PACKAGE, RECOVERY, RENDEZVOUS, open_value, seal_value
from byre.relay.tasks import Tasks
from tests.fakes.relay import TEST_LIMITS, RelayClock, seeded
from tests.fakes.relay_examiner import SLOT
from tests.fakes.sqlcipher_pages import plain_pages

MASK = bytes(24)


class NoMessages:
    """A store in which nothing is held."""

    async def rows(self, mailbox: bytes) -> list[object]:
        return []


class Churn:
    """The services of a durable file, used at random; `alive` and `gone` are what may and may not be found."""

    def __init__(self, durable: Durable, seed: int) -> None:
        self.durable = durable
        self.dice = random.Random(seed)
        self.clock = RelayClock()
        expiry, limits = ExpiryClock(self.clock), TEST_LIMITS
        self.mailboxes = Mailboxes(
            durable=durable,
            store=NoMessages(),  # type: ignore[arg-type]
            limits=limits,
            clock=self.clock,
            expiry=expiry,
        )
        self.packages = KeyPackages(
            durable=durable, limits=limits, counters=Counters(), clock=self.clock, expiry=expiry
        )
        self.rendezvous = Rendezvous(durable=durable, limits=limits, counters=Counters(), expiry=expiry)
        self.alive: set[bytes] = set()
        self.gone: set[bytes] = set()
        self.tokens: dict[bytes, list[bytes]] = {}
        self.left: dict[bytes, list[bytes]] = {}
        self.last: dict[bytes, bytes] = {}
        self.met: dict[bytes, bytes] = {}

    def _fresh(self, sizes: tuple[int, ...]) -> bytes:
        value = self.dice.randbytes(self.dice.choice(sizes))
        self.alive.add(value)
        return value

    def _end(self, value: bytes) -> None:
        self.alive.discard(value)
        self.gone.add(value)

    async def step(self) -> None:
        dice = self.dice
        if len(self.tokens) < 3 or dice.random() < 0.2:
            mailbox = dice.randbytes(16)
            await self.mailboxes.create(mailbox, dice.randbytes(32))
            self.tokens[mailbox], self.left[mailbox] = [], []
        mailbox = dice.choice(sorted(self.tokens))
        lane = Lane(mailbox, bytes(32), {})
        fresh = [self._fresh((32,)) for _ in range(dice.randrange(8))]
        await self.mailboxes.put_tokens(lane, [(token, 0) for token in fresh])
        self.tokens[mailbox] += fresh
        revoked = dice.sample(self.tokens[mailbox], dice.randrange(len(self.tokens[mailbox]) + 1) // 2)
        await self.mailboxes.delete_tokens(lane, revoked, after_s=0)
        for token in revoked:
            self.tokens[mailbox].remove(token)
            self._end(token)
        packages = [self._fresh((300, 900, 5000)) for _ in range(dice.randrange(5))]
        last = self._fresh((300, 900)) if dice.random() < 0.3 else None
        await self.packages.put(mailbox, packages, last, is_fresh_start=False)
        self.left[mailbox] += packages
        if last is not None:
            if mailbox in self.last:
                self._end(self.last[mailbox])
            self.last[mailbox] = last
        for _ in range(dice.randrange(6)):
            given = await self.durable.erase(lambda connection: self.packages._take(connection, mailbox))
            if given is not None and not given.is_last_resort:
                assert given.package == self.left[mailbox].pop(0)
                self._end(given.package)
        meeting = dice.randbytes(16)
        self.met[meeting] = self._fresh((100, 4000, 20_000))
        await self.rendezvous.put(meeting, 1, self.met[meeting])
        assert await self.rendezvous.get(meeting, 1, 0) == self.met[meeting]
        if dice.random() < 0.2:
            self.clock.advance(16 * 60)
            await self.rendezvous.expire()
            for blob in self.met.values():
                self._end(blob)
            self.met.clear()
        if dice.random() < 0.15:
            await self.mailboxes.delete(mailbox)  # its tokens and packages go with it
            for value in (*self.tokens.pop(mailbox), *self.left.pop(mailbox)):
                self._end(value)
            if mailbox in self.last:
                self._end(self.last.pop(mailbox))


def found(pages: bytes, values: set[bytes]) -> set[bytes]:
    """Return the values whose beginning can be read: in the clear, or under a key that lies anywhere."""
    keys = {match for match in SLOT.findall(pages) if any(match)}
    masks = [MASK, *(aead.seal(key, MASK, b"", MASK)[: len(MASK)] for key in keys)]
    starts = {pages[at : at + 8] for at in range(len(pages) - 7)}
    there = set()
    for value in values:
        number = int.from_bytes(value[:24])
        sought = ((number ^ int.from_bytes(mask)).to_bytes(24) for mask in masks)
        if any(each[:8] in starts and each in pages for each in sought):
            there.add(value)
    return there


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_was_revoked_taken_replaced_or_over_is_nowhere(tmp_path: Path, seed: int) -> None:
    keys = KeyFile.create(tmp_path / "relay.keys", seeded(1))
    tasks = Tasks()
    durable = await Durable.open(tmp_path, keys, tasks, erase_delay_s=0, random=seeded(1000 + seed))
    churn = Churn(durable, seed)
    for _ in range(60):
        await churn.step()
    assert await durable._database.checkpoint()
    pages = b"\0".join(plain_pages(tmp_path / "relay.db", keys.durable.reveal()))
    for mailbox, tokens in churn.tokens.items():
        lane = await churn.mailboxes.lane(mailbox)
        assert lane is not None
        assert set(lane.tokens) == set(tokens)
    slots = await durable.read(
        lambda connection: connection.execute(
            "SELECT count(*), sum(key <> zeroblob(32)), (SELECT count(*) FROM token)"
            " + (SELECT count(*) FROM key_package) + (SELECT count(*) FROM rendezvous) FROM key_slot"
        ).fetchone()
    )
    await tasks.stop()
    await durable.close()
    assert min(len(churn.alive), len(churn.gone)) > 50
    assert found(pages, churn.alive) == churn.alive
    assert found(pages, churn.gone) == set()
    assert slots is not None
    assert slots[1] == slots[2]  # one each, and what is free is taken again
    assert slots[0] < len(churn.alive) + len(churn.gone)


# --- files of before --------------------------------------------------------------------------------------------------


@contextmanager
def file_of_before(path: Path) -> Iterator[tuple[Connection, dict[str, list[bytes]]]]:
    """A durable file whose rows lie in the clear of its key, as they did."""
    dice = random.Random(5)
    connection = open_connection(path, Secret(bytes(32)), pragmas=PRAGMAS, create=True)
    migrate(connection, load_migrations("byre.relay.migrations.durable")[:3], application_id=APPLICATION_ID)
    values: dict[str, list[bytes]] = {"token": [], "package": [], "rendezvous": [], "recovery": []}
    for number in range(20):
        mailbox = bytes([number]) * 16
        connection.execute("INSERT INTO mailbox (mailbox, auth_public, made_at) VALUES (?, ?, 1)", (mailbox, bytes(32)))
        recovery = dice.randbytes(150)
        values["recovery"].append(recovery)
        connection.execute(
            "INSERT INTO account (account_id, handle, skeleton, record, list_version, list_hash, fetch_key_hash,"
            " recovery_file, changed_at) VALUES (?, ?, ?, ?, 1, x'', x'', ?, 1)",
            (mailbox, f"h{number}", f"s{number}", dice.randbytes(500), recovery),
        )
        connection.execute(
            "INSERT INTO device (account_id, device_id, mailbox, issued_at, record) VALUES (?, x'01', ?, 1, x'02')",
            (mailbox, mailbox),
        )
        for _ in range(7):
            token, package = dice.randbytes(32), dice.randbytes(700)
            values["token"].append(token)
            values["package"].append(package)
            connection.execute("INSERT INTO token (mailbox, hash, kind) VALUES (?, ?, 2)", (mailbox, token))
            connection.execute(
                "INSERT INTO key_package (mailbox, is_last_resort, package) VALUES (?, 0, ?)", (mailbox, package)
            )
        blob = dice.randbytes(3000)
        values["rendezvous"].append(blob)
        connection.execute(
            "INSERT INTO rendezvous (rendezvous, slot, blob, opened_at, expires_at) VALUES (?, 2, ?, 1, 9)",
            (mailbox, blob),
        )
    try:
        yield connection, values
    finally:
        connection.close()


@pytest.mark.parametrize("killed_after", [None, 0, 1, 4])
def test_a_file_of_before_loses_nothing_and_keeps_nothing_in_the_clear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_after: int | None
) -> None:
    path = tmp_path / "relay.db"
    monkeypatch.setattr("byre.relay.durable_upgrade.ROWS_AT_ONCE", 50)
    with file_of_before(path) as (connection, values):
        migrate(connection, load_migrations("byre.relay.migrations.durable"), application_id=APPLICATION_ID)
        if killed_after is not None:
            with monkeypatch.context() as patch:
                patch.setattr(durable_upgrade, "write_transaction", stopping_after(killed_after))
                with pytest.raises(RuntimeError):
                    bring_into_slots(connection, seeded(3))
            connection.close()
            connection = open_connection(path, Secret(bytes(32)), pragmas=PRAGMAS)
        bring_into_slots(connection, seeded(4))
        bring_into_slots(connection, seeded(4))  # nothing is left to do
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        pages = b"\0".join(plain_pages(path, bytes(32)))
        everything = {value for each in values.values() for value in each}
        assert {value for value in everything if value[:24] in pages} == set(values["token"])
        assert [pages.count(token) for token in values["token"]] == [1] * 140
        assert opened(connection) == {name: sorted(each) for name, each in values.items()}
        assert connection.execute("SELECT count(*) FROM device").fetchone() == (20,)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        write_transaction(connection, lambda inside: inside.execute("DELETE FROM account"))
        write_transaction(connection, lambda inside: inside.execute("DELETE FROM mailbox"))
        assert connection.execute("SELECT (SELECT count(*) FROM token), (SELECT count(*) FROM device)").fetchone() == (
            0,
            0,
        )
        used = connection.execute("SELECT count(*) FROM key_slot WHERE key <> zeroblob(32)").fetchone()
        assert used == (20,)  # the rendezvous belong to nobody
        connection.close()


def opened(connection: Connection) -> dict[str, list[bytes]]:
    """What lies in the slots and under their keys."""
    tokens = connection.execute("SELECT key FROM token JOIN key_slot ON key_slot.id = slot").fetchall()
    packages = connection.execute(
        "SELECT key, package, mailbox FROM key_package JOIN key_slot ON key_slot.id = slot"
    ).fetchall()
    meetings = connection.execute(
        "SELECT key, blob, rendezvous FROM rendezvous JOIN key_slot AS at ON at.id = key_slot"
    ).fetchall()
    files = connection.execute(
        "SELECT key, file, account_id FROM recovery_file JOIN key_slot ON key_slot.id = slot"
    ).fetchall()
    return {
        "token": sorted(row[0] for row in tokens),
        "package": sorted(open_value(key, each, kind=PACKAGE, owner=owner) for key, each, owner in packages),
        "rendezvous": sorted(
            open_value(key, each, kind=RENDEZVOUS, owner=owner + b"\2") for key, each, owner in meetings
        ),
        "recovery": sorted(open_value(key, each, kind=RECOVERY, owner=owner) for key, each, owner in files),
    }


def stopping_after(times: int) -> Callable[..., object]:
    """A `write_transaction` that ends the process, so to say, before the next one."""
    left = [times]

    def stopping(connection: Connection, work: Callable[[Connection], object]) -> object:
        if not left[0]:
            raise RuntimeError("killed")
        left[0] -= 1
        return write_transaction(connection, work)

    return stopping


def test_a_recovery_file_that_is_replaced_is_nowhere(tmp_path: Path) -> None:
    path, dice = tmp_path / "relay.db", random.Random(9)
    with file_of_before(path) as (connection, _):
        migrate(connection, load_migrations("byre.relay.migrations.durable"), application_id=APPLICATION_ID)
        bring_into_slots(connection, seeded(3))
        gone: set[bytes] = set()
        held: dict[bytes, bytes] = {}
        for _ in range(200):
            owner, value = bytes([dice.randrange(20)]) * 16, dice.randbytes(dice.choice([100, 300, 512]))

            def work(inside: Connection, owner: bytes = owner, value: bytes = value) -> None:
                inside.execute("DELETE FROM recovery_file WHERE account_id = ?", (owner,))
                slot, sealed = seal_value(inside, seeded(dice.randrange(2**30)), value, kind=RECOVERY, owner=owner)
                inside.execute(
                    "INSERT INTO recovery_file (account_id, slot, file) VALUES (?, ?, ?)", (owner, slot, sealed)
                )

            write_transaction(connection, work)
            if owner in held:
                gone.add(held[owner])
            held[owner] = value
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        pages = b"\0".join(plain_pages(path, bytes(32)))
        assert found(pages, set(held.values())) == set(held.values())
        assert found(pages, gone) == set()
