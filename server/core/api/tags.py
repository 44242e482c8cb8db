"""Entity tags (RFC 9110, section 8.8.3): ``"<version>-<representation>"``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.status import HTTP_200_OK, HTTP_304_NOT_MODIFIED

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

REPRESENTATION = 1
"""Rises when the form of a campaign's or a payout's answer changes."""

_TAG = re.compile(r'(?:W/)?"(?P<version>[0-9]{1,19})-(?P<representation>[0-9]{1,9})"', re.ASCII)
_NO_VERSION = 0


def entity_tag(version: int) -> str:
    """Write the tag of an answer with a campaign, or one of its payouts, of this version."""
    return f'"{version}-{REPRESENTATION}"'


def tagged(
    request: Request, *, version: int, body: Callable[[], Any], status: int = HTTP_200_OK
) -> Response:
    """Answer with a body and its tag; without the body where the client has it already (304).

    :param body: writes the body; it is not called for a 304.
    """
    if request.method in SAFE_METHODS and _is_unchanged(request, version=version):
        response = Response(status=HTTP_304_NOT_MODIFIED)
    else:
        response = Response(body(), status=status)
    response["ETag"] = entity_tag(version)
    return response


def _is_unchanged(request: Request, *, version: int) -> bool:
    """Tell whether ``If-None-Match`` names what we would answer.

    ``W/`` is passed over: compression on the way may have made our tag weak.
    """
    header = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return entity_tag(version) in tags or "*" in tags


def expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions that ``If-Match`` allows; None where the client does not mind.

    A tag that is none of ours matches no version.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = (_TAG.fullmatch(tag.strip()) for tag in header.split(","))
    return frozenset(int(match["version"]) if match else _NO_VERSION for match in found)
