"""What production demands of its configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    import environ

# RFC 7518, section 3.2: a key for HS256 has at least 256 bits.
SHORTEST_KEY = 32
FEWEST_DIFFERENT_CHARACTERS = 8
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
WORDS = {
    "SIGNUP": ("open", "closed"),
    "WORKER": ("beside", "apart"),
    "PREPARED_STATEMENTS": ("on", "off"),
    "LOG_FORMAT": ("json", "console"),
    "LOG_LEVEL": LOG_LEVELS,
}
# How many requests within how many seconds: of an account where somebody is signed in, of an IPv4
# address or the /64 of an IPv6 address otherwise. RATE_LIMIT_READ=600/60 changes one.
RATE_LIMITS = {
    "read": (1200, 60),
    "write": (300, 60),
    "heavy": (30, 60),  # hundreds of campaigns in one request
    "signin": (20, 60),  # a password to hash each
    "signup": (10, 3600),
    "refresh": (60, 60),
    "reset": (10, 3600),  # a mail each
    "page": (600, 60),  # pages, documents, the admin, addresses that lead nowhere
}
LARGEST_LIMIT = 1_000_000_000
MAIL_SCHEMES = ("smtp", "smtp+tls", "smtp+ssl")
_PUBLIC_URL = re.compile(r"https://[A-Za-z0-9.\[\]:-]+/?", re.ASCII)
DATABASES = ("postgres://", "postgresql://", "sqlite://")
WRONG_DATABASE = (
    "DATABASE_URL is for no database that Ratecard runs on: use postgres:// or sqlite://."
)
NUMBERS = {
    "PORT": range(1, 65536),
    "WEB_WORKERS": range(1, 257),
    "WEB_THREADS": range(1, 257),
    "TRUSTED_PROXIES": range(11),
    "DRAIN_SECONDS": range(301),
}
SHARES = ("SENTRY_TRACES_SAMPLE_RATE",)

_SHARE = re.compile(r"0(\.[0-9]+)?|1(\.0+)?", re.ASCII)
_DSN = re.compile(r"https?://[^\s/@]+@[^\s/@]+(/[^\s/]+)*/[0-9]+", re.ASCII)


def weaknesses(env: environ.Env) -> list[str]:
    """Name every variable that production cannot start with, and what would be right."""
    return [
        *_weak_key(env, "SECRET_KEY", required=True),
        *_weak_key(env, "JWT_SIGNING_KEY", required=False),
        *_weak_key(env, "METRICS_TOKEN", required=False),
        *_unsafe_switches(env),
        *_missing_addresses(env),
        *_wrong_values(env),
        *_wrong_mail(env),
    ]


def _weak_key(env: environ.Env, name: str, *, required: bool) -> Iterator[str]:
    key = env.str(name, "")
    if not key:
        if required:
            yield f"{name} is not set: give it at least {SHORTEST_KEY} random characters."
    elif key.startswith("django-insecure-"):
        yield f"{name} is a development key: make a new one."
    elif len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
        yield f"{name} is weak: give it at least {SHORTEST_KEY} random characters."


def _unsafe_switches(env: environ.Env) -> Iterator[str]:
    if env.str("DEBUG", "").lower() not in {"", "0", "false", "no", "off"}:
        yield "DEBUG is on: it shows source code and settings to visitors. Unset it."


def _missing_addresses(env: environ.Env) -> Iterator[str]:
    hosts = env.list("ALLOWED_HOSTS", default=[])
    if not hosts:
        yield "ALLOWED_HOSTS is not set: name the hosts that this server answers for."
    if any("*" in host for host in hosts):
        yield "ALLOWED_HOSTS has a wildcard: name each host."
    database = env.str("DATABASE_URL", "")
    if not database:
        yield "DATABASE_URL is not set: for example postgres://user:password@host:5432/ratecard."
    elif not database.startswith(DATABASES):
        yield WRONG_DATABASE
    if any("*" in origin for origin in env.list("CORS_ALLOWED_ORIGINS", default=[])):
        yield "CORS_ALLOWED_ORIGINS has a wildcard: name each origin."


def _wrong_values(env: environ.Env) -> Iterator[str]:
    for name, words in WORDS.items():
        value = env.str(name, "")
        if value and value not in words:
            yield f"{name} is {value!r}: it is {' or '.join(words)}."
    for name in NUMBERS:
        value = env.str(name, "")
        if value and (wrong := wrong_number(name, value)):
            yield wrong
    for name in map(rate_limit_variable, RATE_LIMITS):
        value = env.str(name, "")
        if value and (wrong := wrong_rate_limit(name, value)):
            yield wrong
    for name in SHARES:
        value = env.str(name, "")
        if value and (wrong := wrong_share(name, value)):
            yield wrong
    dsn = env.str("SENTRY_DSN", "")
    if dsn and not _DSN.fullmatch(dsn):  # it has a key: the message does not repeat it
        yield "SENTRY_DSN is no DSN: it looks like https://key@host/project."


def _wrong_mail(env: environ.Env) -> Iterator[str]:
    server = env.str("EMAIL_URL", "")
    if server and (wrong := wrong_mail_server(server)):
        yield wrong
    if server and "@" not in env.str("DEFAULT_FROM_EMAIL", ""):
        yield "DEFAULT_FROM_EMAIL is no address: say whom mail is from, since EMAIL_URL is set."
    public = env.str("PUBLIC_URL", "")
    page = env.str("PASSWORD_RESET_URL", "")
    if public and not _PUBLIC_URL.fullmatch(public):
        yield "PUBLIC_URL is no origin: it is like https://ratecard.example, without a path."
    if server and not public and (not page or page.startswith("/")):
        yield "PUBLIC_URL is not set: the links in mails begin with it, since EMAIL_URL is set."
    if page and not (
        page.startswith(("https://", "/"))
        and not page.startswith("//")
        and all(page.count(name) == 1 for name in ("{uid}", "{token}"))
    ):
        yield (
            "PASSWORD_RESET_URL is no address of a page: it is a path or an https:// URL, with "
            "{uid} and {token} in it."
        )


def wrong_mail_server(url: str) -> str | None:
    """Return what is wrong with the URL of a mail server, if anything is; not its password."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in MAIL_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if right:
        return None
    return (
        "EMAIL_URL is for no mail server: it is like smtp+tls://user:password@host:587 (STARTTLS), "
        "smtp+ssl://… or smtp://…."
    )


def wrong_number(name: str, value: str) -> str | None:
    """Return what is wrong with the value of one of ``NUMBERS``, if anything is."""
    allowed = NUMBERS[name]
    if value.isascii() and value.isdigit() and int(value) in allowed:
        return None
    return f"{name} is {value!r}: it takes a whole number from {allowed[0]} to {allowed[-1]}."


def wrong_share(name: str, value: str) -> str | None:
    """Return what is wrong with a part of 1, if anything is."""
    if _SHARE.fullmatch(value):
        return None
    return f"{name} is {value!r}: it takes a number from 0 to 1, such as 0.05."


def rate_limit_variable(name: str) -> str:
    """Return the variable that changes a limit."""
    return f"RATE_LIMIT_{name.upper()}"


def wrong_rate_limit(name: str, value: str) -> str | None:
    """Return what is wrong with the value of a limit, if anything is."""
    most, _, seconds = value.partition("/")
    if all(
        part.isascii() and part.isdigit() and 0 < int(part) <= LARGEST_LIMIT
        for part in (most, seconds)
    ):
        return None
    return f"{name} is {value!r}: it takes requests and seconds, such as 600/60."
