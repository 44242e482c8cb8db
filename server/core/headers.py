"""Which security headers an answer has: one table, by the kind of its address.

The middleware is the outermost, so that errors, refusals, 304 and static files have them too,
whoever answers. ADR 0021 has the reasons for each value.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http.response import ResponseHeaders

from core.settled import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponseBase


class Kind(StrEnum):
    """What is at an address, as far as a browser's rules for it go."""

    API = "api"
    """Answers for programs: a browser that shows one loads, runs and sends nothing."""
    PAGE = "page"
    """Pages for people: everything from this server, nothing inline."""
    CONSOLE = "console"
    """Pages of an account, as strict; nobody keeps what they show."""
    SWAGGER = "swagger"
    """Swagger UI, whose style sheet has its images in it."""
    REDOC = "redoc"
    """Redoc, which writes styles into the page as it runs, and searches in a worker of its own."""
    ADMIN = "admin"
    """Django's admin."""
    STATIC = "static"
    """Files that pages load."""


EXACTLY: Mapping[str, Kind] = {
    "/": Kind.CONSOLE,
    "/api/v1/docs/": Kind.SWAGGER,
    "/api/v1/redoc/": Kind.REDOC,
}
"""Addresses of a kind of their own; a new one belongs here or into ``BELOW``."""

BELOW: Mapping[str, Kind] = {
    "/api/": Kind.API,
    "/admin/": Kind.ADMIN,
    "/problems/": Kind.PAGE,
    **dict.fromkeys(
        (
            *("/campaigns/", "/bin/", "/import/", "/profile/", "/theme/"),
            *("/sign-in/", "/sign-up/", "/sign-out/", "/forgotten/", "/reset/"),
        ),
        Kind.CONSOLE,
    ),
    str(settings.STATIC_URL): Kind.STATIC,
}
"""The kind of every address that begins like this; none begins like two of them."""

_NO_FEATURES = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "hid",
        "idle-detection",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)

_EVERYWHERE: Mapping[str, str] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    # No other site's page embeds an answer. Requests that CORS allows are not asked for this.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _NO_FEATURES,
    # Not no-referrer: forms would be sent with "Origin: null", which Django's CSRF check refuses.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# A policy is what it allows; all else is refused.
_NOTHING: Mapping[str, str] = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_OUR_OWN: Mapping[str, str] = {
    **_NOTHING,
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "img-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
}
_SWAGGER: Mapping[str, str] = {**_OUR_OWN, "form-action": "'none'", "img-src": "'self' data:"}
_REDOC: Mapping[str, str] = {
    **_SWAGGER,
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "blob:",
}
_POLICIES: Mapping[Kind, Mapping[str, str]] = {
    Kind.API: _NOTHING,
    Kind.PAGE: _OUR_OWN,
    Kind.CONSOLE: _OUR_OWN,
    Kind.SWAGGER: _SWAGGER,
    Kind.REDOC: _REDOC,
    Kind.ADMIN: _OUR_OWN,
    Kind.STATIC: _NOTHING,
}


def _written(policy: Mapping[str, str]) -> str:
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


HEADERS: Mapping[Kind, Mapping[str, str]] = {
    kind: {"Content-Security-Policy": _written(_POLICIES[kind]), **_EVERYWHERE} for kind in Kind
}
"""The headers of each kind, on every answer; over TLS ``Strict-Transport-Security`` comes too."""

_LOOKED_AT: Mapping[Kind, dict[str, tuple[str, str]]] = {
    kind: ResponseHeaders(dict(headers))._store  # noqa: SLF001 -- see dress
    for kind, headers in HEADERS.items()
}

KEPT: Mapping[Kind, str] = {
    Kind.API: "no-store",
    Kind.PAGE: "no-cache",
    Kind.CONSOLE: "no-store",
    Kind.SWAGGER: "no-cache",
    Kind.REDOC: "no-cache",
    Kind.ADMIN: "no-store",
    Kind.STATIC: "no-cache",
}
"""``Cache-Control`` of an answer whose view says nothing about it."""


def declared_kind(path: str) -> Kind | None:
    """Return the kind that the table has for an address, or for a route."""
    if path in EXACTLY:
        return EXACTLY[path]
    return next((kind for start, kind in BELOW.items() if path.startswith(start)), None)


def kind_of(path: str) -> Kind:
    """Return the kind of an address; one that leads nowhere is answered by a page."""
    return declared_kind(path) or Kind.PAGE


class SecurityHeadersMiddleware:
    """Give each answer the headers of its kind, in place of what others set."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the headers."""
        response = self.get_response(request)
        dress(request, response, kind_of(request.path_info))
        return response


def dress(request: HttpRequest, response: HttpResponseBase, kind: Kind) -> None:
    """Give an answer its headers; nobody keeps an error, or an answer with a cookie."""
    # Django would look at each, each time, for letters that a header cannot have.
    response.headers._store.update(_LOOKED_AT[kind])  # noqa: SLF001 -- no public way takes many
    if request.is_secure() and (policy := transport_security()):
        put(response, "Strict-Transport-Security", policy)
    if response.status_code >= HTTPStatus.BAD_REQUEST or response.cookies:
        put(response, "Cache-Control", "no-store")
    else:
        response.headers.setdefault("Cache-Control", KEPT[kind])


def put(response: HttpResponseBase, name: str, value: str) -> None:
    """Give an answer a header in words of ours, which are in ASCII; see ``dress``."""
    response.headers._store[name.lower()] = (name, value)  # noqa: SLF001 -- as above


def items(response: HttpResponseBase) -> list[tuple[str, str]]:
    """Return the headers of an answer; its own way looks up each anew."""
    return [*response.headers._store.values()]  # noqa: SLF001 -- no public way has them at once


def vary_on(response: HttpResponseBase, header: str) -> None:
    """Say that an answer depends on a header of its request (RFC 9110, section 12.5.5)."""
    held = response.headers.get("Vary")
    if held is None:
        put(response, "Vary", header)
    elif header.lower() not in held.lower():
        put(response, "Vary", f"{held}, {header}")


@settled
def transport_security() -> str:
    """Return what the settings say about TLS, as HTTP Strict Transport Security (RFC 6797).

    It is empty where they demand nothing.
    """
    if not settings.SECURE_HSTS_SECONDS:
        return ""
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    return f"{value}; preload" if settings.SECURE_HSTS_PRELOAD else value
