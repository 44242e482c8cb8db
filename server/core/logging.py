"""Structured logs: JSON for machines, aligned text for people; one configuration for both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

# PostgreSQL quotes whole rows, whose values may have line breaks: up to the end of the message.
_DATABASE_DETAIL = re.compile(
    r"^DETAIL:.*?(?=^\n|^[A-Z]+:  |^Traceback |^The above |^During |\Z)", re.MULTILINE | re.DOTALL
)


def without_stored_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take the values that PostgreSQL quotes in its errors out of a traceback."""
    for key in ("exception", "event"):
        if isinstance(text := event.get(key), str):
            event[key] = _DATABASE_DETAIL.sub("DETAIL: (removed)\n", text)
    return event


def logging_config(*, level: str, log_format: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: everything goes to standard error.

    :param level: the least severe level to write, such as ``INFO``.
    :param log_format: ``json`` or ``console``.
    :raises ValueError: the format is another.
    """
    if log_format not in {"json", "console"}:
        message = f"LOG_FORMAT is {log_format!r}; it is either 'json' or 'console'."
        raise ValueError(message)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=()),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_stored_values,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own configuration adds handlers of its own; ours is the only one.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # These two quote the address, the host and other words of the client. Our line for
            # the request has the route and the status.
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "CRITICAL"},
        },
    }
