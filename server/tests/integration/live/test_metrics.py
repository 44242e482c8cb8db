"""Metrics of a server of two processes, as Prometheus reads them."""

from __future__ import annotations

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.fixtures.live import PROJECT, live_server, wait_until
from tests.fixtures.scraping import BEARER, TOKEN, Scrape, scrape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fixtures.live import LiveServer

WORKERS = 2
PARALLEL = 16
PASSWORD = "correct horse battery 9"
PROFILE = "/api/v1/auth/profile/"
CAMPAIGN = "/api/v1/campaigns/<int:campaign_id>/"
COUNT = "ratecard_request_seconds_count"
CANARY = "canary7f3a"
DASHBOARD = PROJECT / "deploy" / "grafana" / "ratecard.json"
ALERTS = PROJECT / "deploy" / "prometheus" / "alerts.yml"
_METRIC = re.compile(r"\b(ratecard_\w+)")


@pytest.fixture(scope="module")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def server(run_directory: Path) -> Iterator[LiveServer]:
    """Yield a server of two processes with tight limits on sign-ups."""
    with live_server(
        "production",
        workers=WORKERS,
        threads=4,
        METRICS_TOKEN=TOKEN,
        RUN_DIR=str(run_directory),
        RATE_LIMIT_SIGNUP="2/3600",
    ) as server:
        _wait_for_all(server)
        yield server


@pytest.fixture
def client(server: LiveServer) -> Iterator[httpx.Client]:
    with server.client() as client:
        client.headers["Accept"] = "application/json"  # its pages' static files are not collected
        yield client


def test_requests_of_all_processes_are_counted(server: LiveServer, client: httpx.Client) -> None:
    with ThreadPoolExecutor(PARALLEL) as threads:

        def ask(_number: int) -> int:
            with server.client() as own:  # a connection each: both processes are asked
                return own.get(PROFILE).status_code

        before = scrape(client).sum(COUNT, route=PROFILE)
        assert set(threads.map(ask, range(64))) == {401}
    after = scrape(client)
    assert after.sum(COUNT, route=PROFILE) == before + 64
    assert after.sum(COUNT, route=PROFILE, method="GET", status="4xx") == before + 64
    assert after.sum("ratecard_threads") == WORKERS * 4
    assert after.sum("ratecard_requests_in_flight") == 0


def test_labels_are_words_of_ours(client: httpx.Client) -> None:
    client.get(f"/{CANARY}?{CANARY}={CANARY}")
    client.get(f"/api/v1/{CANARY}/")
    client.get(f"/problems/{CANARY}")
    client.request(CANARY.upper(), "/api/v1/currencies/")
    client.post("/api/v1/auth/signin/", json={"email": f"{CANARY}@example.com", "password": CANARY})
    found = scrape(client)
    assert CANARY not in found.text.lower()
    routes = found.labels(COUNT, "route")
    assert {"unmatched", "/api/", "/problems/<slug:code>", "/api/v1/auth/signin/"} <= routes
    assert found.labels(COUNT, "method") <= {"GET", "POST", "other"}
    assert found.sum(COUNT, method="other") == 1
    assert "account" not in found.text


def test_what_happens_is_counted(server: LiveServer, client: httpx.Client) -> None:
    before = scrape(client)
    account = {"email": f"{os.urandom(6).hex()}@example.com", "password": PASSWORD}
    assert client.post("/api/v1/auth/signup/", json=account).status_code == 201
    signed_in = client.post("/api/v1/auth/signin/", json=account)
    bearer = {"Authorization": f"Bearer {signed_in.json()['access']}"}
    wrong = account | {"password": "not this one at all"}
    assert client.post("/api/v1/auth/signin/", json=wrong).status_code == 401
    assert client.get("/readyz").status_code == 200
    for _ in range(2):
        assert client.get("/api/v1/campaigns/", headers=bearer).status_code == 200
    refused = 0
    while client.post("/api/v1/auth/signup/", json={}).status_code != 429:
        refused += 1
        assert refused < 5
    after = scrape(client)

    def grown(name: str, **labels: str) -> float:
        return after.sum(name, **labels) - before.sum(name, **labels)

    assert grown("ratecard_sign_ins_total", door="api", outcome="signed_in") == 1
    assert grown("ratecard_sign_ins_total", door="api", outcome="invalid_credentials") == 1
    assert grown("ratecard_cache_answers_total") == 2
    assert grown("ratecard_cache_answers_total", source="built") == 1
    assert grown("ratecard_rate_limited_total", limit="signup") == 1
    assert grown("ratecard_readiness_checks_total", status="ok") == 1
    # Two that authenticate and one list; either process may have asked for the flag.
    assert 3 <= grown("ratecard_queries_total", route="/api/v1/campaigns/") <= 5
    assert grown("ratecard_query_seconds_total", route="/api/v1/campaigns/") > 0
    assert after.sum("ratecard_redis_breaker_open") == 0
    # Here everything has happened once: a metric with labels is not there before.
    used = set(_METRIC.findall(DASHBOARD.read_text() + ALERTS.read_text()))
    assert used
    assert used <= after.names
    for secret in (*account.values(), signed_in.json()["access"], TOKEN):
        assert secret not in after.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"bearer {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}é".encode()},
        {"Authorization": f"Basic {TOKEN}"},
    ],
    ids=str,
)
def test_without_the_token_there_are_none(client: httpx.Client, headers: Any) -> None:
    answer = client.get("/metrics", headers=headers)
    nowhere = client.get("/nowhere")
    assert answer.status_code == nowhere.status_code == 404
    assert answer.json()["detail"] == nowhere.json()["detail"]
    assert answer.headers.keys() == nowhere.headers.keys()


def test_with_it_they_are_kept_nowhere_and_need_no_proxy(server: LiveServer) -> None:
    answer = httpx.get(
        f"{server.url}/metrics", headers={**BEARER, "Host": "10.0.0.7"}, trust_env=False
    )
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_what_a_dead_process_was_doing_is_forgotten_and_what_it_counted_is_not(
    tmp_path: Path,
) -> None:
    with live_server(
        workers=WORKERS, threads=4, METRICS_TOKEN=TOKEN, RUN_DIR=str(tmp_path)
    ) as server:
        _wait_for_all(server)
        before = _scraped(server)
        [gauge, *_] = tmp_path.glob("*/metrics/gauge_livesum_*.db")
        process = gauge.stem.rpartition("_")[2]
        os.kill(int(process), signal.SIGKILL)
        wait_until(
            lambda: len(list(tmp_path.glob("*/metrics/gauge_livesum_*.db"))) > WORKERS,
            what="another takes its place",
        )
        wait_until(
            lambda: _threads(server) == WORKERS * 4,
            what="the gauges are of those who live",
        )
        assert not list(tmp_path.glob(f"*/metrics/gauge_live*_{process}.db"))
        assert _scraped(server).sum(COUNT) >= before.sum(COUNT) > 0


def test_a_process_that_has_written_nothing_yet_hides_no_other(
    client: httpx.Client, run_directory: Path
) -> None:
    """Its file is empty for a moment, and for good if it was killed in it."""
    [metrics] = run_directory.glob("*/metrics")
    empty = metrics / "counter_999999999.db"
    empty.touch()
    assert scrape(client).sum("ratecard_threads") == WORKERS * 4
    empty.unlink()


def _wait_for_all(server: LiveServer) -> None:
    """Wait until each process answers: the first one is waited for already."""
    wait_until(
        lambda: _scraped(server).sum("ratecard_threads") == WORKERS * 4,
        what="every process has counted its threads",
    )


def _scraped(server: LiveServer) -> Scrape:
    """Scrape over a connection of its own: the process of another may be dead."""
    with server.client() as client:
        return scrape(client)


def _threads(server: LiveServer) -> float:
    try:
        return _scraped(server).sum("ratecard_threads")
    except httpx.TransportError:  # it was in the queue of the dead one
        return 0
