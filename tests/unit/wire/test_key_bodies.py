"""Bodies about a PC's key: back and forth, every broken field refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from byre.errors import UsageError
from byre.wire.content_bodies import Body, decode_body, kind_of
from byre.wire.key_bodies import LARGEST_COPY, KeyCopyGiven, KeyCopyKept

ID = bytes(16)


@pytest.mark.parametrize("body", [KeyCopyGiven(ID, 1, b"sealed"), KeyCopyGiven(ID, 1, b""), KeyCopyKept(ID, 2**32 - 1)])
def test_a_body_comes_back_from_its_fields(body: Body) -> None:
    assert decode_body(kind_of(body), body.fields()) == (body, {})


@pytest.mark.parametrize(
    "make",
    [
        lambda: KeyCopyGiven(b"short", 1, b"sealed"),
        lambda: KeyCopyGiven(ID, -1, b"sealed"),
        lambda: KeyCopyGiven(ID, 1, bytes(LARGEST_COPY + 1)),
        lambda: KeyCopyKept(b"", 1),
        lambda: KeyCopyKept(ID, 2**32),
    ],
)
def test_a_body_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def test_a_copy_does_not_print() -> None:
    assert "sealed" not in repr(KeyCopyGiven(ID, 1, b"sealed")).replace("sealed=", "")
