"""Bodies about wipes: back and forth, every broken field refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from byre.errors import PeerError, UsageError
from byre.wire.content_bodies import Body, decode_body, kind_of
from byre.wire.wipe_bodies import LARGEST_DOCUMENT, MOST_WATERMARKS, Watermark, Wipe, WipeReport, WipeUndone

ID = bytes(16)
MARK = Watermark(bytes(32), ID, bytes(8), 9)
SAMPLES: list[Body] = [Wipe(ID, b"group", (MARK, MARK)), Wipe(ID, b"g", ()), WipeReport(ID, "{}"), WipeUndone(ID)]


@pytest.mark.parametrize("body", SAMPLES)
def test_a_body_comes_back_from_its_fields(body: Body) -> None:
    assert decode_body(kind_of(body), body.fields()) == (body, {})


@pytest.mark.parametrize("watermarks", [[b"x"], [[1, 2, 3]], [[1, 2, 3, 4]], ["abcd"], None, 7])
def test_a_broken_watermark_is_malformed(watermarks: object) -> None:
    with pytest.raises(PeerError):
        decode_body("wipe", {"wipe_id": ID, "group_id": b"g", "watermarks": watermarks})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Wipe(ID, b"g", (MARK,) * (MOST_WATERMARKS + 1)),
        lambda: Wipe(ID, b"", ()),
        lambda: Wipe(b"short", b"g", ()),
        lambda: Watermark(bytes(32), ID, bytes(8), 2**63),
        lambda: Watermark(bytes(31), ID, bytes(8), 1),
        lambda: WipeReport(b"short", ""),
        lambda: WipeReport(ID, "x" * (LARGEST_DOCUMENT + 1)),
        lambda: WipeUndone(b"short"),
    ],
)
def test_a_body_that_breaks_its_rule_cannot_be_made(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()


def test_a_certificate_does_not_print() -> None:
    assert "claim" not in repr(WipeReport(ID, "claim"))
