"""The automated tests. What they test is base; this only fills in what base leaves open."""

from __future__ import annotations

from django.core.management.utils import get_random_secret_key

from core.logging import logging_config
from server.settings.base import *  # noqa: F403 -- testing is base, completed
from server.settings.base import LOG_LEVEL, RATE_LIMITS, SIMPLE_JWT
from server.settings.environment import database, env, jwt_signing_key

SECRET_KEY = get_random_secret_key()
SIMPLE_JWT["SIGNING_KEY"] = jwt_signing_key(SECRET_KEY)
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

# Large enough for a race of twenty connections beside the one that set it up.
DATABASES = {"default": database(env.str("DATABASE_URL", "sqlite://:memory:"), pool_size=32)}

SIGNUP_OPEN = True
MAIL_IS_SET_UP = True  # Django's test environment keeps mail in memory
DEMO_DATA = True

# The real one takes 19 MiB and 20 ms, on purpose; a test of its own covers it.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "accounts.hashers.ModestArgon2PasswordHasher",
]

# A test of limits sets its own.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, (1_000_000, 60))

WHITENOISE_AUTOREFRESH = True
LOGGING = logging_config(level=LOG_LEVEL, log_format="json")
