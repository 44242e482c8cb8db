"""Carry the demo's plan out: its account and every campaign are made by the services.

The staff account is an operator's word, as ``createsuperuser`` is: the repository stores it.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from accounts import composition as accounts
from accounts.commands import SignUp
from campaigns import commands, composition
from campaigns.demo.plan import OLDEST, Action, planned_campaigns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from campaigns.demo.plan import PlannedCampaign, Step
    from campaigns.services.campaigns import CampaignService

EMAIL = "demo@ratecard.example"
STAFF_EMAIL = "staff@ratecard.example"
PASSWORD = "every-click-counts"  # nosec B105  # noqa: S105 -- printed, documented, and refused in production
DISPLAY_NAME = "Demo advertiser"
STAFF_DISPLAY_NAME = "Demo staff"
TIME_ZONE = "Europe/Tallinn"
CURRENCY = "EUR"
SIGNED_UP = OLDEST + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """How much was loaded."""

    campaigns: int
    deleted: int
    """How many of them are in the bin."""
    changes: int


class PastClock:
    """A clock that shows the moment it was set to."""

    def __init__(self, moment: datetime) -> None:
        """Begin at a moment."""
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.moment


def load(*, now: datetime) -> Loaded:
    """Create the demo's accounts and campaigns with a past that ends now, all or nothing.

    :raises EmailTaken: the demo account is there already.
    """
    clock = PastClock(now - SIGNED_UP)
    with transaction.atomic(), _quiet_events():
        # The first session comes with it; it began so long ago that it has expired.
        owner = (
            accounts.account_service(clock=clock, signup_open=True)
            .sign_up(
                SignUp(
                    email=EMAIL,
                    password=PASSWORD,
                    device="Demo data",
                    display_name=DISPLAY_NAME,
                    time_zone=TIME_ZONE,
                    default_currency=CURRENCY,
                )
            )
            .account
        )
        accounts.accounts().add_staff(
            email=STAFF_EMAIL, password=PASSWORD, display_name=STAFF_DISPLAY_NAME, at=clock()
        )
        return _replay(account_id=owner.pk, clock=clock, now=now)


def _replay(*, account_id: int, clock: PastClock, now: datetime) -> Loaded:
    """Let the past happen in its order, so that ids and history grow with time."""
    service = composition.campaign_service(clock=clock)
    plans = planned_campaigns()
    ids: dict[int, int] = {}
    past = sorted(_moments(plans), key=lambda moment: -moment[0])
    for ago, index, step in past:
        clock.moment = now - ago
        if step is None:
            ids[index] = _create(service, plans[index], account_id=account_id)
        else:
            _do(service, step, account_id=account_id, campaign_id=ids[index])
    deleted = composition.campaigns().bin(account_id=account_id, at=now).count()
    return Loaded(campaigns=len(plans), deleted=deleted, changes=len(past) - len(plans))


def _moments(
    plans: tuple[PlannedCampaign, ...],
) -> Iterator[tuple[timedelta, int, Step | None]]:
    """Yield each moment of each campaign's past; no step is its creation."""
    for index, plan in enumerate(plans):
        yield plan.ago, index, None
        for step in plan.steps:
            yield step.ago, index, step


def _create(service: CampaignService, plan: PlannedCampaign, *, account_id: int) -> int:
    campaign = service.create(
        commands.CreateCampaign(
            account_id=account_id,
            actor_id=account_id,
            title=plan.title,
            landing_page_url=plan.landing_page_url,
            payouts=plan.payouts,
            is_running=plan.is_running,
        )
    )
    return campaign.pk


def _do(service: CampaignService, step: Step, *, account_id: int, campaign_id: int) -> None:
    target = commands.CampaignCommand(
        account_id=account_id, actor_id=account_id, campaign_id=campaign_id
    )
    match step.action:
        case Action.START:
            service.start(target)
        case Action.STOP:
            service.stop(target)
        case Action.DELETE:
            service.delete(target)
        case Action.RESTORE:
            service.restore(
                commands.RestoreCampaign(
                    account_id=account_id, actor_id=account_id, campaign_id=campaign_id
                )
            )
        case Action.CHANGE:
            service.change(
                commands.ChangeCampaign(
                    account_id=account_id,
                    actor_id=account_id,
                    campaign_id=campaign_id,
                    details=step.details or commands.CampaignDetails(),
                )
            )


@contextmanager
def _quiet_events() -> Iterator[None]:
    """Keep a thousand events of long ago out of today's log; the history has them."""
    log = logging.getLogger("ratecard.events")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)
