"""The style sheet for what Qt itself paints: menus, tool tips, scroll bars, text edits."""

from __future__ import annotations

from byre.ui import tokens
from byre.ui.tokens import Palette


def stylesheet(p: Palette) -> str:
    """The sheet of the window for a palette."""
    families = ", ".join(f'"{name}"' for name in tokens.FAMILIES)
    return f"""
    QMenu, QToolTip, QFileDialog, QFileDialog QWidget {{ font-family: {families}; font-size: {tokens.LABEL.px}px; }}
    QWidget#window {{ background: {p.canvas}; }}
    QToolTip {{ background: {p.card}; color: {p.text}; border: 1px solid {p.line}; padding: 2px 4px; }}
    QMenu {{ background: {p.card}; color: {p.text}; border: 1px solid {p.line}; border-radius: 12px; padding: 6px; }}
    QMenu::item {{ padding: 8px 20px 8px 14px; border-radius: 8px; }}
    QMenu::item:selected {{ background: {p.row_on}; }}
    QMenu::separator {{ height: 1px; background: {p.line}; margin: 4px 8px; }}
    QListView {{ background: transparent; border: none; outline: none; }}
    QPlainTextEdit {{ background: transparent; border: none; color: {p.text};
        selection-background-color: {p.selection_in}; selection-color: {p.bubble_in_text}; }}
    QScrollArea {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
    QScrollBar::handle:vertical {{ background: {p.outline}; border-radius: 3px; min-height: 40px; }}
    QScrollBar::handle:vertical:hover {{ background: {p.text3}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
    QFileDialog, QFileDialog QWidget {{ background: {p.canvas}; color: {p.text}; }}
    QFileDialog QLineEdit, QFileDialog QComboBox, QFileDialog QPushButton, QFileDialog QToolButton {{
        background: {p.field}; border: 1px solid {p.line}; border-radius: 6px; padding: 5px 10px; }}
    QFileDialog QToolButton {{ padding: 3px; }}
    QFileDialog QAbstractItemView {{ background: {p.canvas}; border: 1px solid {p.line};
        selection-background-color: {p.row_on}; selection-color: {p.text}; }}
    QFileDialog QHeaderView::section {{ background: {p.panel}; color: {p.text2}; border: none; padding: 5px 8px; }}
    """
