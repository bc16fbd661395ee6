"""Field kinds: each takes what it names and nothing that merely looks like it."""

from __future__ import annotations

from typing import Any

import pytest

from byre.errors import PeerError
from byre.wire import frame_fields as kinds


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (kinds.exactly(2), [b"ab"], [b"a", b"abc", "ab", bytearray(b"ab"), None]),
        (kinds.at_most(2, least=1), [b"a", b"ab"], [b"", b"abc", "a", 1]),
        (kinds.uint(9, least=1), [1, 9], [0, 10, -1, True, 1.0, "1", None]),
        (kinds.boolean, [True, False], [0, 1, None, "true"]),
        (kinds.text(6), ["", "abcdef", "외양"], ["abcdefg", "외양간", b"a", None, "\ud800"]),
        (kinds.optional(kinds.exactly(1)), [None, b"a"], [b"", 0]),
        (kinds.numbers_by_name(most=1), [{}, {"a": 1}], [{"a": -1}, {"a": "1"}, {1: 1}, {"a": 1, "b": 2}, [], None]),
    ],
)
def test_a_kind_takes_what_it_names(kind: kinds.Kind, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert kind(value) == value
    for value in bad:
        with pytest.raises(PeerError) as caught:
            kind(value)
        assert caught.value.code == "malformed"


def test_arrays_become_tuples_and_keep_their_bounds() -> None:
    kind = kinds.many(kinds.row(kinds.exactly(1), kinds.uint(1)), least=1, most=2)
    assert kind([[b"a", 1]]) == ((b"a", 1),)
    for bad in ([], [[b"a", 1]] * 3, [[b"a"]], [[b"a", 1, 1]], [b"a1"], b"a", None, {}):
        with pytest.raises(PeerError):
            kind(bad)


def test_an_error_never_repeats_what_the_peer_sent() -> None:
    with pytest.raises(PeerError) as caught:
        kinds.text(3)("secret words")
    assert "secret" not in str(caught.value)
