"""The one place that builds this app's services."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from campaigns.imports.repositories import ImportRepository
from campaigns.repositories import CampaignRepository
from campaigns.services import BulkService, CampaignService, ImportService
from campaigns.services.cards import Cards
from campaigns.services.imports import KEPT_FOR
from campaigns.totals import Totals
from core.jobs.queue import enqueue
from core.jobs.repositories import JobRepository
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


def import_service() -> ImportService:
    """Build the use cases of imports."""
    return ImportService(
        ImportRepository(),
        Cards(CampaignRepository()),
        clock=timezone.now,
        record=record_events,
        atomic=transaction.atomic,
        enqueue=partial(enqueue, "campaigns.tasks.run_import"),
    )


def recover_imports(*, worker: str) -> int:
    """Have imports worked on again whose worker died, or was called like one that begins."""
    return import_service().recover(worker=worker)


def purge_jobs() -> int:
    """Forget jobs that were done long ago."""
    return JobRepository().purge(older_than=timezone.now() - KEPT_FOR)


def imports() -> ImportRepository:
    """Return where imports are read."""
    return ImportRepository()


def campaigns() -> CampaignRepository:
    """Return where campaigns are read."""
    return CampaignRepository()


def totals() -> Totals:
    """Return where what an account's campaigns come to is read."""
    return Totals()
