"""Wire formats: whatever bytes arrive, a decoder gives a value or raises `PeerError`; what it gave comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from byre.errors import PeerError
from byre.wire import blob_pointer, content, content_bodies, envelope, link, msgpack_codec, relay_url
from tests.fuzz.damage import damage, recipes, refusing, spoiled, spoiled_text
from tests.golden.formats import GOLDEN_FILE

GOLDEN = {name: bytes.fromhex(text) for name, text in json.loads(GOLDEN_FILE.read_text()).items()}
GRANT = link.Grant(b"certificate", b"list", b"binding", "Alice", "https://relay.example").encode()

BYTES: dict[str, tuple[Callable[[bytes], object], Callable[[object], bytes], list[bytes]]] = {
    "byre.wire.envelope:decode_envelope": (
        envelope.decode_envelope,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [GOLDEN["envelope_plaintext"]],
    ),
    "byre.wire.blob_pointer:decode_blob_pointer": (
        blob_pointer.decode_blob_pointer,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [blob_pointer.BlobPointer(2, bytes(16), bytes(32), bytes(32), bytes(48), 70_000, b"a Welcome").encode()],
    ),
    "byre.wire.content:decode_content": (
        content.decode_content,
        content.encode_content,  # type: ignore[dict-item]
        [data for name, data in GOLDEN.items() if name.startswith("content_")],
    ),
    "byre.wire.link:decode_link_payload": (
        link.decode_link_payload,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [link.parse_link_uri(GOLDEN["link_uri"].decode()).encode()],
    ),
    "byre.wire.link:decode_offer": (
        link.decode_offer,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [GOLDEN["link_blob1_plaintext"]],
    ),
    "byre.wire.link:decode_answer": (
        link.decode_answer,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [GOLDEN["link_blob2_plaintext"]],
    ),
    "byre.wire.link:decode_grant": (link.decode_grant, lambda value: value.encode(), [GRANT]),  # type: ignore[attr-defined]
    "byre.wire.link:decode_signed_grant": (
        link.decode_signed_grant,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [link.SignedGrant(GRANT, bytes(64)).encode()],
    ),
    "byre.wire.link:decode_done": (
        link.decode_done,
        lambda value: value.encode(),  # type: ignore[attr-defined]
        [link.Done(bytes(48), b"a KeyPackage").encode()],
    ),
}
TEXTS: dict[str, tuple[Callable[[str], object], str]] = {
    "byre.wire.link:parse_link_uri": (link.parse_link_uri, GOLDEN["link_uri"].decode()),
    "byre.wire.relay_url:parse_relay_url": (relay_url.parse_relay_url, "https://[2001:db8::1]:8443"),
    "byre.wire.relay_url:parse_authority": (relay_url.parse_authority, "relay.example:8443"),
}
OTHERS = ("byre.wire.content_bodies:decode_body",)

ODD_VALUES: list[object] = [
    *(None, True, 0, -1, 1 << 63, (1 << 64) - 1, 1.5, float("inf"), "", "a\nb", "소", "x" * 300, b"", bytes(16)),
    *(bytes(32), bytes(70), [], {}, {"a": [1]}, [None], [bytes(16)], [b""], [[b"", b"", b"", 1]], [[bytes(32), b""]]),
]


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_bytes_parse_or_the_peer_is_blamed(recipe: bytes) -> None:
    for name, (decode, encode, samples) in BYTES.items():
        with refusing(name):
            value = decode(spoiled(samples[sum(recipe) % len(samples)], recipe))
            assert _comes_back(decode, encode(value)) == value


@settings(max_examples=2000, deadline=None)
@given(recipe=recipes)
def test_text_parses_or_the_peer_is_blamed(recipe: bytes) -> None:
    for name, (parse, sample) in TEXTS.items():
        with refusing(name):
            value = parse(spoiled_text(sample, recipe))
            if isinstance(value, str):
                assert _comes_back(parse, value) == value  # the canonical spelling is canonical
            else:
                assert isinstance(value, link.LinkPayload)
                assert _comes_back(parse, value.to_uri()) == value


def _comes_back(decode: Callable[[Any], object], sent: object) -> object:
    """What we say ourselves must not be refused."""
    try:
        return decode(sent)
    except PeerError as refusal:
        raise AssertionError("what was taken is refused when it is said again") from refusal


@settings(max_examples=4000, deadline=None)
@given(st.sampled_from([*content_bodies.CONTENT_KINDS, "poll"]), st.integers(0, 1 << 20), st.sampled_from(ODD_VALUES))
def test_fields_of_a_body_parse_or_the_peer_is_blamed(kind: str, place: int, odd: object) -> None:
    sample = GOLDEN.get(f"content_{kind}", GOLDEN["content_unknown"])
    fields = dict(content.decode_content(sample).body.fields())
    keys = [*fields, "later"]
    fields[keys[place % len(keys)]] = odd
    try:
        body, left = content_bodies.decode_body(kind, fields)
    except PeerError:
        return
    assert content_bodies.decode_body(kind, body.fields()) == (body, {})
    assert left.keys() <= fields.keys()


@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(ODD_VALUES), recipes)
def test_packed_bytes_unpack_or_the_peer_is_blamed(sample: object, recipe: bytes) -> None:
    data = damage(msgpack_codec.pack({"a": [sample, sample], "b": sample}), recipe)
    try:
        value = msgpack_codec.unpack(data)
    except PeerError:
        return
    assert msgpack_codec.pack(msgpack_codec.unpack(msgpack_codec.pack(value))) == msgpack_codec.pack(value)


@settings(max_examples=2000, deadline=None)
@given(st.integers(0, 255), st.binary(max_size=600))
def test_any_envelope_comes_back(envelope_type: int, body: bytes) -> None:
    sent = envelope.Envelope(envelope_type, body)
    assert envelope.decode_envelope(sent.encode()) == sent
