"""The use cases of campaigns: one public method is one use case and one transaction."""

from __future__ import annotations

from campaigns.services.bulk import BulkService
from campaigns.services.campaigns import CampaignService
from campaigns.services.imports import ImportService

__all__ = ["BulkService", "CampaignService", "ImportService"]
