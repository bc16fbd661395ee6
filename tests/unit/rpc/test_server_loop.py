"""The loop of `byre rpc`: bad lines, order, ends, extensions."""

from __future__ import annotations

import asyncio
import io
import json
import os
from typing import Any

import pytest

from byre.client.events import MessageStateChanged
from byre.client.views import MessageId, MessageState, ProfileState, RoomId, Status
from byre.rpc import run_rpc, server, writer
from byre.rpc.lines import MAX_LINE_BYTES
from tests.fakes.relay_user import until
from tests.patience import WAIT_S
from tests.unit.rpc.session import Session, rpc
from tests.unit.rpc.stub import StubEngine

ROOM, MESSAGE = "cc" * 16, "dd" * 16


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


async def test_a_state_is_told_once_and_a_message_that_is_far_back_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "STATES_REMEMBERED", 2)
    engine = StubEngine()

    def changed(name: str, state: MessageState, unread_by: int, reason: str = "") -> MessageStateChanged:
        return MessageStateChanged(MessageId(name), RoomId(ROOM), state, unread_by, reason)

    async with rpc(engine) as session:
        for event in (
            changed("a", MessageState.STORED, 2),
            changed("a", MessageState.STORED, 1),  # one of two has read it: for windows that count
            changed("a", MessageState.FAILED, 1),
            changed("a", MessageState.FAILED, 1, "too_large"),
            changed("b", MessageState.STORED, 1),
            changed("c", MessageState.STORED, 1),
            changed("c", MessageState.STORED, 0),
            changed("a", MessageState.FAILED, 1, "too_large"),
        ):
            engine.events.publish(event)
        told = [(await session.read())["params"] for _ in range(6)]
    assert [(each["message_id"], each["state"], each.get("reason")) for each in told] == [
        *(("a", "stored", None), ("a", "failed", None), ("a", "failed", "too_large")),
        *(("b", "stored", None), ("c", "stored", None), ("a", "failed", "too_large")),
    ]


async def test_blank_lines_and_notifications_are_not_answered() -> None:
    engine = StubEngine()
    engine.answers["account.status"] = Status(ProfileState.NEW, None, False)
    async with rpc(engine) as session:
        session.write(b'\n\r\n{"jsonrpc":"2.0","method":"link.cancel"}\n{"jsonrpc":"2.0","method":"no.such.method"}\n')
        for _ in range(2):  # what would have been answered by then stands before the second answer
            assert (await session.request("status"))["state"] == "new"


async def test_texts_that_follow_each_other_begin_together_and_what_comes_next_waits_for_them() -> None:
    engine = StubEngine()
    first, second = asyncio.Event(), asyncio.Event()
    engine.gates["messages.send"] = first
    engine.answers |= {"messages.send": MESSAGE, "rooms.list": []}
    engine.answers["account.status"] = Status(ProfileState.NEW, None, False)

    def line(number: int, method: str, **params: object) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n"

    def texts() -> list[str]:
        return [call[1][-1] for call in engine.calls if call[0] == "messages.send"]

    async with rpc(engine) as session, asyncio.timeout(WAIT_S):
        lines = [line(number, "message.send", room_id=ROOM, text=f"{number}") for number in (0, 1, 2, 3, 4, 6)]
        session.write(lines[0] + line(7, "status"))
        assert (await session.read())["id"] == 7  # the first line has come
        session.write(b"".join([*lines[1:5], line(5, "room.list"), lines[5], line(8, "status")]))
        assert (await session.read())["id"] == 8  # all of them have
        assert texts() == ["0"]
        engine.gates["messages.send"] = second
        first.set()
        for _ in range(50):
            await asyncio.sleep(0)
        assert texts() == ["0", "1", "2", "3", "4"]
        assert "rooms.list" not in [call[0] for call in engine.calls]
        second.set()
        assert [(await session.read())["id"] for _ in range(7)] == list(range(7))
    assert texts()[5:] == ["6"]


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
        async with asyncio.timeout(WAIT_S):
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
        async with asyncio.timeout(WAIT_S):
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


async def test_a_caller_that_does_not_read_is_carried_out_no_further_until_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writer, "MOST_UNREAD_BYTES", 1000)
    engine = StubEngine()
    engine.answers |= {"rooms.list": [], "account.status": Status(ProfileState.NEW, None, False)}
    pipe_bytes = 200_000  # more than the pipe takes
    engine.answers["messages.send"] = MessageId("d" * pipe_bytes)
    names = ["message.send", "room.list", "status"]
    params = {"message.send": {"room_id": ROOM, "text": "x"}}

    def asked() -> list[str]:
        return [call[0] for call in engine.calls]

    async with rpc(engine) as session, asyncio.timeout(WAIT_S):
        for number, name in enumerate(names):
            if number == 1:
                await until(lambda: asked() == ["messages.send"], "the first is carried out")
            request = {"jsonrpc": "2.0", "id": number, "method": name, "params": params.get(name, {})}
            session.write(json.dumps(request).encode() + b"\n")
        for _ in range(200):
            await asyncio.sleep(0.001)
        assert asked() == ["messages.send"]
        assert sorted([(await session.read())["id"] for _ in names]) == [0, 1, 2]
        assert sorted(asked()[1:]) == ["account.status", "rooms.list"]


@pytest.mark.parametrize("ended", ["stdin", "stdout"])
async def test_a_caller_that_ends_without_having_read_is_left(monkeypatch: pytest.MonkeyPatch, ended: str) -> None:
    monkeypatch.setattr(writer, "MOST_UNREAD_BYTES", 1000)
    monkeypatch.setattr(server, "GRACE_S", 0.2)
    engine = StubEngine()
    engine.answers |= {"messages.send": MessageId("d" * 200_000), "rooms.list": []}
    session = Session(engine)
    request = {"jsonrpc": "2.0", "id": 1, "method": "message.send", "params": {"room_id": ROOM, "text": "x"}}
    async with asyncio.timeout(WAIT_S):
        session.write(json.dumps(request).encode() + b"\n" + b'{"jsonrpc":"2.0","id":2,"method":"room.list"}\n' * 3)
        await until(lambda: bool(engine.calls), "the first is carried out")
        if ended == "stdin":
            session.end_input()
            await session.task
            assert [call[0] for call in engine.calls] == ["messages.send"]
        session.close_output()
        await session.close()
