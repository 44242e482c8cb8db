"""The form of a campaign: what was typed, what it means, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import rules
from campaigns.commands import CampaignDetails, PayoutTerms
from campaigns.console.amounts import currency_beside, read_amount, read_currency
from campaigns.console.paste import read_lines
from campaigns.console.places import label, read_country
from campaigns.landing_page import clean_landing_page_url
from core.exceptions import InvalidInput, RuleViolation, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.http import QueryDict

    from campaigns.console.paste import PastedLine, UnreadLine
    from campaigns.lean import CampaignRow
    from campaigns.models import Campaign

_LONGEST_ID = 18
_MOST_LINES = 2 * rules.MOST_PAYOUTS
_Read = TypeVar("_Read")
Path = tuple[str | int, ...]


@dataclass(slots=True, kw_only=True)
class Row:
    """One row of the rate card, as it was typed."""

    country: str = ""
    amount: str = ""
    currency: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed; a currency comes by itself."""
        return not self.country.strip() and not self.amount.strip()


@dataclass(slots=True, kw_only=True)
class CampaignForm:
    """A campaign as it was typed, right or wrong."""

    title: str = ""
    landing_page_url: str = ""
    is_running: bool = False
    rows: list[Row] = field(default_factory=list)
    pasted: str = ""
    """Lines of a spreadsheet that are in no row yet."""
    version: int = 0
    """The version that the form was opened with; 0 for a new campaign."""
    seen: int = 0
    """The newest entry of the campaign's history then."""

    @classmethod
    def blank(cls, *, currency: str) -> CampaignForm:
        """Return the form of a new campaign."""
        return cls(rows=[Row(currency=currency)])

    @classmethod
    def of(cls, campaign: Campaign | CampaignRow, *, seen: int) -> CampaignForm:
        """Return the form of a campaign that is there, its countries by name."""
        card: list[dict[str, Any]] = orjson.loads(campaign.rendered_payouts)
        card.sort(key=lambda payout: (payout["is_worldwide"], payout["country_name"]))
        return cls(
            title=campaign.title,
            landing_page_url=campaign.landing_page_url,
            is_running=campaign.is_running,
            rows=[
                Row(
                    country=label(payout["country"]),
                    amount=payout["amount"],
                    currency=payout["currency"],
                )
                for payout in card
            ],
            version=campaign.version,
            seen=seen,
        )

    @classmethod
    def sent(cls, data: QueryDict) -> CampaignForm:
        """Return what a browser sent; a field that is missing is empty."""
        columns = [data.getlist(name) for name in ("country", "amount", "currency")]
        length = max(map(len, columns))
        padded = [[*column, *[""] * (length - len(column))] for column in columns]
        return cls(
            title=data.get("title", ""),
            landing_page_url=data.get("landing_page_url", ""),
            is_running="is_running" in data,
            rows=[
                Row(country=country, amount=amount, currency=currency)
                for country, amount, currency in zip(*padded, strict=True)
            ],
            pasted=data.get("pasted", ""),
            version=whole(data.get("version", "")),
            seen=whole(data.get("seen", "")),
        )

    def add_row(self, *, currency: str) -> int:
        """Add an empty row with the currency of the one above; return where it is."""
        above = self.rows[-1].currency if self.rows else ""
        self.rows.append(Row(currency=above or currency))
        return len(self.rows) - 1

    def remove_row(self, index: int, *, currency: str) -> None:
        """Take a row away; one is always left to type in."""
        del self.rows[index : index + 1]
        if not self.rows:
            self.add_row(currency=currency)

    def take_pasted(self, *, currency: str) -> Paste:
        """Put pasted lines into rows; those that cannot be read stay where they are.

        A country that has a row already gets its new amount there, once.
        """
        found, unread = read_lines(self.pasted)
        if len(found) + len(unread) > _MOST_LINES:
            return Paste(unread=(), too_many=len(found) + len(unread))
        self.rows = [row for row in self.rows if not row.is_blank]
        at = {place: index for index, place in reversed(self._places())}
        paste = Paste(unread=unread)
        for number, line in enumerate(found):
            index = at.pop(_place(line.country), None)
            if index is None and len(self.rows) >= rules.MOST_PAYOUTS:
                paste.left = found[number:]
                break
            if index is None:
                index = self.add_row(currency=currency)
                self.rows[index].country = _tidy(line.country)
                paste.added += 1
            else:
                paste.changed += 1
            row = self.rows[index]
            row.amount = line.amount
            row.currency = line.currency or currency_beside(line.amount) or row.currency
            paste.rows.append(index)
        kept = [(line.number, line.text) for line in unread]
        kept += [(line.number, line.text) for line in paste.left]
        self.pasted = "\n".join(text for _number, text in sorted(kept))
        if not self.rows:
            self.add_row(currency=currency)
        return paste

    def _places(self) -> list[tuple[int, str]]:
        found = [(index, _place(row.country)) for index, row in enumerate(self.rows)]
        return [(index, place) for index, place in found if place]

    def details(self) -> CampaignDetails:
        """Return what the form means; rows in which nothing was typed are passed over.

        :raises InvalidInput: something is wrong; each path leads into this form.
        """
        wrong: list[Violation] = []
        title = _read(wrong, ("title",), rules.clean_title, self.title)
        url = _read(wrong, ("landing_page_url",), clean_landing_page_url, self.landing_page_url)
        card = self._card(wrong)
        if wrong:
            raise InvalidInput(wrong)
        return CampaignDetails(
            title=title, landing_page_url=url, is_running=self.is_running, payouts=tuple(card)
        )

    def wrong_rows(self, indexes: Iterable[int]) -> list[Violation]:
        """Return what is wrong with some rows."""
        wrong: list[Violation] = []
        self._card(wrong)
        some = {*indexes}
        return [
            violation for violation in wrong if violation.path[1:2] and violation.path[1] in some
        ]

    def _card(self, wrong: list[Violation]) -> list[PayoutTerms]:
        card = []
        stands_at: dict[str | None, int] = {}
        typed = [(index, row) for index, row in enumerate(self.rows) if not row.is_blank]
        if not typed:
            detail = _("A campaign has a payout at least: choose a country, or everywhere else.")
            wrong.append(Violation(path=("payouts",), code="empty", detail=detail))
        if len(typed) > rules.MOST_PAYOUTS:
            detail = _("A rate card has at most %(most)d rows; this one has %(count)d.")
            detail %= {"most": rules.MOST_PAYOUTS, "count": len(typed)}
            wrong.append(Violation(path=("payouts",), code="max_length", detail=detail))
        for index, row in typed:
            before = len(wrong)
            country = _read(wrong, ("payouts", index, "country"), read_country, row.country)
            known = len(wrong) == before
            if known and country in stands_at:
                detail = _twice(country, rows_up=index - stands_at[country])
                path = ("payouts", index, "country")
                wrong.append(Violation(path=path, code="duplicate_country", detail=detail))
            elif known:
                stands_at[country] = index
            currency = _read(wrong, ("payouts", index, "currency"), read_currency, row.currency)
            amount = _read(
                wrong,
                ("payouts", index, "amount"),
                partial(read_amount, currency=currency or ""),
                row.amount,
            )
            if amount is not None and currency is not None and len(wrong) == before:
                card.append(PayoutTerms(country=country, amount=amount, currency=currency))
        return card


@dataclass(slots=True, kw_only=True)
class Paste:
    """What became of pasted lines."""

    unread: Sequence[UnreadLine]
    too_many: int = 0
    """How many lines there are, where they are too many to look at."""
    left: Sequence[PastedLine] = ()
    """Lines that found no room."""
    rows: list[int] = field(default_factory=list)
    added: int = 0
    changed: int = 0


def whole(text: str) -> int:
    """Return a whole number of a form, 0 for what is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    return int(text) if is_number else 0


def _read(
    wrong: list[Violation], path: Path, rule: Callable[[str], _Read], text: str
) -> _Read | None:
    """Return what a text means, or note what is wrong with it."""
    try:
        return rule(text)
    except RuleViolation as broken:
        wrong.append(Violation(path=path, code=broken.code, detail=broken.detail))
        return None


def _place(text: str) -> str:
    """Return what is one and the same for all ways to write a country."""
    try:
        return read_country(text) or "*"
    except RuleViolation:
        return ""


def _tidy(text: str) -> str:
    """Return a country as the form shows it, where it is known which one is meant."""
    try:
        return label(read_country(text))
    except RuleViolation:
        return text


def _twice(country: str | None, *, rows_up: int) -> str:
    text = ngettext(
        "%(country)s is already on this rate card, one row up.",
        "%(country)s is already on this rate card, %(count)d rows up.",
        rows_up,
    )
    return text % {"country": rules.country_name(country), "count": rows_up}
