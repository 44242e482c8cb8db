"""Compress answers (RFC 9110, section 8.4) at the addresses that are known to hold no secret.

The length of a compressed answer tells what is in it to whoever can have his own words written
beside a secret (BREACH). So nothing is compressed that ``COMPRESSED_PATHS`` does not name: a new
view is left alone until somebody has thought about it.
"""

from __future__ import annotations

import gzip
import re
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import brotli
from django.conf import settings
from django.http import HttpResponse

from core import zstd
from core.headers import vary_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponseBase

SHORTEST = 1000
"""Bytes of a body below which an answer fits into one packet as it is, headers included."""

CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": partial(zstd.compress, level=3),
    "br": partial(brotli.compress, quality=1),
    "gzip": partial(gzip.compress, compresslevel=3, mtime=0),
}
"""The codings, those that we like best first; ADR 0014 has what their levels cost and save."""

_LONGEST_HEADER = 1000
_PREFERENCE = re.compile(
    r"(?P<coding>[!#$%&'*+.^_`|~0-9a-z-]+)"
    r"(?:[ \t]*;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?",
    re.ASCII,
)


class CompressionMiddleware:
    """Compress what is long enough, in the coding that the client likes best."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, compressed if that helps."""
        response = self.get_response(request)
        compress(request, response)
        return response


def compress(request: HttpRequest, response: HttpResponseBase) -> None:
    """Compress an answer if that helps; ``Vary`` says that it depends on the client."""
    if not isinstance(response, HttpResponse) or not _may_be_compressed(request, response):
        return
    vary_on(response, "Accept-Encoding")
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        _repeat_weakness(request, response)
    else:
        _compress(response, request.META.get("HTTP_ACCEPT_ENCODING", ""))


def _may_be_compressed(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.path_info.startswith(settings.COMPRESSED_PATHS)
        # The one that every form needs says nothing of what is in the page.
        and (not response.cookies or response.cookies.keys() <= {settings.CSRF_COOKIE_NAME})
        and not response.has_header("Content-Encoding")
        and response.status_code != HTTPStatus.PARTIAL_CONTENT
        and (bool(response.content) or response.status_code == HTTPStatus.NOT_MODIFIED)
    )


def _repeat_weakness(request: HttpRequest, response: HttpResponse) -> None:
    """Give a 304 the tag that its 200 had: a cache may not renew a weak one by a strong one."""
    weak = f"W/{response.get('ETag')}"
    if weak in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response["ETag"] = weak


def _compress(response: HttpResponse, accept_encoding: str) -> None:
    if not accept_encoding:
        return
    coding, is_plain_refused = preferred_coding(accept_encoding)
    body = response.content
    if not coding or (len(body) < SHORTEST and not is_plain_refused):
        return
    compressed = CODINGS[coding](body)
    if len(compressed) >= len(body) and not is_plain_refused:
        return
    response.content = compressed
    response["Content-Encoding"] = coding
    response["Content-Length"] = str(len(compressed))
    # The same tag may not name two different rows of bytes, unless it is weak.
    if response.get("ETag", "").startswith('"'):
        response["ETag"] = f"W/{response['ETag']}"


def preferred_coding(accept_encoding: str) -> tuple[str, bool]:
    """Read ``Accept-Encoding`` (RFC 9110, section 12.5.3).

    :returns: the coding that the client likes best, of several the one that we do, ``""`` for
        none; and whether it refuses an answer without any.
    """
    weights: dict[str, float] = {}
    if len(accept_encoding) <= _LONGEST_HEADER:
        for element in accept_encoding.lower().split(","):
            if preference := _PREFERENCE.fullmatch(element.strip(" \t")):
                weights[preference["coding"]] = float(preference["weight"] or 1)
    others = weights.get("*")
    coding = max(CODINGS, key=lambda name: weights.get(name, others or 0.0))
    weight = weights.get(coding, others or 0.0)
    # Not to be named is the least that an answer without coding can be liked, and no refusal.
    plain = weights.get("identity", others)
    if weight == 0 or (plain or 0) > weight:
        return "", False
    return coding, plain == 0
