"""The rules of an account's own values: pure functions that clean a value or refuse it."""

from __future__ import annotations

import re
import zoneinfo
from datetime import timedelta
from functools import cache

import idna

from core.exceptions import RuleViolation
from core.text import clean_line

LONGEST_EMAIL = 254
LONGEST_NAME = 100
LONGEST_DEVICE = 200
LONGEST_PASSWORD = 256
HONEST_RACE = timedelta(seconds=10)
"""Two requests of one client may race for one refresh token for so long; later it is a theft."""
KEY_USE_IS_NOTED_EVERY = timedelta(minutes=1)
"""How exact a key's last use is: a busy program must not write a row for each request."""
DEFAULT_TIME_ZONE = "UTC"
DEFAULT_CURRENCY = "EUR"

# The dot-atom form of RFC 5322, section 3.2.3, in ASCII; quoted local parts are not taken.
_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_LOCAL_PART = 64


def clean_email(text: str) -> str:
    """Return an e-mail address as we store and compare it: trimmed, lower case, ASCII.

    The domain's international form becomes its ASCII one (RFC 5891), so that case means the same
    to both databases.

    :raises RuleViolation: this is no e-mail address that mail could reach.
    """
    # Cut first: what is longer than an address is none, and must not cost time.
    local, at, domain = text.strip()[: LONGEST_EMAIL + 1].rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        ascii_domain = ""
    email = f"{local}@{ascii_domain}".lower()
    if (
        not at
        or "." not in ascii_domain
        or ascii_domain.endswith(".")  # DNS knows such names, addresses do not (RFC 5321, 4.1.2)
        or not local.isascii()
        or len(local) > _LONGEST_LOCAL_PART
        or len(email) > LONGEST_EMAIL
        or not _LOCAL_PART.fullmatch(local.lower())
    ):
        raise RuleViolation("invalid", "This is no e-mail address; one is like name@example.com.")
    return email


def lookup_email(text: str) -> str:
    """Return an address as it would be stored; one that never could be finds nobody."""
    try:
        return clean_email(text)
    except RuleViolation:
        return ""


def clean_display_name(text: str) -> str:
    """Return a display name: one line of at most 100 characters; it may be blank.

    :raises RuleViolation: it is longer, or has characters that cannot be seen.
    """
    return clean_line(text, longest=LONGEST_NAME, shortest=0)


def clean_key_name(text: str) -> str:
    """Return an API key's name: one line of 1 to 100 characters.

    :raises RuleViolation: it is not.
    """
    return clean_line(text, longest=LONGEST_NAME)


def clean_time_zone(text: str) -> str:
    """Return the name of a time zone.

    :raises RuleViolation: the IANA database does not have it.
    """
    if text not in _time_zones():
        raise RuleViolation(
            "unknown_time_zone", "This takes a name of the IANA database, such as Europe/Tallinn."
        )
    return text


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def device_name(user_agent: str) -> str:
    """Return what a session shows as its device: the client's own word, made safe to print."""
    printable = "".join(character for character in user_agent if character.isprintable())
    return printable.strip()[:LONGEST_DEVICE]
