"""Why nothing can be written into a room: the sentence and what can be done."""

from __future__ import annotations

from byre.client.views import AccountId, RoomId, RoomKind, RoomState, RoomView, Trust
from byre.ui.room.standing import standing_of


def request(title: str, kind: RoomKind, peer: str = "") -> RoomView:
    return RoomView(
        room_id=RoomId("ab" * 32),
        title=title,
        kind=kind,
        state=RoomState.REQUEST,
        trust=Trust.UNVERIFIED,
        unread=1,
        member_count=2,
        last_activity=0,
        last_message=None,
        peer_account_id=AccountId("cd" * 32) if peer else None,
        retention_s=0,
        draft="",
        peer_handle=peer,
    )


def words(room: RoomView) -> str:
    standing = standing_of(room, is_removed=False, host="relay.example")
    assert standing is not None
    assert [act for _, _, act in standing.acts] == ["decline", "accept"]
    return standing.words.replace("\u2068", "").replace("\u2069", "")


def test_a_stranger_asks_by_name_and_handle_and_a_group_is_no_person() -> None:
    assert words(request("Minsu", RoomKind.DIRECT, "minsu")) == "Minsu wants to talk to you · minsu@relay.example"
    assert words(request("Book club", RoomKind.GROUP)) == "You are invited: Book club"
