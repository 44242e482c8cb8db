"""The REST door to campaigns: shape and permission, one domain call, an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from campaigns import caching, commands, composition, rules
from campaigns.api import serializers as shapes
from campaigns.filters import CampaignFilter, read_list_query
from campaigns.rate_card import resolve
from campaigns.rendering import campaign_answer, payout_answer
from core.api.answers import Answer
from core.api.input import NoInput, read_body
from core.api.pagination import Page, PageQuery, paginate
from core.api.schema import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION,
    filter_parameters,
    page_of,
)
from core.api.tags import expected_versions, tagged
from core.api.views import ApiViewSet, account_id

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from accounts.models import Account
    from campaigns.lean import CampaignRow
    from campaigns.models import Campaign

_CHANGED = {200: shapes.CampaignSerializer}
_CREATED = {201: shapes.CampaignSerializer}


class CampaignViewSet(ApiViewSet):
    """Campaigns of the account."""

    limits: ClassVar = {
        "list": "read",
        "create": "write",
        "retrieve": "read",
        "update": "write",
        "partial_update": "write",
        "destroy": "write",
        "start": "write",
        "stop": "write",
        "duplicate": "write",
        "restore": "write",
        "history": "read",
        "rate": "read",
        "bulk": "heavy",
    }
    takes_idempotency_keys = True
    lookup_url_kwarg = "campaign_id"
    lookup_value_converter = "int"
    kept = caching.CAMPAIGNS
    query_serializers: ClassVar = {"history": PageQuery, "rate": shapes.RateQuery}
    problem_codes: ClassVar = {
        "create": ("title_taken",),
        "update": ("title_taken",),
        "partial_update": ("title_taken",),
        "duplicate": ("title_taken",),
        "restore": ("title_taken", "not_deleted"),
        "bulk": ("title_taken",),
    }

    def read_query(self, request: Request) -> dict[str, Any]:
        """Read the query string; the list's has filters too."""
        if self.action != "list":
            return super().read_query(request)
        self.filter, query = read_list_query(request.query_params)
        return query

    @extend_schema(
        operation_id="campaigns_list",
        summary="List own campaigns",
        parameters=[IF_NONE_MATCH, ETAG, PageQuery, *filter_parameters(CampaignFilter)],
        responses={200: page_of("Campaign", shapes.CampaignSerializer), 304: None},
    )
    def list(self, request: Request) -> Answer:
        """List campaigns, newest first unless told; narrow with filters."""
        campaigns = composition.campaigns()
        owner = account_id(request)

        def rows() -> QuerySet[Campaign]:
            return self.filter.filter_queryset(
                campaigns.bin(account_id=owner, at=timezone.now())
                if self.filter.wants_bin
                else campaigns.listing(account_id=owner)
            )

        page: Page[Any] = paginate(
            request,
            # Most lists never ask for it, and making it takes as long as reading their page.
            cast("QuerySet[Campaign]", SimpleLazyObject(rows)),
            query=self.query,
            ordering=self.filter.order,
            read=None if self.filter.narrows else caching.OwnPages(cast("Account", request.user)),
        )
        shown = campaigns.rendered(page.rows)
        return Answer(page.answer([campaign_answer(campaign) for campaign in shown]))

    @extend_schema(
        operation_id="campaigns_create",
        summary="Create a campaign",
        request=shapes.CampaignInput,
        responses=_CREATED,
        parameters=[ETAG, LOCATION],
    )
    def create(self, request: Request) -> Answer:
        """Create a campaign with its rate card. It is stopped unless `is_running` is true."""
        owner = account_id(request)
        values = read_body(request, shapes.CampaignInput)
        campaign = composition.campaign_service().create(
            commands.CreateCampaign(account_id=owner, actor_id=owner, **_details(values))
        )
        return _created(campaign)

    @extend_schema(
        operation_id="campaigns_retrieve",
        summary="Read one campaign",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={**_CHANGED, 304: None},
    )
    def retrieve(self, request: Request, campaign_id: int) -> Answer:
        """Read one campaign with its rate card."""
        campaign = composition.campaigns().get(
            account_id=account_id(request), campaign_id=campaign_id
        )
        return _answer(campaign)

    @extend_schema(
        operation_id="campaigns_replace",
        summary="Replace a campaign",
        request=shapes.CampaignInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    def update(self, request: Request, campaign_id: int) -> Answer:
        """Replace title, URL and the whole rate card.

        Payouts are matched by country, so that their ids survive; those left out are removed.
        `is_running` stays as it is if it is left out.
        """
        return self._change(request, campaign_id, partial=False)

    @extend_schema(
        operation_id="campaigns_update",
        summary="Change a campaign",
        request=shapes.CampaignInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    def partial_update(self, request: Request, campaign_id: int) -> Answer:
        """Change what is sent. A rate card that is sent replaces the whole one."""
        return self._change(request, campaign_id, partial=True)

    def _change(self, request: Request, campaign_id: int, *, partial: bool) -> Answer:
        values = read_body(request, shapes.CampaignInput, partial=partial)
        campaign = composition.campaign_service().change(
            commands.ChangeCampaign(
                **target(request, campaign_id),
                details=commands.CampaignDetails(**_details(values)),
            )
        )
        return _answer(campaign)

    @extend_schema(
        operation_id="campaigns_delete",
        summary="Delete a campaign",
        parameters=[IF_MATCH],
        responses={204: None},
    )
    def destroy(self, request: Request, campaign_id: int) -> Answer:
        """Delete a campaign. It can be restored for 30 days."""
        composition.campaign_service().delete(
            commands.CampaignCommand(**target(request, campaign_id))
        )
        return Answer(status=HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="campaigns_start",
        summary="Start a campaign",
        request=NoInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, campaign_id: int) -> Answer:
        """Let the campaign deliver. One that runs already is answered as it is."""
        read_body(request, NoInput)
        campaign = composition.campaign_service().start(
            commands.CampaignCommand(**target(request, campaign_id))
        )
        return _answer(campaign)

    @extend_schema(
        operation_id="campaigns_stop",
        summary="Stop a campaign",
        request=NoInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, campaign_id: int) -> Answer:
        """Let the campaign deliver no more. One that is stopped is answered as it is."""
        read_body(request, NoInput)
        campaign = composition.campaign_service().stop(
            commands.CampaignCommand(**target(request, campaign_id))
        )
        return _answer(campaign)

    @extend_schema(
        operation_id="campaigns_duplicate",
        summary="Duplicate a campaign",
        request=shapes.NewTitleInput,
        responses=_CREATED,
        parameters=[IF_MATCH, ETAG, LOCATION],
    )
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, campaign_id: int) -> Answer:
        """Make a stopped copy with the same rate card, as "Title (copy)" unless told."""
        values = read_body(request, shapes.NewTitleInput)
        campaign = composition.campaign_service().duplicate(
            commands.DuplicateCampaign(**target(request, campaign_id), **values)
        )
        return _created(campaign)

    @extend_schema(
        operation_id="campaigns_restore",
        summary="Restore a deleted campaign",
        request=shapes.NewTitleInput,
        responses=_CHANGED,
        parameters=[IF_MATCH, ETAG],
    )
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, campaign_id: int) -> Answer:
        """Bring a deleted campaign back, stopped, within 30 days.

        If another has taken its title meanwhile, send a new one.
        """
        values = read_body(request, shapes.NewTitleInput)
        campaign = composition.campaign_service().restore(
            commands.RestoreCampaign(**target(request, campaign_id), **values)
        )
        return _answer(campaign)

    @extend_schema(
        operation_id="campaigns_history",
        summary="What changed, when, by whom",
        parameters=[PageQuery],
        responses={200: page_of("Event", shapes.EventSerializer)},
    )
    @action(detail=True, methods=["get"])
    def history(self, request: Request, campaign_id: int) -> Answer:
        """List what happened to the campaign and its payouts, newest first."""
        rows = composition.campaigns().history(
            account_id=account_id(request), campaign_id=campaign_id
        )
        page = paginate(request, rows, query=self.query)
        return Answer(page.answer(list(shapes.EventSerializer(page.rows, many=True).data)))

    @extend_schema(
        operation_id="campaigns_rate",
        summary="What a country pays",
        parameters=[shapes.RateQuery, IF_NONE_MATCH, ETAG],
        responses={200: shapes.RateSerializer, 304: None},
    )
    @action(detail=True, methods=["get"])
    def rate(self, request: Request, campaign_id: int) -> Answer:
        """Resolve a country: its own payout, else the worldwide one, else none."""
        country = self.query["country"]
        version, payouts = composition.campaigns().payouts_for(
            country, account_id=account_id(request), campaign_id=campaign_id
        )
        rate = resolve(payouts, country)
        answer = {
            "country": country,
            "country_name": rules.country_name(country),
            "payout": rate.payout and payout_answer(rate.payout),
            "reason": rate.reason,
        }
        return tagged(answer, version=version)

    @extend_schema(
        operation_id="campaigns_bulk",
        summary="Start, stop, delete or restore many",
        request=shapes.BulkInput,
        responses={200: shapes.BulkSerializer},
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Answer:
        """Do one thing to up to 500 campaigns. One that fails does not undo the others."""
        owner = account_id(request)
        values = read_body(request, shapes.BulkInput)
        outcomes = composition.bulk_service().apply(
            commands.Bulk(
                account_id=owner,
                actor_id=owner,
                action=commands.BulkAction(values["action"]),
                campaign_ids=tuple(values["ids"]),
            )
        )
        results = [
            {"id": outcome.campaign_id, "status": outcome.status.value}
            | ({"code": outcome.code} if outcome.code else {})
            for outcome in outcomes
        ]
        return Answer({"results": results})


def _details(values: dict[str, Any]) -> dict[str, Any]:
    if "payouts" not in values:
        return values
    payouts = tuple(commands.PayoutTerms(**payout) for payout in values["payouts"])
    return {**values, "payouts": payouts}


def target(request: Request, campaign_id: int) -> dict[str, Any]:
    """Return the fields that every command to one campaign has."""
    owner = account_id(request)
    return {
        "account_id": owner,
        "actor_id": owner,
        "campaign_id": campaign_id,
        "versions": expected_versions(request),
    }


def _answer(campaign: Campaign | CampaignRow, *, status: int = HTTP_200_OK) -> Answer:
    return tagged(campaign_answer(campaign), version=campaign.version, status=status)


def _created(campaign: Campaign) -> Answer:
    response = _answer(campaign, status=HTTP_201_CREATED)
    response["Location"] = reverse("campaign-detail", args=[campaign.pk])
    return response
