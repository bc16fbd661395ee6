"""`message.search`: words and filters in, messages with what is to be highlighted out."""

from __future__ import annotations

from byre.client.api import EngineApi
from byre.client.views import AccountId, MessageId, MessageKind, RoomId, SearchHitView
from byre.rpc import views
from byre.rpc.lines import JsonObject
from byre.rpc.method import Method, Params
from byre.rpc.parameters import ACCOUNT_ID, MESSAGE_ID, ROOM_ID, Field, Flag, Text, Whole

DEFAULT_SEARCH_LIMIT = 50
_LATEST_MS = 2**53 - 1


async def _message_search(engine: EngineApi, p: Params) -> JsonObject:
    hits = await engine.messages.find(
        p["query"],
        room_id=RoomId(p["room_id"]) if p["room_id"] else None,
        sender=AccountId(p["sender"]) if p["sender"] else None,
        since=p["since"],
        until=p["until"],
        has_file=bool(p["has_file"]),
        before=MessageId(p["before"]) if p["before"] else None,
        limit=p["limit"] or DEFAULT_SEARCH_LIMIT,
    )
    return {"messages": [_hit(hit) for hit in hits if hit.message.kind is MessageKind.TEXT]}


def _hit(hit: SearchHitView) -> JsonObject:
    return {
        **views.message(hit.message),
        "highlights": [list(span) for span in hit.highlights],
        "snippet": hit.snippet,
        "snippet_highlights": [list(span) for span in hit.snippet_highlights],
    }


SEARCH_METHODS = (
    Method(
        "message.search",
        (
            Field("query", Text(1024, least=0)),
            Field("room_id", ROOM_ID, is_required=False),
            Field("limit", Whole(1, 500), is_required=False),
            Field("sender", ACCOUNT_ID, is_required=False),
            Field("since", Whole(0, _LATEST_MS), is_required=False),
            Field("until", Whole(0, _LATEST_MS), is_required=False),
            Field("has_file", Flag(), is_required=False),
            Field("before", MESSAGE_ID, is_required=False),
        ),
        _message_search,
    ),
)
