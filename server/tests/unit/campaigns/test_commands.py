"""A command that breaks a rule cannot be made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from campaigns.commands import (
    CampaignDetails,
    CreateCampaign,
    DuplicateCampaign,
    PayoutTerms,
    RestoreCampaign,
)
from core.exceptions import InvalidInput, RuleViolation
from tests.factories.campaigns import terms
from tests.fixtures.fakes import on

CREATE: dict[str, Any] = {
    "account_id": 1,
    "actor_id": 1,
    "title": " Spring ",
    "landing_page_url": " HTTPS://Example.com/{x} ",
    "payouts": (terms(),),
}


class TestPayoutTerms:
    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"country": "ee"}, "unknown_country"),
            ({"country": ""}, "unknown_country"),
            ({"amount": Decimal(0)}, "min_value"),
            ({"amount": Decimal("0.00001")}, "max_decimal_places"),
            ({"amount": Decimal("1e11")}, "max_value"),
            ({"currency": "XAU"}, "unknown_currency"),
            ({"currency": ""}, "unknown_currency"),
        ],
    )
    def test_refuse_what_a_rule_refuses(self, values: dict[str, Any], code: str) -> None:
        right = {"country": "EE", "amount": Decimal(1), "currency": "EUR"}
        with pytest.raises(RuleViolation) as violation:
            PayoutTerms(**{**right, **values})
        assert violation.value.code == code

    def test_have_an_amount_of_four_decimals(self) -> None:
        assert str(PayoutTerms(country=None, amount=Decimal(1), currency="EUR").amount) == "1.0000"


class TestCreate:
    def test_holds_clean_values(self) -> None:
        command = CreateCampaign(**CREATE)
        assert command.title == "Spring"
        assert command.landing_page_url == "https://example.com/{x}"
        assert command.is_running is False

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"title": " "}, "blank"),
            ({"title": "x" * 201}, "max_length"),
            ({"landing_page_url": ""}, "blank"),
            ({"landing_page_url": "https://localhost/"}, "private_host"),
        ],
    )
    def test_refuses_what_a_rule_refuses(self, values: dict[str, Any], code: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            CreateCampaign(**CREATE | values)
        assert violation.value.code == code

    @pytest.mark.parametrize(
        ("countries", "path"),
        [
            ([], ("payouts",)),
            (["EE", None, "EE"], ("payouts", 2, "country")),
            ([None, None], ("payouts", 1, "country")),
        ],
    )
    def test_refuses_a_wrong_rate_card(
        self, countries: list[str | None], path: tuple[str | int, ...]
    ) -> None:
        card = tuple(terms(country) for country in countries)
        for make in (
            lambda: CreateCampaign(**CREATE | {"payouts": card}),
            lambda: CampaignDetails(payouts=card),
        ):
            with pytest.raises(InvalidInput) as refused:
                make()
            assert [violation.path for violation in refused.value.violations] == [path]


class TestDetails:
    def test_hold_clean_values(self) -> None:
        details = CampaignDetails(title=" Spring ", landing_page_url=" HTTP://EXAMPLE.COM ")
        assert (details.title, details.landing_page_url) == ("Spring", "http://example.com")

    def test_leave_out_what_is_not_given(self) -> None:
        details = CampaignDetails()
        assert (details.title, details.landing_page_url) == (None, None)
        assert (details.is_running, details.payouts) == (None, None)

    @pytest.mark.parametrize("values", [{"title": ""}, {"landing_page_url": "ftp://example.com"}])
    def test_refuse_what_a_rule_refuses(self, values: dict[str, Any]) -> None:
        with pytest.raises(RuleViolation):
            CampaignDetails(**values)


@pytest.mark.parametrize("command", [DuplicateCampaign, RestoreCampaign])
class TestNewTitle:
    def test_is_clean(self, command: type[DuplicateCampaign | RestoreCampaign]) -> None:
        assert command(**on(7), title=" Spring ").title == "Spring"
        assert command(**on(7)).title is None

    def test_is_refused(self, command: type[DuplicateCampaign | RestoreCampaign]) -> None:
        with pytest.raises(RuleViolation):
            command(**on(7), title="  ")
