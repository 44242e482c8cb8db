"""``render_rate_cards``: what is stored in an old form is stored in today's; no answer changes."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F

from accounts.models import Account
from campaigns.models import Campaign
from campaigns.rendering import rate_card_json
from core.models import Event
from tests.factories.campaigns import CampaignFactory, terms
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.queries import counted_queries


def render() -> str:
    said = StringIO()
    call_command("render_rate_cards", stdout=said)
    return said.getvalue().strip()


@pytest.mark.django_db
def test_it_renders_what_is_of_an_old_form_whoever_has_it() -> None:
    cards = ((terms(),), (terms("EE", "0.0005"), terms()), (terms("AT", "120", "JPY"),))
    campaigns = [CampaignFactory.create(payouts=card) for card in cards]
    Campaign.objects.filter(pk=campaigns[1].pk).update(
        rendered_payouts="[]", rendered_form="0123456789abcdef"
    )
    before = {row.pk: (row.version, row.updated_at) for row in Campaign.objects.all()}
    assert render() == "Rendered 3 rate cards."
    for campaign in Campaign.objects.with_rate_card():
        assert campaign.is_rendered
        assert campaign.rendered_payouts == rate_card_json(campaign.rate_card)
        assert (campaign.version, campaign.updated_at) == before[campaign.pk]
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_it_says_how_many_there_were(api: ApiClient) -> None:
    api.create()
    assert render() == "Rendered 0 rate cards."
    CampaignFactory.create()
    assert render() == "Rendered 1 rate card."
    assert render() == "Rendered 0 rate cards."


@pytest.mark.django_db
def test_no_answer_changes(api: ApiClient) -> None:
    campaign = api.create(payouts=[payout(), payout("EE", "2.5"), payout("JP", "120", "JPY")])
    paths = ["campaigns/", f"campaigns/{campaign['id']}/"]
    answers = [api.get(path).content for path in paths]
    Campaign.objects.update(rendered_payouts="", rendered_form="")
    assert render() == "Rendered 1 rate card."
    Account.objects.update(campaigns_version=F("campaigns_version") + 1)  # nothing is kept
    assert [api.get(path).content for path in paths] == answers


@pytest.mark.django_db
def test_a_batch_takes_three_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.services.bulk._RENDERED_AT_ONCE", 4)
    CampaignFactory.create_batch(8)
    with counted_queries() as statements:
        render()
    assert [statement.split()[0] for statement in statements] == [
        *["SELECT", "SELECT", "UPDATE"] * 2,
        "SELECT",
    ]
