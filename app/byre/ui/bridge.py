"""The only crossing between the window and the engine: intents out, events in, every task kept.

Widgets hand coroutines of the `EngineApi` to `run`; they never await and never touch a task. Errors come back as
codes (`sentences.py` says them). Both loops are one (qasync), so `happened` is emitted in the window's thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from byre.client.api import EngineApi
from byre.client.events import MessageReceived, MessageSent, MessageStateChanged, RoomChanged
from byre.errors import ByreError, told

T = TypeVar("T")
Keep = Callable[[], Coroutine[Any, Any, None]]
_log = logging.getLogger("byre.ui")


class Bridge(QObject):
    """Carries intents of the window to one engine and its events back.

    Signals: `happened(event)`; `rarer(event)`, the same without what comes with each message, for those whom messages
    do not concern: a dozen of them would be called before a message is painted.
    """

    happened = Signal(object)
    rarer = Signal(object)
    failed = Signal(str)

    def __init__(self, engine: EngineApi) -> None:
        super().__init__()
        self.engine = engine
        self._tasks: set[asyncio.Task[None]] = set()
        self._writing: dict[asyncio.Task[None], Keep | None] = {}
        self._unsubscribe = engine.events.subscribe(self._publish)

    def run(
        self,
        intent: Coroutine[Any, Any, T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[str], None] | None = None,
        *,
        is_text: bool = False,
        instead: Keep | None = None,
    ) -> asyncio.Task[None]:
        """Carry out `intent`; call `then` with its result or `failed` with the error's code.

        Without `failed`, the code goes out as the signal `failed`, which the window shows as a notice.
        `is_text`: it keeps what the user wrote, which is nowhere else. `instead` keeps it in another way, where nobody
        can wait for that.
        """
        task = asyncio.ensure_future(self._carry(intent, then, failed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if is_text:
            self._writing[task] = instead
            task.add_done_callback(lambda ended: self._writing.pop(ended, None))
        return task

    async def written(self) -> None:
        """Wait until the engine has what the user wrote; who does not wait any longer ends nothing."""
        while self._writing:
            await asyncio.wait(tuple(self._writing))

    async def put_by(self, within_s: float, instead_within_s: float) -> None:
        """Wait until the engine has what the user wrote; what it has not in that time is kept in the other way.

        Ends in both times together at the latest, and cancels nothing: what is under way may still be stored.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self.written(), within_s)
        keeps = [keep for keep in self._writing.values() if keep is not None]

        async def keep_all() -> None:
            for keep in reversed(keeps):  # one after the other, each before the one that was written after it
                with suppress(ByreError):
                    await keep()

        if keeps:
            await asyncio.wait((self.run(keep_all()),), timeout=instead_within_s)

    async def idle(self) -> None:
        """Wait until no intent is under way (tests, orderly quit)."""
        while self._tasks:
            await asyncio.gather(*tuple(self._tasks), return_exceptions=True)
            await asyncio.sleep(0)  # a gather of ended tasks does not wait: let them leave the set

    async def close(self) -> None:
        """End the subscription and cancel what is under way."""
        self._unsubscribe()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _publish(self, event: object) -> None:
        if not isinstance(event, MessageReceived | MessageSent | MessageStateChanged | RoomChanged):
            self.rarer.emit(event)
        self.happened.emit(event)

    async def _carry(
        self,
        intent: Coroutine[Any, Any, T],
        then: Callable[[T], None] | None,
        failed: Callable[[str], None] | None,
    ) -> None:
        try:
            result = await intent
        except ByreError as error:
            _log.info("intent failed: %s", error.code)
            code = error.code
        except Exception as error:
            # never the message: it may hold what the user typed
            _log.error("intent broke: %s", type(error).__name__)
            code = told(error).code
        else:
            if then is not None:
                self._tell(lambda: then(result))
            return
        if failed is not None:
            self._tell(lambda: failed(code))
        else:
            self.failed.emit(code)

    @staticmethod
    def _tell(answer: Callable[[], object]) -> None:
        """Hand an answer to the window; one that it cannot show must not end in silence."""
        try:
            answer()
        except Exception as error:
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
            _log.error("an answer could not be shown: %s at %s", type(error).__name__, place)
