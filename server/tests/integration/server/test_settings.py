"""Production refuses to start on a guess: each test starts a Python of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django_redis.cache import RedisCache
from redis.exceptions import RedisError

from server.settings.environment import caches, database, mail_server
from server.settings.requirements import RATE_LIMITS, rate_limit_variable

SERVER = Path(__file__).resolve().parents[3]
VARIABLES = SERVER.parent / ".env.example"
GOOD = {
    "SECRET_KEY": "c4f1a9d27be84f60a3d58e7716b0923f",
    "JWT_SIGNING_KEY": "",
    "DATABASE_URL": "postgres://ratecard:none@127.0.0.1:5432/ratecard",
    "PREPARED_STATEMENTS": "",
    "REDIS_URL": "",
    "ALLOWED_HOSTS": "ratecard.example",
    "CORS_ALLOWED_ORIGINS": "https://app.ratecard.example",
    "SIGNUP": "",
    "EMAIL_URL": "",
    "DEFAULT_FROM_EMAIL": "",
    "PUBLIC_URL": "",
    "PASSWORD_RESET_URL": "",
    "TRUSTED_PROXIES": "1",
    "HOST": "127.0.0.1",
    "PORT": "8000",
    "WEB_WORKERS": "1",
    "WORKER": "beside",
    "WEB_THREADS": "8",
    **{rate_limit_variable(name): "600/60" for name in RATE_LIMITS},
    "DRAIN_SECONDS": "0",
    "RUN_DIR": "",
    "METRICS_TOKEN": "",
    "SENTRY_DSN": "",
    "SENTRY_TRACES_SAMPLE_RATE": "",
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "json",
    "DEBUG": "0",
}
OTHER = {
    "JWT_SIGNING_KEY": "0123456789abcdefghijklmnopqrstuv",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SIGNUP": "open",
    "WEB_THREADS": "3",
}
SECRETS = ("SECRET_KEY", "JWT_SIGNING_KEY", "METRICS_TOKEN", "SENTRY_DSN")
# Start, and print what the settings became.
REPORT = """
import json
import django
django.setup()
from django.conf import settings
names = [name for name in dir(settings) if name.isupper()]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""
# Ask through a proxy that nobody trusts: is this request secure?
FORWARDED = """
import django
django.setup()
from django.test import RequestFactory
request = RequestFactory().get("/", HTTP_X_FORWARDED_PROTO="https", SERVER_NAME="ratecard.example")
print(request.is_secure())
"""


def test_the_table_above_has_every_variable() -> None:
    """Else a variable of the shell or of a developer's own file would slip in."""
    lines = VARIABLES.read_text(encoding="utf-8").splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line}
    assert {name for name in named if name.isupper()} == set(GOOD)


def test_it_starts_with_good_values() -> None:
    settings = _settings(
        *("DEBUG", "ALLOWED_HOSTS", "SIGNUP_OPEN", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"),
        *("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_PROXY_SSL_HEADER"),
        "CORS_ALLOWED_ORIGINS",
    )
    assert settings == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["ratecard.example"],
        "SIGNUP_OPEN": False,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "CORS_ALLOWED_ORIGINS": ["https://app.ratecard.example"],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"SECRET_KEY": ""},
        {
            "SECRET_KEY": "short",
            "JWT_SIGNING_KEY": "ab" * 32,
            "DEBUG": "1",
            "ALLOWED_HOSTS": "",
            "DATABASE_URL": "",
            "CORS_ALLOWED_ORIGINS": "*",
            "SIGNUP": "maybe",
            "PREPARED_STATEMENTS": "5",
            "PORT": "http",
        },
        {
            "SECRET_KEY": "x" * 64,
            "JWT_SIGNING_KEY": "short",
            "DEBUG": "true",
            "ALLOWED_HOSTS": "*",
            "CORS_ALLOWED_ORIGINS": "https://app.example,https://*.example",
            "WEB_WORKERS": "many",
            "TRUSTED_PROXIES": "all",
        },
        {
            "SECRET_KEY": "django-insecure-c4f1a9d27be84f60a3d58e7716b0923f",
            "DEBUG": "Yes",
            "ALLOWED_HOSTS": "ratecard.example,*.example",
            "WEB_THREADS": "-1",
            "DRAIN_SECONDS": "long",
            "METRICS_TOKEN": "short",
            "SENTRY_DSN": "sentry.example",
            "SENTRY_TRACES_SAMPLE_RATE": "2",
            "LOG_FORMAT": "xml",
            "LOG_LEVEL": "LOUD",
            "RATE_LIMIT_READ": "60",
            "RATE_LIMIT_SIGNIN": "0/60",
            "RATE_LIMIT_PAGE": "60/1h",
            "EMAIL_URL": "imap://mail.example",
            "DEFAULT_FROM_EMAIL": "nobody",
            "PUBLIC_URL": "ratecard.example",
            "PASSWORD_RESET_URL": "https://app.example/",
        },
    ],
    ids=["missing", "first", "second", "third"],
)
def test_it_names_every_value_that_it_does_not_start_with(wrong: dict[str, str]) -> None:
    done = _start(REPORT, **wrong)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ImproperlyConfigured: Ratecard will not start in production" in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("  - ")]
    assert {line.split()[1] for line in lines} == set(wrong)
    assert not [name for name in SECRETS if wrong.get(name) and wrong[name] in done.stderr]


@pytest.mark.parametrize("url", ["mysql://a:b@127.0.0.1/x", "nonsense://x"])
def test_it_runs_on_no_other_database(url: str) -> None:
    done = _start(REPORT, DATABASE_URL=url)
    assert done.returncode != 0
    assert "DATABASE_URL" in done.stderr


def test_sign_up_is_open_only_where_that_is_said() -> None:
    assert _settings("SIGNUP_OPEN") == {"SIGNUP_OPEN": False}
    assert _settings("SIGNUP_OPEN", **OTHER) == {"SIGNUP_OPEN": True}


def test_passwords_are_hashed_by_the_modest_hasher_and_no_other() -> None:
    assert _settings("PASSWORD_HASHERS")["PASSWORD_HASHERS"] == [
        "accounts.hashers.ModestArgon2PasswordHasher"
    ]


def test_tokens_are_signed_with_a_key_of_their_own() -> None:
    derived = _settings("SIMPLE_JWT", "SECRET_KEY")
    assert derived["SIMPLE_JWT"]["SIGNING_KEY"] != derived["SECRET_KEY"] == GOOD["SECRET_KEY"]
    assert len(derived["SIMPLE_JWT"]["SIGNING_KEY"]) >= 64
    chosen = _settings("SIMPLE_JWT", **OTHER)["SIMPLE_JWT"]
    assert chosen["SIGNING_KEY"] == OTHER["JWT_SIGNING_KEY"]
    assert (chosen["ALGORITHM"], chosen["ISSUER"], chosen["AUDIENCE"]) == (
        *("HS256", "ratecard", "ratecard-api"),
    )


@pytest.mark.parametrize(("proxies", "believed"), [("0", "False"), ("1", "True")])
def test_the_scheme_is_believed_of_trusted_proxies_only(proxies: str, believed: str) -> None:
    done = _start(FORWARDED, TRUSTED_PROXIES=proxies)
    assert (done.returncode, done.stdout.strip()) == (0, believed), done.stderr


def test_every_environment_derives_from_base_and_base_alone_does_not_start() -> None:
    done = _start(REPORT, DJANGO_SETTINGS_MODULE="server.settings.base")
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_postgresql_is_reached_through_a_pool_that_looks_at_its_connections() -> None:
    for config, threads in [(GOOD, 8), (OTHER, 3)]:
        found = _settings("DATABASES", **config)["DATABASES"]["default"]
        assert (found["CONN_MAX_AGE"], found["ENGINE"]) == (0, "core.postgresql")
        assert found["OPTIONS"]["pool"] == {
            "min_size": 1,
            "max_size": threads,
            "timeout": 2,
            "reconnect_timeout": 1,
            "connection_class": "<class 'core.postgresql.patience.PatientConnection'>",
        }


@pytest.mark.parametrize(("query", "seconds"), [("", 5), ("?connect_timeout=9", 9)])
def test_a_host_that_does_not_answer_is_waited_for_as_long_as_is_said(
    query: str, seconds: int
) -> None:
    options = database("postgres://u:p@db.internal/ratecard" + query, pool_size=4)["OPTIONS"]
    assert int(options["connect_timeout"]) == seconds


@pytest.mark.parametrize(
    ("word", "threshold"), [("", 5), ("on", 5), ("off", None)], ids=["unset", "on", "off"]
)
def test_statements_are_prepared_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, word: str, threshold: int | None
) -> None:
    monkeypatch.setenv("PREPARED_STATEMENTS", word)
    options = database("postgres://u:p@db.internal/ratecard", pool_size=4)["OPTIONS"]
    assert options.get("prepare_threshold") == threshold


def test_sqlite_waits_for_other_writers() -> None:
    options = database("sqlite:////nowhere/ratecard.sqlite3", pool_size=8)["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 5
    assert "journal_mode=WAL" in options["init_command"]


MAIL = {
    "EMAIL_URL": "smtp+tls://ratecard:p%40ss@mail.example",
    "DEFAULT_FROM_EMAIL": "ratecard@ratecard.example",
    "PUBLIC_URL": "https://ratecard.example/",
}


def test_mail_goes_where_the_url_says() -> None:
    found = _settings(
        *("MAIL_IS_SET_UP", "EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER"),
        *("EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL", "PUBLIC_URL"),
        **MAIL,
    )
    assert found == {
        "MAIL_IS_SET_UP": True,
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "mail.example",
        "EMAIL_PORT": 587,
        "EMAIL_HOST_USER": "ratecard",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
        "PUBLIC_URL": "https://ratecard.example",
    }


@pytest.mark.parametrize(
    ("scheme", "port", "secure"), [("smtp", 25, (False, False)), ("smtp+ssl", 465, (False, True))]
)
def test_mail_servers_have_their_usual_ports(
    scheme: str, port: int, secure: tuple[bool, bool]
) -> None:
    found = mail_server(f"{scheme}://mail.example")
    assert found["EMAIL_PORT"] == port
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == secure
    assert mail_server(f"{scheme}://mail.example:2525")["EMAIL_PORT"] == 2525


def test_it_starts_without_a_mail_server() -> None:
    assert _settings("MAIL_IS_SET_UP", "EMAIL_BACKEND") == {
        "MAIL_IS_SET_UP": False,
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }


def test_no_mail_server_is_guessed() -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mail_server("imap://mail.example")


def test_a_cache_that_hangs_costs_a_quarter_of_a_second() -> None:
    cache = _settings("CACHES", **OTHER)["CACHES"]["default"]
    assert cache["LOCATION"] == OTHER["REDIS_URL"]
    assert cache["OPTIONS"]["SOCKET_TIMEOUT"] == cache["OPTIONS"]["SOCKET_CONNECT_TIMEOUT"] == 0.25


def test_a_cache_that_hangs_is_asked_once() -> None:
    """redis-py would connect again three times, each time with the whole of its patience."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        settings = caches(f"redis://127.0.0.1:{hanging.getsockname()[1]}/0")["default"]
        client = RedisCache(settings["LOCATION"], settings).client.get_client()
        with pytest.raises(RedisError):
            client.ping()
        client.connection_pool.disconnect()
        hanging.setblocking(False)  # noqa: FBT003 -- the name of the method says what it is
        connections = 0
        with suppress(BlockingIOError):
            while True:
                hanging.accept()[0].close()
                connections += 1
    assert connections == 1


def _settings(*names: str, **changed: str) -> dict[str, Any]:
    done = _start(REPORT, **changed)
    assert done.returncode == 0, done.stderr
    everything = json.loads(done.stdout)
    return {name: everything[name] for name in names}


def _start(program: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run a program on production's settings, with these variables and no others."""
    environment = {"DJANGO_SETTINGS_MODULE": "server.settings.production"} | GOOD | changed
    return _run(program, frozenset(environment.items()))


@cache
def _run(program: str, environment: frozenset[tuple[str, str]]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own program, without a shell
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        cwd=SERVER,
        env=dict(environment),
    )
