"""The bin: deleted campaigns, for as long as they can come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.console.doors import page
from campaigns import composition
from campaigns.console.listing import address, tidied
from campaigns.filters import read_list_query
from core.api.pagination import COUNTED_EXACTLY, PastTheEnd, numbered
from core.exceptions import InvalidInput, Violation

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.console.doors import PageRequest

_PARAMETERS = frozenset({"search", "page"})


@page("GET")
def bin_(request: PageRequest) -> HttpResponse:
    """Show the deleted campaigns, the last one first."""
    query = tidied(request.GET)
    if query != request.GET:
        return HttpResponseRedirect(address(request, query))
    context: dict[str, Any] = {"asked": query.dict(), "here": address(request, query)}
    try:
        context |= _found(request)
    except PastTheEnd as error:
        return HttpResponseRedirect(address(request, query, page=str(error.last)))
    except InvalidInput as error:
        context["problems"] = error.violations
    status = 400 if "problems" in context else 200
    return render(request, "campaigns/console/bin.html", context, status=status)


def _found(request: PageRequest) -> dict[str, Any]:
    """Return the deleted campaigns that are asked for.

    :raises InvalidInput: a parameter is unknown or wrong.
    :raises PastTheEnd: the page is past the end.
    """
    if not _PARAMETERS.issuperset(request.GET):
        raise InvalidInput(
            Violation(
                path=(name,),
                code="unknown_parameter",
                detail=_("The bin knows no such filter."),
                in_query=True,
            )
            for name in request.GET
            if name not in _PARAMETERS
        )
    chosen, query = read_list_query(request.GET)
    deleted = composition.campaigns().bin(account_id=request.account.pk, at=timezone.now())
    found = numbered(
        chosen.filter_queryset(deleted.defer("rendered_payouts", "terms_key")),
        number=query.get("page", 1),
        ordering="-deleted_at",
    )
    return {
        "page": found,
        "rows": found.rows,
        "first": found.start + 1,
        "last": found.start + len(found.rows),
        "number": found.number,
        "exact": found.count <= COUNTED_EXACTLY,
        "counted": COUNTED_EXACTLY,
    }
