"""What a screen reader meets: every control in sight has a name, on every kind of page and sheet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface

from tests.ui.boards import ALL
from tests.ui.scenes import open_scene

CONTROLS = frozenset(
    {
        QAccessible.Role.Button,
        QAccessible.Role.CheckBox,
        QAccessible.Role.RadioButton,
        QAccessible.Role.EditableText,
        QAccessible.Role.List,
        QAccessible.Role.ListItem,
        QAccessible.Role.ProgressBar,
        QAccessible.Role.Link,
    }
)
SCENES = {scene.name: scene for scene in ALL}


def in_sight(at: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """The interface and all below it that are not hidden."""
    if at.isValid() and not at.state().invisible:
        yield at
        for number in range(min(at.childCount(), 60)):
            child = at.child(number)
            if child is not None:
                yield from in_sight(child)


@pytest.mark.parametrize(
    "name", ["first-run", "info-drawer", "settings-network", "friends", "wipe-question", "phone-link-confirm", "stuck"]
)
@pytest.mark.usefixtures("qapp")
async def test_every_control_in_sight_has_a_name(name: str) -> None:
    opened = await open_scene(SCENES[name])
    try:
        root = QAccessible.queryAccessibleInterface(opened.window)
        assert root is not None
        met = [at for at in in_sight(root) if at.role() in CONTROLS or at.state().focusable]
        nameless = [type(at.object()).__name__ for at in met if not at.text(QAccessible.Text.Name)]
        assert len(met) > 3
        assert nameless == []
    finally:
        await opened.close()
