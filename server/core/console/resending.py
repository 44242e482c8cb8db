"""What a form sent, to be sent again: nothing that was typed is lost, nothing of it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

EMAIL, PASSWORD = "resume-email", "resume-password"  # nosec B105  # names of fields
# A page must not have a password in it, not even one that was just typed: it is typed again.
_NOT_SENT_AGAIN = frozenset(
    {EMAIL, PASSWORD, "csrfmiddlewaretoken", "password", "current_password", "new_password"}
)


def sent(request: HttpRequest) -> Iterator[tuple[str, Any]]:
    """Return what a form sent, to be sent again; files and passwords cannot be."""
    for name, values in request.POST.lists():
        if name not in _NOT_SENT_AGAIN:
            for value in values:
                yield name, value


def is_ours(request: HttpRequest) -> bool:
    """Tell whether a page of this site sent a form, as browsers say of every form they send.

    No page can write that header; a browser that says nothing is not believed.
    """
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
