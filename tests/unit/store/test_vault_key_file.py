"""The key file's bytes and its wrap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from byre.crypto.secret import Secret
from byre.errors import PeerError
from byre.store.vault_key_file import KeyFile, KeyMode, PassphraseCosts
from byre.store.vault_sources import KeySources
from tests.unit.store.profile import seeded

KEY, OUTER, STRETCHED = Secret(b"K" * 32), Secret(b"S" * 32), Secret(b"E" * 32)
SOURCES = {
    KeyMode.A: KeySources(OUTER, None),
    KeyMode.B: KeySources(OUTER, STRETCHED),
    KeyMode.C: KeySources(None, STRETCHED),
}


def key_file(mode: KeyMode = KeyMode.C) -> KeyFile:
    return KeyFile.wrap(
        KEY,
        SOURCES[mode],
        generation=2,
        profile_id=b"p" * 16,
        costs=PassphraseCosts(1024, 3),
        salt=b"s" * 16,
        random=seeded("key file"),
    )


@pytest.mark.parametrize("mode", list(KeyMode))
def test_layout_and_way_back(mode: KeyMode) -> None:
    raw = key_file(mode).to_bytes()
    header = b"BYREKEYF\x01" + mode.value.encode() + bytes([0, 0, 0, 2]) + b"p" * 16
    assert raw[:54] == header + bytes([0, 0, 4, 0, 0, 0, 0, 3]) + b"s" * 16
    assert raw[54:70] == SOURCES[mode].check()
    assert len(raw) == 70 + 24 + 48
    parsed = KeyFile.from_bytes(raw)
    assert parsed == key_file(mode)
    assert parsed.unwrap(SOURCES[mode]) == KEY
    assert all(secret.reveal() not in raw for secret in (KEY, OUTER, STRETCHED))


def test_an_outer_secret_is_known_again() -> None:
    assert key_file(KeyMode.A).knows(OUTER)
    assert key_file(KeyMode.B).knows(OUTER)
    assert not key_file(KeyMode.B).knows(Secret(b"T" * 32))
    assert not key_file(KeyMode.C).knows(OUTER)


def test_another_key_or_any_altered_field_does_not_unwrap() -> None:
    with pytest.raises(PeerError):
        key_file().unwrap(KeySources(None, Secret(b"F" * 32)))
    for sources in (SOURCES[KeyMode.A], SOURCES[KeyMode.C], KeySources(Secret(b"T" * 32), STRETCHED)):
        with pytest.raises(PeerError):
            key_file(KeyMode.B).unwrap(sources)
    for change in (
        {"mode": KeyMode.A},
        {"generation": 3},
        {"profile_id": b"q" * 16},
        {"costs": PassphraseCosts(1024, 4)},
        {"salt": b"t" * 16},
        {"check": b"c" * 16},
        {"nonce": b"n" * 24},
    ):
        with pytest.raises(PeerError):
            replace(key_file(), **change).unwrap(SOURCES[KeyMode.C])  # type: ignore[arg-type]


def altered(at: int, value: bytes) -> bytes:
    raw = key_file().to_bytes()
    return raw[:at] + value + raw[at + len(value) :]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "malformed"),
        (b"BYREKEYF", "malformed"),
        (altered(0, b"X"), "malformed"),
        (altered(8, b"\x02"), "unsupported_version"),
        (altered(9, b"D"), "malformed"),
        (altered(10, b"\x00\x00\x00\x00"), "malformed"),
        (altered(30, b"\xff\xff\xff\xff"), "malformed"),
        (altered(30, b"\x00\x00\x00\x07"), "malformed"),
        (altered(34, b"\x00\x00\x00\x00"), "malformed"),
        (altered(34, b"\x00\x00\x00\x41"), "malformed"),
        (key_file().to_bytes() + b"x", "malformed"),
        (key_file().to_bytes()[:-1], "malformed"),
    ],
)
def test_junk_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(PeerError) as caught:
        KeyFile.from_bytes(raw)
    assert caught.value.code == code
