"""One method of `byre rpc`: its name, parameters, lane and the call on the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from byre.client.api import EngineApi
from byre.rpc.lines import JsonObject
from byre.rpc.parameters import Field

Params = Mapping[str, Any]
Call = Callable[[EngineApi, Params], Awaitable[JsonObject]]


@dataclass(frozen=True, slots=True)
class Method:
    """`is_ordered`: whether it waits for the requests before it; `is_joined`: not for others of its own name that stand
    right before it, because the engine itself keeps their order."""

    name: str
    fields: tuple[Field, ...]
    call: Call
    is_ordered: bool = True
    is_joined: bool = False
