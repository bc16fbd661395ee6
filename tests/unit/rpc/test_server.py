"""The loop of `byre rpc`, driven through real pipes as a script would."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from byre.client.events import (
    ConnectionChanged,
    DeviceLinked,
    DeviceRevoked,
    KeyChanged,
    KeyReturned,
    LinkCodeShown,
    LinkEnded,
    LinkReady,
    MessageReceived,
    MessageSent,
    MessageStateChanged,
    OwnListForked,
    RecoveryCodeChanged,
    RoomChanged,
    RoomRequested,
    WipeOrdered,
    WipeReported,
)
from byre.client.views import (
    AccountId,
    DeviceId,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    RoomId,
    SearchHitView,
)
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.rpc.methods import METHODS
from tests.unit.rpc.cases import (
    ACCOUNT,
    CASES,
    CERTIFICATE,
    DEVICE,
    MESSAGE,
    ORDER,
    ROOM,
    SENDER,
    SHOWN_ORDER,
    a_message,
)
from tests.unit.rpc.session import rpc
from tests.unit.rpc.stub import StubEngine


@pytest.mark.parametrize(("method", "params", "call", "answer", "result"), CASES)
async def test_each_method_calls_the_engine_and_shows_its_answer(
    method: str, params: dict[str, Any], call: str, answer: Any, result: Any
) -> None:
    engine = StubEngine()
    engine.answers[call] = answer
    async with rpc(engine) as session:
        assert await session.request(method, **params) == result
    assert [name for name, _, _ in engine.calls] == [call]


def test_every_method_is_tried_above_or_below() -> None:
    tried = {case[0] for case in CASES} | {"message.list", "message.search", "backup.import", *ERASING}
    assert tried == {method.name for method in METHODS}


async def test_a_list_of_messages_passes_over_events_and_still_fills_the_limit() -> None:
    engine = StubEngine()
    rows = [a_message(n, MessageKind.SYSTEM if n % 2 else MessageKind.TEXT) for n in range(20)]

    def page(call: Any) -> list[MessageView]:
        _, limit, before = call[1]
        older = [row for row in rows if before is None or row.message_id < before]
        return older[-limit:]

    engine.answers["messages.list"] = page
    async with rpc(engine) as session:
        answer = await session.request("message.list", room_id=ROOM, limit=4)
    assert [int(message["message_id"], 16) for message in answer["messages"]] == [18, 16, 14, 12]
    assert answer["messages"][0]["sender"] == {
        "account_id": ACCOUNT,
        "handle": "cow",
        "name": "",
        "device_id": DEVICE,
    }


async def test_authorities_come_from_a_file_that_can_be_read(tmp_path: Path) -> None:
    engine = StubEngine()
    (tmp_path / "ca.pem").write_text("PEM")
    (tmp_path / "junk").write_bytes(b"\xff")
    os.mkfifo(tmp_path / "pipe")
    async with rpc(engine) as session:
        assert await session.request("network.set", ca_file=str(tmp_path / "ca.pem")) == {}
        for name in ("junk", "missing", ".", "pipe"):
            answer = await session.request("network.set", ca_file=str(tmp_path / name))
            assert answer["data"] == {"code": "bad_certificate"}
        answer = await session.request("network.set", pins={"relay.example": 7})
        assert answer["data"] == {"code": "bad_params"}
    assert engine.calls == [("network.put", (), {"proxy": None, "ca_pem": "PEM", "pins": None})]


async def test_a_wrong_safety_number_verifies_nobody() -> None:
    engine = StubEngine()
    engine.answers["contacts.check_qr"] = False
    async with rpc(engine) as session:
        answer = await session.request("contact.verify", account_id=ACCOUNT, safety_number="1" * 60)
    assert answer["data"] == {"code": "safety_mismatch"}
    assert [name for name, _, _ in engine.calls] == ["contacts.check_qr"]


async def test_a_search_answers_newest_first() -> None:
    engine = StubEngine()
    engine.answers["messages.find"] = [SearchHitView(a_message(n), ((0, 2),), "…회의", ((1, 3),)) for n in (3, 1)]
    async with rpc(engine) as session:
        answer = await session.request("message.search", query="회의")
        filters = {"sender": ACCOUNT, "since": 1, "until": 9, "has_file": True, "before": "ab" * 16}
        await session.request("message.search", query=" ", **filters)
    assert [int(message["message_id"], 16) for message in answer["messages"]] == [3, 1]
    first = answer["messages"][0]
    assert (first["highlights"], first["snippet"], first["snippet_highlights"]) == ([[0, 2]], "…회의", [[1, 3]])
    nothing = {"room_id": None, "sender": None, "since": None, "until": None, "has_file": False, "before": None}
    assert engine.calls[0] == ("messages.find", ("회의",), {**nothing, "limit": 50})
    assert engine.calls[1][2] == {**nothing, **filters, "limit": 50}


@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
async def test_an_empty_query_and_a_blank_one_are_one_thing(blank: str) -> None:
    engine = StubEngine()
    engine.answers["messages.find"] = []
    async with rpc(engine) as session:
        assert await session.request("message.search", query=blank, sender=ACCOUNT) == {"messages": []}
    assert engine.calls[0][1] == (blank,)


async def test_a_search_refuses_what_the_engine_would() -> None:
    async with rpc(StubEngine()) as session:
        answer = await session.request("message.search", query="회의", limit=501)
    assert answer["data"] == {"code": "bad_params"}
    assert "from 1 to 500" in answer["message"]


@pytest.mark.parametrize("method", ["room.create", "room.rename"])
@pytest.mark.parametrize("blank", ["", "  "])
async def test_blank_titles_reach_the_engine_however_blank(method: str, blank: str) -> None:
    engine = StubEngine()
    engine.answers["rooms.create"], engine.answers["rooms.rename"] = ROOM, None
    of = {"members": ["ox"]} if method == "room.create" else {"room_id": ROOM}
    async with rpc(engine) as session:
        assert "data" not in await session.request(method, title=blank, **of)
    assert engine.calls[0][1][1] == blank


ERASING = {"contact.wipe", "wipe.before", "message.delete", "profile.panic"}


async def test_what_is_erased_here_alone() -> None:
    engine = StubEngine()
    engine.answers["erasures.wipe_contact"] = engine.answers["erasures.wipe_before"] = CERTIFICATE
    async with rpc(engine) as session:
        assert (await session.request("contact.wipe", account_id=ACCOUNT))["remnants"] == []
        assert (await session.request("wipe.before", time=77))["remnants"] == []
        assert await session.request("message.delete", message_id="ab" * 16) == {}
        assert await session.request("profile.panic") == {}
    assert [(name, positional) for name, positional, _ in engine.calls] == [
        ("erasures.wipe_contact", (ACCOUNT,)),
        ("erasures.wipe_before", (77,)),
        ("erasures.delete_message", ("ab" * 16,)),
        ("account.panic", ()),
    ]


@pytest.mark.parametrize(
    ("event", "method", "params"),
    [
        (MessageReceived(a_message()), "message.received", {"text": "음매", "state": "received"}),
        (
            MessageStateChanged(MessageId(MESSAGE), RoomId(ROOM), MessageState.READ, 0),
            "message.state",
            {"message_id": MESSAGE, "state": "read"},
        ),
        (
            RoomRequested(RoomId(ROOM), SENDER),
            "room.request",
            {"room_id": ROOM, "from": {"account_id": ACCOUNT, "handle": "cow", "name": ""}},
        ),
        (RoomChanged(RoomId(ROOM)), "room.changed", {"room_id": ROOM}),
        (LinkCodeShown("123456", "cow", "h", 1), "link.code", {"code": "123456", "handle": "cow"}),
        (LinkReady("cow", "h", AccountId(ACCOUNT)), "link.ready", {"handle": "cow", "account_id": ACCOUNT}),
        (LinkEnded("offer_expired"), "link.ended", {"code": "offer_expired"}),
        (DeviceLinked(DeviceId(DEVICE), "PC"), "device.linked", {"device_id": DEVICE, "name": "PC"}),
        (KeyReturned(), "key.returned", {}),
        (DeviceRevoked(DeviceId(DEVICE)), "device.revoked", {"device_id": DEVICE}),
        (ConnectionChanged(True), "connection.changed", {"connected": True}),
        (
            KeyChanged(AccountId(ACCOUNT), "ox", "key"),
            "contact.key_changed",
            {"account_id": ACCOUNT, "handle": "ox", "reason": "key"},
        ),
        (OwnListForked(3), "account.forked", {"version": 3}),
        (RecoveryCodeChanged(), "account.code_changed", {}),
        (WipeOrdered(ORDER), "wipe.ordered", SHOWN_ORDER),
        (WipeReported("ee", 1, 2), "wipe.reported", {"wipe_id": "ee", "erased": 1, "asked": 2}),
        (
            ConnectionChanged(False, 7, "proxy_unreachable"),
            "connection.changed",
            {"connected": False, "next_try_at": 7, "reason": "proxy_unreachable"},
        ),
    ],
)
async def test_events_become_notifications(event: Any, method: str, params: dict[str, Any]) -> None:
    engine = StubEngine()
    async with rpc(engine) as session:
        engine.events.publish(event)
        notice = await session.read()
    assert notice["method"] == method
    assert "id" not in notice
    assert {key: notice["params"][key] for key in params} == params


async def test_events_for_windows_only_stay_silent() -> None:
    engine = StubEngine()
    async with rpc(engine) as session:
        engine.events.publish(MessageSent(a_message()))
        engine.events.publish(MessageReceived(a_message(kind=MessageKind.SYSTEM)))
        engine.events.publish(ConnectionChanged(False))
        assert (await session.read())["method"] == "connection.changed"


@pytest.mark.parametrize(
    ("error", "number", "code"),
    [
        (UsageError("Not now.", code="wrong_state"), -32000, "wrong_state"),
        (UsageError("Hm."), -32602, "bad_params"),
        (PeerError("Forged.", code="bad_signature"), -32001, "bad_signature"),
        (EnvironmentFault("Off.", code="relay_unreachable"), -32002, "relay_unreachable"),
    ],
)
async def test_errors_show_sentence_number_and_code_and_nothing_else(error: Exception, number: int, code: str) -> None:
    engine = StubEngine()
    engine.answers["contacts.add"] = error
    async with rpc(engine) as session:
        answer = await session.request("contact.add", handle="ox")
    assert (answer["code"], answer["data"]) == (number, {"code": code})


@pytest.mark.logs_errors
async def test_a_bug_shows_neither_its_message_nor_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    engine = StubEngine()
    engine.answers["contacts.add"] = ZeroDivisionError("secret")
    async with rpc(engine) as session:
        answer = await session.request("contact.add", handle="ox")
    assert (answer["code"], answer["data"]) == (-32603, {"code": "internal"})
    assert "secret" not in json.dumps(answer) + caplog.text
