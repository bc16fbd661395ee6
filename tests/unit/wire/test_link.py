"""Bytes of the linking handshake."""

import base64
from collections.abc import Callable

import pytest

from byre.errors import PeerError, UsageError
from byre.wire import link

PAYLOAD = link.LinkPayload("https://relay.example", bytes(16), bytes(range(32)), bytes(32), 1_790_000_300_000)
OFFER = link.Offer(bytes(1216), bytes(32), bytes(32), "서재 PC", "Linux")
ANSWER = link.Answer(bytes(32), "alice", "relay.example", bytes(32))
GRANT = link.Grant(b"certificate", b"list", b"binding", "Alice", "https://relay.example")
SIGNED = link.SignedGrant(b"body", bytes(64))
DONE = link.Done(bytes(48), b"package")

Decoder = Callable[[bytes], object]
PAIRS: list[tuple[object, bytes, Decoder]] = [
    (PAYLOAD, PAYLOAD.encode(), link.decode_link_payload),
    (OFFER, OFFER.encode(), link.decode_offer),
    (ANSWER, ANSWER.encode(), link.decode_answer),
    (GRANT, GRANT.encode(), link.decode_grant),
    (SIGNED, SIGNED.encode(), link.decode_signed_grant),
    (DONE, DONE.encode(), link.decode_done),
]


@pytest.mark.parametrize(("value", "data", "decode"), PAIRS)
def test_a_structure_comes_back(value: object, data: bytes, decode: Decoder) -> None:
    assert decode(data) == value


@pytest.mark.parametrize(("value", "data", "decode"), PAIRS)
def test_a_cut_or_lengthened_structure_is_malformed(value: object, data: bytes, decode: Decoder) -> None:
    for other in (data[:-1], data + b"\0", b""):
        with pytest.raises(PeerError):
            decode(other)


def test_a_uri_comes_back_with_space_around_it() -> None:
    uri = PAYLOAD.to_uri()
    assert uri.startswith("byre://link#")
    assert "=" not in uri
    assert link.parse_link_uri(f"  {uri}\n") == PAYLOAD


@pytest.mark.parametrize(
    "change",
    [
        lambda uri: "",
        lambda uri: "https://relay.example",
        lambda uri: uri.replace("link", "lonk", 1),
        lambda uri: uri[:-1],
        lambda uri: uri[:-5],
        lambda uri: uri + "A",
        lambda uri: uri + "=",
        lambda uri: uri + "\u00e9",
        lambda uri: uri[:20] + "!" + uri[21:],
        lambda uri: bits_past_the_end(link.LinkPayload("https://relay2.example", *parts()).to_uri()),
        lambda uri: uri + "A" * link.LARGEST_URI,
        lambda uri: uri.upper(),
        lambda uri: link.LinkPayload("http://relay.example", *parts()).to_uri(),
        lambda uri: link.LinkPayload("https://relay.example/", *parts()).to_uri(),
    ],
)
def test_another_text_is_no_link(change: Callable[[str], str]) -> None:
    with pytest.raises(PeerError) as caught:
        link.parse_link_uri(change(PAYLOAD.to_uri()))
    assert caught.value.code == "bad_link_uri"


def bits_past_the_end(uri: str) -> str:
    """The same bytes in another base64 spelling."""
    assert uri[-1] in "AQgw"
    return uri[:-1] + chr(ord(uri[-1]) + 1)


def parts() -> tuple[bytes, bytes, bytes, int]:
    return PAYLOAD.rendezvous, PAYLOAD.secret, PAYLOAD.offer_hash, PAYLOAD.expires_ms


def test_a_link_of_a_later_version_is_named_as_such() -> None:
    data = b"\x02" + PAYLOAD.encode()[1:]
    with pytest.raises(PeerError) as caught:
        link.parse_link_uri("byre://link#" + base64.urlsafe_b64encode(data).decode().rstrip("="))
    assert caught.value.code == "newer_version"


def test_a_payload_that_lives_beyond_time_is_malformed() -> None:
    with pytest.raises(PeerError):
        link.decode_link_payload(PAYLOAD.encode()[:-8] + b"\xff" * 8)


def test_a_grant_names_its_relay_in_the_canonical_spelling() -> None:
    spelled = link.Grant(b"certificate", b"list", b"binding", "Alice", "https://Relay.example")
    with pytest.raises(PeerError):
        link.decode_grant(spelled.encode())


@pytest.mark.parametrize(
    "make",
    [
        lambda: link.Offer(bytes(1215), bytes(32), bytes(32), "PC", "Linux"),
        lambda: link.Offer(bytes(1216), bytes(32), bytes(32), "P\nC", "Linux"),
        lambda: link.Answer(bytes(32), "alice", "relay.example", bytes(31)),
        lambda: link.Grant(b"", b"list", b"binding", "Alice", "https://relay.example"),
        lambda: link.Done(bytes(47), b"package"),
        lambda: link.Done(bytes(48), b""),
        lambda: link.LinkPayload("https://relay.example", bytes(15), bytes(32), bytes(32), 1),
    ],
)
def test_a_structure_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def test_the_secret_does_not_print() -> None:
    assert repr(PAYLOAD.secret) not in repr(PAYLOAD)
