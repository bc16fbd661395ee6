"""Counters: bare numbers, no labels but the bounds of a distribution."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from byre.relay.counters import BOUNDS, COUNTED, OBSERVED, Counters
from byre.relay.metrics import Metrics


def test_counts_and_gauges_are_read_together() -> None:
    counters = Counters()
    counters.count("live")
    counters.count("live", 2)
    counters.gauge("held_now", "messages held", lambda: 7)
    read = counters.snapshot()
    assert (read["live"], read["held_now"], read["stored"]) == (3, 7, 0)
    assert set(COUNTED) < set(read)


def test_a_distribution_counts_each_value_once() -> None:
    counters = Counters()
    for value in (0.0001, 0.0005, 0.003, 99.0):
        counters.observe("fsync_s", value)
    found = counters.distribution("fsync_s")
    assert (found.counts[0], found.counts[3], found.counts[len(BOUNDS)]) == (2, 1, 1)
    assert sum(found.counts) == 4
    assert found.total == sum((0.0001, 0.0005, 0.003, 99.0))


def test_the_metrics_are_prometheus_text_whose_only_labels_are_bounds() -> None:
    counters = Counters()
    counters.gauge("held_now", "messages held", lambda: 7)
    counters.count("live", 3)
    counters.observe("fsync_s", 0.003)
    families = {family.name: family for family in text_string_to_metric_families(Metrics(counters).text().decode())}
    assert families["byre_relay_live"].samples[0].value == 3
    assert families["byre_relay_held_now"].samples[0].value == 7
    buckets = families["byre_relay_fsync_s"].samples
    assert [sample.value for sample in buckets if sample.labels.get("le") in ("0.002", "0.005", "+Inf")] == [0, 1, 1]
    for family in families.values():
        assert family.name.startswith("byre_relay_")
        for sample in family.samples:
            assert sample.labels.keys() <= {"le"}
    assert {f"byre_relay_{name}" for name in (*COUNTED, *OBSERVED)} <= families.keys()
