"""Tell what happened to a campaign in words, with what was before and what is now."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import rules
from core.console import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from core.models import Event

LONGEST_VALUE = 200
"""Characters of a value of an event that this module has no words for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a line: words, what is no more, or what is now."""

    kind: Literal["text", "del", "ins"] = "text"
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened."""

    id: int
    parts: tuple[Part, ...]
    at: datetime
    by: str = ""
    """Who did it, where it was not the owner."""


def lines(events: Iterable[Event]) -> list[Line]:
    """Tell events in words."""
    return [line(event) for event in events]


def line(event: Event) -> Line:
    """Tell an event in words; one of a name that is not known here is told by its values."""
    old, new = event.old or {}, event.new or {}
    told = _WORDS.get(event.name, _plainly(event.name))
    return Line(id=event.pk, parts=tuple(told(old, new)), at=event.at, by=_by(event))


def _by(event: Event) -> str:
    if event.actor_id == event.account_id:
        return ""
    return str(event.actor) if event.actor else _("the system")


Values = dict[str, Any]


def _created(_old: Values, new: Values) -> Iterator[Part]:
    payouts = len(new.get("payouts") or ())
    if "duplicate_of" in new:
        text = ngettext(
            "Created as a copy, %(n)d payout", "Created as a copy, %(n)d payouts", payouts
        )
    else:
        text = ngettext("Created with %(n)d payout", "Created with %(n)d payouts", payouts)
    yield Part(text=text % {"n": payouts})


def _changed(old: Values, new: Values) -> Iterator[Part]:
    labels = {"title": _("Title"), "landing_page_url": _("Landing page")}
    yield from _fields(old, new, labels)


def _restored(old: Values, new: Values) -> Iterator[Part]:
    yield Part(text=_("Restored"))
    if old.get("title") != new.get("title"):
        yield Part(text=_("under a new title"))
        yield from _was_and_is(old.get("title"), new.get("title"))


def _payout(old: Values, new: Values) -> Iterator[Part]:
    """Tell of a payout that came, went, or pays otherwise."""
    where = _place(new or old)
    if not old:
        yield Part(text=_("%(where)s payout added") % {"where": where})
    elif not new:
        yield Part(text=_("%(where)s payout removed") % {"where": where})
    elif old.get("country") == new.get("country"):
        yield Part(text=_("%(where)s payout") % {"where": where})
    else:
        yield Part(
            text=_("%(was)s payout moved to %(where)s") % {"was": _place(old), "where": where}
        )
    yield from _was_and_is(_pay(old), _pay(new))


def _place(payout: Values) -> str:
    return payout.get("country") or _("Worldwide")


def _pay(payout: Values) -> str | None:
    if not payout:
        return None
    try:
        return reading.money(Decimal(payout["amount"]), payout["currency"])
    except (KeyError, TypeError, InvalidOperation):
        return _short(payout)


def _imported(_old: Values, new: Values) -> Iterator[Part]:
    campaigns, created = new.get("campaigns") or 0, new.get("created") or 0
    text = ngettext("%(n)s campaign imported", "%(n)s campaigns imported", campaigns)
    yield Part(text=text % {"n": reading.number(campaigns)})
    if 0 < created < campaigns:
        yield Part(text=_("(%(n)s of them new)") % {"n": reading.number(created)})


def _says(text: Callable[[], str]) -> Callable[[Values, Values], Iterator[Part]]:
    """Make a teller of events that need no values; the words are looked up as they are said."""

    def told(_old: Values, _new: Values) -> Iterator[Part]:
        yield Part(text=text())

    return told


def _plainly(name: str) -> Callable[[Values, Values], Iterator[Part]]:
    """Make a teller of events of any name: the name as words, and every value that differs."""

    def told(old: Values, new: Values) -> Iterator[Part]:
        subject, _dot, verb = name.rpartition(".")
        words = verb if subject in {"", "campaign"} else f"{subject} {verb}"
        yield Part(text=words.replace("_", " ").replace(".", " ").capitalize())
        yield from _fields(old, new, {})

    return told


def _fields(old: Values, new: Values, labels: Mapping[str, str]) -> Iterator[Part]:
    """Tell each field that differs."""
    for field in [*new, *(field for field in old if field not in new)]:
        if old.get(field) != new.get(field):
            yield Part(text=labels.get(field) or field.replace("_", " "))
            yield from _was_and_is(old.get(field), new.get(field))


def _was_and_is(old: Any, new: Any) -> Iterator[Part]:
    if old not in (None, "", new):
        yield Part(kind="del", text=_short(old))
    if new not in (None, ""):
        yield Part(kind="ins", text=_short(new))


def _short(value: Any) -> str:
    """Return a value as text; what has parts is told by how many it has."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(part)}" for name, part in value.items())[:LONGEST_VALUE]
    return str(value)[: max(LONGEST_VALUE, rules.LONGEST_TITLE)]


_WORDS: Mapping[str, Callable[[Values, Values], Iterator[Part]]] = {
    "campaign.created": _created,
    "campaign.changed": _changed,
    "campaign.started": _says(lambda: _("Started")),
    "campaign.stopped": _says(lambda: _("Stopped")),
    "campaign.deleted": _says(lambda: _("Deleted")),
    "campaign.restored": _restored,
    "campaign.purged": _says(lambda: _("Removed for good")),
    "campaign.payout_added": _payout,
    "campaign.payout_changed": _payout,
    "campaign.payout_removed": _payout,
    "campaigns.imported": _imported,
}
"""What each event that the services of campaigns record is called."""
