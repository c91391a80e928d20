"""`GET /metrics`: the readings as Prometheus scrapes them, with those of the process."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from pannier._version import __version__
from pannier.engine.database import Database
from pannier.engine.metrics.totals import LATENCY_BOUNDS_S, Latency
from pannier.service.telemetry.readings import Reading, read

_UNITS: Final = {"s": "_seconds", "By": "_bytes"}


class Readings(Collector):
    """The readings of a database, taken whenever it is scraped."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering it takes no readings."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Everything there is to tell."""
        yield InfoMetricFamily("pannier", "This program", value={"version": __version__})
        for reading in read(self._database):
            yield _family(reading)


def new_registry(database: Database) -> CollectorRegistry:
    """A registry with the readings of a database, and those of this process."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Readings(database))
    ProcessCollector(registry=registry)
    return registry


def exposition(registry: CollectorRegistry, accept: str) -> tuple[bytes, str]:
    """What is answered to a scrape, and its content type.

    Args:
        registry: what is told.
        accept: the formats that the client wants.
    """
    encoder, content_type = choose_encoder(accept)
    return encoder(registry), content_type


def _family(reading: Reading) -> Metric:
    name = f"pannier_{reading.name}{_UNITS.get(reading.unit, '')}"
    family: CounterMetricFamily | GaugeMetricFamily
    if reading.kind == "histogram":
        histogram = HistogramMetricFamily(name, reading.description, labels=reading.labels)
        for labels, latency in reading.latencies.items():
            histogram.add_metric(labels, _buckets(latency), latency.total_s)
        return histogram
    if reading.kind == "counter":
        family = CounterMetricFamily(name, reading.description, labels=reading.labels)
    else:
        family = GaugeMetricFamily(name, reading.description, labels=reading.labels)
    for labels, value in reading.values.items():
        family.add_metric(labels, value)
    return family


def _buckets(latency: Latency) -> list[tuple[str, float]]:
    bounds = (*map(str, LATENCY_BOUNDS_S), "+Inf")
    return list(zip(bounds, accumulate(latency.buckets), strict=True))
