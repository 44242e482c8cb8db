"""What the page of a campaign's form shows: fields with their errors, notes, where the focus is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import rules
from campaigns.console.forms import Row
from campaigns.console.places import labels
from core.exceptions import Violation
from core.reference import currencies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from campaigns.console.forms import CampaignForm, Paste
    from campaigns.console.meanwhile import Meanwhile
    from core.reference import Currency

_MOST_LISTED = 10
_IDS = {
    "title": "title",
    "landing_page_url": "landing-page",
    "payouts": "country-0",
    "pasted": "pasted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is wrong, and the field beside which it stands."""

    field_id: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as the page shows it; numbers are text, which templates write much quicker."""

    key: str
    number: str
    """The row's number, as people count."""
    row: Row
    country_error: str = ""
    amount_error: str = ""
    currency_error: str = ""

    @property
    def country_id(self) -> str:
        """The id of the row's first field."""
        return f"country-{self.key}"


@dataclass(kw_only=True)
class FormPage:
    """A form and all that is said about it."""

    form: CampaignForm
    campaign_id: int | None = None
    violations: Sequence[Violation] = ()
    note: Meanwhile | None = None
    """What somebody else saved while the form was open."""
    is_gone: bool = False
    """Whether the campaign is not there any more."""
    is_changed: bool = False
    """Whether leaving would lose what was typed."""
    focus: str = ""
    """The id of the field to begin in."""
    said: list[str] = field(default_factory=list)
    """What was done, for who cannot see it."""

    def take_pasted(self, *, currency: str) -> None:
        """Put pasted lines into rows, and say what became of them."""
        paste = self.form.take_pasted(currency=currency)
        self.violations = [*_left(paste), *self.form.wrong_rows(paste.rows)]
        if paste.added:
            self.said.append(
                ngettext("Added %(count)d row.", "Added %(count)d rows.", paste.added)
                % {"count": paste.added}
            )
        if paste.changed:
            self.said.append(
                ngettext("Changed %(count)d row.", "Changed %(count)d rows.", paste.changed)
                % {"count": paste.changed}
            )
        if self.said:
            self.said.append(_("Look at them, then save."))
        self.focus = f"country-{paste.rows[0]}" if paste.rows else "pasted"

    @property
    def most(self) -> int:
        """How many rows there may be."""
        return rules.MOST_PAYOUTS

    @property
    def is_full(self) -> bool:
        """Whether there is no room for one more row."""
        return len(self.form.rows) >= rules.MOST_PAYOUTS

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The rows, each with what is wrong in it."""
        wrong: dict[int, dict[str, str]] = {}
        for violation in self.violations:
            if len(violation.path) == len(("payouts", 0, "country")):
                _payouts, index, name = violation.path
                wrong.setdefault(int(index), {}).setdefault(f"{name}_error", violation.detail)
        return [
            Line(key=str(index), number=str(index + 1), row=row, **wrong.get(index, {}))
            for index, row in enumerate(self.form.rows)
        ]

    @property
    def empty_line(self) -> Line:
        """The row that a script copies when one is added."""
        return Line(key="NEW", number="NEW", row=Row())

    @cached_property
    def errors(self) -> Mapping[str, str]:
        """What is wrong outside of the rows, by field."""
        return {
            str(violation.path[0]): violation.detail
            for violation in reversed(self.violations)
            if len(violation.path) == 1
        }

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """What is wrong, in the order of the page."""
        return [_problem(violation) for violation in self.violations]

    @property
    def listed(self) -> Sequence[Problem]:
        """As many problems as a person reads at once."""
        return self.problems[:_MOST_LISTED]

    @property
    def unlisted(self) -> int:
        """How many problems are not listed."""
        return len(self.problems) - len(self.listed)

    @property
    def summary(self) -> str:
        """How much is wrong."""
        count = len(self.problems)
        text = ngettext("%(count)d field needs attention", "%(count)d fields need attention", count)
        return text % {"count": count} if count else ""

    @property
    def countries(self) -> Sequence[str]:
        """What a country's field offers."""
        return labels()

    @property
    def currencies(self) -> Sequence[Currency]:
        """What a currency's field offers."""
        return list(currencies().values())


def _problem(violation: Violation) -> Problem:
    if len(violation.path) == 1:
        name = str(violation.path[0])
        places = {
            "title": _("Title"),
            "landing_page_url": _("Landing page"),
            "payouts": _("Rate card"),
            "pasted": _("Pasted lines"),
        }
        return Problem(field_id=_IDS[name], place=places[name], detail=violation.detail)
    _payouts, index, column = violation.path
    columns = {"country": _("country"), "amount": _("amount"), "currency": _("currency")}
    return Problem(
        field_id=f"{column}-{index}",
        place=_("Row %(number)d, %(column)s")
        % {"number": int(index) + 1, "column": columns[str(column)]},
        detail=violation.detail,
    )


def _left(paste: Paste) -> list[Violation]:
    """Return why pasted lines are still where they were pasted."""
    said = []
    if paste.too_many:
        text = _("These are %(count)d lines; a rate card has at most %(most)d. Paste fewer.")
        said.append(text % {"count": paste.too_many, "most": rules.MOST_PAYOUTS})
    for line in paste.unread[:_MOST_LISTED]:
        text = _("Line %(number)d, “%(text)s”: %(problem)s.")
        said.append(text % {"number": line.number, "text": line.shown, "problem": line.problem})
    if len(paste.unread) > _MOST_LISTED:
        numbers = ", ".join(str(line.number) for line in paste.unread[_MOST_LISTED:])
        said.append(_("And lines %(numbers)s.") % {"numbers": numbers})
    if paste.left:
        text = _("The rate card is full at %(most)d rows: no room from line %(number)d on.")
        said.append(text % {"most": rules.MOST_PAYOUTS, "number": paste.left[0].number})
    if not said and not paste.rows:
        said.append(_("Paste a line for each country: the country, a tab, and the amount."))
    return [Violation(path=("pasted",), code="unread", detail=" ".join(said))] if said else []
