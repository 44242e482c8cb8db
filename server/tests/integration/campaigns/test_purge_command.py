"""``purge_deleted``: what was deleted long ago goes for good; its history stays."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.models import Campaign, CampaignPayout
from core.models import Event
from tests.factories.campaigns import CampaignFactory

pytestmark = pytest.mark.django_db


def purge() -> str:
    said = StringIO()
    call_command("purge_deleted", stdout=said)
    return said.getvalue().strip()


def deleted(*, days_ago: int) -> Campaign:
    campaign: Campaign = CampaignFactory.create(
        deleted_at=timezone.now() - timedelta(days=days_ago)
    )
    return campaign


def test_it_removes_what_was_deleted_more_than_thirty_days_ago() -> None:
    live = CampaignFactory.create()
    restorable = deleted(days_ago=29)
    gone = deleted(days_ago=31)
    assert purge() == "Removed 1 deleted campaign."
    assert set(Campaign.objects.all()) == {live, restorable}
    assert set(CampaignPayout.objects.values_list("campaign", flat=True)) == {
        live.pk,
        restorable.pk,
    }
    event = Event.objects.get(name="campaign.purged")
    assert (event.subject_id, event.actor_id) == (gone.pk, None)
    assert event.old == {"title": gone.title}


def test_it_says_how_many_there_were() -> None:
    assert purge() == "Removed 0 deleted campaigns."
    deleted(days_ago=40)
    deleted(days_ago=50)
    assert purge() == "Removed 2 deleted campaigns."
