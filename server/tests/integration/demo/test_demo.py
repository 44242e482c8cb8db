"""The demo data: the same each time, made by the services, and a business to look at."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Account, Session
from accounts.passwords import Passwords
from campaigns import rules
from campaigns.demo import load as demo
from campaigns.demo.markets import PER_EURO, everywhere
from campaigns.demo.plan import Action, planned_campaigns
from campaigns.models import Campaign, CampaignPayout
from core.models import Event
from core.reference import countries, currencies
from tests.factories.accounts import AccountFactory
from tests.fixtures.api import ApiClient

RESERVED = re.compile(r"(.+\.)?(example|example\.(com|net|org))")
PAYOUT_EVENTS = ("campaign.payout_added", "campaign.payout_changed", "campaign.payout_removed")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the first campaigns of the plan only."""
    plans = planned_campaigns()[:12]
    monkeypatch.setattr(demo, "planned_campaigns", lambda: plans)


def load_demo(*arguments: str) -> str:
    said = StringIO()
    call_command("load_demo", *arguments, stdout=said)
    return said.getvalue()


def test_the_plan_is_the_same_each_time() -> None:
    assert planned_campaigns() == planned_campaigns()


def test_the_plan_covers_the_business() -> None:
    plans = planned_campaigns()
    assert len(plans) >= 300
    verticals = Counter(plan.vertical for plan in plans)
    assert len([name for name, number in verticals.items() if number >= 20]) >= 8
    shapes = [[terms.country for terms in plan.payouts] for plan in plans]
    assert [None] in shapes
    assert any(len(shape) > 60 for shape in shapes)
    assert any(shape[0] is None and len(shape) > 1 for shape in shapes)
    assert any(None not in shape for shape in shapes)
    assert any(not plan.title.isascii() for plan in plans)
    assert {step.action for plan in plans for step in plan.steps} == set(Action)


def test_every_landing_page_is_under_a_name_reserved_for_examples() -> None:
    urls = [plan.landing_page_url for plan in planned_campaigns()]
    assert not [url for url in urls if not RESERVED.fullmatch(urlsplit(url).hostname or "")]
    assert all("{click_id}" in url for url in urls)


def test_the_markets_are_real() -> None:
    assert {country.code for country in everywhere()} <= set(countries())
    assert set(PER_EURO) <= set(currencies())


def test_the_past_is_in_order_and_what_is_deleted_can_come_back() -> None:
    for plan in planned_campaigns():
        moments = [plan.ago, *(step.ago for step in plan.steps)]
        assert moments == sorted(moments, reverse=True), plan.title
        assert moments[-1] > timedelta(0)
        assert all(
            step.ago < rules.RESTORABLE_FOR for step in plan.steps if step.action is Action.DELETE
        )


def test_the_password_is_one_that_people_may_have() -> None:
    for email, name in (
        (demo.EMAIL, demo.DISPLAY_NAME),
        (demo.STAFF_EMAIL, demo.STAFF_DISPLAY_NAME),
    ):
        assert not Passwords().weaknesses(demo.PASSWORD, email=email, display_name=name)


@pytest.mark.django_db
def test_loading_makes_campaigns_in_every_state() -> None:
    now = timezone.now()
    loaded = demo.load(now=now)
    account = Account.objects.get(email=demo.EMAIL)
    campaigns = Campaign.objects.owned_by(account.pk)
    assert campaigns.count() == Campaign.objects.count() == loaded.campaigns
    assert campaigns.filter(is_running=True).count() > 100
    assert campaigns.live().filter(is_running=False).count() > 50
    assert campaigns.restorable(at=now).count() > 10
    assert campaigns.restorable(at=now).count() == campaigns.exclude(deleted_at=None).count()
    worldwide = Count("payouts", filter=Q(payouts__country=None))
    cards = campaigns.annotate(size=Count("payouts"), worldwide=worldwide)
    assert cards.filter(size=1, worldwide=1).exists()
    assert cards.filter(size__gt=1, worldwide=1).exists()
    assert cards.filter(worldwide=0).exists()
    assert CampaignPayout.objects.values("currency").distinct().count() > 30

    assert Event.objects.filter(name__in=PAYOUT_EVENTS).values("name").distinct().count() == 3
    assert not Event.objects.exclude(account=account, actor=account).exists()
    assert not Event.objects.filter(at__gt=now).exists()
    moments = list(Event.objects.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert not Session.objects.filter(expires_at__gt=now).exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("short")
def test_the_command_loads_once_and_says_how_to_sign_in() -> None:
    said = load_demo("--if-empty")
    binned = Campaign.objects.exclude(deleted_at=None).count()
    assert binned
    assert f"12 campaigns ({binned} of them in the bin), " in said
    assert f"{demo.EMAIL}, password {demo.PASSWORD}" in said
    before = (Account.objects.count(), Campaign.objects.count(), Event.objects.count())
    again = load_demo("--if-empty")
    assert "campaigns" not in again
    assert f"{demo.STAFF_EMAIL}, password {demo.PASSWORD}" in again
    assert (Account.objects.count(), Campaign.objects.count(), Event.objects.count()) == before
    with pytest.raises(CommandError, match="already"):
        load_demo()
    assert (Account.objects.count(), Campaign.objects.count(), Event.objects.count()) == before

    body = {"email": demo.EMAIL, "password": demo.PASSWORD}
    assert ApiClient().post("auth/signin/", body).status == 200
    staff = Account.objects.get(email=demo.STAFF_EMAIL)
    assert staff.is_staff
    assert staff.check_password(demo.PASSWORD)


@pytest.mark.django_db
def test_the_command_leaves_a_database_in_use_alone() -> None:
    AccountFactory.create()
    said = load_demo("--if-empty")
    assert "no demo data" in said
    assert demo.PASSWORD not in said
    assert Account.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("short")
def test_the_command_names_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.HOST", "::1")
    monkeypatch.setattr("django.conf.settings.PORT", 8123)
    assert "http://[::1]:8123/" in load_demo()


def test_public_passwords_do_not_get_into_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.DEMO_DATA", False)
    with pytest.raises(CommandError, match="public"):
        load_demo("--if-empty")
