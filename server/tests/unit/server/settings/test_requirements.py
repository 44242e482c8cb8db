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
        {"PORT": "8000", "WEB_WORKERS": "4", "WEB_THREADS": "16", "TRUSTED_PROXIES": "0"},
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
    ],
)
def test_names_what_is_missing_or_weak(name: str, value: str | None, message: str) -> None:
    [weakness] = found(**{name: value})
    assert weakness.startswith(f"{name} ")
    assert message in weakness


def test_names_everything_at_once() -> None:
    all_found = weaknesses(Environment({"DEBUG": "1", "SIGNUP": "x", "PORT": "x"}))
    names = [weakness.partition(" ")[0] for weakness in all_found]
    assert names == ["SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "DATABASE_URL", "SIGNUP", "PORT"]


def test_tells_no_secret() -> None:
    weak = "short-secret"
    assert weak not in " ".join(found(SECRET_KEY=weak, JWT_SIGNING_KEY=weak))
