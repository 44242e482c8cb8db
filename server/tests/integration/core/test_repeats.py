"""Answers that are given again are what would be answered anew, for whoever may have them."""

from __future__ import annotations

import gc
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import caches
from django.db.models import F
from django.test import RequestFactory
from prometheus_client import REGISTRY

from accounts.exceptions import SessionRequired
from accounts.models import Account
from campaigns.models import Campaign, CampaignPayout
from core import flags
from core.api.repeats import ASKED, NEVER
from core.models import Flag
from tests.fixtures.api import BASE, ApiClient, payout
from tests.fixtures.front import OF_ONE, ONE, Django, Sender, comparable
from tests.fixtures.logs import captured_logs
from tests.fixtures.queries import counted_queries
from tests.fixtures.routes import kept_operations

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

PATHS = {
    ("GET", "/api/v1/campaigns/"): "campaigns/?page_size=2",
    ("GET", "/api/v1/campaigns/<int:campaign_id>/"): "campaigns/{campaign}/",
    ("GET", "/api/v1/campaigns/<int:campaign_id>/rate/"): "campaigns/{campaign}/rate/?country=EE",
    ("GET", "/api/v1/campaigns/<int:campaign_id>/payouts/"): "campaigns/{campaign}/payouts/",
    (
        "GET",
        "/api/v1/campaigns/<int:campaign_id>/payouts/<int:payout_id>/",
    ): "campaigns/{campaign}/payouts/{payout}/",
}
"""An address of each action whose answers are kept."""


def test_every_kept_action_has_an_address_here() -> None:
    assert PATHS.keys() == kept_operations().keys()


@pytest.mark.parametrize("path", PATHS.values())
@pytest.mark.parametrize("proto", ["http", "https"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "application/json"},
        {"Accept_Encoding": "gzip, br"},
        {"Accept_Encoding": "identity;q=0"},
    ],
)
def test_it_is_the_same_again(
    sender: Sender, settings: Settings, path: str, headers: dict[str, str], proto: str
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    first, again = (
        sender.get(path, **headers, X_Forwarded_Proto=proto, X_Forwarded_For=client)
        for client in ("192.0.2.1", "192.0.2.2")
    )
    assert len(sender.made) == 1
    assert again.status == 200
    assert comparable(again) == comparable(first)


@pytest.mark.parametrize("path", PATHS.values())
def test_nothing_else_of_a_request_matters(sender: Sender, path: str) -> None:
    """Whatever of its environment is read on the way to an answer is asked for, or ruled out.

    Without ``Accept``, for which DRF takes a copy of everything.
    """
    asked: set[str] = set()

    class Environment(dict[str, Any]):
        """What a server program says of a request, which remembers what was looked at."""

        def __getitem__(self, name: str) -> Any:
            asked.add(name)
            return super().__getitem__(name)

        def get(self, name: str, default: Any = None) -> Any:
            asked.add(name)
            return super().get(name, default)

        def __contains__(self, name: object) -> bool:
            asked.add(str(name))
            return super().__contains__(name)

        def items(self) -> Any:
            asked.add("everything")
            return super().items()

    request = RequestFactory().get(
        BASE + path.format_map(sender.ids),
        headers={"Authorization": f"Bearer {sender.api.token}"},
    )
    environ = Environment(request.environ)
    sender.front(environ, lambda *_: None)  # type: ignore[arg-type]  # nothing writes
    assert sender.made
    of_its_own = {
        *("REQUEST_METHOD", "CONTENT_LENGTH", "SCRIPT_NAME", "wsgi.input"),  # or no question
        *("HTTP_X_REQUEST_ID", "SCRIPT_URL", "REDIRECT_URL"),  # answered anew; before SCRIPT_NAME
    }
    assert asked <= {*ASKED, *NEVER, *of_its_own}


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept_Encoding": "gzip"},
        {"Accept": "application/json"},
        {"X_Forwarded_Proto": "https"},
        {"Host": "localhost"},
    ],
)
def test_another_request_is_another_question(
    sender: Sender, settings: Settings, headers: dict[str, str]
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    sender.get()
    other = sender.get(**headers)
    assert len(sender.made) == 2
    assert comparable(sender.send("GET", to=Django(), **headers)) == comparable(other)


def test_what_the_client_has_is_not_sent_again(sender: Sender) -> None:
    tag = sender.get().headers["ETag"]
    assert [sender.get(If_None_Match=tag).status for _ in range(2)] == [304, 304]
    assert sender.get(If_None_Match='"0-0"').status == 200


@pytest.mark.parametrize("method", ["HEAD", "DELETE"])
def test_another_method_is_no_question(sender: Sender, method: str) -> None:
    sender.get()
    assert sender.send(method).status == {"HEAD": 200, "DELETE": 204}[method]
    assert len(sender.made) == 2


def test_a_body_makes_it_no_question(sender: Sender) -> None:
    for _ in range(2):
        answer = sender.send("GET", body={"title": "?"})
        assert answer.status == 200
        assert answer.headers["Connection"] == "close"  # nobody read it
    assert len(sender.made) == 2


def test_what_was_changed_is_answered_anew(sender: Sender) -> None:
    sender.get()
    path = ONE.format_map(sender.ids)
    sender.api.patch(path, {"title": "Credit"})
    assert sender.get().json["title"] == "Credit"
    sender.api.put(f"{path}payouts/{sender.ids['payout']}/", payout("DE", "9.99"))
    assert "9.99" in sender.get().text
    sender.api.delete(path)
    assert [sender.get().status for _ in range(2)] == [404, 404]
    sender.api.post(f"{path}restore/")
    assert [sender.get().status for _ in range(2)] == [200, 200]
    assert len(sender.made) == 6


@pytest.mark.parametrize("path", [path for path in PATHS.values() if path not in OF_ONE])
def test_what_has_the_tag_of_its_state_is_answered_anew_after_any_change(
    sender: Sender, path: str
) -> None:
    sender.get(path)
    sender.api.patch(f"campaigns/{sender.ids['other']}/", {"title": "Gaming"})
    assert ("Gaming" in sender.get(path).text) == ("page_size" in path)
    assert len(sender.made) == 2


def test_what_an_operator_changed_by_hand_is_answered_anew(sender: Sender) -> None:
    """As docs/operations.md has it: the version of the account is raised, no other."""
    sender.get()
    CampaignPayout.objects.update(amount="77.77")
    Campaign.objects.update(rendered_form="")
    Account.objects.update(campaigns_version=F("campaigns_version") + 1)
    assert "77.77" in sender.get().text


@pytest.mark.parametrize("headers", [{"Origin": ""}, {"Transfer_Encoding": ""}])
def test_what_is_said_to_nobody_else_is_no_question(
    sender: Sender, headers: dict[str, str]
) -> None:
    sender.get()
    expected = sender.send("GET", to=Django(), **headers)
    assert comparable(sender.get(**headers)) == comparable(expected)


def test_an_answer_that_is_right_no_more_takes_no_more_than_its_budget(sender: Sender) -> None:
    sender.get()
    sender.api.patch(ONE.format_map(sender.ids), {"title": "Credit"})
    with counted_queries() as queries:
        sender.get()
    assert len(queries) == 2


def test_nobody_is_given_what_another_was(sender: Sender, other: ApiClient) -> None:
    sender.get()
    sender.api = other
    assert sender.get().status == 404


def test_a_session_that_has_ended_is_given_nothing(sender: Sender) -> None:
    sender.get()
    sender.api.post("auth/signout/")
    answer = sender.get()
    assert (answer.status, answer.code) == (401, "invalid_token")
    assert answer.headers["RateLimit"]


def test_a_key_that_is_revoked_is_given_nothing(sender: Sender) -> None:
    person = sender.api
    key = person.post("auth/keys/", {"name": "Importer", "scope": "read"}).json
    sender.api = ApiClient(key["key"])
    assert [sender.get().status for _ in range(2)] == [200, 200]
    assert len(sender.made) == 1
    person.delete(f"auth/keys/{key['id']}/")
    assert sender.get().status == 401


def test_who_may_no_more_is_given_nothing(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise SessionRequired

    sender.get()
    monkeypatch.setattr("accounts.api.permissions.MayUseMethod.has_permission", refuse)
    answer = sender.get()
    assert (answer.status, answer.code) == (403, "session_required")


def test_each_request_is_counted_once(sender: Sender) -> None:
    """Given again, seen to be right yet, made anew: whichever."""

    def left() -> int:
        [found] = re.findall(r"r=(\d+)", sender.get().headers["RateLimit"])
        return int(found)

    before = [left(), left()]
    sender.api.post(f"campaigns/{sender.ids['other']}/start/")
    before.append(left())
    sender.api.patch(ONE.format_map(sender.ids), {"title": "Credit"})
    before.append(left())
    assert before == [*range(before[0], before[0] - 4, -1)]


def test_who_asks_too_often_is_refused(sender: Sender, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"read": (2, 60)}
    answers = [sender.get() for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].code == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "r=0" in answers[-1].headers["RateLimit"]


def test_nothing_is_given_again_where_answers_are_not_kept(sender: Sender) -> None:
    sender.get()
    caches["flags"].clear()
    Flag.objects.create(name="kept_answers", everyone=False)
    for _ in range(2):
        flags.forget()
        sender.get()
    assert len(sender.made) == 3


def test_a_request_has_its_line_and_is_counted(sender: Sender) -> None:
    route = "/api/v1/campaigns/<int:campaign_id>/"
    watched: list[tuple[str, dict[str, str]]] = [
        ("ratecard_request_seconds_count", {"method": "GET", "route": route, "status": "2xx"}),
        ("ratecard_queries_total", {"route": route}),
        ("ratecard_cache_answers_total", {"source": "near"}),
    ]
    sender.get()
    before = [REGISTRY.get_sample_value(*one) or 0 for one in watched]
    with captured_logs() as logged:
        answer = sender.get(X_Request_ID="another")
    assert [REGISTRY.get_sample_value(*one) for one in watched] == [one + 1 for one in before]
    [line] = logged.lines
    assert line.pop("timestamp").endswith("Z")
    assert isinstance(line.pop("duration_ms"), float)
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "ratecard.requests",
        "method": "GET",
        "route": route,
        "status": 200,
        "account_id": sender.api.account_id,
        "request_id": answer.headers["X-Request-ID"],
    }
    assert answer.headers["X-Request-ID"] == "another"


def test_a_request_that_is_admitted_and_made_anew_is_counted_once(sender: Sender) -> None:
    labels = {"route": "/api/v1/campaigns/<int:campaign_id>/"}
    sender.get()
    sender.api.patch(ONE.format_map(sender.ids), {"title": "Credit"})
    before = REGISTRY.get_sample_value("ratecard_queries_total", labels) or 0
    with captured_logs() as logged:
        sender.get()
    [line] = logged.lines
    assert line["account_id"] == sender.api.account_id
    assert REGISTRY.get_sample_value("ratecard_queries_total", labels) == before + 2


def test_its_line_shows_the_status_as_others_do(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    """A console prints values as Python writes them, where JSON has numbers of either kind."""
    with caplog.at_level("INFO", "ratecard.requests"):
        sender.get()
        sender.get()
    assert len(sender.made) == 1
    lines: list[Any] = [record.msg for record in caplog.records]
    assert [repr(line["status"]) for line in lines] == ["200", "200"]


@pytest.mark.parametrize("part", ["say", "finish"])
def test_what_fails_on_the_way_is_a_problem(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    sender.get()
    monkeypatch.setattr(f"core.api.front.{part}", broken)
    answer = sender.get()
    assert (answer.status, answer.code) == (500, "internal_error")


def test_a_refusal_leaves_no_more_to_clear_up(sender: Sender) -> None:
    """An exception leads to its request: they would keep each other."""

    def left(authorization: str) -> int:
        sender.get(Authorization=authorization)
        gc.collect()
        gc.disable()
        try:
            sender.get(Authorization=authorization)
            return gc.collect()
        finally:
            gc.enable()

    assert left("Bearer nonsense") < 2 * left("")  # it was six times as much
