"""What only PostgreSQL has; the run on SQLite has nothing to ask of it."""

from __future__ import annotations

from django.db import connection

if connection.vendor != "postgresql":
    collect_ignore_glob = ["test_*.py"]
