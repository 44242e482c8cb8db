"""What a session is called in the list of sessions: a browser and a system, as people say them."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# In this order: each of them also says that it is one of those below it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"[\w.-]{1,60}(?=/|$)", re.ASCII)


def device_label(device: str) -> str:
    """Return "Firefox on Windows" for what a browser calls itself, and a program's first word."""
    browser = next((name for sign, name in _BROWSERS if f"{sign}/" in device), "")
    system = next((name for sign, name in _SYSTEMS if sign in device), "")
    if device.startswith("Mozilla/") and browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    if device.startswith("Mozilla/") and (browser or system):
        return browser or system
    program = _PROGRAM.match(device)
    return program.group() if program else device or _("Unknown device")
