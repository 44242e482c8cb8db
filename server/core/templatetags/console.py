"""How templates of the console show money, moments and addresses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
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
    exact = f"{date_format(local, 'j M Y, H:i:s')} {local:%Z}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, ago(moment)
    )


def ago(moment: datetime) -> str:
    """Return how long ago a moment was, in words; after a day its date."""
    now = timezone.localtime()
    local = timezone.localtime(moment)
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
    return date_format(local, "j M" if local.year == now.year else "j M Y")


@register.filter
def until(moment: datetime) -> SafeString:
    """Write the day of a moment to come and how many days are left, its exact time on hover."""
    local = timezone.localtime(moment)
    exact = f"{date_format(local, 'j M Y, H:i:s')} {local:%Z}"
    days = max(0, (local.date() - timezone.localdate()).days)
    left = ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
    day = date_format(local, "j M")
    return format_html(
        '<time datetime="{}" title="{}">{}, {}</time>', moment.isoformat(), exact, day, left
    )


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
