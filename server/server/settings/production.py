"""A server that people depend on: ``make serve``.

It is meant to stand behind a proxy that ends TLS. It refuses to start, and names every value
that is missing or weak, rather than run on a guess.
"""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from core.logging import logging_config
from server.settings.environment import env, read_dot_env
from server.settings.requirements import weaknesses

read_dot_env()

if _found := weaknesses(env):
    _lines = "\n".join(f"  - {weakness}" for weakness in _found)
    _message = f"Ratecard will not start in production:\n{_lines}\nSee .env.example."
    raise ImproperlyConfigured(_message)

from server.settings.base import *  # noqa: E402, F403 -- base reads what was just checked
from server.settings.base import LOG_LEVEL, SIMPLE_JWT, WEB_THREADS  # noqa: E402 -- as above
from server.settings.environment import (  # noqa: E402 -- as above
    database,
    jwt_signing_key,
    number,
    signup_is_open,
    word,
)

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
SIMPLE_JWT["SIGNING_KEY"] = jwt_signing_key(SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DATABASES = {"default": database(env.str("DATABASE_URL"), pool_size=WEB_THREADS)}

SIGNUP_OPEN = signup_is_open(default="closed")

TRUSTED_PROXIES = number("TRUSTED_PROXIES", 1)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# A browser takes a cookie of such a name only over TLS, for all paths, and from this very host: a
# neighbour under the same domain cannot plant one. Over plain HTTP there are no such cookies.
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Compressing with brotli takes its time at each start. Nobody asks for a file by its plain name,
# and only who debugs Redoc asks for its source maps: without both it takes a quarter of it.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

LOGGING = logging_config(level=LOG_LEVEL, log_format=word("LOG_FORMAT", "json"))
