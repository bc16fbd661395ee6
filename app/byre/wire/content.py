"""The content map: what one application message says, inside MLS.

    {v: 1, id: message id, run: run id, n: counter, at: sent_at ms, kind: name, …the kind's own keys, …unknown keys}

msgpack, keys as text. `id` names the content for good; (`run`, `n`) is new for every encryption and is what replay is
refused by (a member could seal another member's signed message anew: RFC 9420 section 6.3.2). Unknown keys of a
known kind are kept in `extra` and written back; an unknown kind, or a higher `v`, is kept whole as `Unknown`.
Law: design, Delivery. Padding is the envelope's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from byre.wire import ids
from byre.wire.content_bodies import COUNTER_BITS, Body, Unknown, decode_body, kind_of
from byre.wire.fields import bad_field, blaming_the_peer, need_bytes, need_time_ms, need_uint
from byre.wire.ids import MessageId, RunId
from byre.wire.msgpack_codec import pack, unpack
from byre.wire.padding import BUCKETS
from byre.wire.tls import malformed
from byre.wire.versions import CONTENT_VERSION

LARGEST_CONTENT: Final = BUCKETS[-1]
_OWN_KEYS: Final = ("v", "id", "run", "n", "at", "kind")


@dataclass(frozen=True, slots=True)
class Content:
    """One message's content; `extra` holds keys of a newer version, kept as they came."""

    message_id: MessageId
    run_id: RunId
    counter: int
    sent_at_ms: int
    body: Body
    extra: Mapping[str, object] = field(default_factory=dict, repr=False)
    version: int = CONTENT_VERSION

    def __post_init__(self) -> None:
        need_bytes(self.message_id, ids.MESSAGE_ID_SIZE, "a message id")
        need_bytes(self.run_id, ids.RUN_ID_SIZE, "a run id")
        need_uint(self.counter, COUNTER_BITS, "a counter")
        need_time_ms(self.sent_at_ms, "sent_at")
        if need_uint(self.version, 16, "a content version") == 0:
            raise bad_field("a content version is zero")
        if self.version != CONTENT_VERSION and not isinstance(self.body, Unknown):
            raise bad_field("content of a later version is kept unread")

    @property
    def kind(self) -> str:
        """The name of the body's kind."""
        return kind_of(self.body)


def encode_content(content: Content) -> bytes:
    """Return the map for MLS to encrypt.

    Raises:
        UsageError: code too_large or bad_field.
    """
    own: dict[str, object] = {
        "v": content.version,
        "id": content.message_id,
        "run": content.run_id,
        "n": content.counter,
        "at": content.sent_at_ms,
        "kind": content.kind,
    }
    fields = content.body.fields()
    if not own.keys().isdisjoint(fields) or not (own.keys() | fields.keys()).isdisjoint(content.extra):
        raise bad_field("a key stands twice in a content map")
    packed = pack({**own, **fields, **content.extra})
    if len(packed) > LARGEST_CONTENT:
        raise bad_field("content is too large")
    return packed


def decode_content(data: bytes) -> Content:
    """Return the content of a decrypted application message.

    Raises:
        PeerError: code malformed.
    """
    value = unpack(data, max_bytes=LARGEST_CONTENT)
    if type(value) is not dict:
        raise malformed("content is no map")
    try:
        version, message_id, run_id, counter, sent_at_ms, kind = map(value.pop, _OWN_KEYS)
    except KeyError:
        raise malformed("a content map lacks a key") from None
    if type(kind) is not str:
        raise malformed("a kind is no text")
    body: Body
    with blaming_the_peer():
        if version == CONTENT_VERSION:
            body, extra = decode_body(kind, value)
        else:
            body, extra = Unknown(kind, value), {}
        return Content(message_id, run_id, counter, sent_at_ms, body, extra, version)
