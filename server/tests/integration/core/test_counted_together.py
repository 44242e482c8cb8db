"""Requests that are answered at the same time are counted together, and none is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY, CollectorRegistry, Histogram

from core.caching.answers import FOUND_NEAR
from core.metrics import Durations
from core.metrics.exposition import exposition
from core.metrics.requests import MOST_NOTED, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUTE = "/counted/together/"
LABELS = {"method": "GET", "route": ROUTE, "status": "2xx"}


@pytest.fixture
def in_flight() -> Iterator[Watch]:
    """Yield the watch of a request that is being answered."""
    with Watch() as watch:
        yield watch


def counted() -> float:
    return REGISTRY.get_sample_value("ratecard_request_seconds_count", LABELS) or 0


def answered() -> None:
    with Watch() as watch:
        pass
    watch.note("GET", ROUTE, 200, found=FOUND_NEAR)


@pytest.mark.django_db
def test_who_is_alone_is_counted_at_once() -> None:
    before = counted()
    answered()
    assert counted() == before + 1


@pytest.mark.django_db
def test_the_last_counts_for_all() -> None:
    before = counted()
    labels = {"source": "near"}
    near = REGISTRY.get_sample_value("ratecard_cache_answers_total", labels) or 0
    with Watch() as last:
        answered()
        answered()
        assert counted() == before
    last.note("GET", ROUTE, 200)
    assert counted() == before + 3
    assert REGISTRY.get_sample_value("ratecard_cache_answers_total", labels) == near + 2


@pytest.mark.django_db
@pytest.mark.usefixtures("in_flight")
def test_not_too_many_wait_for_the_last() -> None:
    before = counted()
    for _ in range(MOST_NOTED - 1):
        answered()
    assert counted() == before
    answered()
    assert counted() == before + MOST_NOTED


@pytest.mark.django_db
@pytest.mark.usefixtures("in_flight")
def test_whoever_is_scraped_counts_first() -> None:
    before = counted()
    answered()
    exposition()
    assert counted() == before + 1


@given(seconds=st.lists(st.floats(0, 20) | st.sampled_from([0.005, 0.1, 2.5, 10]), min_size=1))
def test_many_at_once_are_observed_as_each_alone(seconds: list[float]) -> None:
    registry = CollectorRegistry()
    buckets = (0.005, 0.1, 1, 2.5, 10)
    each = Histogram("each", "", ["a"], buckets=buckets, registry=registry).labels("b")
    many = Durations("many", "", ["a"], buckets=buckets, registry=registry).labels("b")
    for one in seconds:
        each.observe(one)
    many.observe_all(seconds)
    found = {
        metric.name: {
            (sample.name.removeprefix(metric.name), sample.labels.get("le")): sample.value
            for sample in metric.samples
            if not sample.name.endswith("created")
        }
        for metric in registry.collect()
    }
    assert found["many"] == pytest.approx(found["each"])
