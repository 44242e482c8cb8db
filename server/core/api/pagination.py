"""Pages and cursors: two ways through one list.

Pages are for people and know how many there are; a cursor walks everything at constant cost. It
names the row where the last page ended by the values it is ordered by (keyset pagination), so
that rows added meanwhile neither repeat nor hide others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast
from urllib.parse import urlencode

from django.core import signing
from django.db.models import BooleanField, F, Field, Func, Model, Value
from django.db.models.lookups import GreaterThan, LessThan
from rest_framework import serializers

from core.api.fields import QueryIntegerField
from core.api.input import InputSerializer
from core.exceptions import InvalidInput, NotFound, Violation
from core.paging import DEEP, Among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Lookup, QuerySet
    from rest_framework.request import Request

DEFAULT_PAGE_SIZE = 50
LARGEST_PAGE_SIZE = 200
COUNTED_EXACTLY = 10_000
"""Counting further costs more than a person learns from it."""

_SALT = "ratecard.cursor"
Row = TypeVar("Row", bound=Model)


class PastTheEnd(NotFound):
    """The page is past the end of its list."""

    def __init__(self, *, last: int) -> None:
        """Say which page is the last."""
        super().__init__(f"The last page is {last}.")
        self.last = last


class PageReader(Protocol):
    """Read the pages of a list quicker than a queryset does.

    An order is columns; ascending, or descending with ``-``, and the last of them is unique.
    """

    @property
    def model(self) -> type[Model]:
        """Return what the rows are of."""

    def numbered(
        self, *, order: tuple[str, ...], start: int, size: int, counted: int
    ) -> tuple[Sequence[Any], int]:
        """Return rows and how many there are, up to ``counted``; no rows and 0 past the end."""

    def beyond(
        self, position: Sequence[object] | None, *, order: tuple[str, ...], size: int
    ) -> Sequence[Any]:
        """Return the rows that come next after a position, or the first ones."""


class PageQuery(InputSerializer):
    """The parameters of every list."""

    page = QueryIntegerField(
        required=False,
        min_value=1,
        max_value=10**17,
        help_text="Which page, from 1. A page past the end is 404.",
    )
    page_size = QueryIntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_PAGE_SIZE,
        help_text=f"Rows on a page; {DEFAULT_PAGE_SIZE} by default.",
    )
    cursor = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=4096,
        help_text="Walk everything at constant cost: empty to start, then follow `next`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a page and a cursor at once.

        :raises ValidationError: both are there.
        """
        if "cursor" in attrs and "page" in attrs:
            raise serializers.ValidationError(
                {"page": serializers.ErrorDetail("Send a page or a cursor.", code="ambiguous")}
            )
        return attrs


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered(Generic[Row]):
    """A numbered page of a list, for doors that make their own links."""

    number: int
    start: int
    """How many rows come before it."""
    rows: Sequence[Row]
    more: bool
    """Whether rows come after it."""
    count: int
    """How many rows there are; of 10,000 or more, 10,001."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows of a list, and the way to its neighbours."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None
    count: int | None = None
    """How many rows there are, up to 10,000; null when walking by cursor."""

    def answer(self, results: Sequence[Any]) -> dict[str, Any]:
        """Return the body of the answer, around the rows as the caller shows them."""
        links = {"next": self.next, "previous": self.previous, "results": results}
        if self.count is None:
            return links
        exact = self.count <= COUNTED_EXACTLY
        return {"count": min(self.count, COUNTED_EXACTLY), "count_exact": exact, **links}


def paginate(
    request: Request,
    rows: QuerySet[Row],
    *,
    query: dict[str, Any],
    ordering: str = "",
    read: PageReader | None = None,
) -> Page[Row]:
    """Return the page of a list that the query asks for.

    :param rows: all rows; their order, if ``ordering`` gives none, is by primary key, descending.
    :param query: the values of ``PageQuery``.
    :param ordering: one field, with ``-`` for descending; ties go by primary key the same way.
    :param read: reads pages of the same rows, which are then not looked at.
    :raises InvalidInput: the cursor is not one of this list, or the page is deeper than pages go.
    :raises PastTheEnd: the page is past the end.
    """
    size: int = query.get("page_size", DEFAULT_PAGE_SIZE)
    keys = _keys(ordering)
    if "cursor" in query:
        return _by_cursor(request, rows, cursor=query["cursor"], size=size, keys=keys, read=read)
    page = numbered(rows, number=query.get("page", 1), size=size, ordering=ordering, read=read)
    number = page.number
    return Page(
        rows=page.rows,
        next=_after_page(request, rows, page.rows[-1], keys, number=number, size=size)
        if page.more
        else None,
        previous=_link(request, page=str(number - 1)) if number > 1 else None,
        count=page.count,
    )


def _keys(ordering: str) -> tuple[str, ...]:
    if not ordering:
        return ("-pk",)
    return (ordering, "-pk" if ordering.startswith("-") else "pk")


def numbered(
    rows: QuerySet[Any],
    *,
    number: int,
    size: int = DEFAULT_PAGE_SIZE,
    ordering: str = "",
    read: PageReader | None = None,
) -> Numbered[Any]:
    """Return a numbered page of a list; the parameters are those of ``paginate``.

    :raises InvalidInput: the page is deeper than pages go.
    :raises PastTheEnd: the page is past the end.
    """
    keys = _keys(ordering)
    start = (number - 1) * size
    if start >= COUNTED_EXACTLY:
        raise InvalidInput(
            [
                Violation(
                    path=("page",),
                    code="too_deep",
                    detail=f"Pages go {COUNTED_EXACTLY:,} rows deep; walk further with cursor=.",
                    in_query=True,
                )
            ]
        )
    # One row more than the page has tells whether there are more.
    if read:
        found, count = read.numbered(
            order=_columns(keys), start=start, size=size + 1, counted=COUNTED_EXACTLY + 1
        )
    else:
        found, count = _rows(rows, keys, start=start, size=size + 1), 0
    more, found = len(found) > size, found[:size]
    if not found and number > 1:
        raise PastTheEnd(last=max(1, -(-_count(rows) // size)))
    if not more:
        count = start + len(found)
    elif not read:
        count = _count(rows)  # reads everything that a filter leaves
    return Numbered(number=number, start=start, rows=found, more=more, count=count)


def _rows(rows: QuerySet[Any], keys: tuple[str, ...], *, start: int, size: int) -> Sequence[Any]:
    """Return some rows of a list; deep ones are found by their keys, before they are read whole."""
    ordered = rows.order_by(*keys)
    if start < DEEP:
        return list(ordered[start : start + size])
    found = ordered.values("pk")[start : start + size]
    return list(ordered.filter(Among(F("pk"), found)))


def _count(rows: QuerySet[Any]) -> int:
    """Count rows; one more than we count exactly tells that there are more."""
    return rows.order_by()[: COUNTED_EXACTLY + 1].count()


def _after_page(  # noqa: PLR0913 -- all but four have to be named
    request: Request,
    rows: QuerySet[Any],
    last: Any,
    keys: tuple[str, ...],
    *,
    number: int,
    size: int,
) -> str:
    """Return the link to the next page; beyond the deepest one it goes on by cursor."""
    if number * size < COUNTED_EXACTLY:
        return _link(request, page=str(number + 1))
    return _cursor_link(request, rows.model, keys, last, backwards=False)


def _by_cursor(  # noqa: PLR0913 -- all but two have to be named
    request: Request,
    rows: QuerySet[Row],
    *,
    cursor: str,
    size: int,
    keys: tuple[str, ...],
    read: PageReader | None,
) -> Page[Row]:
    model = read.model if read else rows.model
    backwards, position = _read_cursor(cursor, keys, of=model) if cursor else (False, None)
    order = tuple(_flipped(key) for key in keys) if backwards else keys
    if read:
        found = list(read.beyond(position, order=_columns(order), size=size + 1))
    else:
        if position is not None:
            rows = rows.filter(_beyond(model, order, position))
        found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    ahead = found and (backwards or more)
    behind = found and (more if backwards else position is not None)
    return Page(
        rows=found,
        next=_cursor_link(request, model, keys, found[-1], backwards=False) if ahead else None,
        previous=_cursor_link(request, model, keys, found[0], backwards=True) if behind else None,
    )


def _columns(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({"pk": "id", "-pk": "-id"}.get(key, key) for key in keys)


def _flipped(key: str) -> str:
    return key.removeprefix("-") if key.startswith("-") else f"-{key}"


def _beyond(model: type[Model], order: tuple[str, ...], position: list[Any]) -> Lookup[bool]:
    """Return the condition for rows that come after a position.

    It compares whole rows of values, ``(created_at, id) < (…, …)``: a database starts to read an
    index exactly there, however many rows have the same first value.
    """
    fields = [_field(model, key) for key in order]
    after = LessThan if order[0].startswith("-") else GreaterThan
    return after(
        _Row(*(F(field.name) for field in fields)),
        _Row(
            *(
                Value(value, output_field=field)
                for field, value in zip(fields, position, strict=True)
            )
        ),
    )


class _Row(Func):
    """Several values, compared from the first on."""

    template = "(%(expressions)s)"
    output_field = BooleanField()  # of nothing that it says; Django asks for one


def _field(model: type[Model], key: str) -> Field[Any, Any]:
    name = key.removeprefix("-")
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return cast("Field[Any, Any]", field)


def _cursor_link(
    request: Request, model: type[Model], keys: tuple[str, ...], row: Any, *, backwards: bool
) -> str:
    position = [_field(model, key).value_to_string(row) for key in keys]
    contents = [model._meta.label, list(keys), backwards, position]
    return _link(request, page=None, cursor=signing.Signer(salt=_SALT).sign_object(contents))


def _read_cursor(cursor: str, keys: tuple[str, ...], *, of: type[Model]) -> tuple[bool, list[Any]]:
    # Signed, so that whatever is in it has once been a row's own values.
    try:
        made_of, made_for, backwards, texts = signing.Signer(salt=_SALT).unsign_object(cursor)
    except signing.BadSignature as error:
        raise _wrong_cursor("This is not a cursor of this server; start with cursor=.") from error
    if (made_of, tuple(made_for)) != (of._meta.label, keys):
        raise _wrong_cursor("This cursor belongs to another list or ordering; start with cursor=.")
    position = [_field(of, key).to_python(text) for key, text in zip(keys, texts, strict=True)]
    return backwards, position


def _wrong_cursor(detail: str) -> InvalidInput:
    return InvalidInput([Violation(path=("cursor",), code="invalid", detail=detail, in_query=True)])


def _link(request: Request, **changed: str | None) -> str:
    merged = {**request.query_params.dict(), **changed}
    parameters = {name: value for name, value in merged.items() if value is not None}
    return request.build_absolute_uri(f"{request.path}?{urlencode(parameters)}")
