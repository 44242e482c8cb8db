"""Serializer fields that take a JSON type and nothing that merely looks like it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.exceptions import RuleViolation
from core.reference import clean_country, clean_currency

if TYPE_CHECKING:
    from collections.abc import Callable


class StrictBooleanField(serializers.BooleanField):
    """``true`` or ``false``; DRF's own also takes "yes", 1 and "off"."""

    def to_internal_value(self, data: Any) -> bool:
        """Return the boolean.

        :raises ValidationError: it is of another type.
        """
        if not isinstance(data, bool):
            raise serializers.ValidationError("This takes true or false.", code="invalid")
        return data


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer; DRF's own also takes "5" and 5.0."""

    def to_internal_value(self, data: Any) -> int:
        """Return the integer.

        :raises ValidationError: it is of another type.
        """
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("This takes a whole number.", code="invalid")
        return data


@extend_schema_field(OpenApiTypes.INT64)
class Int64Field(serializers.IntegerField):
    """A 64-bit integer of an answer, such as an id."""


class QueryIntegerField(serializers.IntegerField):
    """A whole number in a query string; DRF's own also takes "1.0" and digits of other scripts."""

    def to_internal_value(self, data: Any) -> int:
        """Return the integer.

        :raises ValidationError: it is not written in plain digits.
        """
        if not re.fullmatch(r"-?[0-9]{1,18}", str(data), re.ASCII):
            raise serializers.ValidationError("This takes a whole number.", code="invalid")
        return int(data)


class StrictCharField(serializers.CharField):
    """A JSON string, as it was sent; DRF's own also takes numbers, and trims."""

    def __init__(self, **options: Any) -> None:
        """Leave the text as it is: rules trim where the domain says so."""
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the string.

        :raises ValidationError: it is of another type.
        """
        if not isinstance(data, str):
            raise serializers.ValidationError("This takes a string.", code="invalid")
        return super().to_internal_value(data)


class BoundedListField(serializers.ListField):
    """A list whose length is checked before its items are; DRF checks all of a million first."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the items, each as the child has it.

        :raises ValidationError: the list is too long, or is none, or an item is wrong.
        """
        if not isinstance(data, list):
            raise serializers.ValidationError("This takes a list.", code="not_a_list")
        if self.max_length and len(data) > self.max_length:
            raise serializers.ValidationError(
                f"This has {len(data)} entries; it may have at most {self.max_length}.",
                code="max_length",
            )
        items: list[Any] = super().to_internal_value(data)
        return items


class StrictChoiceField(serializers.ChoiceField):
    """One of a few words; DRF's own also takes what only prints like one, and repeats it."""

    def to_internal_value(self, data: Any) -> str:
        """Return the word.

        :raises ValidationError: it is another, or no string.
        """
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(
                f"This takes one of: {', '.join(self.choices)}.", code="invalid_choice"
            )
        return data


class RuleField(StrictCharField):
    """A string under a rule of the domain: the rule cleans it, or says what is wrong with it.

    The limits that the schema shows (``max_length`` and the like) are told here, but it is the
    rule that decides, so that no rule lives in two places.
    """

    def __init__(self, rule: Callable[[str], str], **options: Any) -> None:
        """Take the rule: a function that returns the clean text or raises RuleViolation."""
        super().__init__(**options)
        self.rule = rule

    def to_internal_value(self, data: Any) -> str:
        """Return the text as the rule has it.

        :raises ValidationError: it is no string, or the rule refuses it.
        """
        text = super().to_internal_value(data)
        try:
            return self.rule(text)
        except RuleViolation as violation:
            raise serializers.ValidationError(violation.detail, code=violation.code) from violation


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["EE"]})
class CountryField(RuleField):
    """A country's code of ISO 3166-1 alpha-2."""

    def __init__(self, **options: Any) -> None:
        """Take DRF's options."""
        super().__init__(clean_country, **options)


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["EUR"]})
class CurrencyField(RuleField):
    """A currency's code of ISO 4217."""

    def __init__(self, **options: Any) -> None:
        """Take DRF's options."""
        super().__init__(clean_currency, **options)
