"""Two views that let PostgreSQL write the JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jwt
from django.conf import settings
from django.db import connection
from django.http import HttpResponse

from benchmarks.ceiling import statements

if TYPE_CHECKING:
    from django.http import HttpRequest

_PAGE = 50


def campaigns(request: HttpRequest) -> HttpResponse:
    """Answer a page of the account's campaigns."""
    page = int(request.GET.get("page", "1"))
    ordering = request.GET.get("ordering", "-created_at")
    address = request.build_absolute_uri(request.path)
    query = request.GET.copy()
    links = []
    for number in (page + 1, page - 1):
        query["page"] = str(number)
        links.append(f"{address}?{query.urlencode()}")
    return _answer(
        statements.LIST[ordering],
        {
            "session": _session(request),
            "size": _PAGE,
            "start": (page - 1) * _PAGE,
            "next": links[0],
            "previous": links[1] if page > 1 else None,
        },
    )


def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Answer one campaign of the account."""
    return _answer(statements.ONE, {"session": _session(request), "campaign": campaign_id})


def _session(request: HttpRequest) -> str:
    """Return the session of a token that is ours and has not expired; nobody's otherwise."""
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            settings.SIMPLE_JWT["SIGNING_KEY"],
            algorithms=["HS256"],
            issuer="ratecard",
            audience="ratecard-api",
        )
    except jwt.InvalidTokenError:
        return "00000000-0000-0000-0000-000000000000"
    return str(claims["sid"])


def _answer(statement: str, values: dict[str, Any]) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    status, text = (200, row[0]) if row and row[0] else (401, "{}")
    content = text.encode()
    # Without middleware nobody else says how long it is.
    headers = {"Content-Length": str(len(content))}
    return HttpResponse(content, status=status, content_type="application/json", headers=headers)
