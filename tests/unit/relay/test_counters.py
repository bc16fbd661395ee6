"""Counters: bare numbers, no labels."""

from __future__ import annotations

import re

from byre.relay.counters import COUNTED, Counters


def test_counts_and_gauges_are_read_together() -> None:
    counters = Counters()
    counters.count("live")
    counters.count("live", 2)
    counters.gauge("held_now", "messages held", lambda: 7)
    read = counters.snapshot()
    assert (read["live"], read["held_now"], read["stored"]) == (3, 7, 0)
    assert set(COUNTED) < set(read)


def test_the_metrics_are_prometheus_text_without_a_label() -> None:
    counters = Counters()
    counters.gauge("held_now", "messages held", lambda: 7)
    lines = counters.prometheus().splitlines()
    assert "byre_relay_live_total 0" in lines
    assert "byre_relay_held_now 7" in lines
    for line in lines:
        assert re.fullmatch(r"# (HELP|TYPE) byre_relay_\w+ .+|byre_relay_\w+ \d+", line), line
        assert "{" not in line
