"""A window that goes on for another stands where that one stood, if there is a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from byre.ui.placement import fitting, looks_in, placement_of, show_at
from tests.ui.conftest import Stage, settle


@pytest.fixture
def window(qapp: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    made.setMinimumSize(200, 100)
    made.resize(300, 200)
    yield made
    made.close()


@pytest.mark.parametrize("placement", ["40,30,400,300,normal", "40,30,260,220,minimized"])
def test_what_was_written_is_taken_up_again(window: QWidget, placement: str) -> None:
    show_at(window, placement)
    assert placement_of(window) == placement


def test_a_full_window_stays_full(window: QWidget) -> None:
    show_at(window, "40,30,400,300,maximized")
    assert window.isMaximized()
    assert placement_of(window).endswith(",maximized")


def test_a_hidden_window_comes_back_where_it_can_be_found(window: QWidget) -> None:
    show_at(window, "40,30,400,300,normal")
    window.hide()
    assert placement_of(window) == "40,30,400,300,minimized"


@pytest.mark.parametrize(
    "placement",
    [
        "",
        "nonsense",
        "1,2,3",
        "1,2,3,4,hidden",
        "99999,99999,400,300,normal",
        "-390,0,400,300,normal",
        "1,2,3,4,normal\n",
    ],
)
def test_what_is_no_place_on_a_screen_is_left_out(window: QWidget, placement: str) -> None:
    show_at(window, placement)
    assert window.isVisible()
    assert (window.width(), window.height()) == (300, 200)
    assert window.windowState() == Qt.WindowState.WindowNoState


def test_no_window_gets_smaller_than_it_may(window: QWidget) -> None:
    show_at(window, "10,10,5,5,normal")
    assert (window.width(), window.height()) == (200, 100)


def test_a_lock_page_keeps_the_look_that_was_chosen(window: QWidget) -> None:
    assert looks_in("40,30,400,300,normal,dark,en") == ("dark", "en")
    assert looks_in("40,30,400,300,normal") == looks_in("1,dark,fr") == looks_in("") == (None, None)
    show_at(window, "40,30,400,300,normal,dark,en")
    assert placement_of(window) == "40,30,400,300,normal"


@pytest.mark.parametrize(
    ("screen", "size"),
    [((1920, 1080), (1280, 820)), ((1366, 768), (1280, 728)), ((1024, 600), (1024, 560)), ((1280, 860), (1280, 820))],
)
def test_a_window_fits_a_small_screen(screen: tuple[int, int], size: tuple[int, int]) -> None:
    assert fitting(QSize(1280, 820), QSize(*screen)) == QSize(*size)


@pytest.mark.parametrize("width", [360, 800])
async def test_the_smallest_window_has_its_composer_and_its_rail_in_sight(stage: Stage, width: int) -> None:
    window = stage.window
    window.resize(width, window.minimumHeight())
    await stage.open("엄마")
    await settle()
    assert window.size() == QSize(width, 440)
    rail = stage.messenger.rail
    for part in (stage.composer, rail.avatar, *rail.buttons.values()):
        if part.isVisible():
            bottom = part.mapTo(window, QPoint(0, part.height())).y()
            assert bottom <= window.height(), part.accessibleName()
    assert stage.composer.isVisible()
    assert stage.messenger.room_pane.transcript.viewport().height() >= 150
