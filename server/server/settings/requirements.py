"""What production demands of its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import environ

# RFC 7518, section 3.2: a key for HS256 has at least 256 bits.
SHORTEST_KEY = 32
FEWEST_DIFFERENT_CHARACTERS = 8
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
WORDS = {"SIGNUP": ("open", "closed"), "LOG_FORMAT": ("json", "console"), "LOG_LEVEL": LOG_LEVELS}
DATABASES = ("postgres://", "postgresql://", "sqlite://")
WRONG_DATABASE = (
    "DATABASE_URL is for no database that Ratecard runs on: use postgres:// or sqlite://."
)
NUMBERS = {
    "PORT": range(1, 65536),
    "WEB_WORKERS": range(1, 257),
    "WEB_THREADS": range(1, 257),
    "TRUSTED_PROXIES": range(11),
}


def weaknesses(env: environ.Env) -> list[str]:
    """Name every variable that production cannot start with, and what would be right."""
    return [
        *_weak_key(env, "SECRET_KEY", required=True),
        *_weak_key(env, "JWT_SIGNING_KEY", required=False),
        *_unsafe_switches(env),
        *_missing_addresses(env),
        *_wrong_values(env),
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


def wrong_number(name: str, value: str) -> str | None:
    """Return what is wrong with the value of one of ``NUMBERS``, if anything is."""
    allowed = NUMBERS[name]
    if value.isascii() and value.isdigit() and int(value) in allowed:
        return None
    return f"{name} is {value!r}: it takes a whole number from {allowed[0]} to {allowed[-1]}."
