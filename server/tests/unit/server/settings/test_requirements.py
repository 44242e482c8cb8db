"""Production names everything that it cannot start with."""

from __future__ import annotations

import environ
import pytest

from server.settings.requirements import weaknesses

STRONG = "k9$Lw2!qZx8@Rt5#Vb1%Nm7^Yc3&Hd6*"
RIGHT = {
    "SECRET_KEY": STRONG,
    "ALLOWED_HOSTS": "ratecard.example,www.ratecard.example",
    "DATABASE_URL": "postgres://ratecard:password@db:5432/ratecard",
}
PAGE = "https://app.example/reset?u={uid}&t={token}"
MAIL: dict[str, str | None] = {
    "EMAIL_URL": "smtp+tls://ratecard:secret@mail.example:587",
    "DEFAULT_FROM_EMAIL": "Ratecard <ratecard@ratecard.example>",
    "PUBLIC_URL": "https://ratecard.example",
}


class Environment(environ.Env):  # type: ignore[misc]  # it has no types
    """An environment that a test made up."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__()
        self.ENVIRON = values


def found(**changes: str | None) -> list[str]:
    values = {name: value for name, value in {**RIGHT, **changes}.items() if value is not None}
    return weaknesses(Environment(values))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"JWT_SIGNING_KEY": STRONG[::-1]},
        {"JWT_SIGNING_KEY": ""},
        {"DEBUG": "0"},
        {"DEBUG": "False"},
        {"SIGNUP": "open"},
        {"SIGNUP": "closed"},
        {"SIGNUP": "", "LOG_FORMAT": "", "LOG_LEVEL": "", "PORT": ""},
        {"LOG_FORMAT": "console", "LOG_LEVEL": "WARNING"},
        {"CORS_ALLOWED_ORIGINS": "https://app.ratecard.example"},
        {"METRICS_TOKEN": STRONG, "DRAIN_SECONDS": "15", "SENTRY_TRACES_SAMPLE_RATE": "0.05"},
        {"SENTRY_DSN": "https://0123abcd@o1.sentry.example/sub/42"},
        {"PORT": "8000", "WEB_WORKERS": "4", "WEB_THREADS": "16", "TRUSTED_PROXIES": "0"},
        MAIL,
        MAIL | {"EMAIL_URL": "smtp+ssl://user:p%40ss@mail.example"},
        MAIL | {"EMAIL_URL": "smtp://localhost:25", "PUBLIC_URL": "https://[2001:db8::1]:8443/"},
        MAIL | {"PUBLIC_URL": "", "PASSWORD_RESET_URL": PAGE},
        {"PASSWORD_RESET_URL": "/new/{token}?of={uid}"},
    ],
    ids=repr,
)
def test_takes_a_configuration_that_is_right(changes: dict[str, str]) -> None:
    assert found(**changes) == []


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", None, "is not set"),
        ("SECRET_KEY", "", "is not set"),
        ("SECRET_KEY", STRONG[:31], "is weak"),
        ("SECRET_KEY", "abcdefg" * 10, "is weak"),
        ("SECRET_KEY", "django-insecure-" + STRONG, "is a development key"),
        ("JWT_SIGNING_KEY", STRONG[:31], "is weak"),
        ("JWT_SIGNING_KEY", "x" * 64, "is weak"),
        ("JWT_SIGNING_KEY", "django-insecure-" + STRONG, "is a development key"),
        ("METRICS_TOKEN", STRONG[:31], "is weak"),
        ("SENTRY_DSN", "sentry.example", "is no DSN"),
        ("SENTRY_DSN", "https://sentry.example/1", "is no DSN"),
        ("SENTRY_TRACES_SAMPLE_RATE", "1.5", "from 0 to 1"),
        ("SENTRY_TRACES_SAMPLE_RATE", "5%", "from 0 to 1"),
        ("DRAIN_SECONDS", "301", "from 0 to 300"),
        ("DEBUG", "1", "is on"),
        ("DEBUG", "True", "is on"),
        ("DEBUG", "maybe", "is on"),
        ("SIGNUP", "yes", "is open or closed"),
        ("LOG_FORMAT", "xml", "is json or console"),
        ("LOG_LEVEL", "loud", "is DEBUG or INFO"),
        ("ALLOWED_HOSTS", None, "is not set"),
        ("ALLOWED_HOSTS", "", "is not set"),
        ("ALLOWED_HOSTS", "*", "has a wildcard"),
        ("ALLOWED_HOSTS", "ratecard.example,*.example", "has a wildcard"),
        ("DATABASE_URL", None, "is not set"),
        ("DATABASE_URL", "", "is not set"),
        ("CORS_ALLOWED_ORIGINS", "https://*.example", "has a wildcard"),
        ("PORT", "http", "takes a whole number"),
        ("WEB_WORKERS", "-1", "takes a whole number"),
        ("WEB_THREADS", "1.5", "takes a whole number"),
        ("TRUSTED_PROXIES", "\u0661", "takes a whole number"),
        ("EMAIL_URL", "consolemail://", "is for no mail server"),
        ("EMAIL_URL", "smtp://", "is for no mail server"),
        ("EMAIL_URL", "smtp://mail.example:mail", "is for no mail server"),
        ("EMAIL_URL", "mail.example", "is for no mail server"),
        ("DEFAULT_FROM_EMAIL", "", "is no address"),
        ("DEFAULT_FROM_EMAIL", "Ratecard", "is no address"),
        ("PUBLIC_URL", "", "is not set"),
        ("PUBLIC_URL", "http://ratecard.example", "is no origin"),
        ("PUBLIC_URL", "https://ratecard.example/app", "is no origin"),
        ("PUBLIC_URL", "https://user@ratecard.example", "is no origin"),
        ("PASSWORD_RESET_URL", "/reset/{uid}/", "is no address of a page"),
        ("PASSWORD_RESET_URL", "//evil.example/{uid}/{token}", "is no address of a page"),
        ("PASSWORD_RESET_URL", "http://app.example/{uid}/{token}", "is no address of a page"),
    ],
)
def test_names_what_is_missing_or_weak(name: str, value: str | None, message: str) -> None:
    [weakness] = found(**{**MAIL, name: value})
    assert weakness.startswith(f"{name} ")
    assert message in weakness


def test_names_everything_at_once() -> None:
    all_found = weaknesses(Environment({"DEBUG": "1", "SIGNUP": "x", "PORT": "x"}))
    names = [weakness.partition(" ")[0] for weakness in all_found]
    assert names == ["SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "DATABASE_URL", "SIGNUP", "PORT"]


def test_tells_no_secret() -> None:
    weak = "short-secret"
    mail = f"http://user:{weak}@mail.example"
    assert weak not in " ".join(found(SECRET_KEY=weak, JWT_SIGNING_KEY=weak, EMAIL_URL=mail))
