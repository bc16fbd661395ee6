"""Handles, addresses and bindings."""

import pytest

from byre.errors import PeerError
from byre.identity import domains
from byre.identity.handle import Address, Binding, normalise, parse_address
from byre.wire.tls import Writer, opaque
from tests.fakes.identities import HOST, NOW_MS, Person


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("Alice", "alice"),
        (" bob ", "bob"),
        ("ＡＬＩＣＥ１", "alice1"),
        ("straße", "strasse"),
        ("ﬁsh", "fish"),
        ("a.b_c9", "a.b_c9"),
        ("12", "12"),
        ("외양간", "외양간"),
        ("하은2", "하은2"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("Привет", "привет"),
        ("ﾔﾏﾀﾞ", "ヤマダ"),
        ("日本", "日本"),
        ("Nguyễn", "nguyễn"),
        ("x" * 32, "x" * 32),
    ],
)
def test_a_typed_handle_has_one_spelling(typed: str, handle: str) -> None:
    assert normalise(typed) == handle
    assert normalise(handle) == handle


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a",
        "x" * 33,
        "x" * 600,
        "a b",
        "a-b",
        "a@b",
        "a/b",
        ".ab",
        "ab.",
        "_ab",
        "ab_",
        "a..b",
        "a\x00b",
        "a\u200bb",
        "a\u202eb",
        "аlice",
        "김alice",
        "日本ひ",
        "ㅋㅋ",
        "\u3164\u3164",
        "\u115f\u1160",
        "a\u0301\u0302\u0303b",
        "İx",
        "ı1",
        "ɑb",
        "٣٤",
        "²½",
        "🐄🐄",
        "ʼn1",
        "e\u0332e",
        "\ud800ab",
    ],
)
def test_what_is_no_handle_is_refused(typed: str) -> None:
    with pytest.raises(PeerError) as caught:
        normalise(typed)
    assert caught.value.code == "bad_handle"


def test_an_address_names_a_host_or_ones_own_relay() -> None:
    assert parse_address(" Alice ") == Address("alice", None)
    assert parse_address("Alice@Relay.Example:8443") == Address("alice", "relay.example:8443")
    assert str(parse_address("alice@relay.example")) == "alice@relay.example"
    assert str(parse_address("alice")) == "alice"


@pytest.mark.parametrize("text", ["alice@", "@host", "alice@a@b", "alice@a b", ""])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(PeerError):
        parse_address(text)


def test_a_binding_is_signed_in_the_one_spelling() -> None:
    alice = Person("alice")
    binding = Binding.issue(alice.key, handle="ALICE", host="Relay.example", now_ms=NOW_MS)
    assert (binding.handle, binding.host, binding.account_id) == ("alice", HOST, alice.account_id)
    assert Binding.decode(binding.encoded, alice.key.public) == binding


def signed(*, handle: str = "alice", host: str = HOST, account_id: bytes | None = None, time_ms: int = 0) -> bytes:
    alice = Person("alice")
    structure = (
        Writer()
        .u16(1)
        .fixed(opaque(handle.encode()))
        .fixed(opaque(host.encode()))
        .fixed(account_id or alice.account_id)
        .u64(time_ms)
        .done()
    )
    return structure + alice.key.sign(domains.BINDING, structure)


def test_the_hand_made_binding_is_good() -> None:
    assert Binding.decode(signed(), Person("alice").key.public).issued_at_ms == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (signed(handle="Alice"), "malformed"),
        (signed(handle="a"), "bad_handle"),
        (signed(host="Relay.example"), "malformed"),
        (signed(host=" "), "bad_relay_url"),
        (signed(account_id=bytes(32)), "malformed"),
        (signed(time_ms=2**60), "malformed"),
        (b"\0\2", "newer_version"),
    ],
)
def test_a_signed_binding_that_breaks_a_rule_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        Binding.decode(data, Person("alice").key.public)
    assert caught.value.code == code
