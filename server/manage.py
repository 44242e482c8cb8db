#!/usr/bin/env python
"""Run Ratecard's management commands: ``python server/manage.py help`` lists them."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    """Run the command that the arguments name, on this machine's own settings unless told.

    A configuration that will not do, or a database that is away, is a message for the operator,
    not a traceback.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings.development")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(f"The database of DATABASE_URL cannot be used: {error}")


if __name__ == "__main__":
    main()
