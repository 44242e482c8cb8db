"""Entity tags: what If-Match and If-None-Match mean."""

from __future__ import annotations

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.tags import entity_tag, expected_versions, tagged


def request(method: str = "get", **headers: str) -> Request:
    return Request(APIRequestFactory().generic(method.upper(), "/", headers=headers))


def test_a_tag_has_the_version_and_the_representation() -> None:
    assert entity_tag(7) == '"7-1"'


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("*", None),
        (" * ", None),
        ('"7-1"', {7}),
        ('W/"7-1"', {7}),
        ('"7-1", "8-1"', {7, 8}),
        (' "7-1" ,W/"8-1" ', {7, 8}),
        ('"7-2"', {7}),
        ('"9223372036854775807-1"', {2**63 - 1}),
        ("", {0}),
        ("7", {0}),
        ('"7"', {0}),
        ("7-1", {0}),
        ('w/"7-1"', {0}),
        ('"7-1', {0}),
        ('"-7-1"', {0}),
        ('"x-1"', {0}),
        ('"\u0667-1"', {0}),
        ('"' + "9" * 5000 + '-1"', {0}),
        ('"7-1", nonsense', {7, 0}),
        ('"7-1", *', {7, 0}),
    ],
)
def test_if_match_names_versions(header: str, expected: set[int] | None) -> None:
    assert expected_versions(request(**{"If-Match": header})) == expected


def test_without_if_match_the_client_does_not_mind() -> None:
    assert expected_versions(request()) is None


def answer(sent: Request, *, status: int = 200) -> tuple[int, object, str]:
    response = tagged(sent, version=7, body=lambda: {"id": 1}, status=status)
    return response.status_code, response.data, response["ETag"]


@pytest.mark.parametrize("header", ['"7-1"', 'W/"7-1"', '"6-1", W/"7-1"', "*"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_the_client_has_is_not_sent_again(method: str, header: str) -> None:
    assert answer(request(method, **{"If-None-Match": header})) == (304, None, '"7-1"')


@pytest.mark.parametrize("header", ['"7-2"', '"6-1"', "7-1", ""])
def test_what_the_client_does_not_have_is_sent(header: str) -> None:
    assert answer(request(**{"If-None-Match": header})) == (200, {"id": 1}, '"7-1"')


def test_without_if_none_match_the_client_has_nothing() -> None:
    assert answer(request()) == (200, {"id": 1}, '"7-1"')


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_a_change_is_always_answered(method: str) -> None:
    sent = request(method, **{"If-None-Match": '"7-1"'})
    assert answer(sent, status=201) == (201, {"id": 1}, '"7-1"')
