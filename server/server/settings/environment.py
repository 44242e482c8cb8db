"""Read Ratecard's configuration from the environment; ``.env.example`` lists every variable."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Any

import environ
from redis.backoff import NoBackoff
from redis.retry import Retry

from server.settings.requirements import (
    RATE_LIMITS,
    WORDS,
    WRONG_DATABASE,
    rate_limit_variable,
    wrong_mail_server,
    wrong_number,
    wrong_rate_limit,
    wrong_share,
)

PROJECT_DIR = Path(__file__).resolve().parents[3]
SERVER_DIR = PROJECT_DIR / "server"
VAR_DIR = PROJECT_DIR / "var"

env = environ.Env()


def read_dot_env() -> None:
    """Add the variables of the project's ``.env`` file that the environment does not set."""
    environ.Env.read_env(PROJECT_DIR / ".env")


def word(name: str, default: str, *, among: tuple[str, ...] = ()) -> str:
    """Return a variable; one that is empty is as good as absent.

    :param among: what it may be, if that is limited.
    :raises environ.ImproperlyConfigured: it is something else.
    """
    value = env.str(name, "") or default
    if among and value not in among:
        raise environ.ImproperlyConfigured(f"{name} is {value!r}: it is {' or '.join(among)}.")
    return value


def number(name: str, default: int) -> int:
    """Return a variable that is a number; an empty one is as good as absent.

    :raises environ.ImproperlyConfigured: it is none of those that the variable may be.
    """
    value = word(name, str(default))
    if wrong := wrong_number(name, value):
        raise environ.ImproperlyConfigured(wrong)
    return int(value)


def share(name: str, default: float) -> float:
    """Return a variable that is a part of 1; an empty one is as good as absent.

    :raises environ.ImproperlyConfigured: it is none.
    """
    value = word(name, str(default))
    if wrong := wrong_share(name, value):
        raise environ.ImproperlyConfigured(wrong)
    return float(value)


def signup_is_open(*, default: str) -> bool:
    """Tell whether everybody may create an account (SIGNUP)."""
    return word("SIGNUP", default, among=("open", "closed")) == "open"


def rate_limits() -> dict[str, tuple[int, int]]:
    """Return the limits, each as requests and seconds.

    :raises environ.ImproperlyConfigured: a variable that changes one is not of that form.
    """
    limits = dict(RATE_LIMITS)
    for name in RATE_LIMITS:
        variable = rate_limit_variable(name)
        if value := env.str(variable, ""):
            if wrong := wrong_rate_limit(variable, value):
                raise environ.ImproperlyConfigured(wrong)
            most, _, seconds = value.partition("/")
            limits[name] = (int(most), int(seconds))
    return limits


def database(url: str, *, pool_size: int) -> dict[str, Any]:
    """Turn a database URL into Django's settings for it.

    :param pool_size: connections that one process may hold, for PostgreSQL.
    :raises environ.ImproperlyConfigured: the URL names no database that Ratecard runs on.
    """
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    options: dict[str, Any] = config.setdefault("OPTIONS", {})
    engine = config.get("ENGINE")
    if engine == "django.db.backends.postgresql":
        # It notices itself which pooled connections have ended, when PostgreSQL restarts.
        config["ENGINE"] = "core.postgresql"
        # With a pool a connection lives as long as the pool wants it to, not as long as a request.
        config["CONN_MAX_AGE"] = 0
        # A host that is gone without a word would be waited for as long as TCP does: two minutes.
        options.setdefault("connect_timeout", 5)
        # Without it nothing is prepared. How large it is does not count: what core.repositories
        # runs as prepared is so at once, what Django runs never.
        if word("PREPARED_STATEMENTS", "on", among=WORDS["PREPARED_STATEMENTS"]) == "on":
            options["prepare_threshold"] = 5
        # An exhausted pool is a 503 after two seconds, not a queue that grows.
        options["pool"] = {
            "min_size": 1,
            "max_size": pool_size,
            "timeout": 2,
            # An attempt to connect that failed is repeated after waits that double, for five
            # minutes by default: after an outage of one, for a minute yet. Whoever has given up
            # waits for nobody, and the next request tries anew.
            "reconnect_timeout": 1,
        }
    elif engine == "django.db.backends.sqlite3":
        # IMMEDIATE takes the write lock when a transaction begins. A deferred one fails at its
        # first write if another got in between, and no busy timeout can help it then.
        options["transaction_mode"] = "IMMEDIATE"
        options["timeout"] = 20
        # Readers and the one writer do not wait for each other. What is committed is on the disk:
        # SQLite's own default for synchronous, FULL, stays.
        options["init_command"] = "PRAGMA journal_mode=WAL;"
    else:
        raise environ.ImproperlyConfigured(WRONG_DATABASE)
    return config


def caches(redis_url: str) -> dict[str, Any]:
    """Return the cache settings: Redis where a URL is given, this process's memory otherwise."""
    in_memory = "django.core.cache.backends.locmem.LocMemCache"
    flags = {"BACKEND": in_memory, "LOCATION": "flags", "TIMEOUT": 2}
    if not redis_url:
        return {"default": {"BACKEND": in_memory}, "flags": flags}
    return {
        "flags": flags,
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": redis_url,
            "OPTIONS": {
                # A Redis that hangs must not hang us: redis-py would wait for five seconds, and
                # try again three times.
                "SOCKET_CONNECT_TIMEOUT": 0.25,
                "SOCKET_TIMEOUT": 0.25,
                "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
            },
        },
    }


def mail_server(url: str) -> dict[str, Any]:
    """Return Django's settings for the mail server that a URL names; none sends nothing.

    ``smtp+tls`` begins in clear text and asks for TLS (STARTTLS), ``smtp+ssl`` begins with TLS.

    :raises environ.ImproperlyConfigured: it is no URL of a mail server.
    """
    if url and (wrong := wrong_mail_server(url)):
        raise environ.ImproperlyConfigured(wrong)
    found: dict[str, Any] = dict(environ.Env.email_url_config(url or "dummymail://"))
    encrypted = bool(found.get("EMAIL_USE_SSL"))
    upgraded = bool(found.get("EMAIL_USE_TLS"))
    default_port = 465 if encrypted else 587 if upgraded else 25
    return {
        "EMAIL_BACKEND": found["EMAIL_BACKEND"],
        "EMAIL_HOST": found["EMAIL_HOST"] or "localhost",
        "EMAIL_PORT": found["EMAIL_PORT"] or default_port,
        "EMAIL_HOST_USER": found["EMAIL_HOST_USER"] or "",
        "EMAIL_HOST_PASSWORD": found["EMAIL_HOST_PASSWORD"] or "",
        "EMAIL_USE_TLS": upgraded,
        "EMAIL_USE_SSL": encrypted,
    }


def local_secret(name: str) -> str:
    """Return this machine's own random secret, made at the first call and kept in ``var/``.

    Development needs a key that survives a restart; a constant one in the source would be known
    to everybody who can reach the port.
    """
    path = VAR_DIR / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def jwt_signing_key(secret_key: str) -> str:
    """Return the key that signs tokens: JWT_SIGNING_KEY, or one derived from the secret key.

    A derived key is as strong as its source and useless for anything else that the source signs
    (HMAC as a key derivation function, NIST SP 800-108).
    """
    return env.str("JWT_SIGNING_KEY", "") or derived_key(secret_key, "jwt")


def derived_key(secret_key: str, purpose: str) -> str:
    """Derive a key of 256 bits for one purpose, as 64 hexadecimal digits."""
    return hmac.new(
        secret_key.encode(), b"ratecard:" + purpose.encode(), hashlib.sha256
    ).hexdigest()
