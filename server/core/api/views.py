"""The base of the API's views, and what a view asks of a request."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.conf import settings
from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from rest_framework import status
from rest_framework.permissions import SAFE_METHODS
from rest_framework.viewsets import ViewSet

from core import flags
from core.api.input import InputSerializer, read_query
from core.api.renderers import JSONRenderer
from core.api.tags import known_tags
from core.caching.answers import KeptAnswer, answer_cache
from core.idempotency.answers import answer_once
from core.idempotency.keys import idempotency_key
from core.limiting.limits import require_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http.response import HttpResponseBase
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request
    from rest_framework.response import Response


class NoQuery(InputSerializer):
    """A query string without parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How the answers of an action are kept: each app declares its own in its ``caching.py``."""

    seconds: float
    """How long, about."""
    state: Callable[[Request], str]
    """All that an answer depends on beside its address, in ASCII."""
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

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        """Count, authenticate and permit; have the action answered by us or from what is kept.

        DRF's own would also ask which version of the API is meant, and whether to throttle.
        """
        self._count(request)
        chosen = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = chosen
        self.check_permissions(request)
        if self.action:  # otherwise the answer is 405, whatever the query
            # DRF looks the action up by the request's method, right after this.
            method = str(request.method).lower()
            setattr(self, method, partial(self._answer, getattr(self, method)))

    def _count(self, request: Request) -> None:
        """Count a request for its account; one that names none, or fails to, for its network.

        :raises RateLimited: the limit is reached.
        """
        by_method = "read" if request.method in SAFE_METHODS else "write"
        account_id = None
        try:
            account_id = request.user.pk
        finally:
            name = self.limits.get(self.action or "", by_method)
            require_within(request, name, account_id=account_id)

    def _answer(
        self, act: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        def answer() -> Response:
            self.query = self.read_query(request)
            return act(request, *args, **kwargs)

        if self.takes_idempotency_keys and request.method not in SAFE_METHODS:
            once = idempotency_key(request)
            if once is not None:
                return answer_once(request, once, account_id=account_id(request), act=answer)
        keep = self.kept.get(self.action or "")
        if keep is None or keep.unless in request.query_params:
            return answer()
        # The key is also the tag of an answer that has no other. It names the address: a tag of
        # another list cannot make a 304 of what would be 400 or 404 here.
        key = _key(request, keep.state(request))
        tag = f'"{key}"'
        if tag in known_tags(request):
            return _unchanged(tag)

        def build() -> KeptAnswer:
            response = answer()
            body = JSONRenderer().render(response.data)
            return KeptAnswer(etag=response.get("ETag", tag), body=body)

        if flags.is_on("kept_answers", account_id=request.user.pk):
            found = answer_cache().get(key, seconds=keep.seconds, build=build)
        else:
            found = build()
        return HttpResponse(
            found.body, content_type=JSONRenderer.media_type, headers={"ETag": found.etag}
        )

    def finalize_response(  # type: ignore[override]  # the stubs forget that views may answer both
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Say who may keep the answer, errors nobody; leave out what the client has (304)."""
        etag = response.get("ETag")
        is_reading = request.method in SAFE_METHODS and response.status_code == status.HTTP_200_OK
        if is_reading and etag and known_tags(request) & {etag, "*"}:
            response = _unchanged(etag)
        final: HttpResponseBase = super().finalize_response(
            request,
            response,  # type: ignore[arg-type]  # as above
            *args,
            **kwargs,
        )
        if final.status_code == status.HTTP_405_METHOD_NOT_ALLOWED:
            final["Allow"] = ", ".join(self.allowed_methods)
        is_error = status.is_client_error(final.status_code) or status.is_server_error(
            final.status_code
        )
        final["Cache-Control"] = "no-store" if is_error else self.cache_control
        if self.authentication_classes:
            # A client that changes accounts must not be shown what it kept of another's.
            patch_vary_headers(final, ["Authorization"])
        return final

    @property
    def default_response_headers(self) -> dict[str, str]:
        """No headers: ``Allow`` is for the answer that must have it, DRF gives it to every one."""
        return {}

    def read_query(self, request: Request) -> dict[str, Any]:
        """Return the values of the query parameters of this action.

        :raises InvalidInput: a parameter is unknown or wrong.
        """
        serializer = self.query_serializers.get(self.action or "", NoQuery)
        if serializer is NoQuery and not request.query_params:
            return {}
        return read_query(request.query_params, serializer)

    def perform_content_negotiation(
        self,
        request: Request,
        force: bool = False,  # noqa: FBT001, FBT002 -- DRF's signature
    ) -> tuple[BaseRenderer, str]:
        """Choose how to write the answer: there is one way, which who takes anything takes."""
        if request.headers.get("Accept", "*/*") == "*/*":
            return JSONRenderer(), JSONRenderer.media_type
        return super().perform_content_negotiation(request, force)


def _unchanged(etag: str) -> HttpResponse:
    return HttpResponse(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})


def _key(request: Request, state: str) -> str:
    """Return the key of an answer: its state, and its whole address, which its links repeat.

    The query string is taken as it was sent: ``build_absolute_uri()`` would write a letter that was
    not escaped like others that were. The secret key is in it, since cursors are signed with it,
    and installations that share a Redis have different ones.
    """
    address = f"{request.build_absolute_uri(request.path)}?{request.META['QUERY_STRING']}"
    secret = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    named = hashlib.blake2b(address.encode(), digest_size=16, key=secret)
    return f"{state}.{named.hexdigest()}"


def account_id(request: Request) -> int:
    """Return the account that sends the request; the permission asked for one."""
    return cast("int", request.user.pk)
