"""Rows of a transcript from messages: day lines, the unread line, system lines, grouping, notes. No toolkit.

`compose` is a pure function of what the store says; the model compares its results and tells the view the least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from byre.client.views import MessageId, MessageKind, MessageState, MessageView, RoomKind, Trust
from byre.ui import when
from byre.ui.i18n import Language, tr
from byre.ui.naming import person_name
from byre.ui.plain import isolated, shown_name
from byre.ui.sentences import failure_reason
from byre.ui.timers import left_words, timer_words

GROUP_GAP_MS = 600_000
UNSTORED = "unstored:"
"""How the key of a text begins that was sent and that nothing but the window has yet."""


@dataclass(frozen=True, slots=True)
class Note:
    """The small line under a bubble; `action` is `retry`, `expand` or empty."""

    icon: str
    text: str
    colour: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One row: a message, or a line (`day`, `unread`, `ok`, `sys`, `warn`, `bad`)."""

    key: str
    kind: str
    text: str
    message: MessageView | None = None
    is_first: bool = True
    is_last: bool = True
    icon: str = ""
    link: str = ""
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What the rows need to know of the room and of the moment."""

    kind: RoomKind = RoomKind.GROUP
    trust: Trust = Trust.VERIFIED
    is_connected: bool = True
    is_start: bool = True
    unread_from: MessageId | None = None
    language: Language = "ko"
    on_phone: bool = False


def compose(messages: Sequence[MessageView], facts: RoomFacts, start: int = 0) -> list[Item]:
    """The rows for `messages` (oldest first) from number `start` on, as they stand behind the rows of those before."""
    if not messages and facts.is_start:  # nothing was written here yet
        return [_opening(facts)]
    items: list[Item] = []
    day_of = when.Days()
    day = day_of(messages[start - 1].sent_at) if start else -1
    previous = messages[start - 1] if start and messages[start - 1].kind is MessageKind.TEXT else None
    waiting = _waiting(messages, facts)
    for index in range(start, len(messages)):
        message = messages[index]
        key = day_of(message.sent_at)
        if key != day:
            day = key
            items.append(Item(f"day:{key}", "day", when.day_line(message.sent_at, facts.language)))
            if index == 0 and facts.is_start:
                items.append(_opening(facts))
            previous = None
        if message.message_id == facts.unread_from:
            items.append(Item("unread", "unread", tr("Unread from here")))
            previous = None
        if message.kind is not MessageKind.TEXT:
            items.append(_line(message, facts))
            previous = None
            continue
        follower = messages[index + 1] if index + 1 < len(messages) else None
        items.append(
            Item(
                key=message.message_id,
                kind="message",
                text=message.text,
                message=message,
                is_first=previous is None or not _together(previous, message),
                is_last=follower is None
                or follower.message_id == facts.unread_from
                or day_of(follower.sent_at) != day
                or not _together(message, follower),
                note=_note(message, facts, waiting),
            )
        )
        previous = message
    return items


def accessible_text(item: Item, language: Language, now_ms: int) -> str:
    """What a screen reader says: sender, text, time, state, what is left of a timer, how many have not read."""
    message = item.message
    if message is None or item.kind != "message":
        return f"{item.text} {item.link}".strip()
    who = tr("Me") if message.is_own else person_name(message.sender.name, message.sender.handle)
    parts = [who, message.text, when.clock(message.sent_at, language)]
    if message.is_own:
        parts.append(state_name(message.state))
    if message.timer_s:
        parts.append(timer_said(message, now_ms))
    if message.unread_by:
        parts.append(tr("%n not read", message.unread_by))
    if item.note is not None:
        parts.append(item.note.text)
    return ", ".join(parts)


def timer_said(message: MessageView, now_ms: int) -> str:
    """When a message disappears, in words: what is left once its timer runs, the agreed time before."""
    if message.expires_at is not None:
        return tr("disappears in {time}", time=left_words(message.expires_at - now_ms))
    return tr("gone after {time}", time=timer_words(message.timer_s))


def state_name(state: MessageState) -> str:
    """The word of a delivery state."""
    return {
        MessageState.QUEUED: tr("Waiting"),
        MessageState.RELAYED: tr("Held by relay"),
        MessageState.STORED: tr("Held by relay"),
        MessageState.DELIVERED: tr("Delivered"),
        MessageState.READ: tr("Read"),
        MessageState.EXPIRED: tr("Expired"),
        MessageState.FAILED: tr("Not sent"),
    }.get(state, "")


def state_icon(state: MessageState) -> str:
    """The icon of a delivery state."""
    return {
        MessageState.QUEUED: "clock",
        MessageState.RELAYED: "check",
        MessageState.STORED: "check",
        MessageState.EXPIRED: "clock-alert",
        MessageState.FAILED: "circle-alert",
    }.get(state, "check-check")


def _together(first: MessageView, second: MessageView) -> bool:
    return (
        second.kind is MessageKind.TEXT
        and first.kind is MessageKind.TEXT
        and first.sender.account_id == second.sender.account_id
        and second.sent_at - first.sent_at <= GROUP_GAP_MS
    )


def _waiting(messages: Sequence[MessageView], facts: RoomFacts) -> tuple[MessageId, int] | None:
    """The last queued message and how many wait, when there is no connection."""
    if facts.is_connected:
        return None
    queued = [m for m in messages if m.is_own and m.state is MessageState.QUEUED]
    return (queued[-1].message_id, len(queued)) if queued else None


def _note(message: MessageView, facts: RoomFacts, waiting: tuple[MessageId, int] | None) -> Note | None:
    if not message.is_own:
        return None
    if message.state is MessageState.FAILED:
        words = f"{failure_reason(message.detail)} · {tr('Send again')}"
        return Note("circle-alert", words, "danger", "retry")
    if message.state is MessageState.QUEUED and facts.trust is Trust.CHANGED:
        words = tr("Not sent · kept on this PC until the key is checked")
        if facts.on_phone:
            words = tr("Not sent · kept on this phone until the key is checked")
        return Note("shield-alert", words, "danger")
    if waiting is not None and waiting[0] == message.message_id:
        words = tr("%n waiting on this PC · sent in order once connected", waiting[1])
        if facts.on_phone:
            words = tr("%n waiting on this phone · sent in order once connected", waiting[1])
        return Note("clock", words, "text2")
    return None


def _opening(facts: RoomFacts) -> Item:
    if facts.kind is RoomKind.NOTE:
        return Item("start", "ok", tr("Only your own devices can read this"), icon="lock")
    if facts.trust is Trust.UNVERIFIED:
        return Item(
            "start",
            "warn",
            tr("The key is the one the relay told. It was not compared yet."),
            icon="shield-question-mark",
            link=tr("Compare safety number") if facts.kind is RoomKind.DIRECT else "",
        )
    return Item("start", "ok", tr("End-to-end encrypted · only the members of this room can read it"), icon="lock")


def _subject(message: MessageView) -> str:
    """Whom a system line is about: the name that this account chose never stands without its handle."""
    handle, name = shown_name(message.detail), shown_name(message.detail_name)
    if name and handle and name != handle:
        return f"{isolated(name)} ({isolated(handle)})"
    return isolated(handle) if handle else ""


def _line(message: MessageView, facts: RoomFacts) -> Item:
    key = message.message_id
    tone, icon, words = line_of(message)
    if message.text != "key_changed" or message.kind is not MessageKind.SYSTEM:
        return Item(key, tone, words, message, icon=icon)
    if facts.kind is RoomKind.DIRECT:  # the banner above has the button
        return Item(key, tone, f"{words} · {when.clock(message.sent_at, facts.language)}", message, icon=icon)
    return Item(key, tone, words, message, icon=icon, link=tr("Compare safety number"))


def line_of(message: MessageView) -> tuple[str, str, str]:
    """(tone, icon, sentence) of what is no text: what happened in the room, or what could not be read."""
    if message.kind is MessageKind.UNKNOWN:
        return "sys", "package", tr("This message needs a newer Byre")
    if message.kind is MessageKind.UNREADABLE:
        return "warn", "triangle-alert", tr("A message could not be decrypted")
    who = isolated(person_name(message.sender.name, message.sender.handle))
    subject = _subject(message) or who
    table = {
        "room_created": ("sys", "users", tr("{who} opened this room", who=who)),
        "member_added": ("sys", "user-plus", tr("{who} invited {subject}", who=who, subject=subject)),
        "member_removed": ("sys", "user-minus", tr("{who} removed {subject}", who=who, subject=subject)),
        "member_left": ("sys", "user-minus", tr("{subject} left", subject=subject)),
        "device_added": ("sys", "monitor", tr("{who}'s PC entered this room", who=who)),
        "device_removed": ("sys", "monitor-off", tr("{who}'s PC left this room", who=who)),
        "device_revoked": ("warn", "monitor-off", tr("{who}'s PC is no longer in the device list", who=who)),
        "device_rejoined": ("sys", "monitor-check", tr("{who}'s PC is back · missed messages follow", who=who)),
        "key_changed": ("bad", "shield-alert", tr("{subject}'s key has changed", subject=subject)),
        "verified": ("ok", "shield-check", tr("{subject}'s safety number was compared · verified", subject=subject)),
        "title_changed": ("sys", "pencil", tr("{who} gave this room another name", who=who)),
        "retention_changed": ("sys", "timer", tr("{who} changed how long messages stay", who=who)),
        "wiped": ("sys", "eraser", tr("{who} erased messages here", who=who)),
        "removed_self": ("warn", "user-minus", tr("You are no longer in this room")),
        "jammed": (
            "bad",
            "triangle-alert",
            tr("The relay and the members of this room disagree. Texts go on; changes wait."),
        ),
        "unjammed": ("ok", "check", tr("The relay agrees again: this room goes on")),
    }
    return table.get(message.text, ("sys", "info", tr("The room has changed")))
