"""The loop of `byre rpc`: lines in, answers and notifications out, order kept, nothing but JSON on stdout.

```
 stdin --reader thread--> lines --loop--> ordered lane: one after the other (texts that follow each other
                                     |                  together: they share a transaction) ----> engine
                                     `--> free lane: at once --------------'
 stdout <--writer thread-- queue <-- answers, notifications (engine events)
```
Reading and writing block on threads of their own, so that a caller that does not read its pipe stalls nobody but
itself: none of its requests begins while more than `MOST_UNREAD_BYTES` wait to be read. End of input, or a closed
stdout, is an orderly stop: requests under way may finish for `GRACE_S`, then `run_rpc` returns. Starting and stopping
the engine is the caller's, so that the same loop also serves the engine of a running window. An error never shows more
than its sentence and code: tracebacks may hold plaintext.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import BinaryIO

from byre.client.api import EngineApi
from byre.client.events import Event, MessageStateChanged
from byre.errors import ByreError, EnvironmentFault, PeerError, UsageError, told
from byre.rpc import views
from byre.rpc.lines import JsonObject, LineError, LineSplitter, Request, RequestId, decode_line
from byre.rpc.method import Method
from byre.rpc.methods import METHODS
from byre.rpc.parameters import check_params
from byre.rpc.writer import LineWriter

log = logging.getLogger(__name__)

Extension = Callable[[Mapping[str, object]], Awaitable[dict[str, object]]]
"""A further method, such as a window's `ui.screenshot`: takes the raw params object, returns the result object,
raises `ByreError` subclasses. Extensions start at once, beside the ordered lane."""

Notify = Callable[[str, dict[str, object]], None]
ExtraNotices = Callable[[Notify], Callable[[], None]]
"""Subscribes a function to more notifications (method, params), as a window's `ui.shown`; returns what ends it."""

GRACE_S = 10.0
JOINED_AT_ONCE = 64
CHUNK_BYTES = 64 * 1024
STATES_REMEMBERED = 4096

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
USAGE_ERROR, PEER_ERROR, ENVIRONMENT_ERROR = -32000, -32001, -32002

_NUMBER_BY_CODE = {
    "parse_error": PARSE_ERROR,
    "invalid_request": INVALID_REQUEST,
    "line_too_long": INVALID_REQUEST,
    "no_such_method": METHOD_NOT_FOUND,
    "bad_params": INVALID_PARAMS,
    "bad_handle": INVALID_PARAMS,
    "bad_link": INVALID_PARAMS,
    "bad_relay": INVALID_PARAMS,
    "internal": INTERNAL_ERROR,
}


async def run_rpc(
    engine: EngineApi,
    stdin: BinaryIO,
    stdout: BinaryIO,
    *,
    extensions: Mapping[str, Extension] | None = None,
    extra_notices: ExtraNotices | None = None,
) -> None:
    """Serve `engine` until `stdin` ends or `stdout` is closed by its reader.

    Args:
        engine: a started engine; it is neither started nor stopped here.
        stdin: binary, blocking, best unbuffered (`open(0, "rb", buffering=0)`): a thread that still waits in a
            buffered one when the interpreter ends holds its lock, and that is fatal.
        stdout: binary, blocking; nobody else may write to it.
        extensions: further methods by name; a name of our own methods is refused with `ValueError`.
        extra_notices: a source of notifications beside the engine's events.
    """
    server = RpcServer(engine, extensions or {})
    writer = LineWriter(stdout, on_closed=server.end_threadsafe, patience_s=GRACE_S)

    def write_notice(method: str, params: Mapping[str, object]) -> None:
        writer.write({"jsonrpc": "2.0", "method": method, "params": dict(params)})

    shown = _ShownStates()

    def write_event(event: Event) -> None:
        notice = views.notification(event)
        if notice is not None and shown.is_news(event):
            write_notice(*notice)

    endings = [engine.events.subscribe(write_event)]
    if extra_notices is not None:
        endings.append(extra_notices(write_notice))
    reader = threading.Thread(target=_read_lines, args=(stdin, server), name="rpc-stdin", daemon=True)
    reader.start()
    try:
        await server.serve(writer)
    finally:
        for unsubscribe in endings:
            unsubscribe()
        await asyncio.get_running_loop().run_in_executor(None, writer.close)


class RpcServer:
    """Turns lines into answers. Lines come in by `feed_threadsafe`, the end by `end_threadsafe`."""

    def __init__(self, engine: EngineApi, extensions: Mapping[str, Extension]) -> None:
        self._engine = engine
        self._methods: Mapping[str, Method] = {method.name: method for method in METHODS}
        if self._methods.keys() & extensions.keys():
            raise ValueError("an extension may not replace a method")
        self._extensions = dict(extensions)
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._is_ended = asyncio.Event()
        self._over_s: float | None = None

    def feed_threadsafe(self, line: bytes) -> None:
        """Take one line from any thread."""
        self._call_threadsafe(self._lines.put_nowait, line)

    def end_threadsafe(self) -> None:
        """Say from any thread that no more lines come."""
        self._call_threadsafe(self._end)

    def _end(self) -> None:
        self._lines.put_nowait(None)
        self._over_s = self._over_s or self._loop.time() + GRACE_S
        self._is_ended.set()

    def _call_threadsafe(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed: the process is going down
            return

    async def serve(self, writer: LineWriter) -> None:
        """Carry out lines until the end; then let requests under way finish for `GRACE_S`."""
        write = writer.write
        ordered: asyncio.Queue[Request] = asyncio.Queue()
        free: set[asyncio.Task[None]] = set()
        ending = [asyncio.create_task(self._run_lane(ordered, writer), name="rpc-ordered")]
        try:
            while (line := await self._lines.get()) is not None and await self._is_read(writer):
                request = self._decode(line, write)
                if request is None:
                    continue
                method = self._methods.get(request.method)
                if method is not None and method.is_ordered:
                    ordered.put_nowait(request)
                else:
                    task = asyncio.create_task(self._carry_out(request, write), name="rpc-free")
                    free.add(task)
                    task.add_done_callback(free.discard)
            joining = asyncio.create_task(ordered.join(), name="rpc-joining")
            ending.append(joining)
            await asyncio.wait([joining, *free], timeout=self._left_s())
        finally:
            ending += free
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _is_read(self, writer: LineWriter) -> bool:
        """Wait until the caller reads what it is told; False when the input has ended and it does not."""
        if writer.is_read:
            return True
        reading = asyncio.create_task(writer.until_read())
        ended = asyncio.create_task(self._is_ended.wait())
        try:
            await asyncio.wait({reading, ended}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({reading}, timeout=self._left_s())
            return reading.done()
        finally:
            reading.cancel()
            ended.cancel()
            await asyncio.gather(reading, ended, return_exceptions=True)

    def _left_s(self) -> float:
        """Seconds that requests under way have to finish, from the end of the input."""
        return GRACE_S if self._over_s is None else max(0.0, self._over_s - self._loop.time())

    async def answer(self, request: Request) -> JsonObject:
        """Carry out one request and return the whole response object."""
        try:
            return {"jsonrpc": "2.0", "id": request.request_id, "result": await self._result(request)}
        except ByreError as error:
            return error_response(request.request_id, error)
        except Exception as error:
            log.error("method failed: %s", type(error).__name__)
            return error_response(request.request_id, told(error))

    async def _result(self, request: Request) -> JsonObject:
        method = self._methods.get(request.method)
        if method is not None:
            return await method.call(self._engine, check_params(method.fields, request.params))
        extension = self._extensions.get(request.method)
        if extension is None:
            raise UsageError("There is no such method.", code="no_such_method")
        return await extension(request.params)

    async def _run_lane(self, requests: asyncio.Queue[Request], writer: LineWriter) -> None:
        following: Request | None = None
        while True:
            together, following = [following or await requests.get()], None
            if not writer.is_read:
                await writer.until_read()
            while self._is_joined(together[0]) and len(together) < JOINED_AT_ONCE and not requests.empty():
                request = requests.get_nowait()
                if request.method != together[0].method:
                    following = request
                    break
                together.append(request)
            try:
                async with asyncio.TaskGroup() as group:
                    answers = [group.create_task(self.answer(request)) for request in together]
                    for request, answer in zip(together, answers, strict=True):
                        self._write(request, await answer, writer.write)
            finally:
                for _ in together:
                    requests.task_done()

    def _is_joined(self, request: Request) -> bool:
        method = self._methods.get(request.method)
        return method is not None and method.is_joined

    async def _carry_out(self, request: Request, write: Callable[[JsonObject], None]) -> None:
        self._write(request, await self.answer(request), write)

    @staticmethod
    def _write(request: Request, response: JsonObject, write: Callable[[JsonObject], None]) -> None:
        if not request.is_notification:
            write(response)

    @staticmethod
    def _decode(line: bytes, write: Callable[[JsonObject], None]) -> Request | None:
        if not line.strip():
            return None
        try:
            return decode_line(line)
        except LineError as error:
            write(error_response(error.request_id, error))
            return None


class _ShownStates:
    """The last states of messages that were told: an event may also say who has read a message, with the same state."""

    def __init__(self) -> None:
        self._states: OrderedDict[str, str] = OrderedDict()

    def is_news(self, event: Event) -> bool:
        """Tell whether an event is to be told: every one but a state that was told last for the same message."""
        if not isinstance(event, MessageStateChanged):
            return True
        state = f"{event.state.value} {event.reason}"
        is_same = self._states.get(event.message_id) == state
        self._states[event.message_id] = state
        self._states.move_to_end(event.message_id)
        if len(self._states) > STATES_REMEMBERED:
            self._states.popitem(last=False)
        return not is_same


def error_response(request_id: RequestId, error: ByreError) -> JsonObject:
    """Return the JSON-RPC error response: number by blame, sentence, stable `data.code`."""
    if error.code in _NUMBER_BY_CODE:
        number = _NUMBER_BY_CODE[error.code]
    elif isinstance(error, PeerError):
        number = PEER_ERROR
    elif isinstance(error, EnvironmentFault):
        number = ENVIRONMENT_ERROR
    else:
        number = USAGE_ERROR
    return {
        "jsonrpc": "2.0",
        "id": request_id,
        "error": {"code": number, "message": error.sentence, "data": {"code": error.code}},
    }


def _read_lines(stdin: BinaryIO, server: RpcServer) -> None:
    """Feed lines to the server until the stream ends or is closed under us."""
    read: Callable[[int], bytes | None] = getattr(stdin, "read1", stdin.read)  # what is there, without waiting for more
    splitter = LineSplitter()
    try:
        while chunk := read(CHUNK_BYTES):
            for line in splitter.feed(chunk):
                server.feed_threadsafe(line)
        for line in splitter.finish():
            server.feed_threadsafe(line)
    except (OSError, ValueError):
        log.debug("stdin was closed")
    server.end_threadsafe()
