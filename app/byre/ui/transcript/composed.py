"""The rows of one room from moment to moment: composed again from the first message that is another one.

Almost always that is the newest: composing a whole room for each message would cost more than painting it. No toolkit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from byre.client.views import MessageView
from byre.ui.transcript.items import Item, RoomFacts, compose


class Composed:
    """Remembers what the rows were composed of."""

    def __init__(self) -> None:
        self._messages: list[MessageView] = []
        self._facts: RoomFacts | None = None

    def again(
        self, messages: Sequence[MessageView], facts: RoomFacts, row_of: Callable[[str], int | None]
    ) -> tuple[list[Item], int]:
        """The rows for `messages` but for the first ones that stay as they are, and how many those are.

        Args:
            row_of: where the row of a message stands now, None if it is not shown.
        """
        start = self._first_changed(messages, facts) - 1  # the row before it may be the last of its group no longer
        row = row_of(messages[start - 1].message_id) if start > 0 else None
        self._messages, self._facts = list(messages), facts
        if row is None:
            return compose(messages, facts), 0
        return compose(messages, facts, start), row + 1

    def _first_changed(self, messages: Sequence[MessageView], facts: RoomFacts) -> int:
        if facts != self._facts or not facts.is_connected:  # without a connection the last that waits counts the others
            return 0
        same = list(map(operator.is_, self._messages, messages))
        return same.index(False) if False in same else len(same)
