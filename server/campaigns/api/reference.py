"""The REST door to reference data: the same for everybody, whole, good for a day."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from drf_spectacular.utils import extend_schema

from campaigns.api import serializers as shapes
from campaigns.rendering import form
from core.api.answers import Answer
from core.api.schema import ETAG, IF_NONE_MATCH
from core.api.views import ApiViewSet
from core.reference import countries, currencies

if TYPE_CHECKING:
    from rest_framework.request import Request


class ReferenceViewSet(ApiViewSet):
    """Countries and currencies; no sign-in is needed."""

    limits: ClassVar = {
        "countries": "read",
        "currencies": "read",
    }
    cache_control = "public, max-age=86400"
    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="countries_list",
        summary="List countries",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: shapes.CountrySerializer(many=True), 304: None},
    )
    def countries(self, request: Request) -> Answer:  # noqa: ARG002 -- DRF's signature
        """List the countries of ISO 3166-1 by name, all of them."""
        return _answer(_countries())

    @extend_schema(
        operation_id="currencies_list",
        summary="List currencies",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: shapes.CurrencySerializer(many=True), 304: None},
    )
    def currencies(self, request: Request) -> Answer:  # noqa: ARG002 -- DRF's signature
        """List the currencies of ISO 4217 that an amount can be in, all of them, by code."""
        return _answer(_currencies())


def _answer(rows: list[dict[str, Any]]) -> Answer:
    return Answer(rows, headers={"ETag": f'"{form()}"'})


@cache
def _countries() -> list[dict[str, Any]]:
    return [{"code": code, "name": name} for code, name in countries().items()]


@cache
def _currencies() -> list[dict[str, Any]]:
    return [
        {"code": currency.code, "name": currency.name, "minor_digits": currency.minor_digits}
        for currency in currencies().values()
    ]
