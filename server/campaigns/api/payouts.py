"""The REST door to a campaign's rate card, one payout at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from campaigns import caching, commands, composition
from campaigns.api import serializers as shapes
from campaigns.api.views import target
from campaigns.rendering import payout_answer
from core.api.answers import Answer
from core.api.input import read_body
from core.api.pagination import PageQuery, paginate
from core.api.schema import ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, page_of
from core.api.tags import tagged
from core.api.views import ApiViewSet, account_id

if TYPE_CHECKING:
    from rest_framework.request import Request

    from campaigns.models import CampaignPayout

_CHANGED = {200: shapes.PayoutSerializer}


class PayoutViewSet(ApiViewSet):
    """Payouts of one campaign. Every write raises the campaign's version."""

    limits: ClassVar = {
        "list": "read",
        "create": "write",
        "retrieve": "read",
        "update": "write",
        "partial_update": "write",
        "destroy": "write",
    }
    takes_idempotency_keys = True
    lookup_url_kwarg = "payout_id"
    lookup_value_converter = "int"
    kept = caching.PAYOUTS
    query_serializers: ClassVar = {"list": PageQuery}
    problem_codes: ClassVar = {
        "create": ("country_taken",),
        "update": ("country_taken",),
        "partial_update": ("country_taken",),
        "destroy": ("last_payout",),
    }

    @extend_schema(
        operation_id="payouts_list",
        summary="List a rate card",
        parameters=[IF_NONE_MATCH, ETAG, PageQuery],
        responses={200: page_of("Payout", shapes.PayoutSerializer), 304: None},
    )
    def list(self, request: Request, campaign_id: int) -> Answer:
        """List the payouts of a campaign, in the order in which they were added."""
        rows = composition.campaigns().payouts(
            account_id=account_id(request), campaign_id=campaign_id
        )
        page = paginate(request, rows, query=self.query, ordering="pk")
        return Answer(page.answer([payout_answer(payout) for payout in page.rows]))

    @extend_schema(
        operation_id="payouts_create",
        summary="Add a payout",
        request=shapes.PayoutInput,
        responses={201: shapes.PayoutSerializer},
        parameters=[IF_MATCH, ETAG, LOCATION],
    )
    def create(self, request: Request, campaign_id: int) -> Answer:
        """Pay in one more country, or worldwide."""
        values = read_body(request, shapes.PayoutInput)
        campaign, payout = composition.campaign_service().add_payout(
            commands.AddPayout(**target(request, campaign_id), terms=commands.PayoutTerms(**values))
        )
        response = _answer(payout, version=campaign.version, status=HTTP_201_CREATED)
        response["Location"] = reverse("campaign-payout-detail", args=[campaign.pk, payout.pk])
        return response

    @extend_schema(
        operation_id="payouts_retrieve",
        summary="Read one payout",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={**_CHANGED, 304: None},
    )
    def retrieve(self, request: Request, campaign_id: int, payout_id: int) -> Answer:
        """Read one payout. Its ETag is its campaign's."""
        payout = composition.campaigns().payout(
            account_id=account_id(request),
            campaign_id=campaign_id,
            payout_id=payout_id,
        )
        return _answer(payout, version=payout.campaign.version)

    @extend_schema(
        operation_id="payouts_replace",
        summary="Replace a payout",
        request=shapes.PayoutInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    def update(self, request: Request, campaign_id: int, payout_id: int) -> Answer:
        """Replace one payout. Without a country it is worldwide."""
        values = read_body(request, shapes.PayoutInput)
        return self._change(request, campaign_id, payout_id, values)

    @extend_schema(
        operation_id="payouts_update",
        summary="Change a payout",
        request=shapes.PayoutInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, campaign_id: int, payout_id: int) -> Answer:
        """Change what is sent of one payout."""
        values = read_body(request, shapes.PayoutInput, partial=True)
        values["keep_country"] = "country" not in values
        return self._change(request, campaign_id, payout_id, values)

    def _change(
        self, request: Request, campaign_id: int, payout_id: int, values: dict[str, Any]
    ) -> Answer:
        campaign, payout = composition.campaign_service().change_payout(
            commands.ChangePayout(**target(request, campaign_id), payout_id=payout_id, **values)
        )
        return _answer(payout, version=campaign.version)

    @extend_schema(
        operation_id="payouts_delete",
        summary="Remove a payout",
        parameters=[IF_MATCH],
        responses={204: None},
    )
    def destroy(self, request: Request, campaign_id: int, payout_id: int) -> Answer:
        """Remove one payout. A campaign's last one stays."""
        composition.campaign_service().remove_payout(
            commands.PayoutCommand(**target(request, campaign_id), payout_id=payout_id)
        )
        return Answer(status=HTTP_204_NO_CONTENT)


def _answer(payout: CampaignPayout, *, version: int, status: int = HTTP_200_OK) -> Answer:
    return tagged(payout_answer(payout), version=version, status=status)
