"""The base of the API's views, and what a view asks of a request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from rest_framework import status
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.viewsets import ViewSet

from core import flags
from core.api.input import InputSerializer, read_query
from core.api.renderers import JSONRenderer
from core.api.tags import known_tags
from core.caching.answers import KeptAnswer, answer_cache
from core.headers import put, vary_on
from core.idempotency.answers import answer_once
from core.idempotency.keys import idempotency_key
from core.limiting.limits import require_within
from core.settled import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponseBase
    from rest_framework.request import Request

    from core.api.answers import Answer


class NoQuery(InputSerializer):
    """A query string without parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How the answers of an action are kept: each app declares its own in its ``caching.py``."""

    seconds: float
    """How long, about."""
    state: Callable[[HttpRequest], str]
    """All that an answer depends on beside its address, in ASCII."""
    outlives: Callable[..., bool] = lambda *_, **__: False
    """Tells of a request, an earlier state and the ids of its address whether what was answered in
    that state is right yet. Not for answers whose ETag is their key: that names the state."""
    is_shared: bool = True
    """Whether Redis has it for all processes: where to build it takes longer than to ask Redis."""
    unless: str = ""
    """The query parameter with which an answer depends on more, and is not kept."""


class ApiViewSet(ViewSet):
    """A resource: its actions check shape and permission, make one domain call, and answer.

    Query parameters that an action does not declare are refused before it runs, so that a typing
    error in a filter cannot answer everything.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    format_kwarg = None
    """No address says in which form it is answered; ``Accept`` does."""
    problem_codes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Codes of ``core.problems`` that an action may answer beyond those of its form."""
    query_serializers: ClassVar[Mapping[str, type[InputSerializer]]] = {}
    """The query parameters of each action; none where it is not named."""
    kept: ClassVar[Mapping[str, Keep]] = {}
    """The actions whose answers are kept."""
    limits: ClassVar[Mapping[str, str]] = {}
    """The limit of ``settings.RATE_LIMITS`` that counts each action."""
    takes_idempotency_keys: ClassVar[bool] = False
    """Whether ``Idempotency-Key`` has its writes done once; the header is ignored otherwise."""

    cache_control: str = "private, no-cache"
    """Who may keep an answer: the client alone, asking each time whether it is still right."""

    query: dict[str, Any]
    """The values of this request's query parameters."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Admit and permit; answer from what is kept, or have the action answer.

        In DRF's place, which makes its ``Request`` first and asks it for everything. Here an action
        gets one when it runs: to make it takes as long as to find an answer that is kept.
        """
        self.action = self.action_map.get(str(request.method).lower(), "")
        try:
            self.admit(request)
            self._permit(request)
            response = self._answer(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 -- each is answered: what nobody expects by a 500
            response = self.handle_exception(error)
        request.__dict__.pop("refusal", None)  # it leads to the request: they would keep each other
        return self._finished(request, response)

    def admit(self, request: HttpRequest) -> None:
        """Find out who asks, and count the request: once, whoever calls.

        It is counted for its account; one that names none, or fails to, for its network.

        :raises RateLimited: the limit is reached.
        """
        known: Any = request
        if "refusal" not in request.__dict__:
            try:
                self._admit(known)
                known.refusal = None
            except Exception as error:  # noqa: BLE001 -- raised below, as often as it is asked for
                known.refusal = error
        if known.refusal is not None:
            raise known.refusal

    def _admit(self, asked: Any) -> None:  # whose ``user`` and ``auth`` are where DRF has them
        asked.user, asked.auth = AnonymousUser(), None
        try:
            for authentication in self.authentication_classes:
                asked.user, asked.auth = authentication().authenticate(asked) or (asked.user, None)
        finally:
            by_method = "read" if asked.method in SAFE_METHODS else "write"
            name = self.limits.get(self.action, by_method)
            require_within(asked, name, account_id=asked.user.id)

    def _permit(self, request: HttpRequest) -> None:
        """Look whether he may, and whether he takes what we have."""
        accepted = request.META.get("HTTP_ACCEPT", "*/*")
        if self.action and accepted != "*/*":  # who takes anything takes the one way that we have
            self.perform_content_negotiation(self.initialize_request(request))
        self.check_permissions(request)  # type: ignore[arg-type]  # which has what they ask for

    def _answer(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.action:
            raise MethodNotAllowed(str(request.method))
        keep = self.kept.get(self.action)
        if keep is None or (keep.unless and keep.unless in request.GET):
            acted: HttpResponseBase = self._act(request, *args, **kwargs)
            return acted
        # The key is also the tag of an answer that has no other. It names the address: a tag of
        # another list cannot make a 304 of what would be 400 or 404 here.
        state = keep.state(request)
        key = _key(request, state)
        tag = f'"{key}"'
        if tag in known_tags(request):
            return _unchanged(tag)

        built: Answer | None = None

        def build() -> KeptAnswer:
            nonlocal built
            built = self._act(request, *args, **kwargs)
            built.headers.setdefault("ETag", tag)
            return KeptAnswer(etag=built["ETag"], body=built.content)

        if flags.is_on("kept_answers", account_id=request.user.id):
            found = answer_cache().get(
                key, seconds=keep.seconds, build=build, is_shared=keep.is_shared
            )
            asked: Any = request
            asked.kept_in = state
        else:
            found = build()
        return built or HttpResponse(
            found.body, content_type=JSONRenderer.media_type, headers={"ETag": found.etag}
        )

    def _act(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Have the action answer; a write that comes with a key is done once."""
        asked = self.request = self.initialize_request(request, *args, **kwargs)
        asked.user, asked.auth = request.user, request.auth  # type: ignore[attr-defined]  # see _admit

        def act() -> Answer:
            self.query = self.read_query(asked)
            answer: Answer = getattr(self, self.action)(asked, *args, **kwargs)
            return answer

        self.initial(asked, *args, **kwargs)
        if self.takes_idempotency_keys and request.method not in SAFE_METHODS:
            once = idempotency_key(request)
            if once is not None:
                return answer_once(asked, once, account_id=account_id(asked), act=act)
        return act()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Do what comes before the action, and before its transaction: nothing, here."""

    def _finished(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say who may keep the answer, errors nobody; leave out what the client has (304)."""
        etag = response.headers.get("ETag")
        is_reading = request.method in SAFE_METHODS and response.status_code == status.HTTP_200_OK
        if is_reading and etag and known_tags(request) & {etag, "*"}:
            response = _unchanged(etag)
        if response.status_code == status.HTTP_405_METHOD_NOT_ALLOWED:
            response["Allow"] = ", ".join(self.allowed_methods)
        is_error = response.status_code >= status.HTTP_400_BAD_REQUEST
        put(response, "Cache-Control", "no-store" if is_error else self.cache_control)
        if self.authentication_classes:
            # A client that changes accounts must not be shown what it kept of another's.
            vary_on(response, "Authorization")
        return response

    def read_query(self, request: Request) -> dict[str, Any]:
        """Return the values of the query parameters of this action.

        :raises InvalidInput: a parameter is unknown or wrong.
        """
        serializer = self.query_serializers.get(self.action, NoQuery)
        if serializer is NoQuery and not request.META["QUERY_STRING"]:
            return {}
        return read_query(request.query_params, serializer)


def _unchanged(etag: str) -> HttpResponse:
    return HttpResponse(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})


def _key(request: HttpRequest, state: str) -> str:
    """Return the key of an answer: its state, and its whole address, which its links repeat.

    The query string is taken as it was sent: to write it anew would write a letter that was not
    escaped like others that were. The secret key is in it, since cursors are signed with it, and
    installations that share a Redis have different ones.
    """
    query = request.META["QUERY_STRING"]
    address = f"{origin(request)}{request.path}?{query}"
    named = hashlib.blake2b(address.encode(), digest_size=16, key=_secret())
    return f"{state}.{named.hexdigest()}"


def origin(request: HttpRequest) -> str:
    """Return the scheme and the host that a request names: found out once.

    :raises DisallowedHost: it is none of ours.
    """
    known: dict[str, Any] = request.__dict__
    if "origin" not in known:
        known["origin"] = f"{request.scheme}://{request.get_host()}"
    return str(known["origin"])


@settled
def _secret() -> bytes:
    return hashlib.sha256(settings.SECRET_KEY.encode()).digest()


def account_id(request: Request) -> int:
    """Return the account that sends the request; the permission asked for one."""
    return cast("int", request.user.pk)
