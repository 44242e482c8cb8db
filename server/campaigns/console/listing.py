"""The list of campaigns: what is asked for stands in the address, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import push_url, replace_url

from accounts.console.doors import page
from campaigns import caching, composition
from campaigns.console.rates import rates_of
from campaigns.filters import DEFAULT_ORDERING, read_list_query
from core.api.pagination import COUNTED_EXACTLY, PastTheEnd, numbered
from core.console.reading import number
from core.exceptions import InvalidInput, Violation
from core.reference import countries, currencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django.utils.functional import _StrPromise

    from accounts.console.doors import PageRequest
    from campaigns.console.rates import Rates
    from campaigns.lean import CampaignRow
    from campaigns.models import Campaign
    from core.api.pagination import Numbered

PARAMETERS = ("search", "is_running", "country", "currency", "ordering", "page")
"""What an address of the list may ask for; the API's list takes more."""

_NARROWING = frozenset(PARAMETERS[:4])
_SORTED = {"": "ascending", "-": "descending"}
_HEADINGS: dict[str, tuple[_StrPromise, str]] = {
    "is_running": (gettext_lazy("Running"), "-"),
    "title": (gettext_lazy("Title"), ""),
    "updated_at": (gettext_lazy("Changed"), "-"),
    "created_at": (gettext_lazy("Created"), "-"),
}
"""The columns that the list can be ordered by, and the direction of the first click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column's name, which orders the list."""

    name: str
    label: str
    ordering: str
    """What a click asks for: the other direction, where the list is ordered by it already."""
    sorted: str
    """As ``aria-sort`` has it; nothing where the list is ordered by another."""


@page("GET")
def campaigns(request: PageRequest) -> HttpResponse:
    """Show the campaigns that the address asks for; for htmx, their part of the page."""
    query = tidied(request.GET)
    if query != request.GET and not request.htmx:
        return HttpResponseRedirect(address(request, query))
    request.GET = query  # type: ignore[assignment]  # as immutable as Django's own
    context: dict[str, Any] = {"asked": query.dict(), "problems": []}
    try:
        context |= _found(request)
    except PastTheEnd as error:
        # The last rows of the last page were deleted, or the link is old.
        return HttpResponseRedirect(address(request, query, page=str(error.last)))
    except InvalidInput as error:
        context["problems"] = list(_told(error))
    total, running = caching.totals(request.account)
    context |= {
        "here": address(request, query),
        "total": total,
        "running": running,
        "counted": COUNTED_EXACTLY,
        "narrowed": not _NARROWING.isdisjoint(query),
        "headings": {name: _heading(name, query) for name in _HEADINGS},
        "countries": tuple(countries().items()),
        "currencies": tuple(
            (code, f"{code} {currency.name}") for code, currency in currencies().items()
        ),
    }
    if not request.htmx:
        status = 400 if context["problems"] else 200
        return render(request, "campaigns/console/campaigns.html", context, status=status)
    status = 422 if context["problems"] else 200
    part = render(request, "campaigns/console/campaigns.html#part", context, status=status)
    return _remembered(request, part, query)


def tidied(query: QueryDict) -> QueryDict:
    """Return a query string without what is left empty: a form sends all of its fields."""
    pairs = [(name, value) for name, values in query.lists() for value in values if value]
    return QueryDict(urlencode(pairs))


def row_of(campaign: Campaign | CampaignRow, *, country: str = "") -> dict[str, Any]:
    """Return what the row of a campaign shows, which is rendered.

    A dictionary: templates look into one first, and a page looks a thousand times.
    """
    rates = rates_of(campaign.rendered_payouts, country=country)
    return {
        "id": campaign.id,
        "title": campaign.title,
        "landing_page_url": campaign.landing_page_url,
        "is_running": "true" if campaign.is_running else "false",
        "opposite": "false" if campaign.is_running else "true",
        "rates": rates,
        "countries": _countries(rates),
        "updated_at": campaign.updated_at,
        "created_at": campaign.created_at,
    }


def _countries(rates: Rates) -> str:
    if not rates["worldwide"]:
        return number(rates["countries"])
    if not rates["countries"]:
        return _("everywhere")
    return _("%(count)s + rest") % {"count": number(rates["countries"])}


def _found(request: PageRequest) -> dict[str, Any]:
    """Return the rows that are asked for.

    :raises InvalidInput: a parameter is unknown or wrong.
    :raises PastTheEnd: the page is past the end.
    """
    unknown = [name for name in request.GET if name not in PARAMETERS]
    if unknown:
        raise InvalidInput(
            Violation(
                path=(name,),
                code="unknown_parameter",
                detail=_("The list knows no such filter."),
                in_query=True,
            )
            for name in unknown
        )
    chosen, query = read_list_query(request.GET)
    repository, owner = composition.campaigns(), request.account.pk

    def rows() -> QuerySet[Campaign]:
        return chosen.filter_queryset(repository.listing(account_id=owner))

    found: Numbered[Any] = numbered(
        cast("QuerySet[Campaign]", SimpleLazyObject(rows)),
        number=query.get("page", 1),
        ordering=chosen.order,
        read=None if _NARROWING & request.GET.keys() else caching.OwnPages(request.account),
    )
    return {
        "page": found,
        "rows": [
            row_of(campaign, country=request.GET.get("country", ""))
            for campaign in repository.rendered(found.rows)
        ],
        "first": found.start + 1,
        "last": found.start + len(found.rows),
        "number": found.number,
        "exact": found.count <= COUNTED_EXACTLY,
    }


def _told(error: InvalidInput) -> Iterator[Violation]:
    """Return what is wrong with an address, for who reads a page and no document of an API."""
    for violation in error.violations:
        if violation.code == "too_deep":
            detail = _("Pages go %(count)s campaigns deep. Search or filter to see others.")
            yield Violation(
                path=violation.path,
                code=violation.code,
                detail=detail % {"count": f"{COUNTED_EXACTLY:,}"},
                in_query=True,
            )
        else:
            yield violation


def _heading(name: str, query: QueryDict) -> Heading:
    label, first = _HEADINGS[name]
    asked = query.get("ordering", DEFAULT_ORDERING)
    is_sorted = asked.removeprefix("-") == name
    sign = "-" if asked.startswith("-") else ""
    other = "" if sign else "-"
    ordering = f"{other if is_sorted else first}{name}"
    return Heading(
        name=name,
        label=str(label),
        ordering="" if ordering == DEFAULT_ORDERING else ordering,
        sorted=_SORTED[sign] if is_sorted else "",
    )


def address(request: PageRequest, query: QueryDict, **changed: str) -> str:
    """Return an address of this page, with its query string or some of it changed."""
    merged = query.copy()
    for name, value in changed.items():
        merged[name] = value
    return f"{request.path}?{merged.urlencode()}" if merged else request.path


def _remembered(request: PageRequest, response: HttpResponse, query: QueryDict) -> HttpResponse:
    """Let the address bar say what is shown; typing on is no new step to go back by."""
    before = urlsplit(request.htmx.current_url or "")
    was = QueryDict(before.query)
    if was == query:
        return push_url(response, url=False)
    typed = {was.get("search"), query.get("search")}
    is_typing = None not in typed and len(typed) > 1 and _besides(was) == _besides(query)
    remember = replace_url if is_typing else push_url
    return remember(response, address(request, query))


def _besides(query: QueryDict) -> Sequence[tuple[str, Any]]:
    return sorted((name, value) for name, value in query.items() if name not in {"search", "page"})
