"""The bin: what was deleted, until when it can come back, and how."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from tests.fixtures.console import ConsoleClient, console_client
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(api: ApiClient) -> ConsoleClient:
    """Return Ada's browser, in which she is signed in."""
    return console_client("ada@example.com")


def delete(api: ApiClient, title: str, *, days_ago: int = 0) -> int:
    """Create a campaign and delete it, some days ago."""
    campaign_id: int = api.create(title)["id"]
    assert api.delete(f"campaigns/{campaign_id}/").status == 204
    Campaign.objects.filter(pk=campaign_id).update(
        deleted_at=timezone.now() - timedelta(days=days_ago)
    )
    return campaign_id


def titles(page: Any) -> list[str]:
    return re.findall(r'class="title">([^<]+)</b>', page.content.decode())


def test_the_bin_shows_what_can_be_restored_the_last_deleted_first(
    api: ApiClient, other: ApiClient, ada: ConsoleClient
) -> None:
    delete(api, "Long ago", days_ago=31)
    delete(api, "Days ago", days_ago=29)
    delete(api, "Now")
    delete(other, "Not hers")
    api.create("Live")
    page = ada.get("/bin/")
    assert titles(page) == ["Now", "Days ago"]
    assert "30 days left" in page.content.decode()
    assert "1 day left" in page.content.decode()


def test_the_bin_is_searched_and_paged(api: ApiClient, ada: ConsoleClient) -> None:
    for number in range(51):
        delete(api, f"Campaign {number}")
    delete(api, "Loans")
    assert titles(ada.get("/bin/?search=LOAN")) == ["Loans"]
    assert len(titles(ada.get("/bin/"))) == 50
    assert len(titles(ada.get("/bin/?page=2"))) == 2
    for query in ("page=9", "search=&page=2"):
        answer: Any = ada.get(f"/bin/?{query}")
        assert answer.url == "/bin/?page=2"
    with counted_queries() as many:
        ada.get("/bin/?search=campaign")
    with counted_queries() as one:
        ada.get("/bin/?search=loans")
    assert len(many) == len(one) + 1  # a page that is full counts what is beyond it


@pytest.mark.parametrize("query", ["page=x", "country=EE", "deleted=false", "search=a&search=b"])
def test_an_address_that_asks_for_nonsense_says_so(
    api: ApiClient, ada: ConsoleClient, query: str
) -> None:
    page = ada.get(f"/bin/?{query}")
    assert page.status_code == 400
    assert "There is no such list" in page.content.decode()
    assert 'href="/bin/">Clear search' in page.content.decode()


def test_an_empty_bin_and_a_search_in_vain_say_so(api: ApiClient, ada: ConsoleClient) -> None:
    assert "The bin is empty" in ada.get("/bin/").content.decode()
    delete(api, "Loans")
    vain = ada.get("/bin/?search=nothing").content.decode()
    assert "Nothing in the bin matches “nothing”" in vain


def test_many_are_restored_at_once(api: ApiClient, ada: ConsoleClient) -> None:
    ids = [delete(api, title) for title in ("Loans", "Cards")]
    answer = ada.send("/campaigns/bulk/", {"action": "restore", "id": ids, "next": "/bin/"})
    assert answer.url == "/bin/"
    assert "2 restored. They are stopped." in ada.get("/bin/").content.decode()
    assert api.get("campaigns/").json["count"] == 2
