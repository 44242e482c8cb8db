"""What became of many campaigns, in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from campaigns.commands import BulkAction
from campaigns.services.bulk import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from campaigns.services.bulk import Outcome

_DONE: Mapping[BulkAction, _StrPromise] = {
    BulkAction.START: ngettext_lazy("%(count)d started", "%(count)d started", "count"),
    BulkAction.STOP: ngettext_lazy("%(count)d stopped", "%(count)d stopped", "count"),
    BulkAction.DELETE: ngettext_lazy("%(count)d deleted", "%(count)d deleted", "count"),
    BulkAction.RESTORE: ngettext_lazy("%(count)d restored", "%(count)d restored", "count"),
}
_UNCHANGED: Mapping[BulkAction, _StrPromise] = {
    BulkAction.START: ngettext_lazy(
        "%(count)d was running already", "%(count)d were running already", "count"
    ),
    BulkAction.STOP: ngettext_lazy(
        "%(count)d was stopped already", "%(count)d were stopped already", "count"
    ),
    BulkAction.RESTORE: ngettext_lazy(
        "%(count)d was not deleted", "%(count)d were not deleted", "count"
    ),
}
_CONFLICT = ngettext_lazy(
    "%(count)d was not restored, since another campaign has its title",
    "%(count)d were not restored, since other campaigns have their titles",
    "count",
)
_GONE = ngettext_lazy("%(count)d is gone", "%(count)d are gone", "count")


def told(action: BulkAction, outcomes: Sequence[Outcome]) -> str:
    """Return what became of the campaigns: ``3 started, 1 was running already``, with a period."""
    texts = {
        Status.DONE: _DONE[action],
        Status.UNCHANGED: _UNCHANGED.get(action, _GONE),
        Status.CONFLICT: _CONFLICT,
        Status.NOT_FOUND: _GONE,
    }
    counts = Counter(outcome.status for outcome in outcomes)
    parts = [
        str(text % {"count": counts[status]}) for status, text in texts.items() if counts[status]
    ]
    sentences = [f"{', '.join(parts)}."]
    if action is BulkAction.RESTORE and counts[Status.DONE]:
        what = ngettext("It is stopped.", "They are stopped.", counts[Status.DONE])
        sentences.append(what)
    if counts[Status.CONFLICT]:
        sentences.append(_("In the bin, restore one at a time to give it another title."))
    return " ".join(sentences)
