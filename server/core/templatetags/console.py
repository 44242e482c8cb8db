"""How templates of the console show money, moments and addresses."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.console import reading

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from django.template.context import RequestContext
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def money(amount: Decimal, currency: str) -> str:
    """Write an amount in the reader's notation."""
    return reading.money(amount, currency)


@register.filter
def number(value: int) -> str:
    """Write a number in the reader's notation."""
    return reading.number(value)


@register.filter
def when(moment: datetime) -> SafeString:
    """Write how long ago a moment was, with the exact time in the reader's zone on hover."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        _exact(local),
        _ago(local, now=timezone.now().astimezone(local.tzinfo)),
    )


def ago(moment: datetime) -> str:
    """Return how long ago a moment was, in words; after a day its date."""
    return _ago(timezone.localtime(moment), now=timezone.localtime())


def _ago(local: datetime, *, now: datetime) -> str:
    passed = now - local
    if passed < timedelta(minutes=1):
        return _("just now")
    if passed < timedelta(hours=1):
        minutes = passed // timedelta(minutes=1)
        return ngettext("%(count)d min ago", "%(count)d min ago", minutes) % {"count": minutes}
    if local.date() == now.date():
        hours = passed // timedelta(hours=1)
        return ngettext("%(count)d h ago", "%(count)d h ago", hours) % {"count": hours}
    if local.date() == now.date() - timedelta(days=1):
        return _("yesterday")
    return _day(local) if local.year == now.year else f"{_day(local)} {local.year}"


@register.simple_tag
def options(choices: tuple[tuple[str, str], ...], chosen: str = "") -> SafeString:
    """Write the options of a select, of which one may be chosen already."""
    written = _options(choices)
    value = format_html('value="{}"', chosen)
    # Hundreds of options are written once, and not for each page.
    return mark_safe(written.replace(value, f"{value} selected", 1))  # noqa: S308  # nosec B308, B703 -- both are escaped


@lru_cache(maxsize=20)
def _options(choices: tuple[tuple[str, str], ...]) -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', choices)


@register.filter
def until(moment: datetime) -> SafeString:
    """Write the day of a moment to come and how many days are left, its exact time on hover."""
    local = timezone.localtime(moment)
    days = max(0, (local.date() - timezone.localdate()).days)
    left = ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
    return format_html(
        '<time datetime="{}" title="{}">{}, {}</time>',
        moment.isoformat(),
        _exact(local),
        _day(local),
        left,
    )


def _exact(local: datetime) -> str:
    return f"{_day(local)} {local:%Y, %H:%M:%S %Z}"


def _day(local: datetime) -> str:
    # A list has a hundred of these, for which Django's own formats take too long.
    return f"{local.day} {str(MONTHS_3[local.month]).title()}"


@register.simple_tag(takes_context=True)
def query(context: RequestContext, **changed: Any) -> str:
    """Return this page's query string with some parameters changed; an empty one is left out.

    A change begins at the first page, unless it names another.
    """
    parameters = context["request"].GET.copy()
    parameters.pop("page", None)
    for name, value in changed.items():
        if value in {None, ""}:
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}" if parameters else "?"
