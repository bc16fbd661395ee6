"""What a user types: names of people and devices, handles, relays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from byre.client.devices import device_name
from byre.client.directory import typed_account, typed_address, typed_relay
from byre.client.names import clean_name, display_name
from byre.client.peers import shown_handle
from byre.errors import UsageError


@pytest.mark.parametrize("clean", [display_name, device_name])
def test_names_are_trimmed_and_bounded(clean: Callable[[str], str]) -> None:
    assert clean("  외양간\t PC ") == "외양간 PC"
    for bad in ("", "   ", "x" * 65, "a\x00b", "a\u202eb"):
        with pytest.raises(UsageError) as caught:
            clean(bad)
        assert caught.value.code == "bad_params"


def test_an_account_is_a_handle_at_the_relays_host() -> None:
    assert str(typed_account("Cow", "https://Relay.example/")) == "cow@relay.example"
    assert str(typed_account("cow@relay.example", "https://relay.example")) == "cow@relay.example"
    for handle, relay, code in [
        ("cow@other.example", "https://relay.example", "bad_handle"),
        ("c", "https://relay.example", "bad_handle"),
        ("cow", "http://relay.example", "bad_relay"),
        ("cow", "relay", "bad_relay"),
    ]:
        with pytest.raises(UsageError) as caught:
            typed_account(handle, relay)
        assert caught.value.code == code


def test_a_relay_has_one_spelling() -> None:
    assert typed_relay("HTTP://127.0.0.1:8440/") == "http://127.0.0.1:8440"


def test_an_address_names_the_fault() -> None:
    assert typed_address("cow").host is None
    for text, code in (("", "bad_handle"), ("cow@", "bad_relay"), ("cow@a b", "bad_relay")):
        with pytest.raises(UsageError) as caught:
            typed_address(text)
        assert caught.value.code == code


def test_a_handle_is_shown_as_its_reader_types_it() -> None:
    assert shown_handle("cow", "here", "here") == "cow"
    assert shown_handle("cow", "there", "here") == "cow@there"
    assert shown_handle("", "", "here") == ""


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("  소  \n 주인 ", "소 주인"),
        ("a\x00b\x1bc", "abc"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("\u2066a\u2069\u200eb\u061c", "ab"),
        ("ad\u200bmin", "admin"),
        ("\u3164\u115f\uffa0\u2800", ""),
        ("\u200d\u200d", ""),
        ("\u0301\u0301", ""),
        ("Z" + "\u0301" * 40, "Z" + "\u0301" * 3),
        ("👩\u200d👧", "👩\u200d👧"),
        ("ab\u200dcd", "abcd"),
        ("x" * 300, "x" * 64),
        ("a\u2028b\u2029c\u00a0d", "a b c d"),
        ("\ud800", ""),
        ("<b>bold</b>", "<b>bold</b>"),
        ("앨리스 🐄", "앨리스 🐄"),
    ],
)
def test_a_claimed_name_is_cleaned(claimed: str, shown: str) -> None:
    assert clean_name(claimed) == shown
    assert clean_name(shown) == shown
