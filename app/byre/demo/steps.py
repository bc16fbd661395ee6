"""Named steps of a run: each is timed, holds or does not, and the first that does not ends the story."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from byre.errors import ByreError


class StepFailed(Exception):
    """What was expected did not hold; the sentence says what was seen instead, never a text or a key."""


@dataclass(slots=True)
class Step:
    """One step as it is reported."""

    name: str
    ok: bool = False
    ms: float = 0.0
    why: str = ""
    interrupted: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    def require(self, holds: bool, sentence: str) -> None:
        """End the step as failed unless `holds`."""
        if not holds:
            raise StepFailed(sentence)

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"name": self.name, "ok": self.ok, "ms": round(self.ms, 1)}
        if self.why:
            shown["why"] = self.why
        return {**shown, **self.facts}


class Steps:
    """The steps so far, in order. `on_step` hears of each as it ends."""

    def __init__(self, on_step: Callable[[Step], None]) -> None:
        self.done: list[Step] = []
        self._on_step = on_step

    @property
    def all_held(self) -> bool:
        return bool(self.done) and all(step.ok for step in self.done)

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Step]:
        """Time what stands under it; a failure is recorded and ends the story with `StepFailed`."""
        step = Step(name)
        start = time.monotonic()
        try:
            yield step
            step.ok = True
        except StepFailed as error:
            step.why = str(error)
            raise
        except ByreError as error:
            step.why = f"{error.sentence} ({error.code})"
            raise StepFailed(step.why) from error
        except (TimeoutError, OSError) as error:
            step.why = str(error) or type(error).__name__
            raise StepFailed(step.why) from error
        except (asyncio.CancelledError, KeyboardInterrupt):
            step.why, step.interrupted = "interrupted", True
            raise
        finally:
            step.ms = (time.monotonic() - start) * 1000
            self.done.append(step)
            self._on_step(step)
