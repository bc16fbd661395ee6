"""Rule 7: foreign text is shown as plain text only.

In `ui`, nothing may hand a string to Qt as HTML or Markdown, and the widgets that guess (a QLabel takes `<b>` for rich
text unless told otherwise) are made in `ui/widgets/labels.py` alone.
"""

from __future__ import annotations

import ast

import pytest

from tests.checks.source import Module, modules

RICH_CALLS = {
    "setHtml",
    "insertHtml",
    "appendHtml",
    "setMarkdown",
    "insertMarkdown",
    "fromHtml",
    "addHtml",
    "setDefaultStyleSheet",
}
RICH_ATTRIBUTES = {"RichText", "AutoText", "MarkdownText"}
GUESSING = {"QLabel", "QMessageBox", "QTextBrowser", "QErrorMessage", "QWhatsThis"}
DOOR = "byre.ui.widgets.labels"


def rich_text(found: list[Module]) -> list[str]:
    """Calls and constants by which text becomes markup, and guessing widgets made outside their door."""
    complaints = []
    for module in found:
        if module.room != "ui":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in RICH_ATTRIBUTES | RICH_CALLS:
                complaints.append(f"{module.name}:{node.lineno} {node.attr}")
            elif module.name != DOOR and isinstance(node, ast.Call) and _called(node) in GUESSING:
                complaints.append(f"{module.name}:{node.lineno} makes a {_called(node)}")
            elif module.name != DOOR and isinstance(node, ast.ClassDef):
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                if bases & GUESSING:
                    complaints.append(f"{module.name}:{node.lineno} derives from {', '.join(sorted(bases & GUESSING))}")
    return complaints


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def test_foreign_text_is_plain() -> None:
    assert rich_text(modules()) == []


@pytest.mark.parametrize(
    "text",
    [
        "edit.setHtml(text)",
        "label.setTextFormat(Qt.TextFormat.RichText)",
        "label = QLabel(name)",
        "label = QtWidgets.QLabel(name)",
        "class Name(QLabel): pass",
        "QMessageBox(parent)",
    ],
)
def test_rich_text_is_seen(text: str) -> None:
    assert rich_text([Module("byre.ui.room", text)])


def test_the_door_may_make_labels() -> None:
    text = "class PlainLabel(QLabel):\n    def f(self): self.setTextFormat(Qt.TextFormat.PlainText)"
    assert rich_text([Module(DOOR, text)]) == []
