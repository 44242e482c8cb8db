"""Bodies and query strings: values for a command, or violations with their places."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from campaigns.api.serializers import BulkInput, CampaignInput, PayoutInput
from core.api.fields import QueryIntegerField, StrictBooleanField
from core.api.input import InputSerializer, NoInput, read_body, read_query
from core.api.parsers import StrictJSONParser
from core.exceptions import InvalidInput
from core.problems import json_pointer

if TYPE_CHECKING:
    from collections.abc import Callable

PAYOUT = {"country": "EE", "amount": "1.50", "currency": "EUR"}
CAMPAIGN = {
    "title": "Spring",
    "landing_page_url": "https://example.com/",
    "payouts": [PAYOUT, {**PAYOUT, "country": None}],
}


def posted(body: object) -> Request:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = APIRequestFactory().post("/", data=content, content_type="application/json")
    return Request(request, parsers=[StrictJSONParser()])


def places(read: Callable[[], object]) -> list[tuple[str, str]]:
    """Return where each violation is, and its code."""
    with pytest.raises(InvalidInput) as refused:
        read()
    return [(json_pointer(found.path), found.code) for found in refused.value.violations]


def body_places(body: object, serializer: type[InputSerializer]) -> list[tuple[str, str]]:
    return places(lambda: read_body(posted(body), serializer))


class TestBody:
    def test_values_come_as_the_rules_have_them(self) -> None:
        values = read_body(posted({**CAMPAIGN, "title": " Spring "}), CampaignInput)
        assert values["title"] == "Spring"
        assert [payout["country"] for payout in values["payouts"]] == ["EE", None]
        assert "is_running" not in values

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"title": ""}, [("/title", "blank")]),
            ({"title": None}, [("/title", "null")]),
            ({"title": 7}, [("/title", "invalid")]),
            ({"title": ["Spring"]}, [("/title", "invalid")]),
            ({"title": "a\u202eb"}, [("/title", "invisible_character")]),
            ({"landing_page_url": "https://localhost"}, [("/landing_page_url", "private_host")]),
            ({"is_running": 1}, [("/is_running", "invalid")]),
            ({"is_running": "true"}, [("/is_running", "invalid")]),
            ({"payouts": []}, [("/payouts", "empty")]),
            ({"payouts": {}}, [("/payouts", "not_a_list")]),
            ({"payouts": None}, [("/payouts", "null")]),
            ({"payouts": [PAYOUT, 7]}, [("/payouts/1", "invalid")]),
            ({"payouts": [PAYOUT, {**PAYOUT, "amount": 0}]}, [("/payouts/1/amount", "min_value")]),
            ({"payouts": [{**PAYOUT, "amount": True}]}, [("/payouts/0/amount", "invalid")]),
            (
                {"payouts": [{**PAYOUT, "country": "XX"}]},
                [("/payouts/0/country", "unknown_country")],
            ),
            ({"payouts": [{**PAYOUT, "country": ""}]}, [("/payouts/0/country", "blank")]),
            ({"payouts": [{**PAYOUT, "x": 1}]}, [("/payouts/0/x", "unknown_field")]),
            ({"payouts": [PAYOUT] * 251}, [("/payouts", "max_length")]),
            ({"owner": 7}, [("/owner", "unknown_field")]),
            ({"a/b~c": 7}, [("/a~1b~0c", "unknown_field")]),
            ({"": 7}, [("/", "unknown_field")]),
        ],
        ids=lambda value: repr(value)[:60],
    )
    def test_each_violation_has_its_place(
        self, changes: dict[str, Any], expected: list[tuple[str, str]]
    ) -> None:
        assert body_places({**CAMPAIGN, **changes}, CampaignInput) == expected

    def test_all_violations_are_told_at_once(self) -> None:
        body = {
            "title": " ",
            "payouts": [{"amount": "1.00001"}, PAYOUT, {**PAYOUT, "currency": "XAU", "y": 1}],
            "z": 1,
        }
        assert body_places(body, CampaignInput) == [
            ("/title", "blank"),
            ("/landing_page_url", "required"),
            ("/payouts/0/amount", "max_decimal_places"),
            ("/payouts/0/currency", "required"),
            ("/payouts/2/currency", "unknown_currency"),
            ("/payouts/2/y", "unknown_field"),
            ("/z", "unknown_field"),
        ]

    @pytest.mark.parametrize("body", [[], "x", 7, None, True])
    def test_what_is_no_object_is_wrong_as_a_whole(self, body: object) -> None:
        [(pointer, _)] = body_places(body, CampaignInput)
        assert pointer == ""

    def test_read_only_fields_of_the_answer_are_passed_over(self) -> None:
        answer = {**CAMPAIGN, "id": 1, "version": 3, "created_at": "x", "deleted_at": None}
        answer["payouts"] = [{**PAYOUT, "id": 9, "country_name": "?", "is_worldwide": None}]
        assert set(read_body(posted(answer), CampaignInput)) == set(CAMPAIGN)

    def test_a_partial_body_may_leave_out_fields_but_no_half_payout(self) -> None:
        request = posted({"title": "Autumn"})
        assert read_body(request, CampaignInput, partial=True) == {"title": "Autumn"}
        assert read_body(posted({}), PayoutInput, partial=True) == {}
        wrong = posted({"payouts": [{"country": "EE"}]})
        assert places(lambda: read_body(wrong, CampaignInput, partial=True)) == [
            ("/payouts/0/amount", "required"),
            ("/payouts/0/currency", "required"),
        ]

    def test_no_body_is_an_empty_object(self) -> None:
        assert read_body(posted(b""), NoInput) == {}
        assert body_places(b"", PayoutInput) == [("/amount", "required"), ("/currency", "required")]

    def test_no_fields_are_taken_where_there_are_none(self) -> None:
        assert body_places({"a": 1}, NoInput) == [("/a", "unknown_field")]

    @pytest.mark.parametrize(
        ("ids", "expected"),
        [
            ([], ["/ids"]),
            ([1] * 501, ["/ids"]),
            ([1, "2", 3.0, True, None], ["/ids/1", "/ids/2", "/ids/3", "/ids/4"]),
            ([0, -1, 2**63 - 1], ["/ids/0", "/ids/1"]),
        ],
        ids=["none", "too many", "other types", "out of range"],
    )
    def test_ids_are_whole_numbers(self, ids: list[object], expected: list[str]) -> None:
        found = body_places({"action": "start", "ids": ids}, BulkInput)
        assert [pointer for pointer, _ in found] == expected


class Filters(InputSerializer):
    """A query string to read."""

    page = QueryIntegerField(required=False, min_value=1)
    is_running = serializers.ChoiceField(["true", "false"], required=False)


def query(*parameters: tuple[str, str]) -> QueryDict:
    return QueryDict(urlencode(parameters))


class TestQuery:
    def test_values_are_read(self) -> None:
        given = query(("page", "2"), ("is_running", "true"))
        assert read_query(given, Filters) == {"page": 2, "is_running": "true"}
        assert read_query(query(), Filters) == {}

    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            ([("page", "0")], [("/page", "min_value")]),
            ([("page", "1.0")], [("/page", "invalid")]),
            ([("page", "\uff11")], [("/page", "invalid")]),
            ([("page", "9" * 30)], [("/page", "invalid")]),
            ([("is_running", "maybe")], [("/is_running", "invalid_choice")]),
            ([("pgae", "1")], [("/pgae", "unknown_parameter")]),
            ([("page", "1"), ("page", "1")], [("/page", "twice")]),
            ([("page", "x"), ("y", "1")], [("/page", "invalid"), ("/y", "unknown_parameter")]),
        ],
        ids=repr,
    )
    def test_each_violation_names_its_parameter(
        self, parameters: list[tuple[str, str]], expected: list[tuple[str, str]]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            read_query(query(*parameters), Filters)
        assert all(found.in_query for found in refused.value.violations)
        assert places(lambda: read_query(query(*parameters), Filters)) == expected

    def test_parameters_that_somebody_else_checks_are_left_to_them(self) -> None:
        given = query(("search", "x"), ("page", "1"))
        assert read_query(given, Filters, besides={"search"}) == {"page": 1}

    def test_an_unknown_one_is_told_which_there_are(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            read_query(query(("x", "1")), Filters, besides=["search"])
        assert refused.value.violations[0].detail.endswith("there are: page, is_running, search.")


@pytest.mark.parametrize("value", [1, 0, "true", "yes", None, [], {}])
def test_a_boolean_is_true_or_false(value: object) -> None:
    with pytest.raises(serializers.ValidationError):
        StrictBooleanField().to_internal_value(value)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ((), ""),
        (("a", 0, "b"), "/a/0/b"),
        (("a/b",), "/a~1b"),
        (("~1",), "/~01"),
        (("",), "/"),
        (("\ud800",), "/?"),
    ],
)
def test_a_pointer_is_escaped_as_rfc_6901_says(path: tuple[str | int, ...], pointer: str) -> None:
    assert json_pointer(path) == pointer
