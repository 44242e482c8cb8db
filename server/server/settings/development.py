"""A contributor's or an evaluator's own machine: ``make run``."""

from __future__ import annotations

from core.logging import logging_config
from server.settings.environment import VAR_DIR, read_dot_env

read_dot_env()

from server.settings.base import *  # noqa: E402, F403 -- base reads what .env just set
from server.settings.base import (  # noqa: E402 -- as above
    LOG_LEVEL,
    MAIL_IS_SET_UP,
    SIMPLE_JWT,
    STATIC_ROOT,
    WEB_THREADS,
)
from server.settings.environment import (  # noqa: E402 -- as above
    database,
    env,
    jwt_signing_key,
    local_secret,
    signup_is_open,
    word,
)

DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# Whitenoise looks for collected files too, and complains where they would be.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
SECRET_KEY = env.str("SECRET_KEY", "") or local_secret("secret-key")
SIMPLE_JWT["SIGNING_KEY"] = jwt_signing_key(SECRET_KEY)

DATABASES = {
    "default": database(
        env.str("DATABASE_URL", "") or f"sqlite:///{VAR_DIR / 'ratecard.sqlite3'}",
        pool_size=WEB_THREADS,
    )
}

# Mail is printed where the server logs, unless there is a mail server.
if not MAIL_IS_SET_UP:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    MAIL_IS_SET_UP = True

SIGNUP_OPEN = signup_is_open(default="open")
DEMO_DATA = True

# Static files straight from the packages, so that there is nothing to collect.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = logging_config(level=LOG_LEVEL, log_format=word("LOG_FORMAT", "console"))
