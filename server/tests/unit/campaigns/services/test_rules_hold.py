"""The product's rules hold after any sequence of use cases."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns import commands, rules
from campaigns.rendering import rate_card_json
from core.exceptions import DomainError
from tests.factories.campaigns import LANDING_PAGE, terms
from tests.fixtures.campaign_store import CAMPAIGN_LOCKED, TITLE_WRITTEN, VERSION_RAISED
from tests.fixtures.fakes import OTHER, OWNER, CampaignWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaigns.models import Campaign
    from tests.fixtures.memory import Recorded

accounts = st.sampled_from([OWNER, OTHER])
titles = st.sampled_from(["Spring", "SPRING", "Straße", "strasse", "Spring (copy)", "Autumn"])
countries = st.sampled_from([None, "AT", "EE", "FI"])
payouts = st.builds(
    terms, countries, st.sampled_from(["1", "2.5"]), st.sampled_from(["EUR", "JPY"])
)
rate_cards = st.lists(payouts, min_size=1, unique_by=lambda payout: payout.country).map(tuple)
picks = st.integers(0, 5)
maybe_running = st.sampled_from([None, True, False])


class Campaigns(RuleBasedStateMachine):
    """Two people who do anything, in any order, to anybody's campaigns."""

    def __init__(self) -> None:
        super().__init__()
        self.world = CampaignWorld()
        self.ids: list[int] = []
        self.before: dict[int, Campaign] = {}
        self.versions: dict[int, int] = {}
        self.history: list[Recorded] = []

    @initialize()
    def begin(self) -> None:
        for title in ("Spring", "Autumn"):
            self.ids.append(self.world.created(title).pk)

    def target(self, account_id: int, pick: int) -> dict[str, Any]:
        return {
            "account_id": account_id,
            "actor_id": account_id,
            "campaign_id": self.ids[pick % len(self.ids)],
        }

    def payout_id(self, pick: int, payout: int) -> int:
        """Return a payout of a campaign; one that is gone has none any more."""
        campaign_id = self.ids[pick % len(self.ids)]
        cards = {one.pk: one.rate_card for one in self.world.store.all_stored()}
        card = cards.get(campaign_id)
        return card[payout % len(card)].pk if card else 0

    def attempt(self, use_case: Callable[[], object]) -> None:
        """Do it, or be refused; either is an answer."""
        self.world.clock.advance(seconds=1)
        with suppress(DomainError):
            use_case()

    @rule(account_id=accounts, title=titles, card=rate_cards, is_running=st.booleans())
    def create(self, account_id: int, title: str, card: Any, *, is_running: bool) -> None:
        command = commands.CreateCampaign(
            account_id=account_id,
            actor_id=account_id,
            title=title,
            landing_page_url=LANDING_PAGE,
            payouts=card,
            is_running=is_running,
        )
        self.attempt(lambda: self.ids.append(self.world.service.create(command).pk))

    @rule(
        account_id=accounts,
        pick=picks,
        title=st.none() | titles,
        card=st.none() | rate_cards,
        is_running=maybe_running,
    )
    def change(
        self, account_id: int, pick: int, title: str | None, card: Any, *, is_running: bool | None
    ) -> None:
        details = commands.CampaignDetails(title=title, payouts=card, is_running=is_running)
        command = commands.ChangeCampaign(**self.target(account_id, pick), details=details)
        self.attempt(lambda: self.world.service.change(command))

    @rule(account_id=accounts, pick=picks, name=st.sampled_from(["start", "stop", "delete"]))
    def change_state(self, account_id: int, pick: int, name: str) -> None:
        command = commands.CampaignCommand(**self.target(account_id, pick))
        self.attempt(lambda: getattr(self.world.service, name)(command))

    @rule(account_id=accounts, pick=picks, title=st.none() | titles)
    def restore(self, account_id: int, pick: int, title: str | None) -> None:
        command = commands.RestoreCampaign(**self.target(account_id, pick), title=title)
        self.attempt(lambda: self.world.service.restore(command))

    @rule(account_id=accounts, pick=picks, title=st.none() | titles)
    def duplicate(self, account_id: int, pick: int, title: str | None) -> None:
        command = commands.DuplicateCampaign(**self.target(account_id, pick), title=title)
        self.attempt(lambda: self.ids.append(self.world.service.duplicate(command).pk))

    @rule(account_id=accounts, pick=picks, payout=payouts)
    def add_payout(self, account_id: int, pick: int, payout: commands.PayoutTerms) -> None:
        command = commands.AddPayout(**self.target(account_id, pick), terms=payout)
        self.attempt(lambda: self.world.service.add_payout(command))

    @rule(account_id=accounts, pick=picks, number=picks, country=countries, keep=st.booleans())
    def change_payout(
        self, account_id: int, pick: int, number: int, country: str | None, *, keep: bool
    ) -> None:
        command = commands.ChangePayout(
            **self.target(account_id, pick),
            payout_id=self.payout_id(pick, number),
            country=country,
            keep_country=keep,
            amount=terms(None, "7").amount,
        )
        self.attempt(lambda: self.world.service.change_payout(command))

    @rule(account_id=accounts, pick=picks, number=picks)
    def remove_payout(self, account_id: int, pick: int, number: int) -> None:
        command = commands.PayoutCommand(
            **self.target(account_id, pick), payout_id=self.payout_id(pick, number)
        )
        self.attempt(lambda: self.world.service.remove_payout(command))

    @rule(
        account_id=accounts,
        action=st.sampled_from(commands.BulkAction),
        chosen=st.lists(picks, max_size=6),
    )
    def bulk(self, account_id: int, action: commands.BulkAction, chosen: list[int]) -> None:
        ids = tuple(self.ids[pick % len(self.ids)] for pick in chosen)
        command = commands.Bulk(
            account_id=account_id, actor_id=account_id, action=action, campaign_ids=ids
        )
        self.attempt(lambda: self.world.bulk.apply(command))

    @rule(days=st.sampled_from([1, 29, 31]))
    def wait_and_purge(self, days: int) -> None:
        self.world.clock.advance(days=days)
        self.attempt(self.world.bulk.purge)

    @invariant()
    def a_campaign_pays_and_no_country_twice(self) -> None:
        for campaign in self.world.store.all_stored():
            paid = [payout.country for payout in campaign.rate_card]
            assert paid
            assert len(set(paid)) == len(paid)

    @invariant()
    def no_payout_is_left_without_its_campaign(self) -> None:
        rows = self.world.memory.table("payouts").values()
        assert {row["campaign_id"] for row in rows} <= set(self.world.memory.table("campaigns"))

    @invariant()
    def titles_are_unique_among_live_campaigns(self) -> None:
        live = [
            (campaign.account_id, rules.title_key(campaign.title))
            for campaign in self.world.store.all_stored()
            if campaign.deleted_at is None
        ]
        assert len(set(live)) == len(live)

    @invariant()
    def what_is_deleted_is_stopped(self) -> None:
        for campaign in self.world.store.all_stored():
            assert not (campaign.deleted_at and campaign.is_running)

    @invariant()
    def a_version_rises_with_a_record_or_nothing_changed(self) -> None:
        now = {campaign.pk: campaign for campaign in self.world.store.all_stored()}
        told = {line.subject[1] for line in self.world.memory.history[len(self.history) :]}
        for key, campaign in now.items():
            if (before := self.before.get(key)) is None:
                continue
            same = (before.described(), before.deleted_at, before.updated_at) == (
                campaign.described(),
                campaign.deleted_at,
                campaign.updated_at,
            )
            assert campaign.version == before.version + (0 if same else 1)
            assert (key in told) is not same
        assert set(self.before) - set(now) <= told
        self.before = now

    @invariant()
    def an_accounts_version_rises_by_one_with_any_change(self) -> None:
        """However many campaigns a write changes; what is purged nobody could see any more."""
        lines = self.world.memory.history[len(self.history) :]
        told = {line.account_id for line in lines if line.name != "campaign.purged"}
        for account_id in (OWNER, OTHER):
            version = self.world.store.version(account_id)
            if account_id in self.versions:
                assert version == self.versions[account_id] + (account_id in told)
            self.versions[account_id] = version

    @invariant()
    def locks_are_taken_in_one_order(self) -> None:
        """Two writes that take them in different orders would wait for each other."""
        locks = self.world.store.locks
        assert locks in (
            [],
            [CAMPAIGN_LOCKED],
            [VERSION_RAISED, TITLE_WRITTEN],
            [CAMPAIGN_LOCKED, VERSION_RAISED, TITLE_WRITTEN],
        )
        locks.clear()

    @invariant()
    def a_rate_card_is_stored_as_it_is_shown(self) -> None:
        for campaign in self.world.store.all_stored():
            assert campaign.is_rendered
            assert campaign.rendered_payouts == rate_card_json(campaign.rate_card)

    @invariant()
    def history_only_grows(self) -> None:
        history = self.world.memory.history
        assert history[: len(self.history)] == self.history
        self.history = list(history)


TestCampaigns = Campaigns.TestCase
TestCampaigns.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
