"""How a list of campaigns is narrowed and ordered, for every door that shows one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from campaigns.models import Campaign
from campaigns.querysets import CampaignQuerySet
from core.api.input import read_values, single_values
from core.api.pagination import PageQuery
from core.exceptions import InvalidInput, Violation
from core.reference import NO_COUNTRY, NO_CURRENCY, countries, currencies

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from django.http import QueryDict

    from core.api.input import InputSerializer

DEFAULT_ORDERING = "-created_at"
ORDERINGS = {
    "title": "title_key",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "is_running": "is_running",
}
"""What a list can be ordered by, and the column that does it."""

_MOMENT_IS = "a day, which begins at midnight in UTC, or a time with its offset"
_LONGEST_SEARCH = 2048
# RFC 3339, section 5.6: a full-date, or a date-time, which has an offset.
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2}))?",
    re.ASCII,
)


class StrictChoiceField(forms.TypedChoiceField):
    """One of a few words, exactly as they are written."""

    default_error_messages: ClassVar = {"invalid_choice": "There is no “%(value)s” here."}

    def __init__(self, *, explain: str = "", **options: Any) -> None:
        """Take the words; ``explain`` says which there are."""
        super().__init__(**options)
        if explain:
            self.error_messages["invalid_choice"] = explain


class ChoiceFilter(django_filters.Filter):
    """Keep rows by one of a few words."""

    field_class = StrictChoiceField


class CodeField(forms.CharField):
    """A code of a standard, exactly as it is written.

    Not a field with choices: Django would copy and look through hundreds for each request.
    """

    def __init__(
        self, *, known: Callable[[], Container[str]], explain: str, **options: Any
    ) -> None:
        """Take the codes that there are; ``explain`` says what a code looks like."""
        super().__init__(strip=False, **options)
        self.known = known
        self.explain = explain

    def validate(self, value: str) -> None:
        """Refuse what is no code.

        :raises ValidationError: there is no such code.
        """
        super().validate(value)
        if value and value not in self.known():
            raise ValidationError(self.explain, code="invalid_choice")


class CodeFilter(django_filters.Filter):
    """Keep rows by a code of a standard."""

    field_class = CodeField


class TrueOrFalseFilter(ChoiceFilter):
    """Keep rows by ``true`` or ``false``."""

    def __init__(self, **options: Any) -> None:
        """Take the column."""
        super().__init__(
            choices=[("true", "true"), ("false", "false")],
            coerce="true".__eq__,
            empty_value=None,
            explain="This takes true or false.",
            **options,
        )


class MomentField(forms.Field):
    """A moment as RFC 3339 has it, or a day, which begins at midnight in UTC."""

    max_length = 40
    """Characters of the longest moment that the pattern above takes, and a few."""

    default_error_messages: ClassVar = {
        "invalid": "This takes a day (2026-01-31) or a time with its offset (2026-01-31T12:00:00Z)."
    }

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment, in UTC.

        :raises ValidationError: it is none, or has no offset.
        """
        if value in self.empty_values:
            return None
        if len(str(value)) > self.max_length:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        # A plus that was not escaped arrives as a space.
        text = re.sub(r" (?=[0-9]{2}:[0-9]{2}$)", "+", str(value))
        if _MOMENT.fullmatch(text):
            try:
                moment = datetime.fromisoformat(text.upper())
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class MomentFilter(django_filters.Filter):
    """Keep rows by a moment."""

    field_class = MomentField


class LiteralField(forms.CharField):
    """A text, taken as it is."""

    def __init__(self, **options: Any) -> None:
        """Leave white space: it may be what is looked for."""
        super().__init__(strip=False, max_length=_LONGEST_SEARCH, **options)


class LiteralFilter(django_filters.Filter):
    """Keep rows by a text."""

    field_class = LiteralField


def _ordering_choices() -> list[tuple[str, str]]:
    return [(sign + name, sign + name) for name in ORDERINGS for sign in ("", "-")]


class CampaignFilter(django_filters.FilterSet):
    """The parameters that narrow and order a list of campaigns.

    ``deleted`` and ``ordering`` are read here and applied by the door: one chooses between the
    list and the bin, the other belongs to the page.
    """

    search = LiteralFilter(
        method="words", help_text="Part of the title or URL; case does not count."
    )
    title = LiteralFilter(method="words", help_text="The whole title; case does not count.")
    landing_page_url = LiteralFilter(method="words", help_text="The whole URL.")
    is_running = TrueOrFalseFilter(method="words")
    country = CodeFilter(
        method="words",
        known=countries,
        explain=NO_COUNTRY,
        help_text="Pays in this country, by its own payout or by the worldwide one.",
    )
    currency = CodeFilter(
        method="words",
        known=currencies,
        explain=NO_CURRENCY,
        help_text="Has a payout in this currency.",
    )
    created_after = MomentFilter(
        field_name="created_at",
        lookup_expr="gte",
        help_text=f"Created at this moment or later: {_MOMENT_IS}.",
    )
    created_before = MomentFilter(
        field_name="created_at",
        lookup_expr="lt",
        help_text=f"Created before this moment: {_MOMENT_IS}.",
    )
    deleted = TrueOrFalseFilter(
        method="applied_by_the_door", help_text="true lists the bin instead."
    )
    ordering = ChoiceFilter(
        method="applied_by_the_door",
        choices=_ordering_choices(),
        explain=f"This takes one of {', '.join(ORDERINGS)}, with - before it for descending.",
        help_text="By title, case does not count. Ties go by id.",
    )

    class Meta:
        """What is filtered; no filter is made from the model by itself."""

        model = Campaign
        fields: ClassVar[list[str]] = []

    def words(self, rows: CampaignQuerySet, name: str, value: Any) -> CampaignQuerySet:
        """Keep rows by the vocabulary of ``CampaignQuerySet``."""
        verbs: dict[str, Callable[[CampaignQuerySet, Any], CampaignQuerySet]] = {
            "search": CampaignQuerySet.matching,
            "title": CampaignQuerySet.titled,
            "landing_page_url": CampaignQuerySet.leading_to,
            "is_running": CampaignQuerySet.in_state,
            "country": CampaignQuerySet.paying_in,
            "currency": CampaignQuerySet.paying_with,
        }
        return verbs[name](rows, value)

    def applied_by_the_door(
        self, rows: CampaignQuerySet, _name: str, _value: object
    ) -> CampaignQuerySet:
        """Leave the rows as they are."""
        return rows

    @property
    def wants_bin(self) -> bool:
        """Whether the deleted campaigns are asked for."""
        return bool(self.form.cleaned_data.get("deleted"))

    @property
    def narrows(self) -> bool:
        """Whether any row may be left out, or others are asked for: more than an ordering."""
        return bool((self.data or {}).keys() - {"ordering"})

    @property
    def order(self) -> str:
        """The column to order by, with ``-`` for descending."""
        asked: str = self.form.cleaned_data.get("ordering") or DEFAULT_ORDERING
        name = asked.removeprefix("-")
        return asked.replace(name, ORDERINGS[name])


@cache
def no_filter() -> CampaignFilter:
    """Return the filter that keeps every row: most lists ask for no other."""
    chosen = CampaignFilter({})
    chosen.form.is_valid()
    return chosen


def read_list_query(
    parameters: QueryDict, *, page: type[InputSerializer] = PageQuery
) -> tuple[CampaignFilter, dict[str, Any]]:
    """Return the filters and the page that a list's query string asks for.

    :param page: the parameters beside filters.
    :raises InvalidInput: a parameter is unknown, given twice or has a wrong value.
    """
    chosen, query = _read(tuple(single_values(parameters).items()), page)
    return chosen, dict(query)


# The forms behind it take half as long as the whole rest of a list. People ask for the same few
# lists again and again, and what a query string says depends on nothing else.
@lru_cache(maxsize=64)  # 3 MB at most
def _read(
    parameters: tuple[tuple[str, str], ...], page: type[InputSerializer]
) -> tuple[CampaignFilter, dict[str, Any]]:
    raw = dict(parameters)
    mine = CampaignFilter.base_filters
    narrowing = {name: value for name, value in raw.items() if name in mine}
    chosen = CampaignFilter(narrowing) if narrowing else no_filter()
    violations = [
        Violation(
            path=(name,), code="blank", detail="Give a value, or leave it out.", in_query=True
        )
        for name, value in raw.items()
        if name in mine and name != "search" and not value
    ]
    violations += [
        Violation(path=(name,), code=error.code or "invalid", detail=text, in_query=True)
        for name, errors in chosen.form.errors.as_data().items()
        for error in errors
        for text in error.messages
    ]
    try:
        query = read_values(raw, page, besides=mine)
    except InvalidInput as error:
        violations += error.violations
        query = {}
    if violations:
        raise InvalidInput(violations)
    return chosen, query
