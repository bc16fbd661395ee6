"""The wiring: what the network says reaches the part that answers for it; the parts are stand-ins that take notes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from byre.client.delivery.outbox import COMMIT, CONTENT, MESSAGE, PASSING, REJOIN
from byre.client.rooms.keeper import Keeper
from byre.store import Transaction
from byre.wire.content_bodies import Back, Wipe, WipeReport, WipeUndone
from tests.fakes.identities import RELAY, Person
from tests.fakes.room_desk import Notes, RoomDesk, outbox_row

GROUP = b"g" * 32
PARTS = (
    "_doubts",
    *("_outbox", "_sending", "_names", "_receipts", "_joining", "_rejoining", "_inbox", "_parcels", "_catch_up"),
    *(
        "_commits",
        "_leaving",
        "_upkeep",
        "_turning",
        "_own_devices",
        "_wiping",
        "_fading",
        "_relay_stores",
        "_refusals",
    ),
)


class Bench:
    def __init__(self, tx: Transaction, **given: Any) -> None:
        network = SimpleNamespace(dialer=None, volatile_relays=frozenset(), store_epochs={})
        self.desk = RoomDesk(tx, Person("anna"), network=network)
        peers: Any = Notes([])
        self.keeper = Keeper(self.desk.context, peers, peers, peers, peers, peers)
        self.device_kinds = set(self.keeper._contents._handlers)
        self.notes: list[Any] = []
        for name in PARTS:
            assert hasattr(self.keeper, name), name
            setattr(self.keeper, name, _Named(name.strip("_"), self.notes, given))

    async def words(self) -> list[str]:
        await self.desk.settle()
        return [note[0] for note in self.notes]


class _Named:
    """A part whose calls are noted as `part.method`."""

    def __init__(self, name: str, notes: list[Any], given: dict[str, Any]) -> None:
        self._name, self._notes, self._given = name, notes, given

    def __getattr__(self, method: str) -> Any:
        inner = getattr(Notes([], **self._given), method)

        def noted(*arguments: Any, **options: Any) -> Any:
            self._notes.append((f"{self._name}.{method}", *arguments, *options.values()))
            either = inner(*arguments, **options)

            async def answer() -> Any:
                return either._value

            is_awaited = method in ASYNC and f"{self._name}.{method}" not in AT_ONCE
            return answer() if is_awaited else either._value

        return noted


AT_ONCE = {"names.close", "commits.close", "relay_stores.begin"}
ASYNC = {
    *("begin", "resume", "tell_everywhere", "run", "close", "take", "retry", "retry_kept", "seal_again", "came_back"),
    *("address_anew", "ask_anew", "joined", "epoch_changed", "ensure_rooms", "device_room", "say_back", "send"),
}


async def test_a_start_begins_with_what_keeps_time_and_resumes_before_it_commits(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.keeper.start()
    words = await bench.words()
    assert words[:8] == [
        "fading.run",
        "upkeep.begin",
        "outbox.resume",
        "relay_stores.begin",
        "receipts.resume",
        "parcels.fetch_soon",
        "commits.wake_all",
        "names.tell_everywhere",
    ]
    assert sorted(words[8:]) == ["doubts.run", "turning.run", "upkeep.run", "wiping.run"]


async def test_without_a_network_only_erasing_goes_on(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.keeper.start_reading()
    assert sorted(await bench.words()) == ["fading.run", "wiping.run"]


async def test_a_stop_ends_what_comes_in_before_what_goes_out(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.keeper.stop()
    assert await bench.words() == ["names.close", "commits.close", "sending.close", "inbox.close", "outbox.close"]


@pytest.mark.parametrize(
    ("relay", "is_connected", "expected"),
    [
        (RELAY, True, ["commits.wake_all", "parcels.fetch_soon", "turning.came_back"]),
        ("https://other.example", True, ["commits.wake_all"]),
        (RELAY, False, ["turning.went_away"]),
        ("https://other.example", False, []),
    ],
)
async def test_only_the_own_relay_makes_a_device_away_or_back(
    tx: Transaction, relay: str, is_connected: bool, expected: list[str]
) -> None:
    bench = Bench(tx)
    bench.keeper._connected(relay, is_connected)
    assert await bench.words() == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (REJOIN, ["rejoining.ask_anew"]),
        (MESSAGE, ["refusals.address_anew"]),
        (CONTENT, ["refusals.address_anew"]),
        (COMMIT, []),
        (PASSING, []),
    ],
)
async def test_what_a_token_refused_is_addressed_anew_by_its_kind(
    tx: Transaction, kind: str, expected: list[str]
) -> None:
    bench = Bench(tx)
    bench.keeper._refused([outbox_row(b"m" * 16, kind, room=None, account_id=b"b" * 32, device_id=b"d" * 16)])
    assert await bench.words() == expected


@pytest.mark.parametrize("joined", [GROUP, None])
async def test_a_fetched_welcome_lets_the_kept_messages_in_if_it_let_us_in(
    tx: Transaction, joined: bytes | None
) -> None:
    bench = Bench(tx, take=joined)
    await bench.keeper._welcome_fetched(b"m" * 16, b"welcome", b"tree")
    assert bench.notes[0] == ("joining.take", b"welcome", b"m" * 16, True, b"tree")
    assert await bench.words() == ["joining.take", *(["inbox.retry_kept"] if joined else [])]


async def test_a_room_that_is_lost_is_asked_for_and_a_kept_welcome_tried(tx: Transaction) -> None:
    bench = Bench(tx)
    await bench.keeper._rejoin(GROUP)
    assert bench.notes == [("rejoining.begin", GROUP, None), ("joining.retry", GROUP)]


async def test_turns_of_rooms_follow_in_the_background(tx: Transaction) -> None:
    bench = Bench(tx)
    bench.keeper._joined(GROUP)
    bench.keeper._epoch_changed(GROUP, None)
    bench.keeper._heard(GROUP, b"d" * 16)
    assert sorted(await bench.words()) == ["sending.seal_again", "turning.epoch_changed", "turning.joined"]


async def test_changed_states_become_events_and_own_devices_hear_contents(tx: Transaction) -> None:
    bench = Bench(tx, device_room=None)
    event: Any = object()
    bench.keeper._states_changed([SimpleNamespace(event=lambda: event)])  # type: ignore[list-item]
    assert bench.desk.told == [event]
    await bench.keeper.send_to_own_devices(Back())
    await bench.keeper.tell_name(is_changed_here=True)
    assert not await bench.keeper.has_device_room()
    assert bench.notes == [
        ("own_devices.send", Back(), None),
        ("names.tell_everywhere", True),
        ("own_devices.device_room",),
    ]
    assert {Wipe.KIND, WipeReport.KIND, WipeUndone.KIND} <= bench.device_kinds
