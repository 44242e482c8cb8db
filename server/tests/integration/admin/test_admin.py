"""The staff's door: it shows everything, changes nothing, and its actions are the services'."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import composition as accounts_composition
from accounts.commands import CreateKey
from accounts.models import Account, ApiKey, Session
from campaigns import composition
from campaigns.commands import CampaignCommand, CampaignDetails, ChangeCampaign
from campaigns.exceptions import TitleTaken
from campaigns.models import Campaign, CampaignPayout
from core import admin_base
from core.exceptions import NotFound
from core.models import Event, Flag
from tests.factories.accounts import AccountFactory
from tests.factories.campaigns import CampaignFactory, terms
from tests.fixtures.api import ApiClient
from tests.fixtures.queries import counted_queries
from tests.integration.admin.staff import Staff, list_of, page_of

if TYPE_CHECKING:
    from django.db.models import Model

MODELS = (Account, Session, ApiKey, Campaign, CampaignPayout, Event)


def populate(number: int) -> None:
    """Store so many rows of each model, each of an account of its own."""
    for index in range(number):
        api = ApiClient.signed_up(f"row{Account.objects.count()}@example.com")
        account = api.account_id
        accounts_composition.key_service().create(
            CreateKey(account_id=account, actor_id=account, name=f"Key {index}", scope="read")
        )
        campaign = CampaignFactory.create(account=Account.objects.get(pk=account))
        start(campaign)


def start(campaign: Campaign) -> None:
    composition.campaign_service().start(
        CampaignCommand(
            account_id=campaign.account_id,
            actor_id=campaign.account_id,
            campaign_id=campaign.pk,
        )
    )


def test_the_index_lists_these_models_and_no_others(staff: Staff) -> None:
    page = staff.page(reverse("admin:index"))
    lists = {path for path in re.findall(r'href="(/admin/[^"]+)"', page) if path.count("/") == 4}
    assert lists == {list_of(model) for model in (*MODELS, Flag)}
    assert "Ratecard" in page


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted(staff: Staff, model: type[Model]) -> None:
    populate(1)
    row: Model = QuerySet(model).order_by("pk")[0]
    add = list_of(model) + "add/"
    assert staff.get(page_of(row)).status_code == 200
    assert "_save" not in staff.page(page_of(row))
    for url in (add, page_of(row), page_of(row, "delete")):
        assert staff.client.post(url, {"title": "Mine"}).status_code == 403, url
    assert staff.get(add).status_code == 403
    assert staff.get(page_of(row, "delete")).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    staff: Staff, model: type[Model]
) -> None:
    populate(2)
    with counted_queries() as few:
        assert len(staff.rows(model)) >= 2
    populate(8)
    with counted_queries() as many:
        assert len(staff.rows(model)) >= 10
    assert len(many) == len(few), many


def test_a_campaigns_page_takes_as_many_queries_for_many_payouts(staff: Staff) -> None:
    small = CampaignFactory.create()
    large = CampaignFactory.create(
        payouts=tuple(terms(code) for code in ("EE", "LV", "LT", "FI", "SE"))
    )
    staff.page(page_of(small))
    with counted_queries() as few:
        staff.page(page_of(small))
    with counted_queries() as many:
        assert "Estonia" in staff.page(page_of(large))
    assert len(many) == len(few)


@pytest.mark.parametrize("model", MODELS)
def test_every_list_takes_a_search_for_anything(staff: Staff, model: type[Model]) -> None:
    populate(1)
    for text in ("row", "99999999999999999999", "İ%_\\'", " "):
        staff.rows(model, q=text)


def test_nobody_else_gets_in(staff: Staff, db: None) -> None:
    person = Staff(AccountFactory.create())
    for client in (person.client, Client()):
        for model in MODELS:
            assert client.get(list_of(model)).status_code == 302
    no_permission = Staff(AccountFactory.create(is_staff=True))
    for model in MODELS:
        assert no_permission.get(list_of(model)).status_code == 403


def test_who_may_view_may_not_act(viewer: Staff) -> None:
    campaign = CampaignFactory.create()
    page = viewer.page(list_of(Campaign))
    assert campaign.title in page
    assert 'name="action"' not in page
    viewer.act(Campaign, "start", campaign)
    assert not Campaign.objects.get().is_running


def test_there_is_no_form_for_passwords(staff: Staff) -> None:
    assert staff.get("/admin/password_change/").status_code == 404
    assert "password" not in staff.page(page_of(staff.account)).lower()


# Campaigns.


def test_campaigns_are_found_in_any_script_and_by_the_accounts_address(staff: Staff) -> None:
    greek = CampaignFactory.create(title="ΚΑΛΟΚΑΊΡΙ στην πόλη")
    other = CampaignFactory.create(title="Winter", landing_page_url="https://ski.example/deals")
    assert staff.rows(Campaign, q="καλοκαίρι") == [greek]
    assert staff.rows(Campaign, q="ski.example") == [other]
    assert staff.rows(Campaign, q=greek.account.email.upper()) == [greek]
    assert staff.rows(CampaignPayout, q="καλοκαίρι") == greek.rate_card


def test_campaigns_are_filtered(staff: Staff) -> None:
    now = timezone.now()
    dollars = CampaignFactory.create(payouts=(terms("US", currency="USD"),), is_running=True)
    binned = CampaignFactory.create(deleted_at=now - timedelta(days=1))
    gone = CampaignFactory.create(deleted_at=now - timedelta(days=31), at=now - timedelta(days=40))
    assert staff.rows(Campaign, currency="USD") == [dollars]
    assert staff.rows(Campaign, is_running__exact="1") == [dollars]
    assert staff.rows(Campaign, state="live") == [dollars]
    assert staff.rows(Campaign, state="bin") == [binned]
    assert staff.rows(Campaign, state="deleted") == [gone, binned]
    assert staff.rows(Campaign, created_at__lt=str(now - timedelta(days=20))) == [gone]
    assert staff.rows(Campaign, account=str(gone.account_id)) == [gone]
    page = staff.page(list_of(Campaign))
    assert f"restorable until {now + timedelta(days=29):%Y-%m-%d}" in page


def test_payouts_are_filtered(staff: Staff) -> None:
    campaign = CampaignFactory.create(
        payouts=(terms(None), terms("EE"), terms("US", currency="USD"))
    )
    worldwide, estonia, us = campaign.rate_card
    assert staff.rows(CampaignPayout, country="worldwide") == [worldwide]
    assert staff.rows(CampaignPayout, country="EE") == [estonia]
    assert staff.rows(CampaignPayout, currency="USD") == [us]


def test_a_filter_that_drops_down_keeps_the_others(staff: Staff) -> None:
    CampaignFactory.create()
    page = staff.page(list_of(Campaign), {"state": "live", "currency": "EUR", "q": "Camp"})
    assert '<input type="hidden" name="state" value="live">' in page
    assert '<input type="hidden" name="q" value="Camp">' in page
    assert '<option value="EUR" selected>' in page


def test_an_action_does_what_the_owner_could_do_in_the_name_of_the_staff(staff: Staff) -> None:
    first, second = CampaignFactory.create(), CampaignFactory.create(is_running=True)
    (told,) = staff.act(Campaign, "start", first, second)
    assert told.startswith("Start: 1 done, 1 unchanged, 0 ")
    event = Event.objects.get(name="campaign.started")
    assert (event.account_id, event.actor_id) == (first.account_id, staff.account.pk)

    staff.act(Campaign, "delete_softly", first, second)
    assert not Campaign.objects.live().exists()
    assert set(Event.objects.filter(name="campaign.deleted").values_list("account", "actor")) == {
        (first.account_id, staff.account.pk),
        (second.account_id, staff.account.pk),
    }
    staff.act(Campaign, "restore", first)
    assert list(Campaign.objects.live()) == [first]


def test_an_action_on_many_goes_in_steps(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.admin._AT_ONCE", 2)
    account = AccountFactory.create()
    campaigns = [CampaignFactory.create(account=account, is_running=True) for _ in range(5)]
    (told,) = staff.act(Campaign, "stop", *campaigns)
    assert told.startswith("Stop: 5 done")
    assert not Campaign.objects.filter(is_running=True).exists()


def test_an_action_tells_what_could_not_be_done(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    binned = CampaignFactory.create(title="Spring", deleted_at=timezone.now())
    CampaignFactory.create(title="spring", account=binned.account)
    (told,) = staff.act(Campaign, "restore", binned)
    assert "0 done" in told
    assert "1 in conflict" in told

    class Refusing:
        def apply(self, _command: object) -> None:
            raise TitleTaken("Spring")

    monkeypatch.setattr(composition, "bulk_service", Refusing)
    assert "choose another" in staff.act(Campaign, "restore", binned)[0]


def test_a_campaigns_page_leads_to_its_history(staff: Staff) -> None:
    campaign = CampaignFactory.create(title="Spring", payouts=(terms("EE"), terms(None)))
    start(campaign)
    start(CampaignFactory.create())
    page = staff.page(page_of(campaign))
    assert page.index("Worldwide") < page.index("Estonia")
    history = staff.get(page_of(campaign, "history"))
    assert history.status_code == 302
    assert history.url.replace("&", "&amp;") in page
    events = list(staff.get(history.url).context["cl"].result_list)
    assert [(event.name, event.subject_id) for event in events] == [
        ("campaign.started", campaign.pk)
    ]
    payout = campaign.rate_card[0]
    assert staff.get(page_of(payout, "history")).url == history.url


def test_what_has_no_history_leads_nowhere(staff: Staff) -> None:
    populate(1)
    assert staff.get(page_of(Session.objects.get(), "history")).status_code == 404
    assert "historylink" not in staff.page(page_of(Session.objects.get()))


def test_nobody_counts_beyond_reason(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    CampaignFactory.create_batch(3)
    assert "more than" not in staff.page(list_of(Campaign))
    monkeypatch.setattr(admin_base, "COUNTED_EXACTLY", 2)
    assert "more than 2 campaigns" in staff.page(list_of(Campaign))


# Accounts.


def test_accounts_are_found_and_their_live_campaigns_counted(staff: Staff) -> None:
    account = AccountFactory.create(email="ada@example.com", display_name="Ada")
    CampaignFactory.create_batch(2, account=account)
    CampaignFactory.create(account=account, deleted_at=timezone.now())
    AccountFactory.create(is_active=False)
    (found,) = staff.rows(Account, q="ADA@")
    assert found.live_campaigns == 2
    assert staff.rows(Account, q="ada") == [account]
    assert len(staff.rows(Account, is_active__exact="0")) == 1
    assert staff.rows(Account, is_staff__exact="1") == [staff.account]
    page = staff.page(page_of(account))
    assert f"{list_of(Campaign)}?account={account.pk}&amp;state=live" in page
    assert f"{list_of(Session)}?account={account.pk}" in page


def test_shutting_an_account_out_ends_its_sessions(staff: Staff, api: ApiClient) -> None:
    account = Account.objects.get(pk=api.account_id)
    assert api.get("auth/profile/").status == 200
    told = staff.act(Account, "deactivate", account)
    assert told == ["1 shut out, 0 unchanged."]
    assert api.get("auth/profile/").status == 401
    assert not Session.objects.filter(account=account, ended_at=None).exists()
    event = Event.objects.get(name="account.deactivated")
    assert (event.account_id, event.actor_id) == (account.pk, staff.account.pk)

    assert staff.act(Account, "activate", account) == ["1 let in, 0 unchanged."]
    assert staff.act(Account, "activate", account) == ["0 let in, 1 unchanged."]
    assert Account.objects.get(pk=account.pk).is_active


def test_an_account_that_is_gone_by_now_is_told(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def set_active(self, _command: object) -> None:
            raise NotFound("There is no such account.")

    monkeypatch.setattr(accounts_composition, "account_service", Refusing)
    assert "There is no such account." in staff.act(Account, "activate", staff.account)


def test_markup_in_what_people_store_is_text(staff: Staff) -> None:
    """Titles, names and devices are the clients' own words, and the admin shows them."""
    markup = '<script>alert(1)</script><b title="x" \'>'
    api = ApiClient.signed_up("row@example.com", display_name=markup)
    again = api.signed_in(User_Agent=markup)
    assert again.post("auth/keys/", {"name": markup, "scope": "read"}).status == 201
    created = again.create(markup)
    changed = again.patch(f"campaigns/{created['id']}/", {"title": markup + " again"})
    assert changed.status == 200
    told = staff.act(Campaign, "stop", Campaign.objects.get())
    assert told
    for model in MODELS:
        shown = [staff.page(list_of(model))]
        shown += [staff.page(page_of(row)) for row in staff.rows(model)]
        assert "<script>alert" not in "".join(shown)
        assert "<b title" not in "".join(shown)
        if model is not CampaignPayout:
            assert "&lt;script&gt;alert" in "".join(shown)


def test_digests_stay_in_the_database(staff: Staff) -> None:
    populate(1)
    session, key = Session.objects.get(), ApiKey.objects.get()
    assert session.token_digest not in staff.page(page_of(session))
    assert key.digest not in staff.page(page_of(key))


# History.


def test_events_are_found_and_shown_with_what_changed(staff: Staff) -> None:
    campaign = CampaignFactory.create(title="Spring")
    composition.campaign_service().change(
        ChangeCampaign(
            account_id=campaign.account_id,
            actor_id=campaign.account_id,
            campaign_id=campaign.pk,
            details=CampaignDetails(title="<Summer>", payouts=(terms(amount="2"),)),
        )
    )
    composition.bulk_service().purge()
    changed, payout = Event.objects.order_by("pk")
    assert staff.rows(Event, q=str(campaign.pk)) == [payout, changed]
    assert staff.rows(Event, q="campaign.pay") == [payout]
    assert staff.rows(Event, name="campaign.changed") == [changed]
    assert staff.rows(Event, subject_type="account") == []
    page = staff.page(list_of(Event))
    assert "title: Spring → &lt;Summer&gt;" in page
    # PostgreSQL orders the fields by itself.
    for part in ("country: -", "amount: 1.50 → 2.00", "currency: EUR"):
        assert part in page
    assert page_of(campaign) in page
    assert "&lt;Summer&gt;" in staff.page(page_of(changed))


def test_an_event_of_the_system_about_what_has_no_page(staff: Staff) -> None:
    event = Event.objects.create(
        account=staff.account,
        actor=None,
        at=timezone.now(),
        subject_type="report",
        subject_id=7,
        name="report.made",
        new={"rows": [1, 2, 3]},
    )
    unlisted = Event.objects.create(
        account=staff.account,
        actor=None,
        at=timezone.now(),
        subject_type="contenttype",
        subject_id=8,
        name="report.read",
    )
    page = staff.page(list_of(Event))
    assert "the system" in page
    assert "report 7" in page
    assert "contenttype 8" in page
    assert "rows: 3 of them" in page
    assert "Before" in staff.page(page_of(event))
    assert "Before" not in staff.page(page_of(unlisted))
