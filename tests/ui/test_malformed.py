"""Whatever views the engine hands over, the window stays: nothing raises, nothing is logged, the rows are there."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from byre.client import events as ev
from byre.client.views import (
    AccountId,
    DeviceId,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    RoomId,
    RoomKind,
    RoomState,
    RoomView,
    SearchHitView,
    Sender,
    Trust,
)
from byre.ui.look import Look
from byre.ui.sidebar.rooms_model import RoomDelegate, RoomsModel
from byre.ui.sidebar.search_results import line_of
from byre.ui.transcript.items import RoomFacts, accessible_text, compose
from byre.ui.transcript.view import Transcript
from tests.ui.conftest import Build, Stage, settle

HOSTILE = st.sampled_from(
    (
        "",
        " ",
        "\0",
        "\n" * 80,
        "\u202e\u2066evil",
        "\u200b" * 300,
        "👨‍👩‍👧‍👦" * 120,
        "a" + "\u0301" * 500,
        "\ud800",
        "ﷺ" * 200,
        "<b>x</b>",
        "ㅋ" * 6_100,
        "https://" + "x" * 900,
        "مرحبا " * 90,
        "\u2028\u2029\r\n\x0b",
        "%n {name} **x** [[y]]",
    )
)
TEXTS = st.one_of(HOSTILE, st.text(max_size=80))
NUMBERS = st.one_of(st.sampled_from((0, -1, 2**31, 2**63, -(2**63), 10**30)), st.integers())
IDS = st.sampled_from(tuple(f"{n:032x}" for n in range(6)))
SENDERS = st.builds(Sender, TEXTS.map(AccountId), TEXTS, TEXTS.map(DeviceId), TEXTS)
MESSAGES = st.builds(
    MessageView, IDS.map(MessageId), st.just(RoomId("r")), SENDERS, TEXTS, NUMBERS, st.sampled_from(MessageState),
    st.integers(-(2**63), 2**63), st.booleans(), st.sampled_from(MessageKind), NUMBERS, TEXTS,
)  # fmt: skip
ROOMS = st.builds(
    RoomView, IDS.map(RoomId), TEXTS, st.sampled_from(RoomKind), st.sampled_from(RoomState), st.sampled_from(Trust),
    NUMBERS, NUMBERS, NUMBERS, st.none() | MESSAGES, st.none() | TEXTS.map(AccountId),
)  # fmt: skip
FACTS = st.builds(
    RoomFacts, st.sampled_from(RoomKind), st.sampled_from(Trust), st.booleans(), st.booleans(),
    st.none() | IDS.map(MessageId), st.sampled_from(("ko", "en")),
)  # fmt: skip
BOUNDED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def view(look: Look) -> Transcript:
    made = Transcript(look)
    made.setObjectName("under test")
    made.resize(420, 500)
    made.show()
    QApplication.processEvents()
    return made


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(messages=st.lists(MESSAGES, max_size=8, unique_by=lambda m: m.message_id), facts=FACTS)
@BOUNDED
def test_any_messages_become_rows_that_can_be_painted(
    view: Transcript, caplog: pytest.LogCaptureFixture, messages: list[MessageView], facts: RoomFacts
) -> None:
    items = compose(messages, facts)
    view.show_items(items)
    assert len(view.items.items) == len(items)
    for item in items:
        accessible_text(item, facts.language, 1_790_000_000_000)
    view.mark({item.key: ((0, 3), (1, 900)) for item in items}, items[-1].key if items else "")
    view.grab()
    for _, _, laid in view.visible:
        assert laid.bubble.right() <= view.viewport().width() + 1
        assert 0 < laid.height < 5_000
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(rooms=st.lists(ROOMS, max_size=6, unique_by=lambda r: r.room_id))
@BOUNDED
def test_any_rooms_can_be_listed(look: Look, caplog: pytest.LogCaptureFixture, rooms: list[RoomView]) -> None:
    from PySide6.QtWidgets import QStyleOptionViewItem

    model = RoomsModel(look)
    model.replace(rooms)
    delegate = RoomDelegate(look, model)
    image = QImage(336, 80, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            for role in range(16):
                model.data(index, role)
            option = QStyleOptionViewItem()
            option.rect = image.rect()  # type: ignore[attr-defined]
            delegate.paint(painter, option, index)
    finally:
        painter.end()
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@given(
    hit=st.builds(
        SearchHitView, MESSAGES, st.just(()), TEXTS,
        st.lists(st.tuples(st.integers(-5, 99), st.integers(-5, 99)), max_size=3).map(tuple),
    )
)  # fmt: skip
@BOUNDED
def test_any_hit_becomes_one_line_with_ranges_inside(hit: SearchHitView) -> None:
    line, ranges = line_of(hit)
    units = len(line.encode("utf-16-le", "surrogatepass")) // 2
    assert all(start >= 0 and start + length <= units for start, length in ranges)
    assert not set("\n\u2028\u202e\0") & set(line)


async def test_events_about_nothing_known_change_nothing(stage: Stage) -> None:
    await stage.open("엄마")
    rows = len(stage.messenger.room_pane.transcript.items.items)
    nobody = Sender(AccountId(""), "", DeviceId(""), "")
    message = MessageView(MessageId("?"), RoomId("nowhere"), nobody, "x", -5, MessageState.RECEIVED, -1)
    for event in (
        ev.MessageReceived(message),
        ev.MessageStateChanged(MessageId("?"), RoomId("nowhere"), MessageState.READ, -3),
        ev.RoomChanged(RoomId("nowhere")),
        ev.RoomErased(RoomId("nowhere")),
        ev.RoomRequested(RoomId("nowhere"), nobody),
        ev.ContactChanged(AccountId("?")),
        ev.DeviceLinked(DeviceId("?"), "\u202e" * 100),
        ev.DeviceRevoked(DeviceId("?")),
        ev.LinkEnded("never_heard_of"),
        ev.WipeProgressed(RoomId("nowhere"), "no such step", 7.5),
    ):
        stage.engine.events.publish(event)
    await settle()
    assert len(stage.messenger.room_pane.transcript.items.items) == rows
    assert stage.window.page_name == "chats"


async def test_a_room_that_vanishes_while_open_leaves_the_window_alive(stage: Stage) -> None:
    await stage.open("엄마")
    room = stage.engine.room("엄마")
    view = stage.engine.room_views.pop(room)
    stage.engine.events.publish(ev.RoomChanged(room))
    await settle()
    stage.engine.room_views[room] = replace(view, unread=-4, member_count=-1, last_activity=-(10**18))
    stage.engine.events.publish(ev.RoomChanged(room))
    await settle()
    assert stage.window.page_name == "chats"


@pytest.mark.parametrize("ratio", ["1.25", "1.5", "2"])
def test_high_density_screens_get_sharp_pictures(ratio: str) -> None:
    import os
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    code = (
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from byre.ui.look import Look\nfrom byre.ui.resources import resources_folder\n"
        "look = Look(resources_folder())\n"
        "made = look.icon('check', '#ff0000', 24)\n"
        "print(made.width(), made.devicePixelRatio())\n"
    )
    env = {**os.environ, "QT_SCALE_FACTOR": ratio, "PYTHONPATH": str(root / "app"), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    width, density = done.stdout.split()
    assert float(density) == float(ratio)
    assert int(width) == round(24 * float(ratio))


async def test_live_switches_keep_the_place_in_a_long_room(build: Build) -> None:
    stage = await build()
    room = stage.engine.room("Mia Chen")
    for n in range(900):
        stage.engine._append(stage.engine._message(room, "mia@other.example", f"줄 {n} " * 6, stage.engine.now_ms + n))
    await stage.open("Mia Chen")
    transcript = stage.messenger.room_pane.transcript
    transcript.step(-1_500)
    await settle()

    def first() -> str:
        return transcript.items.items[transcript.visible[0][0]].key

    before = first()
    look = stage.window.look
    look.set_theme("dark")
    await settle()
    assert first() == before
    look.set_language("en")
    await settle()
    assert first() == before
    for percent in (200, 80, 100):
        look.set_text_scale(percent)
        await settle()
        assert first() == before
    for width, height in ((640, 700), (400, 720), (1280, 820)):
        stage.window.resize(width, height)
        await settle()
        assert first() == before
