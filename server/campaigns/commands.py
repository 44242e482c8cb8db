"""What the use cases of campaigns are asked.

A command checks itself against the rules: an invalid one cannot be made, by any door.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from campaigns import rules
from campaigns.landing_page import clean_landing_page_url
from core.reference import clean_country, clean_currency

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutTerms:
    """What one conversion pays, in one country or (None) worldwide."""

    country: str | None
    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Check the values.

        :raises RuleViolation: one is wrong.
        """
        if self.country is not None:
            clean_country(self.country)
        object.__setattr__(self, "amount", rules.clean_amount(self.amount))
        clean_currency(self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDetails:
    """The values of a campaign that are given; None leaves one as it is.

    ``payouts`` is a whole rate card.
    """

    title: str | None = None
    landing_page_url: str | None = None
    is_running: bool | None = None
    payouts: tuple[PayoutTerms, ...] | None = None

    def __post_init__(self) -> None:
        """Clean the values.

        :raises RuleViolation: one is wrong.
        :raises InvalidInput: the rate card is empty, or has a country twice.
        """
        if self.title is not None:
            object.__setattr__(self, "title", rules.clean_title(self.title))
        if self.landing_page_url is not None:
            url = clean_landing_page_url(self.landing_page_url)
            object.__setattr__(self, "landing_page_url", url)
        if self.payouts is not None:
            rules.require_rate_card(terms.country for terms in self.payouts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCampaign:
    """Create a campaign with its rate card."""

    account_id: int
    actor_id: int
    title: str
    landing_page_url: str
    payouts: tuple[PayoutTerms, ...]
    is_running: bool = False

    def __post_init__(self) -> None:
        """Clean the values, as CampaignDetails does."""
        details = CampaignDetails(
            title=self.title, landing_page_url=self.landing_page_url, payouts=self.payouts
        )
        object.__setattr__(self, "title", details.title)
        object.__setattr__(self, "landing_page_url", details.landing_page_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCommand:
    """Do something to one campaign.

    ``versions``, where given, are those the caller knows: another one refuses the command.
    """

    account_id: int
    actor_id: int
    campaign_id: int
    versions: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCampaign(CampaignCommand):
    """Change the values that are given."""

    details: CampaignDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCampaign(CampaignCommand):
    """Make a stopped copy, under a title of its own or one like the original's."""

    title: str | None = None

    def __post_init__(self) -> None:
        """Clean the title, as CampaignDetails does."""
        object.__setattr__(self, "title", CampaignDetails(title=self.title).title)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCampaign(CampaignCommand):
    """Bring a deleted campaign back, stopped, under its own title or another."""

    title: str | None = None

    def __post_init__(self) -> None:
        """Clean the title, as CampaignDetails does."""
        object.__setattr__(self, "title", CampaignDetails(title=self.title).title)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPayout(CampaignCommand):
    """Pay in one more country, or worldwide."""

    terms: PayoutTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutCommand(CampaignCommand):
    """Do something to one payout."""

    payout_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePayout(PayoutCommand):
    """Change what is given: for ``country``, None is worldwide, and ``keep_country`` leaves it."""

    country: str | None = None
    keep_country: bool = False
    amount: Decimal | None = None
    currency: str | None = None


class BulkAction(StrEnum):
    """What can be done to many campaigns at once."""

    START = "start"
    STOP = "stop"
    DELETE = "delete"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Do one thing to many campaigns; one that fails does not undo the others."""

    account_id: int
    actor_id: int
    action: BulkAction
    campaign_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginImport:
    """Import a file of rate cards, or see what that would do."""

    account_id: int
    actor_id: int
    name: str = ""
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCommand:
    """Do something to one import."""

    account_id: int
    actor_id: int
    import_id: int
