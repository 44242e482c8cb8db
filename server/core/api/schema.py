"""The OpenAPI document: what every operation has in common is said once, here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from core.idempotency.answers import REPLAYED
from core.idempotency.keys import HEADER, LONGEST_KEY, PATTERN
from core.problems import CONTENT_TYPE, PROBLEMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.forms import Field
    from django_filters import FilterSet

    from core.api.views import ApiViewSet

_WRITING = {"POST", "PUT", "PATCH", "DELETE"}

IF_MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    description="Refuse with 412 unless the campaign still has the version of this ETag.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    location=OpenApiParameter.HEADER,
    description="Answer 304 if this ETag is still right.",
)
LOCATION = OpenApiParameter(
    "Location",
    location=OpenApiParameter.HEADER,
    response=[201],
    description="Where the new one is.",
)
ETAG = OpenApiParameter(
    "ETag",
    location=OpenApiParameter.HEADER,
    response=[200, 201, 304],
    description="Names what was answered, to send back in If-None-Match; a campaign's or payout's "
    "has the campaign's version, for If-Match.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": f"^{PATTERN}$"},
    location=OpenApiParameter.HEADER,
    description="Do this once: the same request with the same key answers the first answer for 24 "
    "hours, however often it is sent.",
)
IDEMPOTENCY_REPLAYED = OpenApiParameter(
    REPLAYED,
    location=OpenApiParameter.HEADER,
    response=[200, 201, 202, 204],
    enum=["true"],
    description="There if this is the answer that was given to the key before.",
)


class DocumentedPermission(Protocol):
    """A permission that says how it refuses."""

    def codes_for(self, method: str) -> tuple[str, ...]:
        """Return the codes of ``core.problems`` with which it refuses a method."""


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One value that breaks a rule: `pointer` leads into the body, `parameter` is a query's."""

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). `code` is stable; `detail` is for people and says what to do."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.ChoiceField(choices=sorted(PROBLEMS))
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # RFC 9457's extension, not DRF's errors


class ProblemAutoSchema(AutoSchema):
    """Document the problems that follow from an operation's own form.

    A view adds those that do not, by listing codes of ``core.problems`` in ``problem_codes``:
    a mapping from the name of its action to codes.
    """

    def get_tags(self) -> list[str]:
        """Group operations by the first part of their path."""
        return [self._tokenize_path()[0]]

    def get_override_parameters(self) -> list[Any]:
        """Describe the header that writes of some views take."""
        parameters: list[Any] = super().get_override_parameters()
        if self.method in _WRITING and cast("ApiViewSet", self.view).takes_idempotency_keys:
            return [*parameters, IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED]
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return the operation, with its problems."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            by_status: dict[int, list[str]] = {}
            for code in self._problem_codes(operation):
                by_status.setdefault(PROBLEMS[code].status, []).append(code)
            for status, codes in sorted(by_status.items()):
                operation["responses"].setdefault(str(status), self._problem(status, codes))
            body = operation.get("requestBody", {})
            if "application/json" not in body.get("content", {"application/json": None}):
                body["required"] = True  # a file; of serializers drf-spectacular knows
        return operation

    def _problem_codes(self, operation: dict[str, Any]) -> Iterator[str]:
        view = cast("ApiViewSet", self.view)
        parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
        yield from ("bad_request", "validation", "not_acceptable", "rate_limited")
        yield from ("internal_error", "unavailable")
        if self.get_auth():
            yield from ("not_authenticated", "invalid_token")
            for permission in cast("list[DocumentedPermission]", view.get_permissions()):
                yield from permission.codes_for(self.method)
        if self.method in _WRITING:
            yield from ("malformed_json", "body_too_large", "unsupported_media_type")
        if "{" in self.path or "page" in parameters:
            yield "not_found"
        if "If-Match" in parameters:
            yield "version_mismatch"
        if HEADER in parameters:
            yield "idempotency_mismatch"
        yield from view.problem_codes.get(view.action or "", ())

    def _problem(self, status: int, codes: Iterable[str]) -> dict[str, Any]:
        response: dict[str, Any] = self._get_response_for_code(  # type: ignore[no-untyped-call]  # untyped
            OpenApiResponse(
                ProblemSerializer, description=" · ".join(f"`{code}`" for code in codes)
            ),
            str(status),
            media_types=[CONTENT_TYPE],
        )
        return response


def sort_paths(
    result: dict[str, Any],
    generator: Any,  # noqa: ARG001 -- the hook's signature
    request: Any,  # noqa: ARG001 -- the hook's signature
    public: bool,  # noqa: ARG001, FBT001 -- the hook's signature
) -> dict[str, Any]:
    """Put the paths in order, so that the checked-in copy changes only where the API does."""
    result["paths"] = dict(sorted(result["paths"].items()))
    return result


def page_of(name: str, row: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """Return the serializer that describes one page of rows, for the document."""
    fields: dict[str, Any] = {
        "__doc__": "One page. `count` is exact up to 10,000 and left out when walking by cursor.",
        "count": serializers.IntegerField(required=False),
        "count_exact": serializers.BooleanField(required=False),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": row(many=True),
    }
    page = type(f"{name}Page", (serializers.Serializer,), fields)
    # Without this, what a ``list`` action answers is taken for one row of an array.
    return extend_schema_serializer(many=False)(page)


def filter_parameters(filters: type[FilterSet]) -> list[OpenApiParameter]:
    """Describe the parameters of a filter set."""
    return [
        OpenApiParameter(
            name,
            type=_text(chosen.field),
            description=chosen.extra.get("help_text", ""),
            enum=_words(chosen.extra),
        )
        for name, chosen in filters.base_filters.items()
    ]


def _text(field: Field) -> dict[str, Any]:
    """Describe a text, and how long it may be."""
    longest: int | None = getattr(field, "max_length", None)
    return {"type": "string"} | ({"maxLength": longest} if longest else {})


def _words(options: dict[str, Any]) -> list[str] | None:
    """Return the words that a parameter takes, if they are few or of a standard."""
    known = options.get("known")
    return list(known()) if known else [value for value, _ in options.get("choices", ())] or None
