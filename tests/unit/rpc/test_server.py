"""The loop of `byre rpc`, driven through real pipes as a script would."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from byre.client.events import (
    ConnectionChanged,
    DeviceLinked,
    DeviceRevoked,
    LinkCodeShown,
    LinkEnded,
    LinkReady,
    MessageReceived,
    MessageSent,
    MessageStateChanged,
    RoomChanged,
    RoomRequested,
)
from byre.client.views import (
    AccountId,
    ContactView,
    Created,
    DeviceId,
    DeviceView,
    LinkOffer,
    LinkRequest,
    MemberView,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    ProfileState,
    Role,
    RoomId,
    RoomKind,
    RoomState,
    RoomView,
    Sender,
    Status,
    Trust,
    WipeCertificate,
)
from byre.errors import EnvironmentFault, PeerError, UsageError
from byre.rpc import run_rpc
from byre.rpc.lines import MAX_LINE_BYTES
from byre.rpc.methods import METHODS
from tests.unit.rpc.stub import StubEngine

ACCOUNT, DEVICE, ROOM, MESSAGE = "aa" * 32, "bb" * 16, "cc" * 16, "dd" * 16
SENDER = Sender(AccountId(ACCOUNT), "cow", DeviceId(DEVICE))


def a_message(position: int = 1, kind: MessageKind = MessageKind.TEXT) -> MessageView:
    message_id = MessageId(f"{position:032x}")
    return MessageView(message_id, RoomId(ROOM), SENDER, "음매", 5, MessageState.RECEIVED, position, kind=kind)


class Session:
    """One `run_rpc` on two pipes."""

    def __init__(self, engine: StubEngine, **options: Any) -> None:
        stdin_read, self._to_rpc = os.pipe()
        self._from_rpc, stdout_write = os.pipe()
        self._stdin = open(stdin_read, "rb", buffering=0)  # noqa: SIM115
        self._stdout = open(stdout_write, "wb", buffering=0)  # noqa: SIM115
        self._reader = open(self._from_rpc, "rb")  # noqa: SIM115
        self.task = asyncio.create_task(run_rpc(engine, self._stdin, self._stdout, **options))  # type: ignore[arg-type]
        self._next_id = 0

    def write(self, data: bytes) -> None:
        os.write(self._to_rpc, data)

    async def read(self) -> Any:
        line = await asyncio.get_running_loop().run_in_executor(None, self._reader.readline)
        return json.loads(line) if line else None

    async def request(self, method: str, **params: Any) -> Any:
        self._next_id += 1
        self.write(
            json.dumps({"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params}).encode() + b"\n"
        )
        answer = await self.read()
        assert answer["id"] == self._next_id
        return answer["result"] if "result" in answer else answer["error"]

    def end_input(self) -> None:
        if self._to_rpc >= 0:
            os.close(self._to_rpc)
            self._to_rpc = -1

    async def close(self) -> None:
        self.end_input()
        await self.task
        self._stdin.close()
        self._stdout.close()
        self._reader.close()


@asynccontextmanager
async def rpc(engine: StubEngine, **options: Any) -> AsyncIterator[Session]:
    session = Session(engine, **options)
    await asyncio.sleep(0)
    try:
        yield session
    finally:
        await session.close()


CASES: list[tuple[str, dict[str, Any], str, Any, Any]] = [
    (
        "account.create",
        {"handle": "cow", "name": "소", "relay": "http://127.0.0.1:1"},
        "account.create",
        Created(AccountId(ACCOUNT), DeviceId(DEVICE), "CODE"),
        {"account_id": ACCOUNT, "device_id": DEVICE, "recovery_code": "CODE"},
    ),
    (
        "account.restore",
        {"code": "CODE", "handle": "cow", "relay": "http://127.0.0.1:1", "passphrase": "p"},
        "account.restore",
        Created(AccountId(ACCOUNT), DeviceId(DEVICE), ""),
        {"account_id": ACCOUNT, "device_id": DEVICE},
    ),
    ("unlock", {"passphrase": "p"}, "account.unlock", None, {}),
    (
        "status",
        {},
        "account.status",
        Status(ProfileState.READY, Role.LINKED, True),
        {"state": "ready", "role": "linked", "connected": True},
    ),
    (
        "link.offer",
        {"relay": "http://x", "device_name": "PC"},
        "linking.offer",
        LinkOffer("byre://x", 1),
        {"uri": "byre://x"},
    ),
    (
        "link.accept",
        {"uri": "byre://x"},
        "linking.accept",
        LinkRequest("PC", "linux"),
        {"device_name": "PC", "platform": "linux"},
    ),
    ("link.confirm", {"code": "123456"}, "linking.confirm", None, {}),
    ("link.finish", {"accept": True}, "linking.finish", DEVICE, {"device_id": DEVICE}),
    ("link.finish", {"accept": False}, "linking.finish", None, {"device_id": None}),
    ("link.cancel", {}, "linking.cancel", None, {}),
    (
        "contact.add",
        {"handle": "ox"},
        "contacts.add",
        ContactView(AccountId(ACCOUNT), "ox", "", Trust.UNVERIFIED, "1" * 60),
        {"account_id": ACCOUNT, "handle": "ox", "safety_number": "1" * 60},
    ),
    ("room.create", {"members": ["ox"]}, "rooms.create", ROOM, {"room_id": ROOM}),
    (
        "room.list",
        {},
        "rooms.list",
        [RoomView(RoomId(ROOM), "t", RoomKind.GROUP, RoomState.ACTIVE, Trust.UNVERIFIED, 2, 3, 4)],
        {"rooms": [{"room_id": ROOM, "title": "t", "kind": "group", "unread": 2}]},
    ),
    (
        "room.members",
        {"room_id": ROOM},
        "rooms.members",
        [MemberView(AccountId(ACCOUNT), "ox", "", (DeviceView(DeviceId(DEVICE), "", Role.PRIMARY),), Trust.UNVERIFIED)],
        {"members": [{"account_id": ACCOUNT, "handle": "ox", "devices": [{"device_id": DEVICE}]}]},
    ),
    ("room.accept", {"room_id": ROOM}, "rooms.accept", None, {}),
    ("room.add", {"room_id": ROOM, "members": ["ox"]}, "rooms.add", None, {}),
    ("room.remove", {"room_id": ROOM, "account_id": ACCOUNT}, "rooms.remove", None, {}),
    ("room.leave", {"room_id": ROOM}, "rooms.leave", None, {}),
    (
        "room.wipe",
        {"room_id": ROOM},
        "wipes.wipe",
        WipeCertificate("ee", 1, {"messages": 2}, {"pages": 3}, (), 4, "A", ("flash",), (), "ff", "{}"),
        {
            "wipe_id": "ee",
            "counts": {"messages": 2},
            "scanned": {"pages": 3},
            "remnants": [],
            "generation": 4,
            "key_mode": "A",
            "limits": ["flash"],
            "exports": [],
            "signature": "ff",
        },
    ),
    ("message.send", {"room_id": ROOM, "text": "음매"}, "messages.send", MESSAGE, {"message_id": MESSAGE}),
    ("message.read", {"room_id": ROOM, "up_to": MESSAGE}, "messages.mark_read", None, {}),
    (
        "device.list",
        {},
        "devices.list",
        [DeviceView(DeviceId(DEVICE), "PC", Role.LINKED, True)],
        {"devices": [{"device_id": DEVICE, "name": "PC", "role": "linked", "current": True}]},
    ),
    ("device.remove", {"device_id": DEVICE}, "devices.remove", None, {}),
]


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
    tried = {case[0] for case in CASES} | {"message.list", "message.search"}
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
    assert answer["messages"][0]["sender"] == {"account_id": ACCOUNT, "handle": "cow", "device_id": DEVICE}


async def test_a_search_answers_newest_first() -> None:
    engine = StubEngine()
    engine.answers["messages.search"] = [a_message(1), a_message(3), a_message(2)]
    async with rpc(engine) as session:
        answer = await session.request("message.search", query="회의")
    assert [int(message["message_id"], 16) for message in answer["messages"]] == [3, 2, 1]
    assert engine.calls[0][1] == ("회의", None, 50)


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
            {"room_id": ROOM, "from": {"account_id": ACCOUNT, "handle": "cow"}},
        ),
        (RoomChanged(RoomId(ROOM)), "room.changed", {"room_id": ROOM}),
        (LinkCodeShown("123456", "cow", "h"), "link.code", {"code": "123456", "handle": "cow"}),
        (LinkReady("cow", "h", AccountId(ACCOUNT)), "link.ready", {"handle": "cow", "account_id": ACCOUNT}),
        (LinkEnded("offer_expired"), "link.ended", {"code": "offer_expired"}),
        (DeviceLinked(DeviceId(DEVICE), "PC"), "device.linked", {"device_id": DEVICE, "name": "PC"}),
        (DeviceRevoked(DeviceId(DEVICE)), "device.revoked", {"device_id": DEVICE}),
        (ConnectionChanged(True), "connection.changed", {"connected": True}),
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


async def test_bad_lines_get_their_errors_and_the_loop_goes_on() -> None:
    engine = StubEngine()
    engine.answers["account.status"] = Status(ProfileState.NEW, None, False)
    async with rpc(engine) as session:
        for line, number, code in [
            (b"nonsense\n", -32700, "parse_error"),
            (b"[]\n", -32600, "invalid_request"),
            (b'{"jsonrpc":"2.0","id":1,"method":"no.such"}\n', -32601, "no_such_method"),
            (b'{"jsonrpc":"2.0","id":1,"method":"status","params":{"x":1}}\n', -32602, "bad_params"),
        ]:
            session.write(line)
            error = (await session.read())["error"]
            assert (error["code"], error["data"]["code"]) == (number, code)
        assert await session.request("status") == {"state": "new", "role": None, "connected": False}


async def test_an_oversize_line_is_answered_once_and_skipped() -> None:
    engine = StubEngine()
    engine.answers["account.status"] = Status(ProfileState.NEW, None, False)
    async with rpc(engine) as session:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, session.write, b"x" * (MAX_LINE_BYTES + 70_000) + b"\n")
        assert (await session.read())["error"]["data"]["code"] == "line_too_long"
        assert (await session.request("status"))["state"] == "new"


async def test_blank_lines_and_notifications_are_not_answered() -> None:
    engine = StubEngine()
    engine.answers["account.status"] = Status(ProfileState.NEW, None, False)
    async with rpc(engine) as session:
        session.write(b'\n\r\n{"jsonrpc":"2.0","method":"link.cancel"}\n')
        assert (await session.request("status"))["state"] == "new"


async def test_requests_are_carried_out_in_their_order() -> None:
    engine = StubEngine()
    gate = engine.gates["messages.send"] = asyncio.Event()
    engine.answers |= {"messages.send": MESSAGE, "rooms.list": []}
    async with rpc(engine) as session:
        session.write(
            json.dumps(
                {"jsonrpc": "2.0", "id": 1, "method": "message.send", "params": {"room_id": ROOM, "text": "a"}}
            ).encode()
            + b'\n{"jsonrpc":"2.0","id":2,"method":"room.list"}\n{"jsonrpc":"2.0","id":3,"method":"link.cancel"}\n'
        )
        assert (await session.read())["id"] == 3  # link.cancel does not wait
        gate.set()
        assert [(await session.read())["id"], (await session.read())["id"]] == [1, 2]


async def test_the_end_of_input_lets_requests_finish_and_returns() -> None:
    engine = StubEngine()
    engine.answers["rooms.list"] = []
    async with rpc(engine) as session:
        session.write(b'{"jsonrpc":"2.0","id":1,"method":"room.list"}')  # no newline at the end either
        session.end_input()
        assert (await session.read())["result"] == {"rooms": []}
        async with asyncio.timeout(5):
            await session.task


async def test_a_closed_stdout_ends_the_loop() -> None:
    engine = StubEngine()
    engine.answers["rooms.list"] = []
    stdin_read, to_rpc = os.pipe()

    class Closed(io.RawIOBase):
        def write(self, _: Any) -> int:
            raise BrokenPipeError

    with open(stdin_read, "rb", buffering=0) as stdin:  # noqa: ASYNC230
        task = asyncio.create_task(run_rpc(engine, stdin, Closed()))  # type: ignore[arg-type]
        os.write(to_rpc, b'{"jsonrpc":"2.0","id":1,"method":"room.list"}\n')
        async with asyncio.timeout(5):
            await task
        os.close(to_rpc)


async def test_extensions_and_their_notices_join_in() -> None:
    engine = StubEngine()
    subscribers: list[Any] = []

    async def screenshot(params: Any) -> dict[str, object]:
        return {"path": params["path"]}

    def subscribe(notify: Any) -> Any:
        subscribers.append(notify)
        return subscribers.clear

    async with rpc(engine, extensions={"ui.screenshot": screenshot}, extra_notices=subscribe) as session:
        assert await session.request("ui.screenshot", path="a.png") == {"path": "a.png"}
        subscribers[0]("ui.shown", {"at_ns": 1})
        assert await session.read() == {"jsonrpc": "2.0", "method": "ui.shown", "params": {"at_ns": 1}}
    assert not subscribers


async def test_an_extension_may_not_replace_a_method() -> None:
    async def status(_: Any) -> dict[str, object]:
        return {}

    with pytest.raises(ValueError, match="may not replace"):
        await run_rpc(StubEngine(), io.BytesIO(), io.BytesIO(), extensions={"status": status})  # type: ignore[arg-type]


async def test_a_whole_script_may_be_piped_in_at_once() -> None:
    engine = StubEngine()
    engine.answers["rooms.list"] = []
    out = io.BytesIO()
    script = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"room.list"}\n' % n for n in range(5))
    await run_rpc(engine, io.BytesIO(script), out)  # type: ignore[arg-type]
    assert [json.loads(line)["id"] for line in out.getvalue().splitlines()] == [0, 1, 2, 3, 4]
