"""The shapes of what the campaigns' door takes and answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from campaigns import rules
from campaigns.commands import BulkAction
from campaigns.imports.entities import Phase, State
from campaigns.landing_page import LONGEST_URL, clean_landing_page_url
from campaigns.services.bulk import Status
from campaigns.spreadsheet.checking import MOST_PROBLEMS
from core.api.fields import (
    BoundedListField,
    CountryField,
    CurrencyField,
    Int64Field,
    RuleField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
)
from core.api.input import InputSerializer
from core.api.parsers import LARGEST_INTEGER
from core.exceptions import RuleViolation

_READ_ONLY = {"id", "created_at", "updated_at"}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "pattern": rules.AMOUNT_PATTERN},
            {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": float(rules.LARGEST_AMOUNT),
            },
        ],
        "description": "Greater than 0, at most 99999999999.9999, at most 4 decimals.",
        "examples": ["1.50"],
    }
)
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """An amount: text or a JSON number, read exactly as it was written."""

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount.

        :raises ValidationError: it breaks the rule for amounts.
        """
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            raise serializers.ValidationError(
                'An amount is a string such as "1.50", or a number.', code="invalid"
            )
        try:
            return rules.clean_amount(data)
        except RuleViolation as violation:
            raise serializers.ValidationError(violation.detail, code=violation.code) from violation


class PayoutInput(InputSerializer):
    """What one conversion pays. The country may be left out or null: worldwide."""

    ignored: ClassVar = frozenset({*_READ_ONLY, "country_name", "is_worldwide"})
    country = CountryField(
        allow_null=True,
        default=None,
        help_text="A code of ISO 3166-1 alpha-2; null for worldwide.",
    )
    amount = AmountField()
    currency = CurrencyField(help_text="A code of ISO 4217.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A campaign",
            request_only=True,
            value={
                "title": "Solar panels, home owners",
                "landing_page_url": "https://panels.example.com/quote?click={click_id}",
                "is_running": False,
                "payouts": [
                    {"country": "DE", "amount": "38.50", "currency": "EUR"},
                    {"country": None, "amount": "12.00", "currency": "USD"},
                ],
            },
        )
    ]
)
class CampaignInput(InputSerializer):
    """A campaign with its whole rate card."""

    ignored: ClassVar = frozenset({*_READ_ONLY, "deleted_at", "restorable_until", "version"})
    title = RuleField(rules.clean_title, max_length=rules.LONGEST_TITLE)
    landing_page_url = RuleField(
        clean_landing_page_url,
        max_length=LONGEST_URL,
        help_text="http or https, with a public host. Placeholders such as {click_id} are kept.",
    )
    is_running = StrictBooleanField(required=False)
    payouts = BoundedListField(
        child=PayoutInput(), allow_empty=False, min_length=1, max_length=rules.MOST_PAYOUTS
    )


class NewTitleInput(InputSerializer):
    """Another title, if one is wanted."""

    title = RuleField(rules.clean_title, max_length=rules.LONGEST_TITLE, required=False)


class BulkInput(InputSerializer):
    """One action, and the campaigns it is for."""

    action = StrictChoiceField(choices=[(action.value, action.value) for action in BulkAction])
    ids = BoundedListField(
        child=StrictIntegerField(min_value=1, max_value=LARGEST_INTEGER),
        allow_empty=False,
        min_length=1,
        max_length=rules.MOST_AT_ONCE,
    )


class RateQuery(InputSerializer):
    """Which country to resolve."""

    country = CountryField(help_text="A code of ISO 3166-1 alpha-2.")


class PayoutSerializer(serializers.Serializer[Any]):
    """What one conversion pays, in one country or worldwide."""

    id = Int64Field()
    country = serializers.CharField(allow_null=True)
    country_name = serializers.CharField()
    is_worldwide = serializers.BooleanField()
    amount = serializers.CharField(source="amount_text")
    currency = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CampaignSerializer(serializers.Serializer[Any]):
    """A campaign with its rate card: the worldwide payout first, then by country."""

    id = Int64Field()
    title = serializers.CharField()
    landing_page_url = serializers.CharField()
    is_running = serializers.BooleanField()
    payouts = PayoutSerializer(many=True, source="rate_card")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    deleted_at = serializers.DateTimeField(allow_null=True)
    restorable_until = serializers.DateTimeField(allow_null=True)
    version = Int64Field()


class RateSerializer(serializers.Serializer[Any]):
    """Which payout applies in a country, and why."""

    country = serializers.CharField()
    country_name = serializers.CharField()
    payout = PayoutSerializer(allow_null=True)
    reason = serializers.ChoiceField(choices=["country", "worldwide", "none"])


class ActorSerializer(serializers.Serializer[Any]):
    """Who changed something."""

    id = Int64Field()
    display_name = serializers.CharField()


class EventSerializer(serializers.Serializer[Any]):
    """Something that happened to a campaign."""

    id = Int64Field()
    name = serializers.CharField(help_text="Such as `campaign.payout_changed`.")
    at = serializers.DateTimeField()
    actor = ActorSerializer(allow_null=True, help_text="Null for what the system did.")
    old = serializers.DictField(allow_null=True, help_text="Null for what came into being.")
    new = serializers.DictField(allow_null=True, help_text="Null for what went away.")


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of one campaign."""

    id = Int64Field(source="campaign_id")
    status = serializers.ChoiceField(choices=[(status.value, status.value) for status in Status])
    code = serializers.CharField(required=False, help_text="Why, of a conflict.")


class BulkSerializer(serializers.Serializer[Any]):
    """What became of each campaign, in the order of the ids."""

    results = OutcomeSerializer(many=True)


class CountrySerializer(serializers.Serializer[Any]):
    """A country of ISO 3166-1."""

    code = serializers.CharField()
    name = serializers.CharField()


class CurrencySerializer(CountrySerializer):
    """A currency of ISO 4217."""

    minor_digits = serializers.IntegerField(help_text="2 for EUR, 0 for JPY.")


class ImportQuery(InputSerializer):
    """Whether to change anything."""

    dry_run = StrictChoiceField(
        choices=[("true", "true"), ("false", "false")],
        default="false",
        help_text="true checks the file and counts what it would change, and changes nothing.",
    )


class ProgressSerializer(serializers.Serializer[Any]):
    """How far an import is. It goes through the rows once for each of its phases."""

    phase = serializers.ChoiceField(choices=[(phase.value, phase.value) for phase in Phase])
    rows_done = serializers.IntegerField()
    rows_total = serializers.IntegerField(help_text="About, until the file has been checked.")


class ImportCountsSerializer(serializers.Serializer[Any]):
    """How many campaigns an import creates, changes and leaves as they are; a dry run would."""

    created = serializers.IntegerField(source="created_count")
    changed = serializers.IntegerField(source="changed_count")
    unchanged = serializers.IntegerField(source="unchanged_count")


class ImportProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with a file, and what would be right."""

    row = serializers.IntegerField(
        allow_null=True, help_text="As a spreadsheet counts: the header is 1. Null for all of it."
    )
    column = serializers.CharField(allow_null=True, help_text="Null for the whole row.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportSerializer(serializers.Serializer[Any]):
    """An import, and what became of it."""

    id = Int64Field()
    state = serializers.ChoiceField(choices=[(state.value, state.value) for state in State])
    dry_run = serializers.BooleanField(source="is_dry_run")
    progress = ProgressSerializer(source="*")
    campaigns = ImportCountsSerializer(source="*")
    problem_count = serializers.IntegerField()
    problems = ImportProblemSerializer(
        many=True, help_text=f"Those of the first rows, {MOST_PROBLEMS} at most."
    )
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
