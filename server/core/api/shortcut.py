"""Take requests for resources of the API straight to their view."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import HttpResponse
from django.urls import Resolver404, ResolverMatch, get_resolver

from core.api.views import ApiViewSet, origin
from core.headers import put
from core.problems import is_api

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

_ID = re.compile(r"(?<=/)[0-9]{1,19}(?=/)", re.ASCII)


class ApiShortcutMiddleware:
    """Spare programs what stands below in ``MIDDLEWARE``, which is for pages.

    Static files, sessions, CSRF tokens, messages, redirects: a resource of the API has no use for
    any of it, and pays for all of it at each request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a resource of the API; pass everything else on.

        :raises DisallowedHost: it was asked for under a name that is none of ours.
        """
        match = resource(request.path_info) if is_api(request) else None
        if match is None:
            return self.get_response(request)
        origin(request)
        request.resolver_match = match
        return answer(request)


def answer(request: HttpRequest) -> HttpResponseBase:
    """Have the view answer that a request was found to lead to."""
    match = cast("ResolverMatch", request.resolver_match)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, HttpResponse):  # not a stream
        put(response, "Content-Length", str(len(response.content)))
    return response


def resource(path: str) -> ResolverMatch | None:
    """Return the route to a resource; None where an address leads elsewhere, or nowhere.

    Addresses that differ in their ids alone are looked up once.
    """
    urls = settings.ROOT_URLCONF
    ids = _ID.findall(path)
    match = _looked_up(_ID.sub("0", path), urls)
    if match is None or not ids:
        return match
    if len(ids) != len(match.kwargs) or any(value != 0 for value in match.kwargs.values()):
        return _looked_up(path, urls)  # what stood there was taken for something else
    return ResolverMatch(
        match.func, (), dict(zip(match.kwargs, map(int, ids), strict=True)), route=match.route
    )


@lru_cache(maxsize=1000)
def _looked_up(path: str, urls: str) -> ResolverMatch | None:
    try:
        match = get_resolver(urls).resolve(path)
    except Resolver404:
        return None
    return match if issubclass(getattr(match.func, "cls", object), ApiViewSet) else None
