"""A device that catches up while its window is open: the room is laid out once for a burst, and all of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

import pytest

from byre.client.events import ContactChanged, MessageReceived
from byre.client.views import ContactView, MemberView, MessageId, MessageView, RoomId
from byre.errors import UsageError
from tests.ui.conftest import Stage, settle


async def test_a_burst_is_laid_out_once_and_shown_whole(stage: Stage) -> None:
    await stage.open("엄마")
    room = stage.engine.room("엄마")
    first = stage.engine.receive(room, "mother", "도착했니?")
    await settle()
    laid: list[None] = []
    shown: list[str] = []
    stage.messenger.room_pane.window_model.changed.connect(lambda: laid.append(None))
    stage.window.shown.connect(lambda message_id, _room, _ns: shown.append(message_id))
    burst: list[MessageView] = [
        replace(
            first,
            message_id=MessageId(f"{number:032x}"),
            text=f"burst {number}",
            position=first.position + number,
            sent_at=first.sent_at + number,
        )
        for number in range(1, 6)
    ]
    for message in burst:
        stage.engine.events.publish(MessageReceived(message, is_followed=message is not burst[-1]))
    assert len(laid) == 1
    await settle()
    items = stage.messenger.room_pane.transcript.items.items
    assert [item.text for item in items[-5:]] == [message.text for message in burst]
    assert shown == [message.message_id for message in burst]


async def test_the_members_are_read_once_for_a_crowd_of_names(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.open("엄마")
    await settle()
    model, read = stage.messenger.room_pane.window_model, list[str]()
    members = stage.engine.rooms.members

    async def counted(room_id: RoomId) -> Sequence[MemberView]:
        read.append(room_id)
        return await members(room_id)

    monkeypatch.setattr(stage.engine.rooms, "members", counted)
    for _ in range(50):
        stage.engine.events.publish(ContactChanged(model.members[-1].account_id))
    await settle()
    assert read == [model.room_id]


async def test_the_contacts_are_read_twice_for_a_crowd_of_names(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await settle()
    contacts, read = stage.engine.contacts.list, list[int]()

    async def counted() -> Sequence[ContactView]:
        read.append(len(read))
        return await contacts()

    monkeypatch.setattr(stage.engine.contacts, "list", counted)
    known = await contacts()
    for _ in range(50):
        stage.engine.events.publish(ContactChanged(known[0].account_id))
    await settle()
    assert read == [0, 1]  # the second answer is younger than the last of them
    assert stage.messenger.listing.contacts == tuple(known)


async def test_rooms_that_are_asked_for_too_late_are_no_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept draft asks for the rooms anew; a lock, or the end, comes before the timer does."""

    def refuse() -> NoReturn:
        raise UsageError("The profile is locked.", code="locked")

    with monkeypatch.context() as patch:
        patch.setattr(stage.engine.rooms, "list", refuse)
        stage.messenger.reload()
        await settle()
        assert not stage.messenger.listing.timer.isActive()
    stage.engine.receive(stage.engine.room("엄마"), "mother", "도착했니?")
    await settle()
    assert stage.messenger.chats.model.shown[0].last_message.text == "도착했니?"  # and it can ask again
