"""A line handed over by another process parses or is a PeerError, never anything else."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from byre.errors import PeerError
from byre.system.handover import parse_link_line

TARGETS = ("byre.system.handover:parse_link_line",)

LINES = st.binary(max_size=5000) | st.binary(max_size=60).map(lambda tail: b"byre://" + tail)


@settings(max_examples=2000, deadline=None)
@given(LINES)
@example(b"")
@example(b"byre://")
@example(b"byre://link#\r\n")
@example(b"byre://\n\n")
def test_a_link_line_parses_or_is_the_peers_fault(line: bytes) -> None:
    try:
        link = parse_link_line(line)
    except PeerError:
        return
    assert link.startswith("byre://")
    assert link.isprintable()
    assert link.isascii()
