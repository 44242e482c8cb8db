"""The base of the API's views, and what a view asks of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rest_framework import status
from rest_framework.viewsets import ViewSet

from core.api.input import InputSerializer, read_query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from rest_framework.request import Request
    from rest_framework.response import Response


class NoQuery(InputSerializer):
    """A query string without parameters."""


class ApiViewSet(ViewSet):
    """A resource: its actions check shape and permission, make one domain call, and answer.

    Query parameters that an action does not declare are refused before it runs, so that a typing
    error in a filter cannot answer everything.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    problem_codes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Codes of ``core.problems`` that an action may answer beyond those of its form."""
    query_serializers: ClassVar[Mapping[str, type[InputSerializer]]] = {}
    """The query parameters of each action; none where it is not named."""

    cache_control: str = "private, no-cache"
    """Who may keep an answer: the client alone, asking each time whether it is still right."""

    query: dict[str, Any]
    """The values of this request's query parameters."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate and permit, then read the query string.

        :raises InvalidInput: a parameter is unknown or wrong.
        """
        super().initial(request, *args, **kwargs)
        if self.action:  # otherwise the answer is 405, whatever the query
            self.query = self.read_query(request)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Say who may keep the answer; errors nobody."""
        final = super().finalize_response(request, response, *args, **kwargs)
        is_error = status.is_client_error(final.status_code) or status.is_server_error(
            final.status_code
        )
        final["Cache-Control"] = "no-store" if is_error else self.cache_control
        return final

    def read_query(self, request: Request) -> dict[str, Any]:
        """Return the values of the query parameters of this action."""
        serializer = self.query_serializers.get(self.action or "", NoQuery)
        return read_query(request, serializer)


def account_id(request: Request) -> int:
    """Return the account that sends the request; the permission asked for one."""
    return cast("int", request.user.pk)
