"""Which landing pages a campaign may send people to."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna

from core.exceptions import RuleViolation
from core.text import refuse_invisible

LONGEST_URL = 2048
_LARGEST_PORT = 65535
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)

# Names that never lead to a public host (RFC 6761, RFC 6762, RFC 7686, RFC 8375, and the top
# level that ICANN keeps for private use). The names for documentation and tests are not among
# them, so that examples can be stored.
_PRIVATE_NAMES = (
    "localhost",
    "local",
    "internal",
    "invalid",
    "onion",
    "arpa",
    "localdomain",
    "lan",
)

# What Python 3.11 calls global although no landing page can be there.
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "3fff::/20",
        "fec0::/10",
    )
]
# Scripts that one label may mix, as in Unicode Technical Standard 39, "Highly Restrictive".
_MIXED_FREELY = [
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
]


def clean_landing_page_url(text: str) -> str:
    """Return a landing page's URL: trimmed, scheme and host in lower case, all else untouched.

    Placeholders in braces in its path, query and fragment stay as they are.

    :raises RuleViolation: it is not ``http`` or ``https``, is longer than 2,048 characters, has
        credentials in it, or its host is not a public name or address.
    """
    url = text.strip()
    if not url:
        raise RuleViolation("blank", "This may not be blank.")
    _require_length(url)
    refuse_invisible(url)
    if any(character.isspace() or character == "\\" for character in url):
        raise RuleViolation("invalid", r"A URL has no spaces and no backslashes; write %20 or %5C.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise RuleViolation("invalid_host", "This is no URL: its host is malformed.") from error
    if parts.scheme not in {"http", "https"} or not url[len(parts.scheme) :].startswith("://"):
        raise RuleViolation("invalid_scheme", "A landing page begins with https:// or http://.")
    if "@" in parts.netloc:
        raise RuleViolation("credentials", "Take the user name and password out of the URL.")
    host = _host(parts)
    _require_public(host)
    clean = parts.scheme + "://" + parts.netloc.lower() + url[_end_of_authority(parts) :]
    _require_length(clean)  # again: the capital "İ" is two characters in lower case
    return clean


def _require_length(url: str) -> None:
    if len(url) > LONGEST_URL:
        raise RuleViolation("max_length", f"A URL has at most {LONGEST_URL:,} characters.")


def _end_of_authority(parts: SplitResult) -> int:
    return len(parts.scheme) + len("://") + len(parts.netloc)


def _host(parts: SplitResult) -> str:
    """Return the host, checking the port beside it."""
    _, bracket, after_bracket = parts.netloc.partition("]")
    _, colon, port = (after_bracket if bracket else parts.netloc).partition(":")
    if colon and not (_PORT.fullmatch(port) and 0 < int(port) <= _LARGEST_PORT):
        raise RuleViolation("invalid_port", "A port is a number from 1 to 65535.")
    host = (parts.hostname or "").lower()
    if not host or (bracket and after_bracket.partition(":")[0]):
        raise RuleViolation("invalid_host", "The URL names no host.")
    return f"[{host}]" if bracket else host


def _require_public(host: str) -> None:
    address = _address(host)
    if address is not None:
        if not _is_public(address):
            raise RuleViolation("private_host", f"{address} is not a public address.")
        return
    _require_public_name(host)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a host is, or None for a name.

    Browsers read hosts such as ``2130706433``, ``0x7f.1`` or ``127.1`` as IPv4 addresses (WHATWG
    URL, "ends in a number"). Only the usual form of four numbers is taken.
    """
    if host.startswith("["):
        try:
            return ipaddress.IPv6Address(host[1:-1])
        except ValueError as error:
            raise RuleViolation("invalid_host", "The IPv6 address is malformed.") from error
    # A name in other digits or with a full-width point becomes ASCII before a browser looks.
    ascii_host = unicodedata.normalize("NFKC", host).replace("\u3002", ".")
    last = ascii_host.rstrip(".").rpartition(".")[2]
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last, re.ASCII):
        return None
    try:
        return ipaddress.IPv4Address(host)
    except ValueError as error:
        raise RuleViolation(
            "invalid_host", "The host looks like an IPv4 address, but is not four numbers."
        ) from error


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return False
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@lru_cache(maxsize=512)  # most of an account's URLs are on a few hosts
def _require_public_name(host: str) -> None:
    try:
        name = idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError as error:
        raise RuleViolation("invalid_host", "The host is not a valid name (RFC 5891).") from error
    labels = name.rstrip(".").split(".")
    if len(labels) == 1 or labels[-1] in _PRIVATE_NAMES:
        raise RuleViolation("private_host", "The host is not a public name, such as example.com.")
    if len(name) > 253:  # noqa: PLR2004 -- RFC 1035, section 2.3.4, less the root's byte
        raise RuleViolation("invalid_host", "The host's name is longer than 253 characters.")
    for label in idna.decode(name).split("."):
        if _mixes_scripts(label):
            raise RuleViolation(
                "mixed_script", f"“{label}” mixes scripts, as names made to deceive do."
            )


def _mixes_scripts(label: str) -> bool:
    scripts = {
        unicodedata.name(character, "?").split()[0]
        for character in label
        if unicodedata.category(character) in {"Ll", "Lo"}
    }
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in _MIXED_FREELY)
