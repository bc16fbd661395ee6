"""A probe for the defect of PySide6 6.12.0 on Python 3.11: each void call into Qt stole a reference to None.

The process aborts after some thousand calls, which short suites never see. Measured: references to None and to
values that Python overrides return stay where they are (a little drift is normal).
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QAbstractListModel, QCoreApplication, QEvent, QIdentityProxyModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

CALLS = 400
ALLOWED = 60


class Probe(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.size_hint = QSize(10, 10)

    def sizeHint(self) -> QSize:
        return self.size_hint

    def paintEvent(self, event: QPaintEvent) -> None:
        return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        return


class Model(QAbstractListModel):
    def rowCount(self, parent: object = None) -> int:
        return 1

    def data(self, index: object, role: int = 0) -> object:
        return None


def drift(watched: object, call: Callable[[], object]) -> int:
    call()
    before = sys.getrefcount(watched)
    for _ in range(CALLS):
        call()
    return sys.getrefcount(watched) - before


@pytest.fixture
def probe(qtbot: QtBot, qapp: QApplication) -> Probe:
    widget = Probe()
    qtbot.addWidget(widget)
    widget.resize(50, 50)
    widget.show()
    return widget


def test_void_calls_into_qt_steal_nothing(probe: Probe) -> None:
    assert drift(None, probe.update) > -ALLOWED
    assert drift(None, lambda: probe.setToolTip("x")) > -ALLOWED
    assert drift(None, lambda: probe.setEnabled(True)) > -ALLOWED


def test_overrides_called_from_qt_steal_nothing(probe: Probe) -> None:
    key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    assert drift(None, probe.repaint) > -ALLOWED
    assert drift(None, lambda: QCoreApplication.sendEvent(probe, key)) > -ALLOWED
    assert drift(probe.size_hint, probe.updateGeometry) > -ALLOWED


def test_model_data_steals_nothing(qapp: QApplication) -> None:
    model, proxy = Model(), QIdentityProxyModel()
    proxy.setSourceModel(model)
    index = proxy.index(0, 0, QModelIndex())
    assert drift(None, lambda: proxy.data(index, 1)) > -ALLOWED
