"""Give an answer again as it was, where all that it depends on is as it was.

What is kept of an answer (``core.caching``) is its JSON, under its address and its state. What else
it has depends on the rest of the request: who asks, and in which forms he takes it. Where that is
the same too, so is the whole answer, but for what is of one request: its id, and what its limits
have left.

Who asks is found out each time, and he is counted. What is spared is to make a request of what the
server program says, and an answer of what is kept. docs/adr/0028-answers-given-again.md has more.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Self

from cachetools import TLRUCache
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils.functional import cached_property

from core import flags
from core.metrics.requests import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIEnvironment

    from django.http import HttpRequest, HttpResponseBase
    from django.urls import ResolverMatch

    from core.api.views import Keep

ASKED = (
    *("HTTP_AUTHORIZATION", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "CONTENT_TYPE"),
    *("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT"),
    *("QUERY_STRING", "PATH_INFO"),
)
"""All of a request that an answer may depend on, if the request has nothing of what is below.

``HTTP_X_FORWARDED_PROTO`` is what production's ``SECURE_PROXY_SSL_HEADER`` names.
"""
_MISSING = ("\1",) * len(ASKED)
NEVER = ("HTTP_IF_NONE_MATCH", "HTTP_ORIGIN", "HTTP_TRANSFER_ENCODING")
"""With these a request is no question: what it is told depends on more."""
_OF_ONE_REQUEST = ("x-request-id", "ratelimit", "ratelimit-policy")

LONGEST_BYTES = 8 * 1024
"""A longer body, as it is sent, is not given again: a few would push many others out."""
MEMORY_BYTES = 8 * 1024 * 1024
_ENTRY_BYTES = 1900
"""What an answer takes in memory beyond its body, about."""
_SECRET = secrets.token_bytes(32)


def question(environ: WSGIEnvironment) -> bytes | None:
    """Return what a request asks; None of one whose answer cannot be given again.

    It is a digest, since credentials are nothing to keep.
    """
    if environ["REQUEST_METHOD"] != "GET" or not environ.keys().isdisjoint(NEVER):
        return None
    if environ.get("SCRIPT_NAME") or environ.get("CONTENT_LENGTH", "") not in {"", "0"}:
        return None
    # Nothing of HTTP has control characters in it but an address that is decoded: the last.
    text = "\0".join(map(environ.get, ASKED, _MISSING))
    return hashlib.blake2b(text.encode(), digest_size=16, key=_SECRET).digest()


@dataclass(slots=True, kw_only=True)
class Repeat:
    """An answer that may be given again."""

    match: ResolverMatch
    state: str
    """What it depends on beside its request (see ``Keep.state``), when it was last right."""
    headers: dict[str, tuple[str, str]]
    """Names and values, by names in small letters."""
    body: bytes
    seconds: float
    """How long it is kept."""


class ResourceRequest(WSGIRequest):
    """A request for a resource, which finds out once whether it came over TLS."""

    @cached_property
    def scheme(self) -> str | None:
        """``https`` or ``http``, as Django finds out."""
        return super().scheme


class Asking:
    """As much of a request as it takes to find out who sends it."""

    method = "GET"

    def __init__(self, environ: WSGIEnvironment, repeat: Repeat) -> None:
        """Take what the server program says, and what was answered to the same."""
        self.META = environ
        self.resolver_match = repeat.match
        self.watch = Watch()
        self._repeat = repeat

    def answer(self) -> Again | None:
        """Admit the request; return what was answered before, if that is right yet.

        :raises Exception: whatever its view says to it, and says again when it is asked.
        """
        view = _view(self._repeat.match.func)
        view.admit(self)
        view.check_permissions(self)
        asked: Any = self  # with a ``user`` by now
        if not flags.is_on("kept_answers", account_id=asked.user.id):
            return None
        keep: Keep = view.kept[view.action]
        state = keep.state(asked)
        if state != self._repeat.state:
            # Most writes of an account are about something else, and leave an answer as it was.
            if not keep.outlives(asked, self._repeat.state, **self.resolver_match.kwargs):
                return None
            self._repeat.state = state
        return Again(self._repeat)

    def whole(self) -> HttpRequest:
        """Return the whole request, with what was found out about it."""
        request = ResourceRequest(self.META)
        request.__dict__.update(self.__dict__)
        return request


class Again:
    """An answer that is given again: as much of a response as its request adds to."""

    status_code = HTTPStatus.OK.value  # a number, which logs show as they do others
    reason_phrase = HTTPStatus.OK.phrase
    streaming = False
    cookies: ClassVar[dict[str, Any]] = {}

    def __init__(self, repeat: Repeat) -> None:
        """Begin with what it had before."""
        self.content = repeat.body
        self._store = {**repeat.headers}

    @property
    def headers(self) -> Self:
        """What has headers as ``core.headers`` knows them."""
        return self


class Repeats:
    """The answers that this process may give again: those given last, up to a size."""

    def __init__(
        self, *, most_bytes: int = MEMORY_BYTES, timer: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._kept: TLRUCache[bytes, Repeat] = TLRUCache(
            maxsize=most_bytes,
            ttu=lambda _key, repeat, now: now + repeat.seconds,
            timer=timer,
            getsizeof=lambda repeat: len(repeat.body) + _ENTRY_BYTES,
        )

    def find(self, asked: bytes) -> Repeat | None:
        """Return what was answered to a question."""
        with self._lock:
            try:
                return self._kept[asked]
            except KeyError:
                return None

    def keep(self, asked: bytes, request: HttpRequest, response: HttpResponseBase) -> None:
        """Keep what is answered to a question, if its view keeps it and it is short."""
        state: str | None = request.__dict__.get("kept_in")
        match: Any = request.resolver_match
        if (
            state is None
            or response.status_code != HTTPStatus.OK
            or not isinstance(response, HttpResponse)
            or len(response.content) > LONGEST_BYTES
        ):
            return
        headers = {**response.headers._store}  # noqa: SLF001 -- as ``core.headers``
        for name in _OF_ONE_REQUEST:
            headers.pop(name, None)
        action = match.func.actions["get"]
        repeat = Repeat(
            match=match,
            state=state,
            headers=headers,
            body=response.content,
            seconds=match.func.cls.kept[action].seconds,
        )
        with self._lock:
            self._kept[asked] = repeat

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()


@cache
def _view(handler: Any) -> Any:
    """Return a view of what ``as_view`` returned; it admits all, and keeps nothing of any."""
    view = handler.cls(**handler.initkwargs)
    view.action_map = handler.actions
    view.action = handler.actions["get"]
    return view


@cache
def repeats() -> Repeats:
    """Return the answers that this process may give again."""
    return Repeats()
