"""Which payout applies to a country, and what turns one rate card into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.models import Campaign, CampaignPayout
from campaigns.rate_card import Rate, in_order, resolve, revise
from tests.factories.campaigns import LANDING_PAGE, terms
from tests.fixtures.memory import START

if TYPE_CHECKING:
    from campaigns.commands import PayoutTerms

COUNTRIES = ["AT", "EE", "FI", "US"]


def payouts_of(*card: PayoutTerms) -> list[CampaignPayout]:
    campaign = Campaign.create(
        account_id=1, title="Spring", landing_page_url=LANDING_PAGE, is_running=True, at=START
    )
    return [CampaignPayout.create(campaign, payout, at=START) for payout in card]


class TestResolve:
    @pytest.mark.parametrize(
        ("card", "reason", "index"),
        [
            ([terms("EE"), terms()], "country", 0),
            ([terms(), terms("EE")], "country", 1),
            ([terms("EE")], "country", 0),
            ([terms("AT"), terms()], "worldwide", 1),
            ([terms()], "worldwide", 0),
            ([terms("AT")], "none", None),
            ([], "none", None),
        ],
    )
    def test_the_country_wins_then_the_world(
        self, card: list[PayoutTerms], reason: str, index: int | None
    ) -> None:
        rate = resolve(card, "EE")
        assert rate.reason == reason
        assert rate.payout is (None if index is None else card[index])

    @given(
        countries=st.lists(st.sampled_from([None, *COUNTRIES]), unique=True),
        asked=st.sampled_from(COUNTRIES),
    )
    def test_agrees_with_reading_the_card_line_by_line(
        self, countries: list[str | None], asked: str
    ) -> None:
        card = [terms(country) for country in countries]
        assert resolve(card, asked) == read_line_by_line(card, asked)


def read_line_by_line(card: list[PayoutTerms], asked: str) -> Rate[PayoutTerms]:
    """Answer as a person would who has the rule and the card before them."""
    for payout in card:
        if payout.country == asked:
            return Rate(payout=payout, reason="country")
    for payout in card:
        if payout.country is None:
            return Rate(payout=payout, reason="worldwide")
    return Rate(payout=None, reason="none")


class TestRevise:
    def test_tells_added_changed_removed_and_kept_apart(self) -> None:
        at, ee, fi, world = payouts_of(terms("AT"), terms("EE"), terms("FI"), terms())
        wanted = [terms("SE"), terms(), terms("EE", "9"), terms("FI", currency="SEK")]
        revision = revise([at, ee, fi, world], wanted)
        assert revision.added == [wanted[0]]
        assert revision.changed == [(ee, wanted[2]), (fi, wanted[3])]
        assert revision.removed == [at]
        assert set(map(id, revision.kept)) == {id(world), id(ee), id(fi)}

    def test_the_same_card_in_another_order_and_notation_is_no_change(self) -> None:
        current = payouts_of(terms("EE", "2"), terms())
        revision = revise(current, [terms(None, "1.5000"), terms("EE", "2.0")])
        assert (revision.added, revision.changed, revision.removed) == ([], [], [])

    @given(
        before=st.lists(st.sampled_from([None, *COUNTRIES]), unique=True, min_size=1),
        after=st.lists(
            st.tuples(st.sampled_from([None, *COUNTRIES]), st.sampled_from(["1", "2"])),
            unique_by=lambda line: line[0],
            min_size=1,
        ),
    )
    def test_carried_out_it_gives_the_card_that_was_wanted(
        self, before: list[str | None], after: list[tuple[str | None, str]]
    ) -> None:
        current = payouts_of(*(terms(country, "1") for country in before))
        wanted = [terms(country, amount) for country, amount in after]
        revision = revise(current, wanted)
        for payout, changed in revision.changed:
            payout.revise(changed, at=START)
        added = payouts_of(*revision.added)
        card = {payout.country: payout.amount for payout in [*revision.kept, *added]}
        assert card == {line.country: line.amount for line in wanted}
        assert len(revision.kept) + len(added) == len(wanted)
        assert len(revision.kept) + len(revision.removed) == len(current)


def test_the_world_comes_first_then_the_countries() -> None:
    payouts = payouts_of(terms("FI"), terms("AT"), terms(), terms("EE"))
    assert [payout.country for payout in in_order(payouts)] == [None, "AT", "EE", "FI"]
