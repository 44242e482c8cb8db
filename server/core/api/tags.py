"""Entity tags (RFC 9110, section 8.8.3): ``"<version>-<representation>"``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rest_framework.request import Request

REPRESENTATION = 1
"""Rises when the form of a campaign's or a payout's answer changes."""

_TAG = re.compile(r'(?:W/)?"(?P<version>[0-9]{1,19})-(?P<representation>[0-9]{1,9})"', re.ASCII)
_NO_VERSION = 0


def entity_tag(version: int) -> str:
    """Write the tag of an answer with a campaign, or one of its payouts, of this version."""
    return f'"{version}-{REPRESENTATION}"'


def is_unchanged(request: Request, *, version: int) -> bool:
    """Tell whether ``If-None-Match`` names what we would answer, so that 304 will do.

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
