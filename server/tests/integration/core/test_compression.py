"""What is compressed on the way to a client, and above all what is not."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from tests.fixtures.api import PASSWORD, payload, payout
from tests.fixtures.console import console_client, fields_of
from tests.fixtures.routes import operations

if TYPE_CHECKING:
    from tests.fixtures.api import Answer, ApiClient

pytestmark = pytest.mark.django_db

# All that may be compressed. Before a route is added: can its answer hold a secret (a token, a key,
# a CSRF token)? Then it belongs under another address, see ADR 0014.
COMPRESSED = {
    "/api/v1/campaigns/",
    "/api/v1/campaigns/<int:campaign_id>/",
    "/api/v1/campaigns/<int:campaign_id>/duplicate/",
    "/api/v1/campaigns/<int:campaign_id>/history/",
    "/api/v1/campaigns/<int:campaign_id>/payouts/",
    "/api/v1/campaigns/<int:campaign_id>/payouts/<int:payout_id>/",
    "/api/v1/campaigns/<int:campaign_id>/rate/",
    "/api/v1/campaigns/<int:campaign_id>/restore/",
    "/api/v1/campaigns/<int:campaign_id>/start/",
    "/api/v1/campaigns/<int:campaign_id>/stop/",
    "/api/v1/campaigns/bulk/",
    "/api/v1/campaigns/export.csv",
    "/api/v1/campaigns/import/",
    "/api/v1/campaigns/imports/<int:import_id>/",
    "/api/v1/countries/",
    "/api/v1/currencies/",
    "/api/v1/schema/",
    "/bin/",
    "/campaigns/",
    "/campaigns/<int:campaign_id>/",
    "/campaigns/<int:campaign_id>/delete/",
    "/campaigns/<int:campaign_id>/duplicate/",
    "/campaigns/<int:campaign_id>/edit/",
    "/campaigns/<int:campaign_id>/edit/newer/",
    "/campaigns/<int:campaign_id>/history/",
    "/campaigns/<int:campaign_id>/restore/",
    "/campaigns/<int:campaign_id>/state/",
    "/campaigns/bulk/",
    "/campaigns/export.csv",
    "/campaigns/new/",
    "/import/",
    "/import/<int:import_id>/",
    "/import/<int:import_id>/apply/",
    "/import/example.csv",
}
# It takes nothing that is not compressed, however short.
ONLY_GZIP = "gzip, identity;q=0"


def test_the_routes_that_may_be_compressed() -> None:
    found = {route for _, route in operations() if route.startswith(settings.COMPRESSED_PATHS)}
    assert found == COMPRESSED


def test_no_answer_with_a_token_or_key_is_compressed(api: ApiClient, anonymous: ApiClient) -> None:
    signed_up = {"email": "eve@example.com", "password": PASSWORD}
    signed_in = {"email": "ada@example.com", "password": PASSWORD}
    answers = [
        anonymous.send("POST", "auth/signup/", signed_up, headers=_accept(ONLY_GZIP)),
        anonymous.send("POST", "auth/signin/", signed_in, headers=_accept(ONLY_GZIP)),
        anonymous.send(
            "POST",
            "auth/refresh/",
            {"refresh": api.refresh_token},
            headers=_accept(ONLY_GZIP),
        ),
        api.send("POST", "auth/keys/", {"name": "n", "scope": "read"}, headers=_accept(ONLY_GZIP)),
    ]
    assert [answer.status for answer in answers] == [201, 200, 200, 201]
    for answer in answers:
        assert json.loads(answer.content).keys() & {"access", "key"}
        assert _coding(answer) == ""


def test_a_page_with_a_new_key_is_not_compressed() -> None:
    browser = console_client("ada@example.com")
    fields = {"name": "Tracker", "scope": "read"}
    page = browser.send("/profile/keys/", fields, headers=_accept(ONLY_GZIP))
    assert (page.status_code, page.headers.get("Content-Encoding", "")) == (201, "")
    assert b"rck_" in page.content


def test_a_list_in_the_console_is_compressed_and_has_nothing_twice_to_guess() -> None:
    browser = console_client("ada@example.com")
    token = browser.cookies["csrftoken"].value
    tokens = set()
    for _ in range(2):
        page = browser.get("/campaigns/new/", headers=_accept("gzip"))
        assert page.headers["Content-Encoding"] == "gzip"
        text = gzip.decompress(page.content).decode()
        assert token not in text
        tokens.add(fields_of(text)["csrfmiddlewaretoken"])
    assert len(tokens) == 2


@pytest.mark.parametrize("path", ["/", "/profile/"])
def test_no_other_page_of_the_console_is_compressed(path: str) -> None:
    page = console_client("ada@example.com").get(path, headers=_accept(ONLY_GZIP))
    assert (page.status_code, page.headers.get("Content-Encoding", "")) == (200, "")


@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/docs/", "/problems/", "/sign-in/"])
def test_no_page_is_compressed(anonymous: ApiClient, path: str) -> None:
    page = anonymous.get(path, Accept_Encoding=ONLY_GZIP)
    assert (page.status, _coding(page)) == (200, "")
    assert page.text.startswith("<!")


def test_a_list_is_compressed_and_says_the_same(api: ApiClient) -> None:
    for number in range(5):
        api.create(title=f"Title {number}", payouts=[payout(), payout("EE")])
    plain = api.get("campaigns/")
    packed = api.get("campaigns/", Accept_Encoding="gzip")
    assert (_coding(plain), _coding(packed)) == ("", "gzip")
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 4
    for answer in (plain, packed):
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_tag_that_compressing_made_weak_does_for_reading_and_writing(api: ApiClient) -> None:
    countries = ("EE", "LV", "LT", "FI", "SE", "DE")
    created = api.create(payouts=[payout(country) for country in countries])
    path = f"campaigns/{created['id']}/"
    tag = api.get(path, Accept_Encoding="br").headers["ETag"]
    assert tag == 'W/"1-1"'
    unchanged = api.get(path, Accept_Encoding="br", If_None_Match=tag)
    assert (unchanged.status, unchanged.content) == (304, b"")
    assert unchanged.headers["ETag"] == tag
    assert "Accept-Encoding" in unchanged.headers["Vary"]
    start = api.send("PATCH", path, {"is_running": True}, headers={"If-Match": tag})
    assert start.status == 200
    again = api.send("PATCH", path, {"is_running": False}, headers={"If-Match": tag})
    assert (again.status, again.code) == (412, "version_mismatch")


def test_head_has_the_headers_of_get(api: ApiClient) -> None:
    got, head = (
        api.send(method, "currencies/", None, headers=_accept("zstd")) for method in ("GET", "HEAD")
    )
    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
        assert head.headers.get(name) == got.headers.get(name), name
    assert (_coding(head), head.content) == ("zstd", b"")


def test_a_long_problem_is_compressed(api: ApiClient) -> None:
    wrong = payload(payouts=[payout("EE") | {"amount": "x"} for _ in range(40)])
    answer = api.send("POST", "campaigns/", wrong, headers=_accept("gzip"))
    assert (answer.status, _coding(answer)) == (400, "gzip")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(gzip.decompress(answer.content))["code"] == "validation"


def _accept(coding: str) -> dict[str, str]:
    return {"Accept-Encoding": coding}


def _coding(answer: Answer) -> str:
    return answer.headers.get("Content-Encoding", "")
