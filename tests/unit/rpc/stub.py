"""An engine for RPC tests that answers from a table and notes its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from byre.client.events import EventBus


class _Service:
    def __init__(self, engine: StubEngine, name: str) -> None:
        self._engine, self._name = engine, name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        name = f"{self._name}.{method}"

        def call(*positional: Any, **named: Any) -> Any:
            self._engine.calls.append((name, positional, named))
            answer = self._engine.answers.get(name)
            if name in self._engine.plain:
                return answer
            return self._answer(name, answer)

        return call

    async def _answer(self, name: str, answer: Any) -> Any:
        if name in self._engine.gates:
            await self._engine.gates[name].wait()
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(self._engine.calls[-1]) if callable(answer) else answer


class StubEngine:
    """`answers` by "service.method" (a value, an exception or a function of the call); `gates` hold calls back."""

    plain = frozenset({"account.status", "network.get"})

    def __init__(self) -> None:
        self.events = EventBus()
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}
        self.gates: dict[str, asyncio.Event] = {}
        for name in ("account", "linking", "devices", "contacts", "rooms", "messages", "wipes", "erasures", "settings"):
            setattr(self, name, _Service(self, name))
        for name in ("network", "backups", "key_recovery", "recovery_code"):
            setattr(self, name, _Service(self, name))

    async def reconnect(self) -> None:
        self.calls.append(("engine.reconnect", (), {}))
