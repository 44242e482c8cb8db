"""Read bodies and query strings: into values a command takes, or into violations with places."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty
from rest_framework.settings import api_settings

from core.exceptions import InvalidInput, Violation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from django.http import QueryDict
    from rest_framework.request import Request

MOST_VIOLATIONS = 100
"""How many wrong values are named; nobody mends more at once."""


class InputSerializer(serializers.Serializer[Any]):
    """Check the shape of a body; fields that it does not know are refused, not dropped.

    ``ignored`` names the read-only fields of the answer of the same resource: they may be sent
    back and are passed over.
    """

    default_error_messages: ClassVar = {"invalid": "This takes an object."}
    ignored: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, all_optional: bool = False, **options: Any) -> None:
        """Let every field be left out, where ``all_optional`` says so, and give it no default.

        DRF's own ``partial`` reaches into nested objects too: half a payout is no payout.
        """
        super().__init__(*args, **options)
        if all_optional:
            for field in self.fields.values():
                field.required = False
                field.default = empty

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the values of the known fields.

        :raises ValidationError: a value or a name is wrong; every one is reported.
        """
        unknown: dict[str, Any] = {}
        if isinstance(data, dict):
            unknown = {
                name: [ErrorDetail(self._unknown(), code="unknown_field")]
                for name in islice(self._unknown_names(data), MOST_VIOLATIONS)
            }
        try:
            values: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {}
            raise serializers.ValidationError({**detail, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return values

    def _unknown_names(self, data: dict[str, Any]) -> Iterator[str]:
        return (name for name in data if name not in self.fields and name not in self.ignored)

    def _unknown(self) -> str:
        known = ", ".join(self.fields)
        return f"There is no such field; there are: {known}." if known else "This takes no fields."


class NoInput(InputSerializer):
    """A body without fields, for actions that need no more than their address."""


def read_body(
    request: Request, serializer: type[InputSerializer], *, partial: bool = False
) -> dict[str, Any]:
    """Return the body's values, checked by a serializer.

    :param partial: fields may be left out, even those that are required (PATCH).
    :raises InvalidInput: the shape is wrong; every place is named.
    """
    # No body at all is read as an empty object: ``start/`` and the like need none.
    is_absent = _is_absent(request)
    if is_absent and serializer is NoInput:
        return {}
    checked = serializer(data={} if is_absent else request.data, all_optional=partial)
    if checked.is_valid():
        values: dict[str, Any] = checked.validated_data
        return values
    raise InvalidInput(islice(_violations(checked.errors, path=()), MOST_VIOLATIONS))


def _is_absent(request: Request) -> bool:
    return not int(request.META.get("CONTENT_LENGTH") or 0)


def read_query(
    query: QueryDict, serializer: type[InputSerializer], *, besides: Collection[str] = ()
) -> dict[str, Any]:
    """Return the values of the query string, checked by a serializer.

    :param besides: names of parameters that somebody else checks.
    :raises InvalidInput: a parameter is unknown, given twice or has a wrong value.
    """
    return read_values(single_values(query), serializer, besides=besides)


def read_values(
    raw: Mapping[str, str], serializer: type[InputSerializer], *, besides: Collection[str] = ()
) -> dict[str, Any]:
    """Return the values of parameters, checked by a serializer; the rest is as of ``read_query``.

    :raises InvalidInput: a parameter is unknown or has a wrong value.
    """
    mine = {name: value for name, value in raw.items() if name not in besides}
    checked = serializer(data=mine)
    if checked.is_valid():
        values: dict[str, Any] = checked.validated_data
        return values
    known = ", ".join([*checked.fields, *besides])
    raise InvalidInput(
        Violation(path=(name,), code=code, detail=detail, in_query=True)
        for name, code, detail in _parameters(checked.errors, known=known)
    )


def single_values(query: QueryDict) -> dict[str, str]:
    """Return the parameters of a query string, each of which may stand once.

    :raises InvalidInput: one stands twice.
    """
    twice = [name for name, values in query.lists() if len(values) > 1]
    if twice:
        raise InvalidInput(
            Violation(path=(name,), code="twice", detail="Give this parameter once.", in_query=True)
            for name in twice
        )
    return {name: values[0] for name, values in query.lists() if values}


def _parameters(errors: Mapping[str, Any], *, known: str) -> Iterator[tuple[str, str, str]]:
    for name, details in errors.items():
        for detail in details:
            if detail.code == "unknown_field":
                there_are = f"there are: {known}" if known else "there are none here"
                yield name, "unknown_parameter", f"There is no such parameter; {there_are}."
            else:
                yield name, str(detail.code), str(detail)


def _violations(errors: Any, *, path: tuple[str | int, ...]) -> Iterator[Violation]:
    """Walk DRF's tree of errors, whose leaves are ErrorDetails, in the order of the fields."""
    if isinstance(errors, ErrorDetail):
        yield Violation(path=path, code=str(errors.code), detail=str(errors))
    elif isinstance(errors, dict):
        for name, inner in errors.items():
            here = path if name == api_settings.NON_FIELD_ERRORS_KEY else (*path, name)
            yield from _violations(inner, path=here)
    elif all(isinstance(inner, ErrorDetail) for inner in errors):
        for inner in errors:
            yield from _violations(inner, path=path)
    else:
        for index, inner in enumerate(errors):
            yield from _violations(inner, path=(*path, index))
