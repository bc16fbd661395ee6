"""The content map as a whole."""

import pytest

from byre.errors import PeerError, UsageError
from byre.wire.content import LARGEST_CONTENT, Content, decode_content, encode_content
from byre.wire.content_bodies import Receipt, Text, Unknown
from byre.wire.msgpack_codec import pack, unpack

ID, RUN = bytes(range(16)), bytes(8)


def a_content(**changes: object) -> Content:
    parts: dict[str, object] = {"message_id": ID, "run_id": RUN, "counter": 7, "sent_at_ms": 1000, "body": Text("hi")}
    return Content(**{**parts, **changes})  # type: ignore[arg-type]


def a_map(**changes: object) -> dict[str, object]:
    value = unpack(encode_content(a_content()))
    assert isinstance(value, dict)
    return {**value, **changes}


def test_content_comes_back() -> None:
    assert decode_content(encode_content(a_content())) == a_content()


def test_unknown_keys_are_kept_and_written_back() -> None:
    received = decode_content(pack(a_map(reply_to=ID, nested={"a": [1]})))
    assert received.extra == {"reply_to": ID, "nested": {"a": [1]}}
    assert decode_content(encode_content(received)) == received


def test_an_unknown_kind_is_kept() -> None:
    received = decode_content(pack(a_map(kind="poll")))
    assert received.body == Unknown("poll", {"text": "hi"})
    assert received.kind == "poll"
    assert decode_content(encode_content(received)) == received


def test_a_known_kind_of_a_later_version_is_kept_unread() -> None:
    received = decode_content(pack(a_map(v=2, text=[1])))
    assert (received.version, received.body) == (2, Unknown("text", {"text": [1]}))
    assert decode_content(encode_content(received)) == received


@pytest.mark.parametrize("key", ["v", "id", "run", "n", "at", "kind"])
def test_a_missing_key_is_malformed(key: str) -> None:
    value = a_map()
    del value[key]
    with pytest.raises(PeerError):
        decode_content(pack(value))


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 0},
        {"v": True},
        {"v": "1"},
        {"id": b"short"},
        {"id": "text"},
        {"run": bytes(9)},
        {"n": -1},
        {"n": 2**63},
        {"at": -1},
        {"at": 1.5},
        {"kind": 1},
        {"text": 1},
    ],
)
def test_a_wrong_value_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(PeerError) as caught:
        decode_content(pack(a_map(**changes)))
    assert caught.value.code == "malformed"


def test_what_is_no_map_is_malformed() -> None:
    with pytest.raises(PeerError):
        decode_content(pack([1]))


def test_too_much_content_is_refused_both_ways() -> None:
    with pytest.raises(UsageError):
        encode_content(a_content(extra={"more": bytes(LARGEST_CONTENT)}))
    with pytest.raises(PeerError):
        decode_content(pack(a_map(more=bytes(LARGEST_CONTENT))))


@pytest.mark.parametrize("extra", [{"v": 2}, {"text": "other"}])
def test_extra_keys_must_not_hide_known_ones(extra: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        encode_content(a_content(extra=extra))


def test_an_unknown_body_must_not_hide_the_maps_own_keys() -> None:
    with pytest.raises(UsageError):
        encode_content(a_content(body=Unknown("poll", {"id": 1})))


@pytest.mark.parametrize("changes", [{"version": 0}, {"version": 2}, {"counter": -1}])
def test_content_that_breaks_its_rule_cannot_be_made(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        a_content(**changes)


def test_a_receipt_of_many_messages_fits_the_largest_envelope() -> None:
    many = Receipt(tuple(number.to_bytes(16) for number in range(1024)), ID)  # type: ignore[misc]
    assert len(encode_content(a_content(body=many))) < 60 * 1024
