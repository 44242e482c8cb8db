"""What the pages of errors tell people: what happened, and what to do.

``core.problems`` explains the same errors to programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy, ngettext

from core.durations import rounded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A title, what happened, and what to do; each may be a text that is translated late."""

    title: str | Promise
    happened: str | Promise = ""
    """Nothing where the error says it better itself."""
    remedy: str | Promise


WORDS: Mapping[str, Words] = {
    "bad_request": Words(
        title=gettext_lazy("That could not be understood"),
        remedy=gettext_lazy("Go back, load the page again, and try once more."),
    ),
    "forbidden": Words(
        title=gettext_lazy("Not allowed"),
        remedy=gettext_lazy("If you should be allowed to, ask the operator of this server."),
    ),
    "form_expired": Words(
        title=gettext_lazy("This form has expired"),
        happened=gettext_lazy("The form is too old, or did not come from this site."),
        remedy=gettext_lazy("Go back, load the page again, and send it once more."),
    ),
    "not_found": Words(
        title=gettext_lazy("There is nothing here"),
        remedy=gettext_lazy(
            "It may have been deleted or moved, or belong to another account. Check the address."
        ),
    ),
    "method_not_allowed": Words(
        title=gettext_lazy("That does not work here"),
        happened=gettext_lazy("This address does not take what was sent to it."),
        remedy=gettext_lazy("Go back, or begin at the start page."),
    ),
    "body_too_large": Words(
        title=gettext_lazy("That is too large"),
        happened=gettext_lazy("The server does not take that much at once. Nothing was changed."),
        remedy=gettext_lazy("Go back, and send it in several parts."),
    ),
    "rate_limited": Words(
        title=gettext_lazy("Too many requests"),
        happened=gettext_lazy("You, or somebody in your network, asked too much at once."),
        remedy=gettext_lazy("Wait a moment, then load the page again."),
    ),
    "too_many_attempts": Words(
        title=gettext_lazy("Too many failed sign-ins"),
        happened=gettext_lazy("Too many attempts to sign in with this address have failed."),
        remedy=gettext_lazy("Wait, or reset the password."),
    ),
    "internal_error": Words(
        title=gettext_lazy("Something broke on our side"),
        happened=gettext_lazy("It is not your fault, and has been logged."),
        remedy=gettext_lazy(
            "Try again. If it happens once more, tell the operator of this server the number below."
        ),
    ),
    "unavailable": Words(
        title=gettext_lazy("Temporarily unavailable"),
        happened=gettext_lazy("The database is away or busy."),
        remedy=gettext_lazy("Load the page again in a few seconds."),
    ),
}


def try_again(seconds: int) -> str:
    """Return the sentence that says after how long something may be tried again."""
    count, unit = rounded(seconds)
    match unit:
        case "second":
            text = ngettext(
                "Try again in %(count)d second.", "Try again in %(count)d seconds.", count
            )
        case "minute":
            text = ngettext(
                "Try again in about %(count)d minute.",
                "Try again in about %(count)d minutes.",
                count,
            )
        case "hour":
            text = ngettext(
                "Try again in about %(count)d hour.", "Try again in about %(count)d hours.", count
            )
        case "day":
            text = ngettext(
                "Try again in about %(count)d day.", "Try again in about %(count)d days.", count
            )
    return text % {"count": count}
