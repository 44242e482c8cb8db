"""The REST door to rate cards as a spreadsheet: a file out, a file in, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.status import HTTP_202_ACCEPTED

from campaigns import commands, composition
from campaigns.api import serializers as shapes
from campaigns.exporting import FILE_NAME, exported
from campaigns.filters import CampaignFilter, read_list_query
from campaigns.imports.entities import PIECE
from campaigns.spreadsheet.form import CONTENT_TYPE
from core.api.answers import Answer
from core.api.schema import filter_parameters
from core.api.uploads import take_upload, upload_of
from core.api.views import ApiViewSet, NoQuery, account_id

if TYPE_CHECKING:
    from rest_framework.request import Request

MEDIA_TYPE = "text/csv"

_LOCATION = OpenApiParameter(
    "Location",
    location=OpenApiParameter.HEADER,
    response=[202],
    description="Where to follow the import.",
)


class CSVRenderer(BaseRenderer):
    """Says that an answer is CSV; the view writes it."""

    media_type = MEDIA_TYPE
    format = "csv"


class ExportViewSet(ApiViewSet):
    """Own campaigns as a file."""

    limits: ClassVar = {"export": "heavy"}
    renderer_classes = [CSVRenderer]
    cache_control = "private, no-store"

    def read_query(self, request: Request) -> dict[str, Any]:
        """Read the list's filters; a file has no pages."""
        self.filter, query = read_list_query(request.query_params, page=NoQuery)
        return query

    @extend_schema(
        operation_id="campaigns_export",
        summary="Export rate cards as CSV",
        parameters=filter_parameters(CampaignFilter),
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
    )
    def export(self, request: Request) -> StreamingHttpResponse:
        """Write a row for each payout.

        The columns are `title, landing_page_url, is_running, country, amount, currency`; an empty
        country is worldwide. Cells that a spreadsheet would take for formulas begin with an
        apostrophe. The list's filters apply. What comes out can be imported.
        """
        owner = account_id(request)
        campaigns = composition.campaigns()
        rows = self.filter.filter_queryset(
            campaigns.bin(account_id=owner, at=timezone.now())
            if self.filter.wants_bin
            else campaigns.listing(account_id=owner)
        )
        return StreamingHttpResponse(
            exported(rows, order=self.filter.order),
            content_type=CONTENT_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'},
        )


class ImportViewSet(ApiViewSet):
    """Files that change campaigns."""

    limits: ClassVar = {"create": "heavy", "retrieve": "read"}
    takes_idempotency_keys = True
    query_serializers: ClassVar = {"create": shapes.ImportQuery}
    problem_codes: ClassVar = {"create": ("too_many_imports",)}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Take the file in before anything is done: a slow client holds no transaction up."""
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            take_upload(request, media_type=MEDIA_TYPE)

    @extend_schema(
        operation_id="campaigns_import",
        summary="Import rate cards from CSV",
        request={MEDIA_TYPE: OpenApiTypes.BINARY},
        responses={202: OpenApiResponse(shapes.ImportSerializer)},
        parameters=[shapes.ImportQuery, _LOCATION],
    )
    def create(self, request: Request) -> Answer:
        """Bring campaigns to what is in a file, all of them or none.

        A row for each payout, with a header: `title, landing_page_url, is_running, country, amount,
        currency`; UTF-8, commas or semicolons, 50 MiB and 100,000 rows at most. The rows of one
        title are its whole rate card. A campaign is found by its title; one that is not there is
        created, one that the file does not name stays. The answer comes at once: follow `Location`
        until `state` is `done`, `refused` (the file has problems) or `failed` (we have).
        """
        owner = account_id(request)
        upload = upload_of(request)
        found = composition.import_service().begin(
            commands.BeginImport(
                account_id=owner, actor_id=owner, is_dry_run=self.query["dry_run"] == "true"
            ),
            upload.pieces(PIECE) if upload else (),
        )
        response = Answer(shapes.ImportSerializer(found).data, status=HTTP_202_ACCEPTED)
        response["Location"] = reverse("campaign-import-detail", args=[found.pk])
        return response

    @extend_schema(
        operation_id="campaigns_import_retrieve",
        summary="Follow an import",
        responses={200: shapes.ImportSerializer},
    )
    def retrieve(self, request: Request, import_id: int) -> Answer:
        """Say how far an import is, what it changed, and what is wrong with its file."""
        found = composition.imports().get(account_id=account_id(request), import_id=import_id)
        return Answer(shapes.ImportSerializer(found).data)
