"""What a key may be, and which requests are the same."""

from __future__ import annotations

import string
from typing import Any

import pytest
from django.test import RequestFactory

from core.idempotency.keys import (
    InvalidIdempotencyKey,
    fingerprint,
    idempotency_key,
    key_digest,
)

REQUEST: dict[str, Any] = {
    "method": "PATCH",
    "path": "/api/v1/campaigns/1/",
    "query": "",
    "body": b'{"title": "Loans"}',
    "if_match": '"1-1"',
}
DIFFERENT: list[dict[str, Any]] = [
    {"method": "PUT"},
    {"path": "/api/v1/campaigns/11/"},
    {"query": "page=1"},
    {"body": b'{"title": "Loans!"}'},
    {"body": b'{"title":"Loans"}'},
    {"body": b""},
    {"if_match": '"2-1"'},
    {"if_match": ""},
    {"if_match": None},
    # What could run together with its neighbour.
    {"if_match": '"1-1"]{"title":', "body": b'"Loans"}'},
    {"path": "/api/v1/campaigns/1/?page=1"},
    {"path": "/api/v1/campaigns/1", "query": "/"},
]


@pytest.mark.parametrize(
    "key", ["a", "0" * 255, "8b382d57-fbdb-4a59-8228-fb57328dfce4", "two words", string.punctuation]
)
def test_printable_ascii_is_a_key(key: str) -> None:
    assert _key(key) == key


def test_what_stands_around_a_key_is_no_part_of_it() -> None:
    assert _key(" \ta\t ") == "a"


def test_a_request_needs_no_key() -> None:
    assert idempotency_key(RequestFactory().post("/")) is None


@pytest.mark.parametrize(
    "key", ["", " ", "\t", "0" * 256, "a\x00", "a\nb", "a\n", "a\tb", "\x7f", "é", "Ω", "a\u200b"]
)
def test_anything_else_is_refused_and_the_header_named(key: str) -> None:
    with pytest.raises(InvalidIdempotencyKey, match="Idempotency-Key"):
        _key(key)


def test_keys_differ_in_case_and_all_are_stored_alike() -> None:
    digests = {key_digest(key) for key in ("a", "A", "0" * 255)}
    assert [len(digest) for digest in digests] == [64, 64, 64]


def test_the_same_request_has_the_same_fingerprint() -> None:
    assert _fingerprint() == _fingerprint()
    assert len(_fingerprint()) == 64


@pytest.mark.parametrize("change", DIFFERENT, ids=str)
def test_another_request_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert _fingerprint(**change) != _fingerprint()


def test_text_that_no_encoding_knows_has_a_fingerprint_too() -> None:
    assert _fingerprint(if_match="\udcff") != _fingerprint(if_match="\udcfe")


def _key(value: str) -> str | None:
    return idempotency_key(RequestFactory().post("/", headers={"Idempotency-Key": value}))


def _fingerprint(**changes: Any) -> str:
    asked = REQUEST | changes
    headers = {} if asked["if_match"] is None else {"If-Match": asked["if_match"]}
    request = RequestFactory().generic(
        asked["method"], "/", asked["body"], content_type="application/json", headers=headers
    )
    request.path = asked["path"]
    request.META["QUERY_STRING"] = asked["query"]
    return fingerprint(request)
