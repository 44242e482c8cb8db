"""JSON is read strictly: what the client wrote, or nothing."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from core.api.parsers import DEEPEST, MalformedJSON, StrictJSONParser

MEBIBYTE = 1024 * 1024


def nested(levels: int) -> list[object]:
    return [nested(levels - 1)] if levels > 1 else []


def parse(body: bytes) -> Any:
    return StrictJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", {}),
        (b' \n{"a": [1, "x", true, false, null]}\t', {"a": [1, "x", True, False, None]}),
        (b"null", None),
        ('{"ä": "日本"}'.encode(), {"ä": "日本"}),
        (rb'"\u00e4\n\ud83c\udf89"', "ä\n🎉"),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"-0", 0),
        (b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}),
        (b"[" * DEEPEST + b"]" * DEEPEST, nested(DEEPEST)),
        (b"[" + b"[]," * 1000 + b"[]]", [[]] * 1001),
        (b'"' + b"[" * 1000 + b'"', "[" * 1000),
        (b'["\\"' + b"[" * 1000 + b'"]', ['"' + "[" * 1000]),
    ],
)
def test_takes_json(body: bytes, expected: object) -> None:
    assert parse(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"1.10", "1.10"),
        (b"0.1", "0.1"),
        (b"99999999999.9999", "99999999999.9999"),
        (b"1.0000000000000000000000000000001", "1.0000000000000000000000000000001"),
        (b"1e2", "1E+2"),
        (b"1E-7", "1E-7"),
        (b"-0.0", "-0.0"),
        (b"0.0e5", "0E+4"),
    ],
)
def test_numbers_with_a_point_are_exact(body: bytes, expected: str) -> None:
    found = parse(body)
    assert isinstance(found, Decimal)
    assert str(found) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{} {}", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"[1,]", "not JSON"),
        (b"01", "not JSON"),
        (b"+1", "not JSON"),
        (b".5", "not JSON"),
        (b"1.", "not JSON"),
        (b"0x1", "not JSON"),
        (b'"a\nb"', "not JSON"),
        (b"// comment\n{}", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),  # RFC 8259, section 8.1: no byte order mark
        (b'\xff{"a": 1}', "not UTF-8: byte 0"),
        (b'{"a": "\xc3("}', "not UTF-8: byte 7"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b"NaN", "NaN is not a number"),
        (b"[Infinity]", "Infinity is not a number"),
        (b"-Infinity", "-Infinity is not a number"),
        (b'{"a": 1, "b": 2, "a": 3}', '"a" stands twice'),
        (b'[{"a": {"b": 1, "b": 1}}]', '"b" stands twice'),
        (rb'{"a": 1, "\u0061": 2}', '"a" stands twice'),
        (b"9223372036854775808", "does not fit 64 bits"),
        (b"-9223372036854775809", "does not fit 64 bits"),
        (b"9" * 10_000, "9999… does not fit 64 bits"),
        (b"1e401", "out of range"),
        (b"1e-401", "out of range"),
        (b"1e99999999999999999999", "out of range"),
        (b"-1e-99999999999999999999", "out of range"),
        (b"0e99999999999999999999", "out of range"),
        (b"1." + b"0" * 400, "out of range"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "deeper than 32"),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "deeper than 32"),
        (b'[{"a":' * 17 + b"1" + b"}]" * 17, "deeper than 32"),
        (b"[" * MEBIBYTE, "deeper than 32"),
        (b'["\\\\",' + b"[" * 100, "deeper than 32"),
        (b'"' + b"[" * 100, "not JSON"),
    ],
)
def test_refuses_the_rest_and_says_why(body: bytes, message: str) -> None:
    with pytest.raises(MalformedJSON, match=message.replace("…", ".")) as refusal:
        parse(body)
    assert len(refusal.value.detail) < 200


@pytest.mark.parametrize("unit", [b'"\\"', b'\\"', b'"', b"\\", b'"[', b'"\\"{', b"]["])
def test_a_body_of_quotes_and_backslashes_is_refused_in_one_pass(unit: bytes) -> None:
    """A pattern that tried again at each quote would not end within the run's patience."""
    body = b"[" * DEEPEST + b"{" + unit * (MEBIBYTE // len(unit))
    with pytest.raises(MalformedJSON):
        parse(body)
    with pytest.raises(MalformedJSON):
        parse(body[DEEPEST + 1 :] + b"[" * (DEEPEST + 1))
