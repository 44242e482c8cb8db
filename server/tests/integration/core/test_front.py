"""The front answers for resources of the API as Django does, and leaves all else to it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, reset_queries, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import get_script_prefix
from prometheus_client import REGISTRY

from campaigns.api.reference import ReferenceViewSet
from core.api.front import PART, Front, with_front
from tests.fixtures.api import ApiClient, payload, payout
from tests.fixtures.front import COUNTRIES, ID, Django, comparable, left_open, send
from tests.fixtures.logs import captured_logs
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

PROTO = "X-Forwarded-Proto"
LIST, ONE, EXPORT = "campaigns/", "campaigns/{id}/", "campaigns/export.csv"


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Leave open what a test has a transaction on; count how often the front would have closed it.

    Django's handler leaves it open in ``send``.
    """
    closed: list[bool] = []
    monkeypatch.setattr("core.api.front.close_old_connection", lambda: closed.append(True))
    return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An account with a campaign whose answer is long enough to be compressed."""

    token: str
    account_id: int
    campaign_id: int

    def at(self, path: str) -> str:
        """Return an address."""
        return f"/api/v1/{path.format(id=self.campaign_id)}"

    def sent(self, **headers: str) -> dict[str, str]:
        """Return the headers of a request of the account."""
        return {"Authorization": f"Bearer {self.token}", **headers}


@pytest.fixture
def both() -> tuple[Django, Front]:
    """Return Django, and the front before it."""
    django = Django()
    return django, Front(django)


@pytest.fixture
def stored(api: ApiClient) -> Stored:
    created = api.create("Loans", payouts=[payout(country) for country in (None, *COUNTRIES)])
    return Stored(token=api.token, account_id=api.account_id, campaign_id=created["id"])


@pytest.fixture
def production(settings: Settings) -> None:
    """Have all headers that production's settings can give an answer."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    settings.ALLOWED_HOSTS = ["testserver"]


READS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", LIST, {}),
    ("GET", "campaigns/?page_size=1&ordering=title", {}),
    ("GET", "campaigns/?cursor=&page_size=1", {"Accept-Encoding": "gzip"}),
    ("GET", "campaigns/?nothing=1", {}),
    ("GET", "campaigns/?search=%00", {}),
    ("GET", ONE, {}),
    ("HEAD", ONE, {}),
    ("GET", ONE, {"Accept-Encoding": "br, gzip;q=0.5"}),
    ("GET", ONE, {"Accept-Encoding": "identity;q=0"}),
    ("GET", ONE, {"If-None-Match": '"1-1"'}),
    ("GET", ONE, {"If-None-Match": 'W/"1-1"', "Accept-Encoding": "gzip"}),
    ("GET", ONE, {"Accept": "text/html"}),
    ("GET", ONE, {"Accept": "application/json"}),
    ("GET", ONE, {"Authorization": ""}),
    ("GET", ONE, {"Authorization": "Bearer nonsense"}),
    ("GET", ONE, {"Authorization": "Basic bm9ib2R5"}),
    ("GET", ONE, {"Host": "other.example"}),
    ("GET", ONE, {"Origin": "https://app.example"}),
    ("OPTIONS", ONE, {}),
    ("OPTIONS", ONE, {"Origin": "https://app.example"}),
    ("GET", ONE, {"Transfer-Encoding": "chunked"}),
    ("GET", "campaigns/{id}", {}),
    ("GET", "campaigns/{id}/rate/?country=EE", {}),
    ("GET", "campaigns/{id}/history/", {}),
    ("GET", "campaigns/{id}/payouts/", {}),
    ("GET", EXPORT, {"Accept-Encoding": "gzip"}),
    ("GET", "campaigns/4000000000/", {}),
    ("TRACE", LIST, {}),
    ("BREW", ONE, {}),
    ("GET", "countries/", {"Accept-Encoding": "zstd"}),
    ("GET", "auth/profile/", {"Accept-Encoding": "gzip"}),
    ("GET", "schema/", {}),
    ("GET", "nothing/", {}),
    ("GET", "n%C3%A4chte/", {}),
    ("GET", "%E2%82%AC/", {}),
    ("GET", "campaigns/%D9%A1/", {}),
    ("GET", "../../problems/%E2%82%AC", {}),
    ("GET", "../../%F0%9F%98%80/", {}),
    ("GET", "%FF%FE/", {}),
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("proto", ["http", "https"])
@pytest.mark.usefixtures("production")
def test_a_read_is_answered_as_django_does(
    stored: Stored, both: tuple[Django, Front], read: tuple[str, str, dict[str, str]], proto: str
) -> None:
    method, path, headers = read
    expected, answer = (
        send(one, method, stored.at(path), headers=stored.sent(**headers) | {PROTO: proto})
        for one in both
    )
    assert comparable(answer) == comparable(expected)


@pytest.mark.parametrize("is_tls_demanded", [False, True])
def test_what_comes_in_clear_is_refused_where_tls_is_demanded(
    *, stored: Stored, both: tuple[Django, Front], settings: Settings, is_tls_demanded: bool
) -> None:
    settings.SECURE_SSL_REDIRECT = is_tls_demanded
    expected, answer = (send(one, "GET", stored.at(LIST), headers=stored.sent()) for one in both)
    assert comparable(answer) == comparable(expected)
    assert answer.status == (400 if is_tls_demanded else 200)


WRITES: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", LIST, payload("Cards"), {}),
    ("POST", LIST, payload("Cards"), {"Idempotency-Key": '"once"'}),
    ("POST", LIST, payload("Cards"), {"Accept-Encoding": "gzip"}),
    ("POST", LIST, {"title": "x" * 300}, {"Accept-Encoding": "gzip"}),
    ("POST", LIST, b"{", {}),
    ("POST", LIST, payload("Cards"), {"Authorization": "Bearer nonsense"}),
    ("POST", LIST, payload("Cards"), {"Content-Type": "text/plain"}),
    ("POST", LIST, b" " * (1024 * 1024 + 1), {}),
    ("POST", "campaigns/{id}/start/", None, {}),
    ("POST", "campaigns/{id}/start/", {}, {}),
    ("POST", "campaigns/{id}/stop/", {"title": "no"}, {}),
    ("POST", "campaigns/{id}/payouts/", payout("IS"), {}),
    ("PUT", ONE, payload("Cards"), {}),
    ("PATCH", ONE, {"title": "Cards"}, {"If-Match": '"1-1"'}),
    ("PATCH", ONE, {"title": "Cards"}, {"If-Match": '"9-1"'}),
    ("DELETE", ONE, None, {}),
    ("POST", "auth/signin/", {"email": "ada@example.com", "password": "wrong"}, {}),
    ("POST", "auth/signout/", None, {}),
]
_OF_EACH = {"etag", "location", "content-length"}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_is_answered_as_django_does(
    stored: Stored, both: tuple[Django, Front], write: tuple[str, str, Any, dict[str, str]]
) -> None:
    method, path, body, headers = write
    outcomes = []
    for one in both:
        with transaction.atomic():
            answer = send(one, method, stored.at(path), body, stored.sent(**headers))
            transaction.set_rollback(True)
        status, said, content, left = comparable(answer)
        for name in _OF_EACH & said.keys():
            said[name] = re.sub(r"\d+", "n", said[name])
        keys = [*json.loads(content)] if content.startswith(b"{") else content
        outcomes.append((status, said, keys, left))
    assert outcomes[0] == outcomes[1]


def test_it_answers_for_resources_and_nothing_else(
    stored: Stored, both: tuple[Django, Front]
) -> None:
    django, front = both
    own = stored.at(ONE)
    for method, path in (("GET", own), ("POST", f"{own}start/"), ("GET", stored.at(EXPORT))):
        assert send(front, method, path, headers=stored.sent()).status == 200
    assert not django.asked
    for path in ("/", "/api/v1/docs/", "/api/v1/nothing/", "/livez"):
        send(front, "GET", path, headers=stored.sent())
    for more in ({"Origin": "https://app.example"}, {"Host": "a b"}):
        send(front, "GET", own, headers=stored.sent(**more))
    send(front, "GET", f"{own}?a=%00", headers=stored.sent())
    send(front, "POST", own, b" " * (1024 * 1024 + 1), headers=stored.sent())
    assert django.asked == ["/", "/api/v1/docs/", "/api/v1/nothing/", "/livez", *[own] * 4]


def test_an_error_that_nobody_expects_is_a_problem(
    both: tuple[Django, Front], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one of the view's own way to say so."""
    monkeypatch.setattr("campaigns.api.views.CampaignViewSet.handle_exception", broken)
    with captured_logs() as logged:
        expected, answer = (send(one, "GET", "/api/v1/campaigns/") for one in both)
    assert comparable(answer) == comparable(expected)
    assert (answer.status, answer.code) == (500, "internal_error")
    assert [line["status"] for line in logged.named("request")] == [500, 500]


@pytest.mark.parametrize("is_debug", [False, True])
def test_what_the_view_does_not_catch_is_a_problem(
    *,
    both: tuple[Django, Front],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    is_debug: bool,
) -> None:
    settings.DEBUG = is_debug
    monkeypatch.setattr("core.api.views.ApiViewSet.handle_exception", broken)
    expected, answer = (send(one, "POST", "/api/v1/countries/") for one in both)
    assert comparable(answer) == comparable(expected)
    assert (answer.status, answer.code) == (500, "internal_error")


@pytest.mark.parametrize("part", ["say", "compress", "vary_on", "finish", "dress"])
def test_what_fails_around_the_view_is_an_error_and_not_the_end(
    both: tuple[Django, Front], monkeypatch: pytest.MonkeyPatch, closed: list[bool], part: str
) -> None:
    monkeypatch.setattr(f"core.api.front.{part}", broken)
    answer = send(both[1], "GET", "/api/v1/countries/")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert closed


def test_a_cookie_is_sent(both: tuple[Django, Front], monkeypatch: pytest.MonkeyPatch) -> None:
    def with_cookie(self: Any, request: Any) -> HttpResponse:
        response: HttpResponse = countries(self, request)
        response.set_cookie("crumb", "1")
        return response

    countries = ReferenceViewSet.countries
    monkeypatch.setattr(ReferenceViewSet, "countries", with_cookie)
    expected, answer = (send(one, "GET", "/api/v1/countries/") for one in both)
    assert comparable(answer) == comparable(expected)
    assert "crumb=1" in answer.headers["Set-Cookie"]


def test_what_was_uploaded_is_closed(
    both: tuple[Django, Front], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(HttpRequest, "close", lambda request: ended.append(request.path))
    send(both[1], "GET", "/api/v1/countries/")
    assert ended == ["/api/v1/countries/"]


def test_below_another_address_django_answers(both: tuple[Django, Front]) -> None:
    django, front = both
    request: Any = RequestFactory().get("/api/v1/countries/", SCRIPT_NAME="/below")
    with left_open():
        [*front(request.environ, lambda *_started: None)]  # type: ignore[arg-type]
    assert django.asked == ["/api/v1/countries/"]
    assert get_script_prefix() == "/", "what it is below is left to other tests"


def test_statements_are_not_gathered(stored: Stored, both: tuple[Django, Front]) -> None:
    """Where they are listed, each request begins a new list."""
    with override_settings(DEBUG=True):
        for _ in range(3):
            send(both[1], "GET", stored.at(ONE), headers=stored.sent())
        assert len(connection.queries) == 1
    reset_queries()


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", ONE, 2), ("POST", LIST, 4), ("HEAD", "campaigns/9/", 4)]
)
def test_a_request_is_counted(
    stored: Stored, both: tuple[Django, Front], method: str, path: str, status: int
) -> None:
    route = f"/api/v1/{re.sub('{id}|9', '<int:campaign_id>', path)}"
    labels = {"method": method, "route": route, "status": f"{status}xx"}
    counts = []
    for one in both:
        before = sample("ratecard_request_seconds_count", labels)
        send(one, method, stored.at(path), headers=stored.sent())
        counts.append(sample("ratecard_request_seconds_count", labels) - before)
    assert counts == [1, 1]


def test_a_request_has_its_line_and_its_statements_are_counted(
    stored: Stored, both: tuple[Django, Front]
) -> None:
    _, front = both
    send(front, "GET", stored.at(ONE), headers=stored.sent())
    labels = {"route": "/api/v1/campaigns/<int:campaign_id>/"}
    before = sample("ratecard_queries_total", labels)
    with captured_logs() as logged, counted_queries() as queries:
        answer = send(front, "GET", stored.at(ONE), headers=stored.sent())
    [line] = logged.lines
    assert line["request_id"] == answer.headers["X-Request-ID"] == ID["X-Request-ID"]
    assert line["account_id"] == stored.account_id
    assert line["route"] == labels["route"]
    assert len(queries) == 1
    assert sample("ratecard_queries_total", labels) == before + 1


def test_a_thread_keeps_no_connection(
    stored: Stored, both: tuple[Django, Front], closed: list[bool]
) -> None:
    _, front = both
    for count, path in enumerate((ONE, "campaigns/4000000000/"), start=1):
        send(front, "GET", stored.at(path), headers=stored.sent())
        assert len(closed) == count


def broken(*_arguments: object, **_named: object) -> None:
    """Do what nobody expects."""
    raise RuntimeError


def sample(name: str, labels: dict[str, str]) -> float:
    """Return what is counted in this process."""
    return REGISTRY.get_sample_value(name, labels) or 0


def test_it_stands_aside_where_another_middleware_sees_resources(settings: Settings) -> None:
    django = Django()
    assert isinstance(with_front(django), Front)
    assert tuple(settings.MIDDLEWARE[: len(PART)]) == PART
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *settings.MIDDLEWARE]
    assert with_front(django) is django


def test_it_stands_aside_for_sentry(settings: Settings) -> None:
    django = Django()
    settings.SENTRY_DSN = "https://key@sentry.example/1"
    assert with_front(django) is django
