import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from byre.demo.process import ProcessGone, RelayProcess, RpcError, RpcProcess

PEER = """
import json, sys
for line in sys.stdin:
    try:
        request = json.loads(line)
    except ValueError:
        error = {"code": -32700, "message": "Bad.", "data": {"code": "parse_error"}}
        print(json.dumps({"jsonrpc": "2.0", "id": None, "error": error}), flush=True)
        continue
    method, params = request["method"], request["params"]
    if method == "die":
        sys.exit(7)
    if method == "cut":
        print('{"jsonrpc": "2.0", "method": "sa', end="", flush=True)
        sys.exit(9)
    if method == "silence":
        continue
    if method == "fail":
        body = {"error": {"code": -32000, "message": "No.", "data": {"code": "not_allowed"}}}
    else:
        print(json.dumps({"jsonrpc": "2.0", "method": "said", "params": params}), flush=True)
        body = {"result": params}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **body}), flush=True)
"""


async def started() -> RpcProcess:
    pipe = asyncio.subprocess.PIPE
    return RpcProcess(
        "peer", await asyncio.create_subprocess_exec(sys.executable, "-c", PEER, stdin=pipe, stdout=pipe)
    )  # fmt: skip


@pytest.fixture
async def peer() -> AsyncIterator[RpcProcess]:
    process = await started()
    yield process
    await process.kill_and_wait()


async def test_a_call_returns_its_result(peer: RpcProcess) -> None:
    assert await peer.call("echo", n=1) == {"n": 1}


async def test_calls_may_overlap(peer: RpcProcess) -> None:
    answers = await asyncio.gather(*(peer.call("echo", n=n) for n in range(20)))
    assert [answer["n"] for answer in answers] == list(range(20))


async def test_an_error_answer_carries_its_code(peer: RpcProcess) -> None:
    with pytest.raises(RpcError) as caught:
        await peer.call("fail")
    assert (caught.value.code, caught.value.sentence) == ("not_allowed", "No.")


async def test_a_notification_is_waited_for(peer: RpcProcess) -> None:
    waiting = asyncio.ensure_future(peer.wait_for("said", lambda params: params["n"] == 2))
    await peer.call("echo", n=1)
    await peer.call("echo", n=2)
    assert await waiting == {"n": 2}


async def test_an_earlier_notification_counts_unless_left_out(peer: RpcProcess) -> None:
    await peer.call("echo", n=1)
    assert await peer.wait_for("said") == {"n": 1}
    with pytest.raises(TimeoutError):
        await peer.wait_for("said", since=len(peer.notices), timeout_s=0.01)


async def test_silence_ends_in_a_timeout(peer: RpcProcess) -> None:
    with pytest.raises(TimeoutError):
        await peer.call("silence", timeout_s=0.01)


async def test_death_ends_every_wait(peer: RpcProcess) -> None:
    waiting = asyncio.ensure_future(peer.wait_for("never"))
    with pytest.raises(ProcessGone):
        await peer.call("die")
    with pytest.raises(ProcessGone):
        await waiting
    with pytest.raises(ProcessGone):
        await peer.call("echo")


async def test_a_line_that_a_kill_cut_off_is_no_message(peer: RpcProcess) -> None:
    with pytest.raises(ProcessGone):
        await peer.call("cut")
    assert await peer.stop() == 9
    assert peer.notices == []


async def test_what_a_killed_process_did_not_read_is_nobodys_fault() -> None:
    peer = await started()
    peer.process.send_signal(signal.SIGSTOP)
    peer.write_line(b"x" * 1_000_000)  # more than a pipe holds
    await peer.kill_and_wait()
    del peer
    gc.collect()  # asyncio reports now what nobody has looked at


async def test_the_answer_to_a_raw_line_is_kept(peer: RpcProcess) -> None:
    peer.write_line(b"{")
    answer = await peer.wait_for("")
    assert answer["error"]["data"]["code"] == "parse_error"


async def test_an_orderly_end_is_a_closed_stdin(peer: RpcProcess) -> None:
    assert await peer.stop() == 0
    assert not peer.is_running


async def test_the_counters_are_read_from_the_admin_address(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        assert request.startswith(b"GET /counters ")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"live": 3}')
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    relay = RelayProcess(process, "http://127.0.0.1:1", f"http://127.0.0.1:{port}", tmp_path, tmp_path)
    try:
        assert await relay.counters() == {"live": 3}
        assert relay.disk_write_bytes() >= 0
    finally:
        await relay.kill_and_wait()
        server.close()
        await server.wait_closed()
