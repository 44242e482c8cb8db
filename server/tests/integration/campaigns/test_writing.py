"""What a body may hold: amounts exactly as written, titles, URLs, rate cards, and conflicts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from campaigns.models import Campaign, CampaignPayout
from core.models import Event
from tests.fixtures.api import LANDING_PAGE, ApiClient, payload, payout

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "currency", "stored", "shown"),
    [
        ("0.1", "EUR", "0.1", "0.10"),
        ('"0.1"', "EUR", "0.1", "0.10"),
        ("1e1", "EUR", "10", "10.00"),
        ("1E+2", "JPY", "100", "100"),
        ("5e-4", "EUR", "0.0005", "0.0005"),
        ("0.0005", "EUR", "0.0005", "0.0005"),
        ('"0.0005"', "JPY", "0.0005", "0.0005"),
        ("1.10000", "EUR", "1.1", "1.10"),
        ("12", "EUR", "12", "12.00"),
        ('"12"', "JPY", "12", "12"),
        ('"1.5"', "KWD", "1.5", "1.500"),
        ("0.30000000000000004e0", "EUR", None, "max_decimal_places"),
        ("99999999999.9999", "EUR", "99999999999.9999", "99999999999.9999"),
        ('"99999999999.9999"', "EUR", "99999999999.9999", "99999999999.9999"),
        ("99999999999.99991", "EUR", None, "max_value"),
        ("100000000000", "EUR", None, "max_value"),
        ('"100000000000"', "EUR", None, "max_value"),
        ("1e300", "EUR", None, "max_value"),
        ("0", "EUR", None, "min_value"),
        ('"0.0000"', "EUR", None, "min_value"),
        ("-1", "EUR", None, "min_value"),
        ('"-1.50"', "EUR", None, "min_value"),
        ("1e-300", "EUR", None, "max_decimal_places"),
        ("0.00001", "EUR", None, "max_decimal_places"),
        ('"1e1"', "EUR", None, "invalid"),
        ('"1_000"', "EUR", None, "invalid"),
        ('"١٢"', "EUR", None, "invalid"),
        ('" 1"', "EUR", None, "invalid"),
        ('"1,50"', "EUR", None, "invalid"),
        ('""', "EUR", None, "invalid"),
        ('"NaN"', "EUR", None, "invalid"),
        ("true", "EUR", None, "invalid"),
        ("null", "EUR", None, "null"),
        ("[1]", "EUR", None, "invalid"),
    ],
)
def test_an_amount_is_read_exactly_as_it_is_written(
    api: ApiClient, written: str, currency: str, stored: str | None, shown: str
) -> None:
    body = (
        f'{{"title": "Loans", "landing_page_url": "{LANDING_PAGE}", '
        f'"payouts": [{{"amount": {written}, "currency": "{currency}"}}]}}'
    )
    answer = api.post("campaigns/", body)
    if stored is None:
        assert answer.status == 400
        assert answer.places == [("/payouts/0/amount", shown)]
        assert not Campaign.objects.exists()
    else:
        assert answer.status == 201
        assert answer.json["payouts"][0]["amount"] == shown
        assert CampaignPayout.objects.get().amount == Decimal(stored)
        path = f"campaigns/{answer.json['id']}/"
        assert api.get(path).json == answer.json
        assert api.put(path, body).json["version"] == 1


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"title": " "}, [("/title", "blank")]),
        ({"title": "x" * 201}, [("/title", "max_length")]),
        ({"title": None}, [("/title", "null")]),
        ({"title": 7}, [("/title", "invalid")]),
        ({"title": "a\x00b"}, [("/title", "invisible_character")]),
        ({"title": "a\nb"}, [("/title", "invisible_character")]),
        ({"title": "a\u202eb"}, [("/title", "invisible_character")]),
        ({"title": "a\ud800b"}, [("/title", "invisible_character")]),
        ({"landing_page_url": "javascript:alert(1)"}, [("/landing_page_url", "invalid_scheme")]),
        ({"landing_page_url": "//example.com/"}, [("/landing_page_url", "invalid_scheme")]),
        ({"landing_page_url": "https://a:b@example.com"}, [("/landing_page_url", "credentials")]),
        ({"landing_page_url": "http://localhost/"}, [("/landing_page_url", "private_host")]),
        ({"landing_page_url": "http://10.0.0.1/"}, [("/landing_page_url", "private_host")]),
        ({"landing_page_url": "http://[::1]/"}, [("/landing_page_url", "private_host")]),
        ({"landing_page_url": "http://2130706433/"}, [("/landing_page_url", "invalid_host")]),
        (
            {"landing_page_url": "https://example.com/" + "x" * 2029},
            [("/landing_page_url", "max_length")],
        ),
        ({"is_running": "true"}, [("/is_running", "invalid")]),
        ({"is_running": 1}, [("/is_running", "invalid")]),
        ({"is_running": None}, [("/is_running", "null")]),
        ({"payouts": []}, [("/payouts", "empty")]),
        ({"payouts": None}, [("/payouts", "null")]),
        ({"payouts": {}}, [("/payouts", "not_a_list")]),
        ({"payouts": ["EE"]}, [("/payouts/0", "invalid")]),
        ({"payouts": [payout("EE")] * 251}, [("/payouts", "max_length")]),
        ({"payouts": [payout("ee")]}, [("/payouts/0/country", "unknown_country")]),
        ({"payouts": [payout("XX")]}, [("/payouts/0/country", "unknown_country")]),
        ({"payouts": [payout(currency="XAU")]}, [("/payouts/0/currency", "unknown_currency")]),
        ({"payouts": [payout(currency="eur")]}, [("/payouts/0/currency", "unknown_currency")]),
        (
            {"payouts": [payout(), {"country": "EE", "paid": 1}]},
            [
                ("/payouts/1/amount", "required"),
                ("/payouts/1/currency", "required"),
                ("/payouts/1/paid", "unknown_field"),
            ],
        ),
        (
            {"payouts": [payout("EE"), payout(), payout("EE"), payout()]},
            [
                ("/payouts/2/country", "duplicate_country"),
                ("/payouts/3/country", "duplicate_country"),
            ],
        ),
        ({"titel": "x", "a/b~c": 1}, [("/titel", "unknown_field"), ("/a~1b~0c", "unknown_field")]),
    ],
)
def test_a_wrong_value_is_named_whatever_writes_it(
    api: ApiClient, change: dict[str, Any], places: list[tuple[str, str]]
) -> None:
    created = api.create("Stored")
    path = f"campaigns/{created['id']}/"
    for method, at, body in [
        ("POST", "campaigns/", payload() | change),
        ("PUT", path, payload() | change),
        ("PATCH", path, change),
    ]:
        answer = api.send(method, at, body)
        assert (answer.status, answer.code) == (400, "validation")
        assert answer.places == places
        noun = "1 field needs" if len(places) == 1 else f"{len(places)} fields need"
        assert answer.json["detail"] == f"{noun} attention."
    assert api.get(path).json == created
    assert Campaign.objects.count() == Event.objects.filter(subject_type="campaign").count() == 1


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", "true"])
def test_a_body_is_an_object(api: ApiClient, body: str) -> None:
    answer = api.post("campaigns/", body)
    assert answer.status == 400
    assert [pointer for pointer, _ in answer.places] == [""]


def test_read_only_fields_are_accepted_and_ignored(api: ApiClient) -> None:
    planted: dict[str, Any] = {
        "id": 7,
        "created_at": "2000-01-01T00:00:00Z",
        "updated_at": None,
        "deleted_at": "2000-01-01T00:00:00Z",
        "restorable_until": "x",
        "version": 99,
    }
    terms = {"id": 7, "country_name": "x", "is_worldwide": False, "created_at": 1, "updated_at": 2}
    created = api.create(payouts=[payout("EE") | terms], **planted)
    assert (created["version"], created["deleted_at"]) == (1, None)
    assert created["created_at"] > "2001"
    shown = created["payouts"][0]
    assert (shown["country_name"], shown["is_worldwide"]) == ("Estonia", False)
    added = api.post(f"campaigns/{created['id']}/payouts/", payout("FI") | terms)
    assert (added.status, added.json["country_name"]) == (201, "Finland")


def test_all_countries_and_worldwide_fit_one_rate_card(api: ApiClient) -> None:
    codes = [row["code"] for row in api.get("countries/").json]
    created = api.create(payouts=[payout(code) for code in [*codes, None]])
    assert [row["country"] for row in created["payouts"]] == [None, *sorted(codes)]
    assert api.get(f"campaigns/{created['id']}/").json == created
    assert api.get(f"campaigns/{created['id']}/payouts/?page_size=200").json["count"] == 250


@pytest.mark.parametrize(
    ("stored", "same"),
    [
        ("Loans", " LOANS "),
        ("Žirafa", "žIRAFA"),
        ("Straße", "STRASSE"),
        ("Кредиты", "КРЕДИТЫ"),
        ("Cafe\u0301", "CAFÉ"),
        ("ΛΌΓΟΣ", "λόγος"),
    ],
)
def test_a_title_is_taken_whatever_its_case_and_script(
    api: ApiClient, stored: str, same: str
) -> None:
    api.create(stored)
    another = api.create("Another")
    path = f"campaigns/{another['id']}/"
    for method, at, body in [
        ("POST", "campaigns/", payload(same)),
        ("PUT", path, payload(same)),
        ("PATCH", path, {"title": same}),
        ("POST", f"{path}duplicate/", {"title": same}),
    ]:
        answer = api.send(method, at, body)
        assert (answer.status, answer.code) == (409, "title_taken")
    assert api.get(path).json == another
    assert Campaign.objects.count() == 2


def test_a_campaign_may_change_the_case_of_its_own_title(api: ApiClient) -> None:
    created = api.create("Loans")
    answer = api.patch(f"campaigns/{created['id']}/", {"title": "LOANS"})
    assert (answer.status, answer.json["title"], answer.json["version"]) == (200, "LOANS", 2)


def test_a_refused_change_changes_nothing_else(api: ApiClient) -> None:
    api.create("Taken")
    created = api.create("Loans", payouts=[payout(), payout("EE")])
    path = f"campaigns/{created['id']}/"
    refused = api.put(path, payload("Taken", payouts=[payout("FI")], is_running=True))
    assert refused.code == "title_taken"
    assert api.get(path).json == created
    assert api.get(f"{path}history/").json["count"] == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "required"), ("?country=", "blank"), ("?country=XX", "unknown_country")],
)
def test_rate_needs_a_country(api: ApiClient, query: str, code: str) -> None:
    answer = api.get(f"campaigns/{api.create()['id']}/rate/{query}")
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (400, "country")
    assert answer.places == [("country", code)]


def test_reference_data_is_whole_and_may_be_kept_for_a_day(anonymous: ApiClient) -> None:
    countries, currencies = anonymous.get("countries/"), anonymous.get("currencies/")
    for answer in (countries, currencies):
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=86400")
    assert len(countries.json) == 249
    assert {"code": "EE", "name": "Estonia"} in countries.json
    assert countries.json == sorted(countries.json, key=lambda row: row["name"])
    assert {"code": "JPY", "name": "Yen", "minor_digits": 0} in currencies.json
    assert {"code": "EUR", "name": "Euro", "minor_digits": 2} in currencies.json
    assert not {"XAU", "XXX", "XTS", "XDR"} & {row["code"] for row in currencies.json}
