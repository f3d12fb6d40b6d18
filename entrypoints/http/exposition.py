"""Figures as families of Prometheus's: put together when it asks, by its own library.

Label values are templates of routes, words of our code and numbers, never what a client sent.
"""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, TypeVar

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from entrypoints.http.metrics import Metrics
from ports.figures import Circuit, Distribution, StorageFigures, UpstreamFigures

Labels = TypeVar("Labels", bound=tuple[str, ...])

_OURS: Final = "wearable_link_"
_NO_ROUTE: Final = "none"
_CIRCUITS: Final[tuple[Circuit, ...]] = ("closed", "open", "half_open")


def exposition(metrics: Metrics) -> bytes:
    return generate_latest(_Families(metrics))


class _Families(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        for family in _families(self._metrics):
            if self._metrics.worker is not None:
                _label(family, str(self._metrics.worker))
            yield family


def _label(family: Metric, worker: str) -> None:
    family.samples = [
        sample._replace(labels={**sample.labels, "worker": worker}) for sample in family.samples
    ]


def _families(metrics: Metrics) -> Iterator[Metric]:
    yield from _requests(metrics)
    yield from _webhooks(metrics)
    if metrics.junction is not None:
        yield from _junction(metrics.junction)
    if metrics.storage is not None:
        yield from _storage(metrics.storage)
    yield from ProcessCollector(registry=None).collect()


def _requests(metrics: Metrics) -> Iterator[Metric]:
    ended = {
        (route or _NO_ROUTE, method, str(status)): count
        for (route, method, status), count in metrics.requests.ended().items()
    }
    took = {(route or _NO_ROUTE,): took for route, took in metrics.requests.took().items()}
    refused = {(reason,): count for reason, count in metrics.admission.refused.items()}
    yield _counter("http_requests", "Requests that ended", ended, "route", "method", "status")
    yield _histogram("http_request_duration_seconds", "How long they took", took, "route")
    yield _gauge(
        "http_requests_in_flight",
        "Requests that were let in and are not done",
        {(): metrics.admission.in_flight},
    )
    yield _counter("http_requests_refused", "Requests sent away at the gate", refused, "reason")


def _webhooks(metrics: Metrics) -> Iterator[Metric]:
    ended = metrics.webhooks.ended
    yield _counter("webhooks", "Webhooks from Junction", ended, "event", "outcome")
    yield _histogram(
        "webhook_lag_seconds", "From when data came to Junction", {(): metrics.webhooks.lag}
    )


def _junction(figures: UpstreamFigures) -> Iterator[Metric]:
    repeats = {(operation,): count for operation, count in figures.repeats.items()}
    circuit = {(state,): state == figures.circuit for state in _CIRCUITS}
    yield _counter(
        "junction_attempts", "Requests to Junction", figures.ended, "operation", "result"
    )
    yield _counter("junction_retries", "Those that repeat one", repeats, "operation")
    yield _counter(
        "junction_kept_back",
        "Requests not made, since Junction is left alone",
        {(): figures.kept_back},
    )
    yield _gauge("junction_circuit_state", "1 for the state it is in", circuit, "state")
    yield _counter(
        "junction_circuit_openings", "How often it was opened", {(): figures.circuit_openings}
    )


def _storage(figures: StorageFigures) -> Iterator[Metric]:
    yield _histogram("storage_batch_writes", "Writes of a commit", {(): figures.batches})
    yield _counter("storage_commit_failures", "Commits that failed", {(): figures.failed})
    yield _gauge(
        "storage_writes_waiting", "Writes that no commit has taken", {(): figures.waiting_count}
    )
    yield _gauge(
        "storage_commit_under_way_seconds", "How long it has taken", {(): figures.under_way}
    )
    yield _counter(
        "storage_checkpoint_failures", "Checkpoints that failed", {(): figures.checkpoints_failed}
    )


def _counter(name: str, meaning: str, samples: Mapping[Labels, float], *labels: str) -> Metric:
    family = CounterMetricFamily(_OURS + name, meaning, labels=labels)
    for values, count in samples.items():
        family.add_metric(values, count)
    return family


def _gauge(name: str, meaning: str, samples: Mapping[Labels, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(_OURS + name, meaning, labels=labels)
    for values, value in samples.items():
        family.add_metric(values, value)
    return family


def _histogram(
    name: str,
    meaning: str,
    samples: Mapping[Labels, Distribution],
    *labels: str,
) -> Metric:
    family = HistogramMetricFamily(_OURS + name, meaning, labels=labels)
    for values, distribution in samples.items():
        bounds = [*map(floatToGoString, distribution.bounds), "+Inf"]
        buckets = list(zip(bounds, accumulate(distribution.counts), strict=True))
        family.add_metric(values, buckets, distribution.total)
    return family
