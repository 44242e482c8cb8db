"""The way into each page of the console: who asks, how often, and what is refused."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts.console import browser
from core import facts
from core.console import resending
from core.console.reading import notation
from core.console.theme import safe_path
from core.exceptions import DomainError
from core.limiting.limits import require_within
from core.pages import may_be_asked, refusal, wrong_method

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponseBase
    from django_htmx.middleware import HtmxDetails

    from accounts.models import Account

RENEWED_EVERY = timedelta(hours=1)
"""How exact a session's last use is: not every page writes a row."""
_SAFE = frozenset({"GET", "HEAD"})
_P = ParamSpec("_P")


class PageRequest(HttpRequest):
    """A request of somebody who is signed in."""

    account: Account
    session_id: UUID
    htmx: HtmxDetails


class Page(Protocol):
    """A view of the console: what methods it takes, and that it counts its own requests."""

    methods: tuple[str, ...]
    counts_itself: bool

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer."""


def page(
    *methods: str, limit: str = ""
) -> Callable[[Callable[Concatenate[PageRequest, _P], HttpResponseBase]], Page]:
    """Let a view be used by who is signed in, as often as the limits of the settings say.

    Reading counts as ``read``, all else as ``write``, unless ``limit`` names another. Times and
    numbers are written as the reader has them. What the domain refuses becomes a page, or for htmx
    the part of one.

    A form whose session has ended meanwhile is not lost: the answer asks for the password and sends
    everything that was typed along (``browser.resumed``).
    """

    def decorate(view: Callable[Concatenate[PageRequest, _P], HttpResponseBase]) -> Page:
        @wraps(view)
        def answer(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponseBase:
            try:
                if not may_be_asked(request.method, methods):
                    require_within(request, "page")
                    return wrong_method(request, methods)
                visitor = browser.visitor(request)
                if visitor is None and request.method == "POST":
                    visitor = browser.resumed(request)
                if visitor is None:
                    require_within(request, "page")
                    return _sign_in_first(request)
                mine = cast("PageRequest", request)
                mine.account, mine.session_id = visitor.account, visitor.session_id
                facts.add(account_id=mine.account.pk)
                require_within(
                    request,
                    limit or ("read" if request.method in _SAFE else "write"),
                    account_id=mine.account.pk,
                )
                if timezone.now() - visitor.last_used_at >= RENEWED_EVERY:
                    browser.keep(request, mine.session_id)
                with ExitStack() as reader:
                    reader.enter_context(timezone.override(mine.account.time_zone))
                    reader.enter_context(notation(request.headers.get("Accept-Language", "")))
                    return view(mine, *args, **kwargs)
            except DomainError as error:
                return refusal(request, error)

        known = cast("Page", answer)
        known.methods, known.counts_itself = methods, True
        return known

    return decorate


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """Ask who it is, and come back to where they were; nothing that was sent is lost."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(_sign_in_for(_current_page(request)))
    if request.method in _SAFE:
        return HttpResponseRedirect(_sign_in_for(safe_path(request, request.get_full_path())))
    context = {
        "sent": resending.sent(request),
        "has_files": bool(request.FILES),
        "error": browser.resume_error(request),
        "email": request.POST.get(resending.EMAIL) or browser.former_email(request),
        "EMAIL": resending.EMAIL,
        "PASSWORD": resending.PASSWORD,
    }
    return render(request, "accounts/console/resume.html", context, status=403)


def _sign_in_for(there: str) -> str:
    sign_in = reverse("sign-in")
    return sign_in if there == "/" else f"{sign_in}?{urlencode({'next': there})}"


def _current_page(request: HttpRequest) -> str:
    """Return the page that a part was asked for, the start page where htmx does not say."""
    try:
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/"
    there = f"{current.path}?{current.query}" if current.query else current.path
    return safe_path(request, there)
