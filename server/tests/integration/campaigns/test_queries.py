"""What a repository asks the database, where no answer would tell a wrong question from a right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session
from accounts.repositories import SessionRepository
from campaigns.models import SUBJECT
from campaigns.repositories import CampaignRepository
from core.repositories import EventRepository
from tests.factories.accounts import AccountFactory
from tests.factories.campaigns import CampaignFactory
from tests.fixtures.api import ApiClient, payload

pytestmark = pytest.mark.django_db


def test_many_campaigns_are_locked_in_the_order_of_their_ids() -> None:
    """Two that lock the same rows in different orders would wait for each other."""
    account = AccountFactory.create()
    ids = [CampaignFactory.create(account=account).pk for _ in range(3)]
    with CaptureQueriesContext(connection) as captured:
        CampaignRepository().get_many_for_update(
            account_id=account.pk, campaign_ids=set(ids), at=timezone.now()
        )
    [query] = captured.captured_queries
    assert 'ORDER BY "campaigns_campaign"."id" ASC' in query["sql"]


def test_counting_a_list_stops_shortly_after_10_000(api: ApiClient) -> None:
    for title in ("One", "Two"):
        api.create(title)
    with CaptureQueriesContext(connection) as captured:
        assert api.get("campaigns/", {"page_size": 1}).json["count"] == 2
    [count] = [query["sql"] for query in captured.captured_queries if "COUNT(" in query["sql"]]
    assert "LIMIT 10001" in count


@pytest.mark.parametrize("page", [1, 2])
def test_a_filtered_page_that_is_not_full_is_not_counted(api: ApiClient, page: int) -> None:
    """It is the last one, and what is before it is known."""
    for title in ("Green", "Red", "Yellow"):
        api.create(title)
    with CaptureQueriesContext(connection) as captured:
        query = {"page": page, "page_size": 4 - page, "is_running": "false"}
        answer = api.get("campaigns/", query).json
    assert (answer["count"], answer["next"]) == (3, None)
    assert not [query for query in captured.captured_queries if "COUNT(" in query["sql"]]


def test_the_history_of_a_subject_is_its_owners(api: ApiClient, other: ApiClient) -> None:
    campaign = api.post("campaigns/", payload()).json
    events = EventRepository()
    for client, found in ((api, 1), (other, 0)):
        history = events.of_subject(
            account_id=client.account["id"], subject_type=SUBJECT, subject_id=campaign["id"]
        )
        assert history.count() == found


def test_a_session_of_an_account_that_was_shut_out_authenticates_nobody(api: ApiClient) -> None:
    session = Session.objects.get()
    assert SessionRepository().authenticate(session_id=session.pk) == session.account
    session.account.is_active = False
    session.account.save()
    assert session.is_live(at=timezone.now() + timedelta(hours=1))
    assert SessionRepository().authenticate(session_id=session.pk) is None
    assert api.get("campaigns/").status == 401
