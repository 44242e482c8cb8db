"""The REST door to reference data: the same for everybody, whole, good for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from campaigns.api import serializers as shapes
from core.api.views import ApiViewSet
from core.reference import countries, currencies

if TYPE_CHECKING:
    from rest_framework.request import Request


class ReferenceViewSet(ApiViewSet):
    """Countries and currencies; no sign-in is needed."""

    cache_control = "public, max-age=86400"
    authentication_classes = []
    permission_classes = []

    @extend_schema(
        operation_id="countries_list",
        summary="List countries",
        responses={200: shapes.CountrySerializer(many=True)},
    )
    def countries(self, request: Request) -> Response:  # noqa: ARG002 -- DRF's signature
        """List the countries of ISO 3166-1 by name, all of them."""
        return Response([{"code": code, "name": name} for code, name in countries().items()])

    @extend_schema(
        operation_id="currencies_list",
        summary="List currencies",
        responses={200: shapes.CurrencySerializer(many=True)},
    )
    def currencies(self, request: Request) -> Response:  # noqa: ARG002 -- DRF's signature
        """List the currencies of ISO 4217 that an amount can be in, all of them, by code."""
        return Response(
            [
                {
                    "code": currency.code,
                    "name": currency.name,
                    "minor_digits": currency.minor_digits,
                }
                for currency in currencies().values()
            ]
        )
