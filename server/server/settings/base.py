"""What all environments share. Nothing here is unsafe: what could be has no default."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from server.settings.environment import SERVER_DIR, caches, env, number, word
from server.settings.requirements import LOG_LEVELS

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
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "campaigns",
]

MIDDLEWARE = [
    "core.middleware.RequestLogMiddleware",
    "core.compression.CompressionMiddleware",
    "core.middleware.ApiProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
# The demo data comes with passwords that everybody can read.
DEMO_DATA = False

# Tokens. Each environment adds SIGNING_KEY.
SIMPLE_JWT: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "ISSUER": "ratecard",
    "AUDIENCE": "ratecard-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
}

# The API. Larger bodies are 413, before they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
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
    "DESCRIPTION": "Campaigns of performance marketing, and what each pays in each country.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "REDOC_UI_SETTINGS": {"hideDownloadButton": False},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.sort_paths",
    ],
}

# Answers at these addresses may be compressed: they hold no secret, and no token that lets one in.
# What is not named here never is (auth/, the admin with its CSRF tokens, whatever comes): see ADR
# 0014 before naming more.
COMPRESSED_PATHS = (
    "/api/v1/campaigns/",
    "/api/v1/countries/",
    "/api/v1/currencies/",
    "/api/v1/schema/",
)

# Cross-origin requests carry tokens in a header, never cookies.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After", "X-Request-ID"]

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

STATIC_URL = "/static/"
STATIC_ROOT = SERVER_DIR.parent / "var" / "static"
STATICFILES_DIRS = [SERVER_DIR / "static"]

X_FRAME_OPTIONS = "DENY"

# Logs. Each environment adds LOGGING with its own default format.
LOG_LEVEL = word("LOG_LEVEL", "INFO", among=LOG_LEVELS)
