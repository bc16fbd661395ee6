"""A store that takes its time: the last step of a wipe, a busy disk. Nothing is swallowed, doubled, or looks lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from byre.client.events import StatusChanged
from byre.client.views import MessageState, ProfileState
from byre.errors import EnvironmentFault
from byre.ui import app, locking
from byre.ui.bridge import Bridge
from byre.ui.room.outgoing import Outgoing
from byre.ui.transcript.menu import RowActs, row_menu
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle

TITLE, OTHER = "Mia Chen", "주간 회의"


class Held:
    """Calls of the engine that wait until they are let go."""

    def __init__(self, patch: pytest.MonkeyPatch, service: object, *names: str) -> None:
        self.gate = asyncio.Event()
        self.error = ""
        for name in names:
            patch.setattr(service, name, self._held(getattr(service, name)))

    def _held(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def later(*arguments: object) -> Any:
            await self.gate.wait()
            if self.error:
                raise EnvironmentFault("Refused by the script.", code=self.error)
            return await call(*arguments)

        return later

    async def let_go(self, error: str = "") -> None:
        self.error = error
        self.gate.set()
        await settle()


@pytest.fixture
async def held(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Held]:
    """All that writes texts waits; what is sent is shown at once."""
    stage.messenger.room_pane.outgoing.timer.setInterval(0)
    made = Held(monkeypatch, stage.engine.messages, "send", "save_draft")
    yield made
    await made.let_go()


async def send(stage: Stage, text: str) -> None:
    stage.composer.insertPlainText(text)
    stage.composer.send()
    await settle()


def own_rows(stage: Stage) -> list[tuple[str, MessageState]]:
    items = stage.messenger.room_pane.transcript.items.items
    found = [item.message for item in items if item.message is not None and item.message.is_own]
    return [(message.text, message.state) for message in found[-2:]]


async def test_text_that_is_not_stored_yet_is_seen_as_waiting_and_then_once(stage: Stage, held: Held) -> None:
    await stage.open(TITLE)
    before = own_rows(stage)[-1]
    await send(stage, "곧 갈게요")
    assert stage.composer.toPlainText() == ""
    assert own_rows(stage) == [before, ("곧 갈게요", MessageState.QUEUED)]
    assert stage.messenger.room_pane.transcript.sticks
    await held.let_go()
    assert own_rows(stage) == [before, ("곧 갈게요", MessageState.QUEUED)]
    assert [m.text for m in stage.engine.rows[stage.engine.room(TITLE)]].count("곧 갈게요") == 1


async def test_equal_texts_are_both_seen(stage: Stage, held: Held) -> None:
    await stage.open(TITLE)
    await send(stage, "ㅋㅋ")
    await send(stage, "ㅋㅋ")
    assert [text for text, _ in own_rows(stage)] == ["ㅋㅋ", "ㅋㅋ"]
    await held.let_go()
    rows = stage.messenger.room_pane.transcript.items.items
    assert [item.text for item in rows].count("ㅋㅋ") == 2


async def test_waiting_text_is_in_its_room_only_and_still_there_on_return(stage: Stage, held: Held) -> None:
    await stage.open(TITLE)
    await send(stage, "곧 갈게요")
    await stage.open(OTHER)
    assert "곧 갈게요" not in [text for text, _ in own_rows(stage)]
    await stage.open(TITLE)
    assert own_rows(stage)[-1] == ("곧 갈게요", MessageState.QUEUED)


async def test_waiting_text_cannot_be_erased_before_it_is_a_message(stage: Stage, held: Held) -> None:
    await stage.open(TITLE)
    await send(stage, "곧 갈게요")
    acts = RowActs(None, *[lambda *_: None] * 4)

    def words(number: int) -> list[str]:
        item = stage.messenger.room_pane.transcript.items.items[number]
        menu = row_menu(stage.window, item, (), acts)
        return [action.text() for action in menu.actions() if action.text()]

    assert words(-1) == ["메시지 복사"]
    assert "이 기기에서 지우기…" in words(-2)


async def test_refused_text_stands_before_what_was_written_since(stage: Stage, held: Held) -> None:
    await stage.open(TITLE)
    await send(stage, "첫 글")
    stage.composer.insertPlainText("다음 글")
    await held.let_go("disk_full")
    assert stage.composer.toPlainText() == "첫 글\n다음 글"
    assert "첫 글" not in [text for text, _ in own_rows(stage)]


async def test_text_refused_in_another_room_is_its_draft_before_what_was_written_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch, stage.engine.messages, "send")
    await stage.open(TITLE)
    await send(stage, "첫 글")
    stage.composer.insertPlainText("다음 글")
    await stage.open(OTHER)
    await held.let_go("disk_full")
    await stage.open(TITLE)
    assert stage.composer.toPlainText() == "첫 글\n다음 글"


async def test_draft_on_its_way_to_the_store_is_there_on_return(stage: Stage, held: Held) -> None:
    await stage.open(TITLE)
    stage.composer.insertPlainText("쓰다 만 글")
    await stage.open(OTHER)
    assert stage.composer.toPlainText() != "쓰다 만 글"
    await stage.open(TITLE)
    assert stage.composer.toPlainText() == "쓰다 만 글"
    await held.let_go()
    assert stage.composer.toPlainText() == "쓰다 만 글"


async def test_sent_text_does_not_come_back_as_the_draft_that_it_was(stage: Stage, held: Held) -> None:
    stage.engine.drafts[stage.engine.room(TITLE)] = "쓰다 만 글"
    await stage.open(TITLE)
    assert stage.composer.toPlainText() == "쓰다 만 글"
    stage.composer.send()
    await stage.open(OTHER)
    await stage.open(TITLE)
    assert stage.composer.toPlainText() == ""


async def cancelled_while_sending(engine: FakeEngine) -> asyncio.Task[None]:
    """The app's life, which is told to end with a text on its way to the store."""
    bridges, painted = list[Bridge](), asyncio.Event()
    painted.set()
    window: Any = SimpleNamespace(attach=bridges.append)
    life = asyncio.ensure_future(app._life(lambda: engine, window, window, None, painted))
    await settle()
    Outgoing(bridges[0], lambda: engine.now_ms).send(engine.room(TITLE), "끝으로")
    await settle()
    life.cancel()
    return life


async def test_quitting_waits_until_what_was_sent_is_stored(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine()
    held = Held(monkeypatch, engine.messages, "send")
    monkeypatch.setattr(app, "IDLE_TIMEOUT_S", 0.01)
    life = await cancelled_while_sending(engine)
    await asyncio.sleep(0.05)
    await held.let_go()
    await asyncio.gather(life, return_exceptions=True)
    assert engine.rows[engine.room(TITLE)][-1].text == "끝으로"


async def test_quitting_keeps_as_a_draft_what_it_cannot_wait_for(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine()
    Held(monkeypatch, engine.messages, "send")
    monkeypatch.setattr(app, "WRITTEN_TIMEOUT_S", 0.01)
    monkeypatch.setattr(app, "IDLE_TIMEOUT_S", 0.01)
    life = await cancelled_while_sending(engine)
    await asyncio.gather(life, return_exceptions=True)
    assert engine.drafts[engine.room(TITLE)] == "끝으로"


async def test_lock_waits_until_what_was_sent_is_stored(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await build(FakeEngine(passphrase="correct horse"))
    held = Held(monkeypatch, stage.engine.messages, "send")
    await stage.open(TITLE)
    await send(stage, "끝으로")
    stage.window.lock_now()
    await settle()
    assert stage.engine.account.status().state is ProfileState.READY
    await held.let_go()
    assert stage.window.page_name == "lock"
    assert stage.engine.rows[stage.engine.room(TITLE)][-1].text == "끝으로"
    assert stage.engine.drafts.get(stage.engine.room(TITLE), "") == ""


async def test_lock_covers_all_at_once_and_lets_nothing_be_seen_while_it_waits(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = await build(FakeEngine(passphrase="correct horse"))
    held = Held(monkeypatch, stage.engine.account, "lock")
    await stage.open(TITLE)
    stage.window.lock_now()
    page = stage.window.locking.page
    assert page is not None
    assert page.isVisible()
    assert (stage.window.page_name, stage.window.messenger, stage.window.windowTitle()) == ("locking", None, "외양간")
    stage.engine.events.publish(StatusChanged(stage.engine.account.status()))
    stage.window.refresh()
    await settle()
    assert page.title.text() == "잠그는 중…"
    assert [field.isVisible() for field in (page.field, page.button, page.forgot)] == [False] * 3
    assert stage.window.messenger is None
    await held.let_go()
    assert stage.window.page_name == "lock"
    assert page.title.text() == "잠겨 있습니다"
    assert page.field.isVisible()
    assert not stage.window.locking.deadline.isActive()


async def test_lock_does_not_wait_for_ever_and_keeps_what_was_sent_as_a_draft(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "TEXTS_WAIT_S", 0.01)
    stage = await build(FakeEngine(passphrase="correct horse"))
    held = Held(monkeypatch, stage.engine.messages, "send")
    await stage.open(TITLE)
    for text in ("처음", "끝으로"):
        await send(stage, text)
    stage.composer.insertPlainText("쓰다가")
    stage.window.lock_now()
    await asyncio.sleep(0.05)
    await settle()
    assert stage.window.page_name == "lock"
    assert stage.engine.drafts[stage.engine.room(TITLE)] == "처음\n끝으로\n쓰다가"
    await held.let_go("locked")


async def test_what_was_kept_as_a_draft_and_is_stored_after_all_is_no_draft(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "TEXTS_WAIT_S", 0.01)
    stage = await build(FakeEngine(passphrase="correct horse"))
    sending = Held(monkeypatch, stage.engine.messages, "send")
    held = Held(monkeypatch, stage.engine.account, "lock")
    await stage.open(TITLE)
    await send(stage, "끝으로")
    stage.composer.insertPlainText("쓰다가")
    stage.window.lock_now()
    await asyncio.sleep(0.05)
    await settle()
    assert stage.engine.drafts[stage.engine.room(TITLE)] == "끝으로\n쓰다가"
    await sending.let_go()
    assert stage.engine.drafts[stage.engine.room(TITLE)] == "쓰다가"
    await held.let_go()


async def test_process_begins_anew_when_a_lock_takes_too_long(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something holds the profile: a wipe, say. The window tells `lock`, at which the process is replaced."""
    stage = await build(FakeEngine(passphrase="correct horse"))
    held = Held(monkeypatch, stage.engine.account, "lock")
    shown: list[str] = []
    stage.window.page_shown.connect(shown.append)
    stage.window.lock_now()
    await settle()
    assert 0 < stage.window.locking.deadline.remainingTime() <= locking.LOCK_WITHIN_MS
    stage.window.locking.deadline.timeout.emit()
    assert shown == ["locking", "lock"]
    page = stage.window.locking.page
    assert page is not None
    assert not page.field.isVisible()
    await held.let_go()
    assert page.field.isVisible()


async def test_lock_that_is_refused_opens_the_conversations_again_and_says_why(stage: Stage) -> None:
    stage.engine.refuse("account.lock", "io_error")
    stage.window.lock_now()
    await settle()
    assert stage.window.page_name == "chats"
    assert stage.window.notice.isVisible()
