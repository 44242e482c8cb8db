"""Resources of the API are answered before what is for pages, and miss nothing by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import resolve

from core.api.shortcut import resource
from tests.fixtures.api import ApiClient, payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase
    from pytest_django import Settings

_seen: list[str] = []


class LastMiddleware:
    """Remember the addresses that come down to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _seen.append(request.path_info)
        return self.get_response(request)


@pytest.fixture
def passed(settings: Settings) -> list[str]:
    """Return the addresses that pass what is for pages."""
    _seen.clear()
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.LastMiddleware"]
    return _seen


def test_what_is_for_pages_sees_pages_alone(api: ApiClient, passed: list[str]) -> None:
    campaign = api.create()["id"]
    client = ApiClient(api.token)  # the other has its middleware already
    assert client.get(f"campaigns/{campaign}/").status == 200
    assert client.get("countries/").status == 200
    assert client.get("campaigns/4000000000/").status == 404
    assert not passed
    pages = ["/problems/", "/api/v1/docs/", "/api/v1/schema/", "/api/v1/nothing/", "/nothing/"]
    for path in pages:
        client.get(path)
    assert passed == pages


def test_an_answer_says_how_long_it_is(api: ApiClient) -> None:
    campaign = api.create()["id"]
    path = f"campaigns/{campaign}/"
    for answer in (api.get(path), api.post("campaigns/", payload("Other")), api.get(f"{path}no/")):
        assert int(answer.headers["Content-Length"]) == len(answer.text.encode())
    head = api.send("HEAD", path)
    assert head.headers["Content-Length"] == api.get(path).headers["Content-Length"]
    assert api.delete(path).headers["Content-Length"] == "0"


@pytest.mark.parametrize("path", ["campaigns/", "auth/profile/", "countries/"])
def test_a_name_that_is_none_of_ours_is_refused(
    api: ApiClient, settings: Settings, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["ratecard.example"]
    assert api.get(path, Host="ratecard.example").status == 200
    answer = api.get(path, Host="other.example")
    assert (answer.status, answer.code) == (400, "bad_request")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/campaigns/",
        "/api/v1/campaigns/12/",
        "/api/v1/campaigns/12/payouts/7/",
        "/api/v1/campaigns/0012/rate/",
        f"/api/v1/campaigns/{2**63}/",
        f"/api/v1/campaigns/{10**30}/",
        "/api/v1/campaigns/imports/0/",
        "/api/v1/auth/keys/3/",
        "/api/v1/auth/sessions/12345678-1234-1234-1234-123456789012/",
    ],
)
def test_an_address_leads_where_django_says(path: str) -> None:
    expected = resolve(path)
    for _ in range(2):
        found = resource(path)
        assert found is not None
        assert (found.func, found.args, found.kwargs) == (
            expected.func,
            expected.args,
            expected.kwargs,
        )
        assert found.route == expected.route


@pytest.mark.parametrize(
    "path", ["/api/v1/campaigns/x/", "/api/v1/campaigns/1", "/api/v1/auth/sessions/1/", "/12/"]
)
def test_an_address_that_leads_nowhere_does_not(path: str) -> None:
    assert resource(path) is None
