"""The WSGI entry point that the server program loads."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

from core.chunked import measured
from core.error_reports import without_foreign_traces

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings.production")

_django = get_wsgi_application()

from core.api.front import with_front  # noqa: E402 -- it needs Django's apps

application = measured(with_front(without_foreign_traces(_django)))

# What is loaded stays for as long as the process: the collector need not go through it again, which
# stops all threads for as long as it takes. And a request makes and drops more objects than those
# after which Python looks for cycles, with hardly one among them. Not many more: what is in one may
# hold a large body until then.
gc.collect()
gc.freeze()
gc.set_threshold(2_000, 20, 20)
