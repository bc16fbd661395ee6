"""Locked before the machine sleeps, after a sleep that nobody announced, and from the first passphrase on."""

from __future__ import annotations

import pytest

from byre.ui.desktop import idle
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle
from tests.ui.test_desktop import choose, desktop_of


class Delay:
    """What login1 would hold."""

    is_held = False

    def take(self, why: str) -> None:
        assert why
        self.is_held = True

    def release(self) -> None:
        self.is_held = False


def watched(stage: Stage) -> Delay:
    delay = Delay()
    desktop_of(stage)._sleep = delay  # type: ignore[assignment]
    desktop_of(stage)._wish()
    return delay


async def test_sleep_waits_for_the_lock_while_there_is_something_to_lock(build: Build) -> None:
    stage = await build(FakeEngine(passphrase="right"))
    delay = watched(stage)
    assert delay.is_held
    choose(stage, "ui.screen_lock", "off")
    assert not delay.is_held
    choose(stage, "ui.screen_lock", "on")
    desktop_of(stage)._screen_locked()
    await settle()
    assert stage.window.page_name == "lock"
    assert delay.is_held  # what was open is still in the memory of this process, which ends now


async def test_first_passphrase_brings_the_lock_and_no_passphrase_takes_it_away(stage: Stage) -> None:
    delay, button = watched(stage), stage.messenger.rail.buttons["lock"]
    choose(stage, "ui.idle_minutes", "5")
    assert (delay.is_held, button.isHidden(), desktop_of(stage).idle._minutes) == (False, True, 0)
    await stage.engine.account.change_lock(None, "eine Passphrase")
    assert (delay.is_held, button.isHidden(), desktop_of(stage).idle._minutes) == (True, False, 5)
    await stage.engine.account.change_lock("eine Passphrase", None)
    assert (delay.is_held, button.isHidden(), desktop_of(stage).idle._minutes) == (False, True, 0)


async def test_sleep_counts_as_idle(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await build(FakeEngine(passphrase="right"))
    choose(stage, "ui.idle_minutes", "10")
    slept = idle.now_ms() + 3_600_000
    monkeypatch.setattr(idle, "now_ms", lambda: slept)
    desktop_of(stage).idle.look()
    await settle()
    assert stage.window.page_name == "lock"
