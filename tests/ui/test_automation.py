"""What QA does over the RPC."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from byre.errors import ByreError, UsageError
from tests.fakes.engine import FakeEngine
from tests.ui.conftest import Build, Stage, settle


async def test_open_type_send_and_shown(stage: Stage) -> None:
    heard: list[tuple[str, dict[str, object]]] = []
    stop = stage.automation.subscribe(lambda name, params: heard.append((name, params)))
    call = stage.automation.methods
    await call["ui.open_room"]({"room_id": stage.engine.room("엄마")})
    await call["ui.type"]({"text": "금방 갈게요"})
    await call["ui.send"]({})
    await settle()
    message = stage.engine.rows[stage.engine.room("엄마")][-1]
    assert message.text == "금방 갈게요"
    names = [(name, params.get("message_id")) for name, params in heard]
    assert ("ui.shown", message.message_id) in names
    assert isinstance(heard[-1][1]["at_ns"], int)
    stop()
    state = await call["ui.state"]({})
    assert state["page"] == "chats"
    assert state["room_id"] == message.room_id


@pytest.mark.parametrize(("theme", "language"), [("light", "ko"), ("dark", "en")])
async def test_screenshot_in_size_theme_and_language(stage: Stage, pictures: Path, theme: str, language: str) -> None:
    target = pictures / "shot.png"
    params = {"path": str(target), "width": 900, "height": 700, "theme": theme, "language": language}
    result = await stage.automation.methods["ui.screenshot"](params)
    assert result == {"path": str(target), "width": 900, "height": 700}
    image = QImage(str(target))
    assert (image.width(), image.height()) == (900, 700)
    corner = image.pixelColor(2, 2).name().upper()
    assert corner == stage.window.look.palette.rail


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("ui.screenshot", {}, "bad_params"),
        ("ui.screenshot", {"path": "/nowhere/at/all.png"}, "io_error"),
        ("ui.screenshot", {"path": "x.png", "width": "wide"}, "bad_params"),
        ("ui.open_room", {"room_id": "ff"}, "no_such_room"),
        ("ui.open_room", {"room_id": 5}, "bad_params"),
        ("ui.type", {"text": "x"}, "wrong_state"),
        ("ui.send", {}, "wrong_state"),
        ("ui.show", {"page": "notes"}, "bad_params"),
        ("ui.show", {"page": "settings-nowhere"}, "bad_params"),
        ("ui.show", {"page": "friends-look"}, "bad_params"),
    ],
)
async def test_wrong_calls_have_codes(stage: Stage, method: str, params: dict[str, object], code: str) -> None:
    with pytest.raises(ByreError) as caught:
        await stage.automation.methods[method](params)
    assert caught.value.code == code


@pytest.mark.parametrize("method", ["ui.open_room", "ui.search"])
async def test_a_caller_that_is_ahead_of_the_window_waits_for_it(stage: Stage, method: str) -> None:
    messenger, stage.window.messenger = stage.messenger, None
    params = {"room_id": stage.engine.room("엄마"), "query": "고서회"}
    call = asyncio.ensure_future(stage.automation.methods[method](params))
    await asyncio.sleep(0)
    assert not call.done()
    stage.window.messenger = messenger
    await call


async def test_without_conversations_to_come_nobody_waits(build: Build, new_engine: FakeEngine) -> None:
    stage = await build(new_engine)
    for method in ("ui.open_room", "ui.search"):
        with pytest.raises(UsageError) as caught:
            await stage.automation.methods[method]({"room_id": "ff", "query": "고서회"})
        assert caught.value.code == "wrong_state"


async def test_every_page_can_be_shown(stage: Stage) -> None:
    show = stage.automation.methods["ui.show"]
    for page in ("friends", "settings", "settings-look", "settings-about", "note", "chats", "new-chat", "search"):
        await show({"page": page})
    await stage.automation.methods["ui.search"]({"query": "고서회"})
    assert len(stage.messenger.search.model.found) == 3
