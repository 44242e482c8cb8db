"""Entity tags: what If-Match and If-None-Match mean."""

from __future__ import annotations

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.tags import expected_versions, known_tags, tagged


def request(method: str = "get", **headers: str) -> Request:
    return Request(APIRequestFactory().generic(method.upper(), "/", headers=headers))


def test_a_tag_has_the_version_and_the_representation() -> None:
    assert tagged({"id": 1}, version=7)["ETag"] == '"7-1"'


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


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"7-1"', {'"7-1"'}),
        ('W/"7-1"', {'"7-1"'}),
        (' "6-1" ,W/"7-1"', {'"6-1"', '"7-1"'}),
        ("*", {"*"}),
        ("7-1", {"7-1"}),
        ("", set()),
        (" , ", set()),
    ],
)
def test_if_none_match_names_what_the_client_has(header: str, expected: set[str]) -> None:
    assert known_tags(request(**{"If-None-Match": header})) == expected


def test_without_if_none_match_the_client_has_nothing() -> None:
    assert known_tags(request()) == set()
