"""What a wipe takes, as one condition per table: the same for counting, for the choice of needles and for what is
not copied into the next generation.

```
 rooms     everything in these rooms that was there when the wipe began
 covered   of these rooms, what the watermarks cover (an order by another own device: what came later here stays)
 contact   the direct rooms with an account, and what is known of the account
 before    messages, drafts and kept envelopes of all rooms from before a time
 rotation  nothing: the profile is written anew, so that no trace of what was deleted singly is left
```
The scope lies in the journal as JSON; the rooms that it hides lie in `wipe_room` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from byre.errors import PeerError

CONTENTLESS_KINDS = ("commit", "welcome", "rejoin", "removed")
"""Outbox kinds that carry no content: without them the other members would lose the room."""

_KINDS = ("rooms", "covered", "contact", "before", "rotation")
_TIE_BITS = 20
_WITH_CONTENT = f"kind NOT IN ({', '.join(repr(kind) for kind in CONTENTLESS_KINDS)})"
_OF_A_ROOM = ("member", "seen_window", "seen_message", "wipe_watermark", "wipe_late", "name_told", "wipe_room")
_OF_AN_ACCOUNT = ("peer", "device_record", "signed_list")
_NAMED = (
    "JOIN author a ON a.id = message.author WHERE w.{rooms} AND w.device_id = a.device_id"
    " AND w.run_id = message.run_id AND w.counter >= message.counter"
)


@dataclass(frozen=True, slots=True)
class WipeScope:
    """What goes. `rooms` are local numbers; `started_at` (ms) is set when the wipe begins: what comes later stays."""

    kind: str
    rooms: tuple[int, ...] = ()
    account_id: bytes | None = None
    before_ms: int = 0
    started_at: int = 0

    @classmethod
    def of_rooms(cls, rooms: Iterable[int]) -> WipeScope:
        return cls("rooms", tuple(dict.fromkeys(rooms)))

    @classmethod
    def covered(cls, rooms: Iterable[int]) -> WipeScope:
        return cls("covered", tuple(dict.fromkeys(rooms)))

    @classmethod
    def of_contact(cls, account_id: bytes, direct_rooms: Iterable[int]) -> WipeScope:
        return cls("contact", tuple(dict.fromkeys(direct_rooms)), account_id)

    @classmethod
    def before(cls, time_ms: int) -> WipeScope:
        return cls("before", before_ms=time_ms)

    @classmethod
    def rotation(cls) -> WipeScope:
        return cls("rotation")

    @property
    def hides_rooms(self) -> bool:
        """Whether its rooms are hidden while it is under way: nothing of theirs stays."""
        return self.kind in ("rooms", "contact")

    def takes_messages_of(self, room: int) -> bool:
        """Whether messages of this room may go."""
        return self.kind == "before" or room in self.rooms

    def begun(self, now_ms: int) -> WipeScope:
        return replace(self, started_at=now_ms)

    def to_json(self) -> str:
        account = None if self.account_id is None else self.account_id.hex()
        return json.dumps([self.kind, list(self.rooms), account, self.before_ms, self.started_at])

    @classmethod
    def from_json(cls, text: str) -> WipeScope:
        """Parse what `to_json` wrote.

        Raises:
            PeerError: `malformed`: the journal is damaged.
        """
        try:
            kind, rooms, account, before_ms, started_at = json.loads(text)
            scope = cls(
                str(kind),
                tuple(int(room) for room in rooms),
                None if account is None else bytes.fromhex(account),
                int(before_ms),
                int(started_at),
            )
        except (ValueError, TypeError, RecursionError):
            raise PeerError("the scope of the wipe is damaged", code="malformed") from None
        if scope.kind not in _KINDS:
            raise PeerError("the scope of the wipe is of an unknown kind", code="malformed")
        return scope

    def conditions(self) -> dict[str, str]:
        """For each table of which something goes: the SQL condition of the rows that go."""
        match self.kind:
            case "rooms":
                return self._of_rooms(self._there_when_it_began())
            case "covered":
                return self._of_rooms(f"{self._there_when_it_began()} AND {self._covered()}")
            case "contact":
                return {**self._of_rooms(self._there_when_it_began()), **self._of_account()}
            case "before":
                return self._of_time()
        return {}

    def conditions_of_changed(self) -> dict[str, str]:
        """`conditions` of rows that changed while the rest was being copied.

        What changes of an account that is being erased, is what somebody wants to know of it again.
        """
        return {table: condition for table, condition in self.conditions().items() if table not in _OF_AN_ACCOUNT}

    @property
    def in_rooms(self) -> str:
        """The condition of a row whose `room` is one of the scope's."""
        return f"room IN ({', '.join(f'{room:d}' for room in self.rooms)})"

    @property
    def _in_groups(self) -> str:
        return f"group_id IN (SELECT group_id FROM room WHERE {self.in_rooms.replace('room', 'id', 1)})"

    def _there_when_it_began(self) -> str:
        return f"{self.in_rooms} AND received_at <= {self.started_at:d}"

    def _covered(self) -> str:
        """A message shows in one room and counts in another one where two direct rooms became one: any mark will do."""
        named = _NAMED.format(rooms=self.in_rooms)
        return (
            "(counter IS NULL AND NOT (is_own AND state = 'queued')"
            f" OR EXISTS (SELECT 1 FROM wipe_watermark w {named})"
            f" OR EXISTS (SELECT 1 FROM wipe_late w {named} AND w.until >= message.sent_at))"
        )

    def _of_rooms(self, messages: str) -> dict[str, str]:
        rooms, groups, then = self.in_rooms, self._in_groups, f"{self.started_at:d}"
        past = f"expires_at IS NOT NULL AND {groups}"
        # A covered wipe keeps the outbox rows of messages that stay.
        kept = f"SELECT message_id FROM message WHERE {rooms} AND NOT ({messages})"
        return {
            **_messages(messages),
            "outbox": f"{rooms} AND {_WITH_CONTENT} AND created_at <= {then} AND message_id NOT IN ({kept})",
            "receipt_due": rooms,
            "read_due": rooms,
            "early_receipt": rooms,
            "draft": f"{rooms} AND updated_at <= {then}",
            "kept_envelope": f"{groups} AND received_at <= {then}",
            "undecryptable": groups,
            "mls_epoch": past,
            "mls_ratchet": f"(group_id, epoch) IN (SELECT group_id, epoch FROM mls_epoch WHERE {past})",
        }

    def _of_account(self) -> dict[str, str]:
        """Rooms that were left go altogether; the account goes unless a room is left to verify its messages in."""
        left = f"SELECT id FROM room WHERE {self.in_rooms.replace('room', 'id', 1)} AND state IN ('left', 'removed')"
        account = f"account_id = x'{(self.account_id or b'').hex()}'"
        known = f"{account} AND NOT EXISTS (SELECT 1 FROM member WHERE {account} AND room NOT IN ({left}))"
        return {
            **dict.fromkeys(_OF_A_ROOM, f"room IN ({left})"),
            "room": f"id IN ({left})",
            **dict.fromkeys(_OF_AN_ACCOUNT, known),
        }

    def _of_time(self) -> dict[str, str]:
        end = f"{max(0, self.before_ms):d}"
        messages = f"id < {max(0, self.before_ms) << _TIE_BITS:d}"
        return {
            **_messages(messages),
            "outbox": f"created_at < {end} AND {_WITH_CONTENT}",
            "receipt_due": f"message_id IN (SELECT message_id FROM message WHERE {messages})",
            "early_receipt": f"received_at < {end}",
            "draft": f"updated_at < {end}",
            "kept_envelope": f"received_at < {end}",
            "undecryptable": f"received_at < {end}",
        }


def _messages(condition: str) -> dict[str, str]:
    return {"message": condition, "delivery": f"message IN (SELECT id FROM message WHERE {condition})"}
