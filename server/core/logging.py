"""Structured logs: JSON for machines, aligned text for people; one configuration for both."""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter

from core import facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

# PostgreSQL quotes whole rows, whose values may have line breaks: up to the end of the message.
_DATABASE_DETAIL = re.compile(
    r"^DETAIL:.*?(?=^\n|^[A-Z]+:  |^Traceback |^The above |^During |\Z)", re.MULTILINE | re.DOTALL
)
# What else it says of a statement, its own words and ours alike.
_DATABASE_CONTEXT = re.compile(r"\n(?:DETAIL|LINE \d+|CONTEXT|QUERY|STATEMENT|HINT): .*", re.DOTALL)
# From the first quotation mark on: a value may have some, too, and breaks of lines.
_QUOTED = re.compile(r"['\"].*", re.DOTALL)
# They say why the database cannot be reached, or is busy, and have no values to quote.
_TELLING = "OperationalError"


def traceback_without_values(exc_info: ExcInfo) -> str:
    """Write a traceback whose messages do not repeat what the program stumbled over.

    ``KeyError: 'secret'`` says no more than where it was, and the lines of the code say that.
    """
    return "\n".join(
        "".join(["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)])
        + f"{type(error).__module__}.{type(error).__qualname__}: {_message(error)}"
        for error in reversed([*_causes(exc_info[1])])
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what it came from, what that came from, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _message(error: BaseException) -> str:
    text = _DATABASE_CONTEXT.sub("", str(error))
    if any(kind.__name__ == _TELLING for kind in type(error).__mro__):
        return text
    return _QUOTED.sub("(removed)", text)


def without_stored_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take the values that PostgreSQL quotes in its errors out of a traceback."""
    for key in ("exception", "event"):
        if isinstance(text := event.get(key), str):
            event[key] = _DATABASE_DETAIL.sub("DETAIL: (removed)\n", text)
    return event


def _to_json(event: EventDict, **options: Any) -> str:
    """Write a line; what orjson refuses, such as half a surrogate pair, the slower way."""
    try:
        return orjson.dumps(event, default=options["default"]).decode()
    except TypeError:
        return json.dumps(event, **options)


_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)


def log_line(logger: logging.Logger, event: str, **values: str | float | None) -> None:
    """Write what ``structlog.get_logger(logger.name).info(event, **values)`` would write.

    Each request has such a line, and each change. It names no exception, and has no words of a
    library: nothing that most of structlog's processors look for. A record is filled in by as many
    calls as all of them make.
    """
    if not logger.isEnabledFor(logging.INFO):
        return
    line = {
        **values,
        "event": event,
        **facts.known(),
        **values,  # which know better
        "level": "info",
        "logger": logger.name,
    }
    now = time.time()
    record = logging.LogRecord.__new__(logging.LogRecord)
    record.__dict__.update(
        _record_of(logger), msg=_stamp(logger, "info", line), created=now, msecs=now % 1 * 1000
    )
    logger.callHandlers(record)  # none of ours has filters


@cache
def _record_of(logger: logging.Logger) -> dict[str, Any]:
    record = logging.LogRecord(logger.name, logging.INFO, "", 0, "", (), None)
    return {**record.__dict__, "_logger": logger}  # by which structlog knows its own


class LineHandler(logging.StreamHandler[TextIO]):
    """The library's, which flushes after each line what standard error has written with it."""

    def flush(self) -> None:
        """Do nothing."""


class LineFormatter(ProcessorFormatter):
    """structlog's, without what its own lines do not need: a copied record, and marks in it."""

    def __init__(self, *, renderer: Processor, foreign_pre_chain: Sequence[Processor]) -> None:
        """Take what writes a line, and what comes before it for lines of other libraries."""
        super().__init__(
            processors=[ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=foreign_pre_chain,
        )
        self._renderer = renderer

    def format(self, record: logging.LogRecord) -> str:
        """Write a line."""
        if isinstance(record.msg, dict) and "_logger" in record.__dict__:  # one of structlog's
            return str(self._renderer(None, record.levelname, {**record.msg}))
        return super().format(record)


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
        facts.merge,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
        structlog.processors.ExceptionRenderer(traceback_without_values),
        without_stored_values,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Nobody asks a line for its place in the code, its thread or its process, and finding them out
    # for each one takes as long as writing it ("Optimization" in Python's logging HOWTO).
    logging._srcfile = None  # noqa: SLF001 -- that page names it
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    renderer = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": LineFormatter,
                "renderer": renderer,
                "foreign_pre_chain": [structlog.stdlib.ExtraAdder(allow=()), *shared],
            }
        },
        "handlers": {
            "stderr": {"class": "core.logging.LineHandler", "formatter": "structured"},
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
