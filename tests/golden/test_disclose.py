"""What an operator can be asked for has a frozen layout, covers every table, and holds no plaintext."""

from __future__ import annotations

import json
import re
from pathlib import Path

from byre.relay.disclose import disclose, report
from byre.relay.report import TABLES
from byre.wire.frames import TOKEN_INTRO
from byre.wire.ids import ClaimId
from tests.fakes.blob_client import blob_client
from tests.fakes.identities import Person
from tests.fakes.relay import RelayClock, RunningRelay, running_relay
from tests.fakes.relay_user import until, users
from tests.golden.disclose import GOLDEN_FILE, layout
from tests.protocol.test_relay_delivery import go_away
from tests.protocol.test_relay_heads import Room
from tests.protocol.test_relay_records import device_online, device_record, record_of

SCHEMA = Path(__file__).resolve().parents[2] / "app" / "byre" / "relay" / "durable.schema.sql"


async def fill(relay: RunningRelay) -> Person:
    """Leave one row of everything with the relay."""
    person = Person("farmer")
    async with device_online(relay, person.primary, 1) as phone, users(relay.url, 1) as (alice,):
        await phone.relay.directory_put_account(
            record_of(person, relay, file=b"sealed").encoded, recovery_file=b"sealed"
        )
        await phone.relay.directory_put_device(phone.mailbox, device_record(person.primary, relay.url).encoded)
        await phone.relay.token_put(phone.mailbox, [(phone.random(32), TOKEN_INTRO)])
        await phone.relay.token_delete(phone.mailbox, [phone.token], after_s=72 * 3600)
        await phone.relay.key_packages_put(phone.mailbox, [b"package"], last_resort=b"last")
        room = Room(alice.relay, await alice.relay.relay_id())
        await room.create()
        await room.claim(0, b"commit", claim_id=ClaimId(bytes(16)))
        await alice.relay.rendezvous_put(bytes(16), 1, b"blob")
        async with blob_client(relay.url) as client:
            await client.upload(await client.made(phone.mailbox, phone.token, 10, readers=3), bytes(10))
        await go_away(relay, phone)
        alice.send(phone, b"held")
        await until(lambda: relay.counters["held_now"] == 1)
    return person


async def test_the_layout_is_golden(tmp_path: Path) -> None:
    golden = json.loads(GOLDEN_FILE.read_text())
    async with running_relay(tmp_path / "relay") as relay:
        await fill(relay)
        live = await relay.relay.report()
        await relay.stop()
        short = json.loads(await disclose(relay.path, "farmer", RelayClock()))
        full = json.loads(await disclose(relay.path, "farmer", RelayClock(), with_bodies=True))
        told = json.loads(await report(relay.path, RelayClock()))
        await relay.start_again()
    assert layout(full) == golden["disclose"]
    assert layout(told) == golden["report"]
    assert {**live, "version": 1} == told
    assert full["devices"][0]["held_messages"][0].pop("sealed_body") == b"held".hex()
    assert short["devices"][0]["held_messages"][0].pop("sealed_body") is None
    assert short == full
    assert full["unattributed"] == {
        "room_heads": 1,
        "ended_epochs": 1,
        "rendezvous_blobs": 1,
        "blobs": 1,
        "commit_bodies": 1,
    }
    assert told["accounts"] == told["blobs"] == told["held_messages"] == 1
    assert told["blob_bytes"] == 10


async def test_the_report_counts_every_table() -> None:
    tables = set(re.findall(r"CREATE TABLE (\w+)", SCHEMA.read_text()))
    assert tables - set(TABLES.values()) == {
        *("setting", "blob_chunk", "blob_reader", "key_slot"),
        "recovery_file",  # a part of its account
    }
