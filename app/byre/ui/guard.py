"""Overrides that C++ calls must not raise: an exception there can end the process. `guarded` logs and goes on."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
_log = logging.getLogger("byre.ui")


def guarded(fallback: R) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Let an override answer `fallback` when it breaks; only type and place are logged, never values."""

    def wrap(function: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @functools.wraps(function)
        def call(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(self, *args, **kwargs)
            except Exception as error:
                trace = error.__traceback__
                while trace is not None and trace.tb_next is not None:
                    trace = trace.tb_next
                place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
                _log.error("%s broke: %s at %s", function.__qualname__, type(error).__name__, place)
                return fallback

        return cast(Callable[Concatenate[S, P], R], call)

    return wrap
