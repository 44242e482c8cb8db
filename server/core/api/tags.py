"""Entity tags (RFC 9110, section 8.8.3): ``"<version>-<representation>"`` for one thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rest_framework.status import HTTP_200_OK

from core.api.answers import Answer

if TYPE_CHECKING:
    from django.http import HttpRequest
    from rest_framework.request import Request

REPRESENTATION = 1
"""Rises when the form of a campaign's or a payout's answer changes."""

_TAG = re.compile(r'(?:W/)?"(?P<version>[0-9]{1,19})-(?P<representation>[0-9]{1,9})"', re.ASCII)
_NO_VERSION = 0


def tagged(body: Any, *, version: int, status: int = HTTP_200_OK) -> Answer:
    """Answer with a campaign, or one of its payouts, and the tag of its version."""
    return Answer(body, status=status, headers={"ETag": f'"{version}-{REPRESENTATION}"'})


def known_tags(request: HttpRequest) -> set[str]:
    """Return the tags of answers that the client has: those of ``If-None-Match``, or a star.

    ``W/`` is passed over: compression on the way may have made our tag weak.
    """
    header = request.META.get("HTTP_IF_NONE_MATCH", "")
    return {tag.strip().removeprefix("W/") for tag in header.split(",")} - {""}


def expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions that ``If-Match`` allows; None where the client does not mind.

    A tag that is none of ours matches no version.
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None or header.strip() == "*":
        return None
    found = (_TAG.fullmatch(tag.strip()) for tag in header.split(","))
    return frozenset(int(match["version"]) if match else _NO_VERSION for match in found)
