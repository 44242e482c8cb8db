"""The ceiling's settings: Django with nothing between the server program and the view."""

from __future__ import annotations

import os
from typing import Any

from server.settings.environment import database

DEBUG = False
SECRET_KEY = os.environ["SECRET_KEY"]
SIMPLE_JWT = {"SIGNING_KEY": os.environ["JWT_SIGNING_KEY"]}
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
ROOT_URLCONF = "benchmarks.ceiling.urls"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_TZ = True
TIME_ZONE = "UTC"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
DATABASES = {
    "default": database(
        os.environ["DATABASE_URL"], pool_size=int(os.environ.get("WEB_THREADS", "4"))
    )
}
# By hand one would have the database plan each statement once.
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 0}
LOGGING: dict[str, Any] = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "ERROR"},
}
