"""Runs the story in a throw-away folder and tells how it went: lines for people, or one JSON object.

stdout carries the result only (with `--json` exactly one object); the steps are told on stderr as they end. The demo
uses no key store and asks nobody: passphrases are random and handed to the processes through their pipes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from byre import __version__
from byre.demo.folder import DemoFolder, sweep
from byre.demo.stage import Stage
from byre.demo.steps import Step, StepFailed, Steps
from byre.demo.story import Story
from byre.errors import EnvironmentFault


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line said."""

    headless: bool
    as_json: bool
    screenshot_dir: Path | None
    messages: int


def play(options: DemoOptions) -> int:
    """Run the demo. Returns 0 only if every step held."""
    if options.screenshot_dir is not None:
        try:
            options.screenshot_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFault(f"no screenshots can be written: {error.strerror}", code="no_folder") from None
    try:
        return asyncio.run(_play_until_told(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def _play_until_told(options: DemoOptions) -> int:
    """Play; SIGTERM ends it like Ctrl+C, so that no process of the demo outlives it."""
    playing = asyncio.ensure_future(_play(options))
    with contextlib.suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    return await playing


async def _play(options: DemoOptions) -> int:
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    with_windows = has_display and not options.headless
    sweep()
    folder = DemoFolder()
    stage = Stage(folder.path, with_windows=with_windows)
    steps = Steps(_tell)
    shots = options.screenshot_dir.resolve() if options.screenshot_dir else None
    story = Story(stage, steps, messages=options.messages, screenshot_dir=shots)
    failed = False
    try:
        try:
            await story.play()
        except StepFailed:
            failed = True
            folder.keep()
            _say(f"the logs of all processes lie in {stage.logs}")
        finally:  # an interrupted story has a result too
            _result(options, steps, story)
        if with_windows and not failed:
            await _let_play(stage)
    finally:
        await stage.close()
        folder.close()
    return 0 if steps.all_held and not failed else 1


async def _let_play(stage: Stage) -> None:
    _say("the windows are yours now; close them all, or press Ctrl+C here, to end the demo")
    for device in stage.devices:
        _say(f"  {device.name}: handle {device.handle}, passphrase {device.passphrase}")
    running = [device.process.process.wait() for device in stage.devices if device.process is not None]
    await asyncio.gather(*running)


def _result(options: DemoOptions, steps: Steps, story: Story) -> None:
    result: dict[str, Any] = {
        "version": __version__,
        "ok": steps.all_held,
        "steps": [step.as_json() for step in steps.done],
        "latency_ms": story.latency_ms,
        "relay": story.relay,
        "wipe": story.wipe,
        "screenshots": story.screenshots,
    }
    if options.as_json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        lines = [
            f"send to shown: {story.latency_ms or 'not measured'}",
            f"relay: {story.relay or 'not counted'}",
            f"wipe: {_short(story.wipe)}",
            *[f"screenshot: {path}" for path in story.screenshots],
            "every step held" if steps.all_held else "NOT every step held",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _short(wipe: dict[str, Any]) -> str:
    if not wipe:
        return "not reached"
    return f"remnants {len(wipe['remnants'])}, generation {wipe['generation']}, key mode {wipe['key_mode']}"


def _tell(step: Step) -> None:
    outcome = "ok  " if step.ok else "stop" if step.interrupted else "FAIL"
    _say(f"{outcome} {step.ms:8.0f} ms  {step.name}" + (f": {step.why}" if step.why else ""))


def _say(line: str) -> None:
    sys.stderr.write(f"demo: {line}\n")
    sys.stderr.flush()
