# SPDX-License-Identifier: Apache-2.0
"""How far nodes are in step, as figures for monitoring (OpenMetrics 1.0)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric, StateSetMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from poser.datasync.statuses import PeerStatus, QueueStatus
from poser.model import PeerState

CONTENT_TYPE = CONTENT_TYPE_LATEST

_OF_PEERS: tuple[tuple[str, str, str, Callable[[PeerStatus], float | None]], ...] = (
    ("lag", "seconds", "Age of the oldest change that it has not applied", lambda one: one.lag_s),
    ("behind", "changes", "Changes that it has not applied", lambda one: one.behind),
    ("parked", "changes", "Changes from it that are tried again", lambda one: one.parked),
    ("dead", "changes", "Changes from it that a person has to decide about", lambda one: one.dead),
    ("open", "conflicts", "Conflicts with it that wait for a person", lambda o: o.conflicts_open),
    ("seen_timestamp", "seconds", "When it last answered", lambda one: _epoch(one.seen_at)),
    (
        "in_step_timestamp",
        "seconds",
        "When it last had all changes there were",
        lambda one: _epoch(one.in_step_at),
    ),
)


def in_openmetrics(peers: Sequence[PeerStatus], queue: QueueStatus) -> str:
    """Write what `poser datasync status` shows as OpenMetrics; each name begins poser_datasync_."""
    registry = CollectorRegistry()
    registry.register(_Figures(peers, queue))
    written: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return written.decode()


class _Figures(Collector):
    def __init__(self, peers: Sequence[PeerStatus], queue: QueueStatus) -> None:
        self._peers = peers
        self._queue = queue

    def collect(self) -> Iterator[Metric]:
        yield _gauge(
            "queue_oldest", "seconds", "Age of the oldest change kept", self._queue.oldest_s
        )
        yield _gauge("captured", "changes", "Changes not queued yet", self._queue.captured)
        for name, unit, what, read in _OF_PEERS:
            family = _gauge(name, unit, what)
            for one in self._peers:
                if (value := read(one)) is not None:
                    family.add_metric([one.name], value)
            yield family
        states = StateSetMetricFamily(
            "poser_datasync_peer_state", "Whether changes go to and from it", labels=["peer"]
        )
        for one in self._peers:
            states.add_metric([one.name], {str(each): each == one.state for each in PeerState})
        yield states


def _gauge(name: str, unit: str, what: str, value: float | None = None) -> GaugeMetricFamily:
    full = f"poser_datasync_{name}_{unit}"
    if value is not None:
        return GaugeMetricFamily(full, what, value=value, unit=unit)
    return GaugeMetricFamily(full, what, labels=["peer"], unit=unit)


def _epoch(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None
