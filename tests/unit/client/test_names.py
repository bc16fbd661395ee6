"""What a user types: names of people and devices, handles, relays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from byre.client.account import display_name, typed_account, typed_relay
from byre.client.devices import device_name
from byre.client.directory import typed_address
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
