"""The rules of an account's own values: pure functions that clean a value or refuse it."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import idna

from core.exceptions import RuleViolation
from core.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LONGEST_EMAIL = 254
LONGEST_NAME = 100
LONGEST_DEVICE = 200
LONGEST_PASSWORD = 256
LONGEST_TIME_ZONE = 64
LONGEST_RECENT_CHANGES = 160
"""Room for eight of them, with numbers of nine digits."""
HONEST_RACE = timedelta(seconds=10)
"""Two requests of one client may race for one refresh token for so long; later it is a theft."""
SESSION_LASTS = timedelta(days=7)
"""After its last use."""
KEY_USE_IS_NOTED_EVERY = timedelta(minutes=1)
"""How exact a key's last use is: a busy program must not write a row for each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often something may be tried before it has to wait."""

    locks: Mapping[int, timedelta]
    """After how many attempts, for how long; further ones wait as long as the last."""
    forgotten_after: timedelta
    """Without an attempt for so long, counting begins again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of an address before somebody tries to sign in with it from a network."""

    is_known: bool
    """Whether it was signed in from there lately."""
    strangers_wait_until: datetime | None
    """Until when no network may try that is not known, where there was a reason for that."""


ONE_NETWORK = Patience(
    locks={
        5: timedelta(minutes=1),
        6: timedelta(minutes=2),
        7: timedelta(minutes=4),
        8: timedelta(minutes=8),
        9: timedelta(minutes=16),
        10: timedelta(minutes=32),
        11: timedelta(hours=1),
    },
    forgotten_after=timedelta(days=1),
)
"""Failures to sign in with one address from one network."""
ALL_STRANGERS = Patience(locks={50: timedelta(hours=1)}, forgotten_after=timedelta(hours=1))
"""Failures to sign in with one address from all networks where it has not been signed in."""
RESET_MAILS = Patience(locks={3: timedelta(hours=1)}, forgotten_after=timedelta(hours=1))
"""Mails to one address with a link that resets its password."""
NETWORK_IS_KNOWN_FOR = timedelta(days=90)
"""After a sign-in, strangers' failures do not lock its network out for so long."""
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


def claimed_email(text: str) -> str:
    """Return what attempts with an address are counted by: also what could be no address."""
    return lookup_email(text) or text.strip().lower()


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
