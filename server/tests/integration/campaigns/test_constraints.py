"""The rules of product.md in the database itself: broken past all code, each is refused by name."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Account, ApiKey
from campaigns.models import Campaign, CampaignPayout
from tests.fixtures.api import payout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAYOUT = "campaigns_campaignpayout"
# SQLite names the columns of a unique index instead of the index.
COLUMNS = {
    "campaign_title_unique": "campaigns_campaign.account_id, campaigns_campaign.title_key",
    "payout_country_unique": f"{PAYOUT}.campaign_id, {PAYOUT}.country",
    "payout_worldwide_unique": f"{PAYOUT}.campaign_id",
    "accounts_account_email": "accounts_account.email",
}


@pytest.fixture
def campaign(api: ApiClient) -> Campaign:
    """Store a campaign with a payout in Estonia and one worldwide."""
    return Campaign.objects.get(pk=api.create(payouts=[payout(), payout("EE")])["id"])


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"title": ""}, "campaign_title_length"),
        ({"title_key": ""}, "campaign_title_length"),
        ({"landing_page_url": "ftp://example.com/"}, "campaign_url_scheme"),
        ({"landing_page_url": "javascript:alert(1)"}, "campaign_url_scheme"),
        ({"landing_page_url": ""}, "campaign_url_scheme"),
        ({"landing_page_url": "http://" + "x" * 2042}, "campaign_url_length"),
        ({"deleted_at": NOW, "is_running": True}, "campaign_deleted_is_stopped"),
        ({"version": 0}, "campaign_version_positive"),
    ],
)
def test_a_campaign(campaign: Campaign, change: dict[str, Any], constraint: str) -> None:
    with _refused(constraint):
        Campaign.objects.filter(pk=campaign.pk).update(**change)
    created = _like(campaign, **{"title_key": "another"} | change)
    with _refused(constraint):
        created.save(force_insert=True)


def test_a_title_of_more_than_200_characters_fits_nowhere(campaign: Campaign) -> None:
    with pytest.raises(Exception, match=r"campaign_title_length|too long"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(title="x" * 201)
    Campaign.objects.filter(pk=campaign.pk).update(title="\U0001f600" * 200)


def test_a_title_is_unique_among_live_campaigns_of_one_account(
    campaign: Campaign, other: ApiClient
) -> None:
    with _refused("campaign_title_unique"):
        _like(campaign).save(force_insert=True)
    _like(campaign, account_id=other.account_id).save(force_insert=True)
    for _ in range(2):
        _like(campaign, deleted_at=NOW, is_running=False).save(force_insert=True)
    with _refused("campaign_title_unique"):
        Campaign.objects.filter(account_id=campaign.account_id).update(deleted_at=None)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"country": "XX"}, "payout_country_known"),
        ({"country": "ee"}, "payout_country_known"),
        ({"country": ""}, "payout_country_known"),
        ({"country": "D "}, "payout_country_known"),
        ({"currency": "XAU"}, "payout_currency_known"),
        ({"currency": "eur"}, "payout_currency_known"),
        ({"currency": ""}, "payout_currency_known"),
        ({"currency": "D A"}, "payout_currency_known"),
        ({"currency": "EU"}, "payout_currency_known"),
        ({"amount": Decimal(0)}, "payout_amount_in_range"),
        ({"amount": Decimal("-0.0001")}, "payout_amount_in_range"),
    ],
)
def test_a_payout(campaign: Campaign, change: dict[str, Any], constraint: str) -> None:
    with _refused(constraint):
        CampaignPayout.objects.filter(campaign=campaign, country="EE").update(**change)
    with _refused(constraint):
        CampaignPayout.objects.bulk_create([_payout(campaign, **{"country": "FI"} | change)])


@pytest.mark.parametrize("country", [None, "EE"])
def test_a_country_has_one_payout_and_the_world_too(
    campaign: Campaign, country: str | None
) -> None:
    constraint = "payout_country_unique" if country else "payout_worldwide_unique"
    with _refused(constraint):
        CampaignPayout.objects.bulk_create([_payout(campaign, country=country)])
    CampaignPayout.objects.bulk_create([_payout(campaign, country="FI")])
    with _refused(constraint):
        CampaignPayout.objects.filter(campaign=campaign, country="FI").update(country=country)


@pytest.mark.parametrize(
    ("amount", "constraint"),
    [
        ("100000000000", "payout_amount_in_range|numeric field overflow"),
        ("99999999999.99995", "payout_amount_in_range|numeric field overflow"),
        ("0.00001", "payout_amount_in_range|payout_amount_decimals"),
        ("0", "payout_amount_in_range"),
        ("'NaN'", "payout_amount_in_range|payout_amount_decimals"),
    ],
)
def test_an_amount_that_sql_writes(campaign: Campaign, amount: str, constraint: str) -> None:
    """Past Django's own conversion, which would round or refuse."""
    with (
        pytest.raises(Exception, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE campaigns_campaignpayout SET amount = {amount}")  # noqa: S608 -- the amounts above


def test_a_fifth_decimal_is_never_stored(campaign: Campaign) -> None:
    statement = "UPDATE campaigns_campaignpayout SET amount = 1.23456"
    if connection.vendor == "sqlite":
        with _refused("payout_amount_decimals"), connection.cursor() as cursor:
            cursor.execute(statement)
    else:  # the column's own scale rounds before a constraint could see it
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert CampaignPayout.objects.values_list("amount", flat=True)[0] == Decimal("1.2346")


@pytest.mark.parametrize("amount", ["0.0001", "0.1", "99999999999.9999", "12345678901.2345"])
def test_amounts_within_the_rule_are_stored_exactly(campaign: Campaign, amount: str) -> None:
    CampaignPayout.objects.filter(campaign=campaign).update(amount=Decimal(amount))
    stored = set(CampaignPayout.objects.values_list("amount", flat=True))
    assert stored == {Decimal(amount)}


def test_what_belongs_to_nobody_is_refused(campaign: Campaign) -> None:
    with transaction.atomic():
        orphan = transaction.savepoint()
        _like(campaign, account_id=4_000_000_001, title_key="another").save(force_insert=True)
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            connection.check_constraints()
        transaction.savepoint_rollback(orphan)
        CampaignPayout.objects.filter(campaign=campaign).update(campaign_id=4_000_000_001)
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            connection.check_constraints()
        transaction.savepoint_rollback(orphan)


def test_an_address_is_unique_and_in_lower_case(api: ApiClient) -> None:
    with _refused("account_email_lowercase"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET email = 'Ada@example.com'")
    with _refused("accounts_account_email"):
        Account.objects.bulk_create([Account(email="ADA@example.com")])


@pytest.mark.parametrize("currency", ["XAU", "eur", "", "D A", "EU"])
def test_an_accounts_currency_is_known(api: ApiClient, currency: str) -> None:
    accounts = Account.objects.filter(pk=api.account_id)
    with _refused("account_currency_known"):
        accounts.update(default_currency=currency)
    assert accounts.update(default_currency="JPY") == 1


def test_a_keys_scope_is_known(api: ApiClient) -> None:
    key = ApiKey(account_id=api.account_id, name="x", scope="admin", created_at=NOW)
    with _refused("api_key_scope_known"):
        key.save(force_insert=True)


@contextmanager
def _refused(constraint: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    named = COLUMNS.get(constraint, constraint) if connection.vendor == "sqlite" else constraint
    assert named in str(caught.value)


def _like(campaign: Campaign, **changed: Any) -> Campaign:
    values = {
        field.attname: getattr(campaign, field.attname)
        for field in Campaign._meta.concrete_fields
        if not field.primary_key
    }
    return Campaign(**values | changed)


def _payout(campaign: Campaign, **changed: Any) -> CampaignPayout:
    values: dict[str, Any] = {"amount": Decimal(1), "currency": "EUR"}
    return CampaignPayout(campaign=campaign, created_at=NOW, updated_at=NOW, **values | changed)
