"""Read JSON strictly: what the client wrote is what we understand, or it is refused."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import IO, TYPE_CHECKING, Any, NoReturn

from rest_framework.parsers import BaseParser

from core.exceptions import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEEPEST = 32
LARGEST_INTEGER = 2**63 - 1
_MOST_DIGITS = 400

# A string, or one bracket: enough to follow the depth without reading values. A string that never
# ends reaches to the end, and nothing is tried twice: the time is linear whatever is sent.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class MalformedJSON(DomainError):
    """The body is not JSON, or JSON that two readers could understand differently."""

    code = "malformed_json"


class StrictJSONParser(BaseParser):
    """Parse ``application/json`` (RFC 8259, and RFC 7493 where that one leaves a choice).

    Numbers with a point or an exponent arrive as Decimal, exactly as they were written.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 -- DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 -- DRF's signature
    ) -> Any:
        """Return the parsed body.

        :raises MalformedJSON: it is not UTF-8, not JSON, nested deeper than 32 levels, or it has
            a name twice, a number that is not finite, or an integer beyond 64 bits.
        """
        body = stream.read()
        _check_depth(body)
        try:
            return json.loads(
                body.decode("utf-8"),
                object_pairs_hook=_object,
                parse_float=_decimal,
                parse_int=_integer,
                parse_constant=_constant,
            )
        except UnicodeDecodeError as error:
            raise MalformedJSON(f"The body is not UTF-8: byte {error.start} is wrong.") from error
        except json.JSONDecodeError as error:
            raise MalformedJSON(
                f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            ) from error


def _check_depth(body: bytes) -> None:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    depth = 0
    for token in _BRACKETS.finditer(body):
        match token[0]:
            case b"[" | b"{":
                depth += 1
                if depth > DEEPEST:
                    raise MalformedJSON(f"The body is nested deeper than {DEEPEST} levels.")
            case b"]" | b"}":
                depth -= 1
            case _:
                pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise MalformedJSON(f"The name {_quoted(name)} stands twice in one object.")
            seen.add(name)
    return result


def _integer(text: str) -> int:
    if len(text) <= len("-9223372036854775808"):
        value = int(text)
        if -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
            return value
    raise MalformedJSON(f"The number {_short(text)} does not fit 64 bits.")


def _decimal(text: str) -> Decimal:
    out_of_range = MalformedJSON(f"The number {_short(text)} is out of range.")
    if len(text) > _MOST_DIGITS:
        raise out_of_range
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise out_of_range from error
    # Decimal's exponents go further than any arithmetic here could follow.
    if value and abs(value.adjusted()) > _MOST_DIGITS:
        raise out_of_range
    return value


def _constant(text: str) -> NoReturn:
    raise MalformedJSON(f"{text} is not a number in JSON.")


def _quoted(name: str) -> str:
    return json.dumps(_short(name))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"  # noqa: PLR2004 -- what fits a message
