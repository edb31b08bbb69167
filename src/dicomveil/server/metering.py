"""The server's meters, as Prometheus reads them."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from dicomveil.jobs.states import State

KIND = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 5.0)


class Meters:
    """Requests by route and status, their times, and the jobs in each state."""

    def __init__(self, states: Callable[[], Mapping[State, int]]) -> None:
        """Count from zero; `states` is asked whenever somebody reads the meters."""
        self._registry = CollectorRegistry()
        self._registry.register(_Jobs(states))
        labels = ("method", "route", "status")
        self._requests = Counter(
            "dicomveil_requests", "Requests answered", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "dicomveil_request_seconds",
            "How long answers took",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        method = method if method in _METHODS else "other"  # a caller's word is no label
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All meters."""
        return generate_latest(self._registry)


class _Jobs(Collector):
    def __init__(self, states: Callable[[], Mapping[State, int]]) -> None:
        self._states = states

    def collect(self) -> Iterator[Metric]:
        """The number of jobs in each state, as they are now."""
        family = GaugeMetricFamily("dicomveil_jobs", "Jobs in each state", labels=["state"])
        for state, count in self._states().items():
            family.add_metric([str(state)], count)
        yield family
