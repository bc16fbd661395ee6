"""The rows of one room as a Qt list model. It holds a window of the store, never all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from byre.ui.i18n import Language
from byre.ui.transcript.items import Item, accessible_text

Index = QModelIndex | QPersistentModelIndex


class TranscriptModel(QAbstractListModel):
    """Rows that are replaced by comparing keys, so that the view hears of the least change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[Item] = []
        self.language: Language = "ko"
        self.now_ms: Callable[[], int] = lambda: 0
        self._rows: dict[str, int] = {}
        self._root = QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        row = index.row()
        if not 0 <= row < len(self.items):
            return None
        item = self.items[row]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return accessible_text(item, self.language, self.now_ms())
        return None

    def row_of(self, key: str) -> int | None:
        """The row with that key."""
        return self._rows.get(key)

    def replace(self, items: Sequence[Item], kept: int = 0) -> None:
        """Become `items`: what is equal at both ends stays, the middle is exchanged, changed rows are reported.

        `kept`: so many rows at the beginning stay as they are, and `items` are those behind them.
        """
        old, new = self.items[kept:] if kept else self.items, list(items)
        head = 0
        limit = min(len(old), len(new))
        while head < limit and old[head].key == new[head].key:
            head += 1
        tail = 0
        while tail < limit - head and old[-1 - tail].key == new[-1 - tail].key:
            tail += 1
        changed = [i for i in range(head) if old[i] != new[i]]
        changed += [len(new) - 1 - i for i in range(tail) if old[-1 - i] != new[-1 - i]]
        gone, come, at = len(old) - head - tail, len(new) - head - tail, kept + head
        if gone:
            self.beginRemoveRows(self._root, at, at + gone - 1)
            del self.items[at : at + gone]
            self._rows.clear()
            self._index(0)
            self.endRemoveRows()
        if come:
            self.beginInsertRows(self._root, at, at + come - 1)
            self.items[at:at] = new[head : head + come]
            self._index(at)
            self.endInsertRows()
        for row in changed:
            self.items[kept + row] = new[row]
        for row in changed:
            index = self.index(kept + row, 0)
            self.dataChanged.emit(index, index)

    def _index(self, first: int) -> None:
        for row in range(first, len(self.items)):
            self._rows[self.items[row].key] = row
