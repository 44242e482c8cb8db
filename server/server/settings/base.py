"""What all environments share. Nothing here is unsafe: what could be has no default."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from accounts.rules import SESSION_LASTS
from campaigns.spreadsheet.form import MOST_BYTES
from server.settings.environment import (
    SERVER_DIR,
    VAR_DIR,
    caches,
    env,
    mail_server,
    number,
    rate_limits,
    share,
    word,
)
from server.settings.requirements import LOG_LEVELS, WORDS

BASE_DIR = SERVER_DIR
DEBUG = False
ROOT_URLCONF = "server.urls"
WSGI_APPLICATION = "server.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "core.admin_site.RatecardAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "template_partials",
    "waffle",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "campaigns",
]

# Whoever answers, and however: what the first three add or count is there. CORS answers preflights
# before anything below it. Down to the shortcut, core.api.front does for resources of the API what
# these do; as long as another is among them it stands aside.
MIDDLEWARE = [
    "core.headers.SecurityHeadersMiddleware",
    "core.health.middleware.ProbeMiddleware",
    "core.metrics.middleware.MetricsMiddleware",
    "core.middleware.RequestLogMiddleware",
    "core.cors.CorsMiddleware",
    "core.compression.CompressionMiddleware",
    "core.middleware.ApiProblemMiddleware",
    "core.limiting.middleware.RateLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Requests for resources of the API go no further down.
    "core.api.shortcut.ApiShortcutMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SERVER_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.console.context.console",
            ],
        },
    },
]

# Processes. A thread of a web process answers one request at a time and holds at most one
# database connection, so that the pool is as large as the threads are many.
HOST = word("HOST", "127.0.0.1")
PORT = number("PORT", 8000)
WEB_WORKERS = number("WEB_WORKERS", 1)
WEB_THREADS = number("WEB_THREADS", 4)
# How long the server goes on when it is told to stop, while /readyz says that it will.
DRAIN_SECONDS = number("DRAIN_SECONDS", 0)
# Where the processes of a server write what they count, and whether it drains. Each server has a
# directory of its own, so that several can run from one copy of the code.
RUN_DIRECTORY = str(Path(word("RUN_DIR", str(VAR_DIR / "run"))) / f"{HOST}_{PORT}")

# Who watches. Nobody is shown metrics without a token; nobody is told of errors without a DSN.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
SENTRY_DSN = env.str("SENTRY_DSN", "")
SENTRY_TRACES_SAMPLE_RATE = share("SENTRY_TRACES_SAMPLE_RATE", 0)

# Jobs wait in the database, for the worker: serve starts one beside itself, unless another unit has
# it (docs/operations.md).
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
SERVES_WORKER = word("WORKER", "beside", among=WORDS["WORKER"]) == "beside"

CACHES = caches(env.str("REDIS_URL", ""))

# Accounts.
AUTH_USER_MODEL = "accounts.Account"
# OWASP's setting (19 MiB, two passes): Django's 100 MiB for each sign-in is a way to knock the
# server over.
PASSWORD_HASHERS = ["accounts.hashers.ModestArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_RESET_TIMEOUT = 60 * 60
# The demo data comes with passwords that everybody can read.
DEMO_DATA = False

# Tokens. Each environment adds SIGNING_KEY.
SIMPLE_JWT: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "ISSUER": "ratecard",
    "AUDIENCE": "ratecard-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": SESSION_LASTS,
}

# The API. Larger bodies are 413, before they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# But for files to import, which are read piece by piece: docs/api.md.
LARGE_BODIES = {"/api/v1/campaigns/import/": MOST_BYTES, "/import/": MOST_BYTES + 64 * 1024}
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.MayUseMethod"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ProblemAutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "core.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Ratecard API",
    "DESCRIPTION": (
        "Campaigns of performance marketing, and what each pays in each country.\n\n"
        "A body is JSON in UTF-8 of at most 1 MiB (413 beyond), nested at most 32 levels deep, "
        "without a name twice in one object and with whole numbers of 64 bits at most (400 "
        "`malformed_json`). How long texts and lists may be stands at each: `maxLength`, "
        "`maxItems` (400 `validation`). An error names at most 100 wrong values."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.sort_paths",
    ],
}

# Feature flags, each as it is where the operator made none of the name. What is asked of the
# database is held by each process; Redis must not be needed for it.
FLAGS = {"kept_answers": True}
WAFFLE_FLAG_MODEL = "core.Flag"
WAFFLE_CACHE_NAME = "flags"
WAFFLE_ENABLE_ADMIN_PAGES = False

RATE_LIMITS = rate_limits()
# How many proxies of ours a request passes. Their headers are believed; with none, nobody's are.
TRUSTED_PROXIES = 0

# Answers at these addresses may be compressed: they hold no secret, and no token that lets one in.
# What is not named here never is (auth/, the profile, which shows new keys, the admin, whatever
# comes): see ADR 0014 before naming more.
COMPRESSED_PATHS = (
    "/api/v1/campaigns/",
    "/api/v1/countries/",
    "/api/v1/currencies/",
    "/api/v1/schema/",
    "/bin/",
    "/campaigns/",
    "/import/",
)

# Mail. Its links lead to the integrator's page, or to ours at the address that people know.
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", ""))
_mail = mail_server(env.str("EMAIL_URL", ""))
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = word("DEFAULT_FROM_EMAIL", "ratecard@localhost")
PUBLIC_URL = word("PUBLIC_URL", f"http://{HOST}:{PORT}").rstrip("/")
PASSWORD_RESET_URL = word("PASSWORD_RESET_URL", "/reset/{uid}/{token}/")

# Cross-origin requests carry tokens in a header, never cookies.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_METHODS = ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-request-id",
]
# As long as Chromium keeps it at most: longer, and other browsers would learn of changes later.
CORS_PREFLIGHT_MAX_AGE = 7200
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]

# What an index has beside its key, SQLite leaves out; ADR 0013 says why PostgreSQL has it.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

STATIC_URL = "/static/"
STATIC_ROOT = SERVER_DIR.parent / "var" / "static"
STATICFILES_DIRS = [SERVER_DIR / "static"]

# Other origins' pages have no use for our files; whitenoise would open them to all.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# core.headers has the last word on this and other headers; Django's deployment checks ask for it.
X_FRAME_OPTIONS = "DENY"

# Cookies: the console's and the admin's. No script reads them; Lax, so that a link from elsewhere
# finds its session. Messages are kept in the session, or they would be a cookie more.
SESSION_COOKIE_AGE = int(SESSION_LASTS.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.pages.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Logs. Each environment adds LOGGING with its own default format.
LOG_LEVEL = word("LOG_LEVEL", "INFO", among=LOG_LEVELS)
