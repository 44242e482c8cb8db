"""The twin's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework.decorators import action
from rest_framework.filters import OrderingFilter
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.viewsets import ModelViewSet

from benchmarks.twin.models import Campaign
from benchmarks.twin.serializers import CampaignSerializer

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer


class Pagination(PageNumberPagination):
    """Fifty to a page, counted."""

    page_size = 50
    page_size_query_param = "page_size"

    def get_previous_link(self) -> str | None:
        """Write ``page=1`` out, as Ratecard does."""
        link = super().get_previous_link()
        if link and "page=" not in link:
            return replace_query_param(link, self.page_query_param, 1)
        return link

    def get_paginated_response(self, data: Any) -> Response:
        """Say that the count is exact, as Ratecard does."""
        response = super().get_paginated_response(data)
        count = response.data.pop("count")
        response.data = {"count": count, "count_exact": True, **response.data}
        return response


class CampaignViewSet(ModelViewSet[Campaign]):
    """Campaigns of the account that asks."""

    queryset = Campaign.objects.prefetch_related("payouts")
    serializer_class = CampaignSerializer
    pagination_class = Pagination
    filter_backends = [OrderingFilter]
    ordering_fields: ClassVar = ["title", "created_at", "updated_at"]
    ordering = "-created_at"

    def get_queryset(self) -> QuerySet[Campaign]:
        """Return the account's own campaigns."""
        return super().get_queryset().filter(account=self.request.user.pk, deleted_at=None)

    def perform_create(self, serializer: BaseSerializer[Campaign]) -> None:
        """Store a campaign for the account."""
        serializer.save(account=self.request.user)

    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str | None = None) -> Response:  # noqa: ARG002 -- DRF's signature
        """Let a campaign deliver."""
        return self._set_running(on=True)

    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str | None = None) -> Response:  # noqa: ARG002 -- DRF's signature
        """Let a campaign deliver no more."""
        return self._set_running(on=False)

    def _set_running(self, *, on: bool) -> Response:
        campaign = self.get_object()
        campaign.is_running = on
        campaign.version += 1
        campaign.save()
        return Response(self.get_serializer(campaign).data)
