"""Which coding an answer gets, and what compressing changes about it."""

from __future__ import annotations

import gzip
import sys
from random import Random
from typing import TYPE_CHECKING, Any

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from core.compression import CODINGS, SHORTEST, CompressionMiddleware, preferred_coding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from django.http import HttpResponseBase

OPEN = "/api/v1/campaigns/"
LONG = b"All that is said is said again. " * 100
EXPAND = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}
CHROME = "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("GZip", "gzip"),
        (CHROME, "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.9", "gzip"),
        ("gzip ; q=0.5 , zstd;\tq=0.4", "gzip"),
        ("zstd;q=0, br;q=0.001", "br"),
        ("*", "zstd"),
        ("*;q=0.5, gzip;q=0.6", "gzip"),
        ("*, zstd;q=0", "br"),
        ("gzip;q=0, *;q=0", ""),
        ("deflate, compress", ""),
        ("identity", ""),
        ("identity, gzip", "gzip"),
        ("identity;q=1, gzip;q=0.5", ""),
        ("identity;q=0.5, *;q=0.2", ""),
        ("gzip;q=2", ""),
        ("gzip;q=0.1234", ""),
        ("gzip;q=x, br", "br"),
        ("gzip;level=9", ""),
        (",, gzip ,", "gzip"),
        ("gzip" + ", x" * 1000, ""),
    ],
)
def test_the_coding_that_the_client_likes_best(header: str, coding: str) -> None:
    assert preferred_coding(header)[0] == coding


@pytest.mark.parametrize(
    ("header", "is_refused"),
    [
        ("gzip", False),
        ("gzip, identity;q=0.1", False),
        ("gzip, identity;q=0", True),
        ("gzip, *;q=0", True),
        ("gzip, identity;q=0.1, *;q=0", False),
        # There is nothing that this client takes: an answer that it may be able to read is better.
        ("identity;q=0", False),
        ("*;q=0", False),
    ],
)
def test_whether_an_answer_without_coding_is_refused(header: str, *, is_refused: bool) -> None:
    assert preferred_coding(header)[1] is is_refused


@pytest.mark.parametrize("coding", CODINGS)
def test_a_long_answer_is_compressed(coding: str) -> None:
    response = answer(HttpResponse(LONG, headers={"ETag": '"7-1"'}), coding)
    assert EXPAND[coding](body(response)) == LONG
    assert response["Content-Encoding"] == coding
    assert response["Content-Length"] == str(len(body(response)))
    assert response["ETag"] == 'W/"7-1"'
    assert response["Vary"] == "Accept-Encoding"


def test_a_compressed_answer_does_not_tell_the_time() -> None:
    seconds = body(answer(HttpResponse(LONG), "gzip"))[4:8]  # RFC 1952, section 2.3.1: MTIME
    assert seconds == bytes(4)


def test_what_the_answer_depends_on_already_stays_so() -> None:
    response = answer(HttpResponse(LONG, headers={"Vary": "origin"}), CHROME)
    assert response["Vary"] == "origin, Accept-Encoding"


def test_a_tag_that_is_weak_stays_so() -> None:
    response = answer(HttpResponse(LONG, headers={"ETag": 'W/"7-1"'}), CHROME)
    assert response["ETag"] == 'W/"7-1"'


def test_an_answer_that_fits_into_a_packet_is_not_compressed() -> None:
    short = answer(HttpResponse(LONG[: SHORTEST - 1], headers={"ETag": '"7-1"'}), CHROME)
    assert (body(short), short["ETag"]) == (LONG[: SHORTEST - 1], '"7-1"')
    assert short["Vary"] == "Accept-Encoding"  # the next one at this address may be longer
    assert "Content-Encoding" in answer(HttpResponse(LONG[:SHORTEST]), CHROME)


def test_an_answer_is_compressed_for_who_takes_no_other_however_short() -> None:
    response = answer(HttpResponse(b"{}"), "gzip, identity;q=0")
    assert EXPAND["gzip"](body(response)) == b"{}"


def test_what_compressing_does_not_shorten_is_sent_as_it_is() -> None:
    noise = Random(1).randbytes(2 * SHORTEST)
    for coding in CODINGS:
        assert body(answer(HttpResponse(noise), coding)) == noise


def test_an_answer_without_a_body_is_left_alone() -> None:
    for response in (HttpResponse(status=204), HttpResponse(b"", status=201)):
        assert "Vary" not in answer(response, CHROME)
        assert "Content-Encoding" not in response


def test_a_part_of_an_answer_is_left_alone() -> None:
    assert "Content-Encoding" not in answer(HttpResponse(LONG, status=206), CHROME)


def test_what_has_a_coding_keeps_it() -> None:
    response = answer(HttpResponse(LONG, headers={"Content-Encoding": "gzip"}), CHROME)
    assert (body(response), response["Content-Encoding"]) == (LONG, "gzip")


def test_an_answer_that_sets_a_cookie_is_left_alone() -> None:
    response = HttpResponse(LONG)
    response.set_cookie("sessionid", "secret")
    assert "Content-Encoding" not in answer(response, CHROME)


def test_a_stream_is_left_alone() -> None:
    response = answer(StreamingHttpResponse([LONG]), CHROME)
    assert "Content-Encoding" not in response
    assert isinstance(response, StreamingHttpResponse)
    assert b"".join(response) == LONG


@pytest.mark.parametrize(
    ("known", "tag"),
    [('W/"7-1"', 'W/"7-1"'), ('"7-1"', '"7-1"'), ('"6-1", W/"7-1"', 'W/"7-1"'), ("*", '"7-1"')],
)
def test_what_has_not_changed_keeps_the_tag_that_the_client_has(known: str, tag: str) -> None:
    response = answer(
        HttpResponse(status=304, headers={"ETag": '"7-1"'}), CHROME, If_None_Match=known
    )
    assert (response.status_code, response["ETag"]) == (304, tag)
    assert response["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in response


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin/",
        "/api/v1/",
        "/api/v1/auth/signin/",
        "/api/v1/campaigns",
        "/api/v1/docs/",
        "/api/v1/whatever-comes/",
        "/api/v2/campaigns/",
    ],
)
def test_what_nobody_has_named_is_never_compressed(path: str) -> None:
    response = answer(HttpResponse(LONG), "gzip, identity;q=0", path=path)
    assert body(response) == LONG
    assert "Content-Encoding" not in response
    assert "Vary" not in response


def answer(
    response: HttpResponseBase, accept_encoding: str, *, path: str = OPEN, **headers: str
) -> Any:
    """Send a response through the middleware."""
    request = RequestFactory().get(
        path,
        headers={
            "Accept-Encoding": accept_encoding,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )
    return CompressionMiddleware(lambda _request: response)(request)


def body(response: Any) -> bytes:
    """Return the bytes of a response."""
    content: bytes = response.content
    return content
