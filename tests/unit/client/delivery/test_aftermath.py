"""What follows a burst: messages one by one and in order, everything else once."""

from __future__ import annotations

from byre.client.delivery.aftermath import Aftermath
from byre.client.delivery.ledger import StateChange
from byre.client.events import Event, MessageReceived, MessageStateChanged, RoomChanged
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

ONE, TWO = RoomId("01" * 32), RoomId("02" * 32)


def view(room: RoomId, number: int) -> MessageView:
    return MessageView(
        message_id=MessageId(f"{number:032x}"),
        room_id=room,
        sender=Sender(AccountId("aa"), "anna", DeviceId("bb"), "Anna"),
        text=str(number),
        sent_at=number,
        state=MessageState.RECEIVED,
        position=number,
        is_own=False,
        kind=MessageKind.TEXT,
        unread_by=0,
        detail="",
    )


def told(aftermath: Aftermath) -> list[Event]:
    events: list[Event] = []
    for effect in aftermath.effects(events.append):
        effect()
    return events


def test_messages_come_in_order_and_the_last_of_each_room_is_followed_by_none() -> None:
    aftermath = Aftermath()
    for room, number in ((ONE, 1), (TWO, 2), (ONE, 3), (ONE, 4)):
        aftermath.show(view(room, number))
    events = told(aftermath)
    received = [event for event in events if isinstance(event, MessageReceived)]
    assert [(event.message.text, event.is_followed) for event in received] == [
        ("1", True),
        ("2", False),
        ("3", True),
        ("4", False),
    ]
    assert [event.room_id for event in events[4:] if isinstance(event, RoomChanged)] == [ONE, TWO]


def test_a_state_is_told_as_far_as_it_got() -> None:
    aftermath = Aftermath()
    for state in ("stored", "delivered"):
        aftermath.state_changed(StateChange(b"g" * 32, b"m" * 16, state, 1))
    changes = [event for event in told(aftermath) if isinstance(event, MessageStateChanged)]
    assert [(event.state, event.unread_by) for event in changes] == [(MessageState.DELIVERED, 1)]


def test_effects_run_in_order_and_named_ones_once() -> None:
    aftermath, ran = Aftermath(), list[str]()
    aftermath.once(("receipts", b"g"), lambda: ran.append("receipts"))
    aftermath.then(lambda: ran.append("first"))
    aftermath.once(("receipts", b"g"), lambda: ran.append("again"))
    aftermath.then(lambda: ran.append("second"))
    aftermath.once(("receipts", b"h"), lambda: ran.append("others"))
    assert told(aftermath) == []
    assert ran == ["first", "second", "receipts", "others"]
