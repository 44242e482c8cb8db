"""Tell Sentry, or what speaks its protocol, of errors and of how long requests took.

Reports leave the house, so they say what broke and where, and nothing that anybody sent or stored:
no values of variables, no bodies, queries, headers or cookies, no addresses, and not the messages
of exceptions, which quote what they stumble over. ``request_id`` leads to the log, which has them.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from core import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from sentry_sdk._types import Event, Hint
    from sentry_sdk.transport import Transport

PROBES = ("/livez", "/readyz", "/metrics")
REMOVED = "(removed)"

_KEPT = frozenset(
    {
        *("type", "event_id", "level", "timestamp", "start_timestamp", "platform", "release"),
        *("environment", "server_name", "sdk", "transaction", "transaction_info", "tags"),
        *("contexts", "spans", "exception", "request", "measurements"),
    }
)
"""What an event may have; what a later version of the library adds is not sent unseen."""

_KEPT_OF_REQUEST = frozenset({"method"})
_SECRET_NAME = re.compile(
    r"pass|secret|token|auth|cookie|session|csrf|api_?key|credential|e?mail|query_?string"
    r"|http\.query|^(?:data|vars|headers|params|env|url|body|user|ip|remote_addr|user_agent)$",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"(?<=\?)\S*=\S*"  # the query of an address
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # a token
    r"|\brck_\w+"  # an API key
    r"|\b(?:bearer|basic)\s+\S+"
    r"|[^\s@\"'<>]+@[^\s@\"'<>]+\.\w+",  # an e-mail address
    re.IGNORECASE,
)
_SQL_TEXT = re.compile(r"'(?:[^']|'')*'")


def start(dsn: str, *, traces_sample_rate: float, transport: type[Transport] | None = None) -> None:
    """Report from now on.

    :param traces_sample_rate: the share of requests whose times are reported, 0 to 1.
    :param transport: what sends reports, if not the library's own.
    """
    import sentry_sdk  # noqa: PLC0415 -- it takes time and memory, and most servers do without
    from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415 -- as above
    from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415 -- as above
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration  # noqa: PLC0415 -- as above
    from sentry_sdk.integrations.threading import ThreadingIntegration  # noqa: PLC0415 -- as above

    sentry_sdk.init(
        dsn=dsn,
        transport=transport,
        traces_sampler=partial(_sampled, traces_sample_rate),
        before_send=scrubbed,
        before_send_transaction=scrubbed,
        before_breadcrumb=lambda _crumb, _hint: None,
        max_breadcrumbs=0,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        trace_propagation_targets=[],
        enable_logs=False,
        enable_metrics=False,
        # Those that we have looked at, and no others: each collects something.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(middleware_spans=False, signals_spans=False),
            DedupeIntegration(),
            ExcepthookIntegration(),
            ThreadingIntegration(),
        ],
    )


def _sampled(rate: float, context: Mapping[str, Any]) -> float:
    """Return the share of requests such as this to report: of probes none."""
    path = context.get("wsgi_environ", {}).get("PATH_INFO")
    return 0.0 if path in PROBES else rate


def report(exception: BaseException) -> None:
    """Report an error that nobody expected, if anybody wants to know."""
    if settings.SENTRY_DSN:
        import sentry_sdk  # noqa: PLC0415 -- see start

        sentry_sdk.capture_exception(exception)


def without_foreign_traces(application: WSGIApplication) -> WSGIApplication:
    """Wrap an application so that clients cannot write into traces.

    The library would send on what a client says in ``baggage``, before any scrubber sees it.
    """

    def deaf(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name in ("HTTP_SENTRY_TRACE", "HTTP_BAGGAGE", "HTTP_TRACEPARENT"):
            environ.pop(name, None)
        return application(environ, start_response)

    return deaf


def scrubbed(event: Event, _hint: Hint) -> Event:
    """Return what may be sent of an event or a transaction."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    request = kept.pop("request", {})
    source = kept.get("transaction_info", {}).get("source")
    if source != "route":  # an address as it was asked for
        kept["transaction"] = "unmatched"
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = REMOVED
    kept = _clean(kept)
    kept["request"] = {name: request[name] for name in _KEPT_OF_REQUEST & request.keys()}
    if request_id := facts.known().get("request_id"):
        kept["tags"] = {**(kept.get("tags") or {}), "request_id": request_id}
    return cast("Event", kept)


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _clean(held) for name, held in value.items() if not _SECRET_NAME.search(str(name))
        }
    if isinstance(value, list | tuple):
        return [_clean(held) for held in value]
    if isinstance(value, str):
        return _SQL_TEXT.sub("'?'", _SECRET_TEXT.sub(REMOVED, value))
    return value
