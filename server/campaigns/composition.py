"""The one place that builds this app's services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from campaigns.repositories import CampaignRepository
from campaigns.services import BulkService, CampaignService
from campaigns.totals import Totals
from core.repositories import record_events

if TYPE_CHECKING:
    from core.events import Clock


def campaign_service(*, clock: Clock = timezone.now) -> CampaignService:
    """Build the use cases of one campaign at a time.

    :param clock: the time they write; the demo data has a past.
    """
    return CampaignService(
        CampaignRepository(), clock=clock, record=record_events, atomic=transaction.atomic
    )


def bulk_service() -> BulkService:
    """Build the use cases of many campaigns at once."""
    return BulkService(
        CampaignRepository(),
        clock=timezone.now,
        record=record_events,
        atomic=transaction.atomic,
    )


def campaigns() -> CampaignRepository:
    """Return where campaigns are read."""
    return CampaignRepository()


def totals() -> Totals:
    """Return where what an account's campaigns come to is read."""
    return Totals()
