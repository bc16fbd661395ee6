"""Rows that are composed again from the first change on are those of the whole room, whatever changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byre.client.views import (
    AccountId,
    DeviceId,
    MessageId,
    MessageKind,
    MessageState,
    MessageView,
    RoomId,
    Sender,
)
from byre.ui.transcript import composed
from byre.ui.transcript.composed import Composed
from byre.ui.transcript.items import Item, RoomFacts, compose

START_MS = 1_780_000_000_000
_SENDERS = [Sender(AccountId(f"{n:064x}"), f"user{n}", DeviceId(f"{n:032x}"), f"User {n}") for n in range(2)]


def message(number: int, sender: int = 0, *, gap_ms: int = 1_000, kind: MessageKind = MessageKind.TEXT) -> MessageView:
    return MessageView(
        MessageId(f"{number:032x}"), RoomId("r"), _SENDERS[sender], f"text {number}", START_MS + number * gap_ms,
        MessageState.QUEUED if sender == 0 else MessageState.RECEIVED, number, sender == 0, kind,
    )  # fmt: skip


class Shown:
    """What a list would show of the answers."""

    def __init__(self) -> None:
        self.rows: list[Item] = []
        self.composed = Composed()

    def again(self, messages: list[MessageView], facts: RoomFacts) -> int:
        """Take the next answer; returns how many rows it left alone."""
        items, kept = self.composed.again(messages, facts, self._row_of)
        self.rows[kept:] = items
        return kept

    def _row_of(self, key: str) -> int | None:
        return next((row for row, item in enumerate(self.rows) if item.key == key), None)


def test_a_new_message_leaves_all_rows_alone_but_the_last_one() -> None:
    shown, messages = Shown(), [message(n) for n in range(50)]
    shown.again(messages, RoomFacts())
    messages.append(message(50))
    assert shown.again(messages, RoomFacts()) == len(shown.rows) - 2
    assert shown.rows == compose(messages, RoomFacts())
    assert not shown.rows[-2].is_last


def test_a_new_message_costs_no_look_at_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, messages = Shown(), [message(n) for n in range(50)]
    shown.again(messages, RoomFacts())
    begun: list[int] = []

    def watched(messages: list[MessageView], facts: RoomFacts, start: int = 0) -> list[Item]:
        begun.append(start)
        return compose(messages, facts, start)

    monkeypatch.setattr(composed, "compose", watched)
    shown.again([*messages, message(50)], RoomFacts())
    assert begun == [49]


def test_rows_that_are_not_shown_any_more_are_composed_all() -> None:
    shown, messages = Shown(), [message(n) for n in range(5)]
    shown.again(messages, RoomFacts())
    shown.rows.clear()
    assert shown.again(messages, RoomFacts()) == 0
    assert shown.rows == compose(messages, RoomFacts())


def test_without_a_connection_the_note_moves_to_the_last_that_waits() -> None:
    shown, facts, messages = Shown(), RoomFacts(is_connected=False), [message(0), message(1)]
    shown.again(messages, facts)
    messages.append(message(2))
    shown.again(messages, facts)
    assert [item.key for item in shown.rows if item.note is not None] == [messages[2].message_id]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_changes_the_rows_are_those_of_the_whole_room(data: st.DataObject) -> None:
    shown = Shown()
    messages: list[MessageView] = []
    gaps = st.sampled_from([1_000, 700_000, 40_000_000])
    kinds = st.sampled_from([MessageKind.TEXT, MessageKind.TEXT, MessageKind.SYSTEM])
    for number in range(1, data.draw(st.integers(2, 13))):
        act = data.draw(st.sampled_from(["add", "add", "add", "insert", "state", "drop", "trim"]))
        at = data.draw(st.integers(0, len(messages)))
        new = message(number, data.draw(st.integers(0, 1)), gap_ms=data.draw(gaps), kind=data.draw(kinds))
        if act == "add":
            messages.append(new)
        elif act == "insert":
            messages.insert(at, new)
        elif act == "state" and at < len(messages):
            messages[at] = replace(messages[at], state=MessageState.READ, unread_by=at)
        elif act == "drop" and at < len(messages):
            del messages[at]
        elif act == "trim":
            del messages[:at]
        unread = data.draw(st.sampled_from([None, *(m.message_id for m in messages)]))
        facts = RoomFacts(is_connected=data.draw(st.booleans()), is_start=data.draw(st.booleans()), unread_from=unread)
        shown.again(messages, facts)
        assert shown.rows == compose(messages, facts)
