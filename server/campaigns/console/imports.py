"""Import and export: files of rate cards, what they would change, and how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.console.doors import page
from campaigns import commands, composition
from campaigns.exceptions import ImportNotApplicable, TooManyImports
from campaigns.exporting import FILE_NAME, exported
from campaigns.filters import CampaignFilter
from campaigns.imports.entities import PIECE
from campaigns.spreadsheet.form import (
    COLUMNS,
    CONTENT_TYPE,
    EXAMPLE,
    MOST_BYTES,
    MOST_ROWS,
    written,
)
from core.console.notices import notify
from core.exceptions import InvalidInput, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.console.doors import PageRequest

_LATEST = 20


@page("GET", "POST")
def imports(request: PageRequest) -> HttpResponse:
    """Show how to import and what was imported lately, or take a file and see what it would do."""
    if request.method != "POST":
        return _page(request)
    pieces, name = _sent(request)
    if pieces is None:
        return _page(request, error=_("Choose a file, or paste its rows."))
    try:
        found = composition.import_service().begin(
            commands.BeginImport(
                account_id=request.account.pk,
                actor_id=request.account.pk,
                name=name,
                is_dry_run=True,
            ),
            pieces,
        )
    except TooManyImports as error:
        return _page(request, error=error.detail)
    return HttpResponseRedirect(reverse("console:import", args=[found.pk]))


def _page(request: PageRequest, *, error: str = "") -> HttpResponse:
    context = {
        "imports": composition.imports().listing(account_id=request.account.pk)[:_LATEST],
        "columns": COLUMNS,
        "example": EXAMPLE,
        "most_rows": MOST_ROWS,
        "most_mebibytes": MOST_BYTES // 1024**2,
        "error": error,
        "pasted": request.POST.get("text", "") if error else "",
    }
    status = 400 if error else 200
    return render(request, "campaigns/console/imports.html", context, status=status)


def _sent(request: PageRequest) -> tuple[Iterable[bytes] | None, str]:
    """Return the pieces of the file that was chosen, or of the rows that were pasted."""
    file = request.FILES.get("file")
    if file is not None and file.size:
        name = "".join(letter for letter in file.name or "" if letter.isprintable())
        return file.chunks(PIECE), name
    text = request.POST.get("text", "")
    return ([text.encode()], "") if text.strip() else (None, "")


@page("GET")
def import_(request: PageRequest, import_id: int) -> HttpResponse:
    """Show how far an import is, what it would change or has changed, and its problems."""
    found = composition.imports().get(account_id=request.account.pk, import_id=import_id)
    part = "#status" if request.htmx else ""
    return render(request, f"campaigns/console/import.html{part}", {"import": found})


@page("POST")
def apply(request: PageRequest, import_id: int) -> HttpResponse:
    """Do what was shown."""
    owner = request.account.pk
    try:
        composition.import_service().apply(
            commands.ImportCommand(account_id=owner, actor_id=owner, import_id=import_id)
        )
    except ImportNotApplicable as error:
        notify(request, error.detail)
    return HttpResponseRedirect(reverse("console:import", args=[import_id]))


@page("GET")
def example(request: PageRequest) -> HttpResponse:  # noqa: ARG001 -- every page's signature
    """Give a file to begin with."""
    return HttpResponse(
        b"".join(written(EXAMPLE)),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": 'attachment; filename="example.csv"'},
    )


@page("GET", limit="heavy")
def export(request: PageRequest) -> StreamingHttpResponse:
    """Give the campaigns that a list shows, as a file; it has no pages.

    :raises InvalidInput: a filter has a wrong value.
    """
    sent = {name: value for name, value in request.GET.items() if value}
    chosen = CampaignFilter(
        {name: sent[name] for name in CampaignFilter.base_filters if name in sent}
    )
    if not chosen.form.is_valid():
        raise InvalidInput(
            Violation(path=(name,), code="invalid", detail=str(errors[0]), in_query=True)
            for name, errors in chosen.form.errors.items()
        )
    campaigns, owner = composition.campaigns(), request.account.pk
    rows = chosen.filter_queryset(
        campaigns.bin(account_id=owner, at=timezone.now())
        if chosen.wants_bin
        else campaigns.listing(account_id=owner)
    )
    return StreamingHttpResponse(
        exported(rows, order=chosen.order),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'},
    )
