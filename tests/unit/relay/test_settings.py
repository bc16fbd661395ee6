"""Limits: every one is a flag, and none may hold anything for more than 72 hours."""

from __future__ import annotations

import argparse
from dataclasses import fields

import pytest

from byre.errors import UsageError
from byre.relay.config import add_config_flags, config_from
from byre.relay.settings import Limits


def parsed(*words: str) -> Limits:
    parser = argparse.ArgumentParser()
    add_config_flags(parser)
    return config_from(parser.parse_args(words)).limits


def test_the_defaults_are_those_of_the_design() -> None:
    limits = parsed()
    assert limits == Limits()
    assert (limits.ttl_default_s, limits.ttl_cap_s) == (48 * 3600, 72 * 3600)
    assert (limits.window_frames, limits.window_bytes) == (64, 512 * 1024)
    assert (limits.held_messages, limits.held_bytes) == (2000, 64 * 1024 * 1024)


@pytest.mark.parametrize("name", [part.name for part in fields(Limits)])
def test_every_limit_is_a_flag(name: str) -> None:
    flag = "--limit-" + name.replace("_", "-")
    assert getattr(parsed(flag, "1"), name) == 1


@pytest.mark.parametrize("flag", ["--limit-ttl-cap-s", "--limit-commit-body-s"])
def test_nothing_is_held_longer_than_72_hours(flag: str) -> None:
    with pytest.raises(UsageError):
        parsed(flag, str(72 * 3600 + 1))


def test_no_body_is_larger_than_clients_can_read() -> None:
    assert parsed("--limit-body-bytes", str(64 * 1024)).body_bytes == 64 * 1024
    with pytest.raises(UsageError):
        parsed("--limit-body-bytes", str(64 * 1024 + 1))


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(UsageError):
        parsed("--limit-held-messages", "-1")


def test_a_wanted_time_is_cut_at_the_cap() -> None:
    limits = Limits()
    assert [limits.ttl_s(0), limits.ttl_s(60), limits.ttl_s(10**9)] == [48 * 3600, 60, 72 * 3600]


def test_hello_announces_what_clients_must_keep_to() -> None:
    announced = Limits().announced()
    assert announced["window_frames"] == 64
    assert announced["body_bytes"] == 65536
