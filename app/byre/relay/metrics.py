"""The counters in the Prometheus text format, by `prometheus_client`, with what it knows of the process itself.

No label but the bounds of a histogram: nothing here can name anyone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from byre.relay.counters import BOUNDS, COUNTED, OBSERVED, Counters

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]


class Metrics:
    """What /metrics says."""

    def __init__(self, counters: Counters) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(counters))
        ProcessCollector(namespace="byre_relay", registry=self._registry)

    def text(self) -> bytes:
        """Return all numbers."""
        return generate_latest(self._registry)


class _Collector(Collector):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        counts = self._counters.snapshot()
        for name, meaning in COUNTED.items():
            yield CounterMetricFamily(f"byre_relay_{name}", meaning, value=counts[name])
        for name, (meaning, value) in self._counters.gauges().items():
            yield GaugeMetricFamily(f"byre_relay_{name}", meaning, value=value)
        bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
        for name, meaning in OBSERVED.items():
            found = self._counters.distribution(name)
            buckets = list(zip(bounds, (float(count) for count in accumulate(found.counts)), strict=True))
            yield HistogramMetricFamily(f"byre_relay_{name}", meaning, buckets=buckets, sum_value=found.total)
