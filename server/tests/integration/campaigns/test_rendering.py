"""What is stored to be shown is, byte for byte, what the declared serializers would write."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from campaigns import commands, composition, rules
from campaigns.api.serializers import CampaignSerializer, PayoutSerializer, RateSerializer
from campaigns.models import Campaign, CampaignPayout
from campaigns.rate_card import resolve
from campaigns.rendering import form, rate_card_json
from core import reference
from core.api.renderers import JSONRenderer
from core.exceptions import RuleViolation
from core.reference import countries, currencies
from tests.fixtures.api import LANDING_PAGE, ApiClient, payload, payout
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.fixtures.api import Answer

pytestmark = pytest.mark.django_db

ADDRESS = "http://testserver/api/v1/"
PAGE_SIZE = 2
RECENTLY = timezone.now().replace(microsecond=0) - timedelta(days=1)


# What can be stored, at random.


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A campaign to store through the services, and whether and when it is deleted."""

    title: str
    landing_page_url: str
    is_running: bool
    payouts: tuple[commands.PayoutTerms, ...]
    created_at: datetime
    deleted_at: datetime | None


def _is_title(text: str) -> bool:
    try:
        rules.clean_title(text)
    except RuleViolation:
        return False
    return True


def _card(
    size: int, first: int, paid: Sequence[tuple[Any, str]]
) -> tuple[commands.PayoutTerms, ...]:
    """Return a rate card of any size: the countries in turn from one, what is paid in turn too."""
    where = (None, *countries())
    return tuple(
        commands.PayoutTerms(
            country=where[(first + number) % len(where)],
            amount=paid[number % len(paid)][0],
            currency=paid[number % len(paid)][1],
        )
        for number in range(min(size, len(where)))
    )


titles = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
urls = st.builds(
    "{}://{}/{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["shop.example.com", "shop.example.com:8080", "bücher.example"]),
    st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\\"), max_size=30),
).filter(lambda url: not any(character.isspace() for character in url))
amounts = st.integers(0, rules.AMOUNT_DECIMALS).flatmap(
    lambda places: (
        st.decimals(1, rules.LARGEST_AMOUNT, places=places)
        | st.decimals("0.0001", 1, places=rules.AMOUNT_DECIMALS)
        | st.just(rules.LARGEST_AMOUNT)
    )
)
codes = st.integers(0, 4).flatmap(
    lambda digits: st.sampled_from(
        [code for code, currency in currencies().items() if currency.minor_digits == digits]
        or ["EUR"]
    )
)
cards = st.builds(
    _card,
    st.integers(1, 4) | st.sampled_from([1, 2, 5, rules.MOST_PAYOUTS]),
    st.integers(0, rules.MOST_PAYOUTS),
    st.lists(st.tuples(amounts, codes), min_size=1, max_size=5),
)


def moments(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    """Return moments in UTC, many of them without microseconds."""
    precise = st.datetimes(first.replace(tzinfo=None), last.replace(tzinfo=None))
    rounded = precise.map(lambda moment: moment.replace(microsecond=0))
    return (precise | rounded).map(lambda moment: moment.replace(tzinfo=UTC))


plans = st.lists(
    st.builds(
        Plan,
        title=titles.filter(_is_title),
        landing_page_url=urls,
        is_running=st.booleans(),
        payouts=cards,
        created_at=moments(datetime(1970, 1, 1, tzinfo=UTC), RECENTLY),
        deleted_at=st.none() | moments(RECENTLY - timedelta(days=20), RECENTLY),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda plan: rules.title_key(plan.title),
)


def store(plan: Plan, *, account_id: int) -> int:
    """Store a campaign as the product does, at the moments of its plan; return its id."""
    now = plan.created_at
    service = composition.campaign_service(clock=lambda: now)
    campaign = service.create(
        commands.CreateCampaign(
            account_id=account_id,
            actor_id=account_id,
            title=plan.title,
            landing_page_url=plan.landing_page_url,
            payouts=plan.payouts,
            is_running=plan.is_running,
        )
    )
    if plan.deleted_at is not None:
        now = plan.deleted_at
        service.delete(
            commands.CampaignCommand(
                account_id=account_id, actor_id=account_id, campaign_id=campaign.pk
            )
        )
    return campaign.pk


# What the serializers would answer, from what is in the database.


def declared(data: Any) -> bytes:
    """Write what a serializer returned, or what stands around it."""
    return JSONRenderer().render(data)


def fresh(**which: Any) -> list[Campaign]:
    """Read campaigns, the newest first, and their payouts, whatever is stored to be shown."""
    return list(Campaign.objects.with_rate_card().filter(**which).order_by("-created_at", "-pk"))


def one(campaign_id: int) -> Campaign:
    """Read one campaign."""
    return fresh(pk=campaign_id)[0]


def campaign_bytes(campaign_id: int) -> bytes:
    """Return the declared answer about one campaign."""
    return declared(CampaignSerializer(one(campaign_id)).data)


def rate_bytes(campaign: Campaign, country: str) -> bytes:
    """Return the declared answer about what a country pays."""
    rate = resolve(campaign.rate_card, country)
    answer = {
        "country": country,
        "country_name": rules.country_name(country),
        "payout": rate.payout,
        "reason": rate.reason,
    }
    return declared(RateSerializer(answer).data)


def assert_page(answer: Answer, rows: Sequence[Any], serializer: Any, **around: Any) -> None:
    """Compare an answer with the declared rows, and with what stands around them."""
    assert answer.status == 200, answer
    assert answer.content == declared({**around, "results": serializer(rows, many=True).data})


def assert_list(api: ApiClient, rows: Sequence[Any], path: str, serializer: Any) -> None:
    """Walk a list by numbers and by cursor: each page is the declared one."""
    sign = "&" if "?" in path else "?"
    for number in range(1, max(1, -(-len(rows) // PAGE_SIZE)) + 1):
        address = f"{path}{sign}page_size={PAGE_SIZE}&page="
        assert_page(
            api.get(f"{address}{number}"),
            rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
            serializer,
            count=len(rows),
            count_exact=True,
            next=f"{ADDRESS}{address}{number + 1}" if number * PAGE_SIZE < len(rows) else None,
            previous=f"{ADDRESS}{address}{number - 1}" if number > 1 else None,
        )
    walked = 0
    for page in api.walk(f"{path}{sign}page_size={PAGE_SIZE}&cursor=", {}):
        links = {name: page.json[name] for name in ("next", "previous")}
        assert_page(page, rows[walked : walked + PAGE_SIZE], serializer, **links)
        walked += PAGE_SIZE
    assert walked >= len(rows)


def assert_campaign(api: ApiClient, campaign: Campaign) -> None:
    """Ask every route that shows a live campaign or a part of it."""
    path = f"campaigns/{campaign.pk}/"
    assert api.get(path).content == declared(CampaignSerializer(campaign).data)
    by_id = sorted(campaign.rate_card, key=lambda payout: payout.pk)
    assert_page(
        api.get(f"{path}payouts/?page_size=200"),
        by_id[:200],
        PayoutSerializer,
        count=len(by_id),
        count_exact=True,
        next=None if len(by_id) <= 200 else f"{ADDRESS}{path}payouts/?page_size=200&page=2",
        previous=None,
    )
    for paid in (by_id[0], by_id[-1]):
        answer = api.get(f"{path}payouts/{paid.pk}/")
        assert answer.content == declared(PayoutSerializer(paid).data)
    paying = [payout.country for payout in campaign.rate_card if payout.country]
    for country in (paying[-1] if paying else "EE", "EE"):
        assert api.get(f"{path}rate/?country={country}").content == rate_bytes(campaign, country)


def assert_all_answers(api: ApiClient) -> None:
    """Ask every route that shows campaigns of an account."""
    mine = fresh(account_id=api.account_id)
    live = [campaign for campaign in mine if campaign.deleted_at is None]
    deleted = [campaign for campaign in mine if campaign.deleted_at is not None]
    assert_list(api, live, "campaigns/", CampaignSerializer)
    assert_list(api, deleted, "campaigns/?deleted=true", CampaignSerializer)
    for campaign in live:
        assert_campaign(api, campaign)


@given(planned=plans)
@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink takes minutes here
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_answers_are_those_of_the_declared_serializers(planned: list[Plan], api: ApiClient) -> None:
    """The lean path and the declared one agree byte by byte, on whatever can be stored."""
    Campaign.objects.all().delete()
    for plan in planned:
        store(plan, account_id=api.account_id)
    for campaign in fresh():
        assert campaign.is_rendered
        assert campaign.rendered_payouts == rate_card_json(campaign.rate_card)
    assert_all_answers(api)


# Every kind of write.


@dataclass(frozen=True, slots=True)
class World:
    """A campaign with three payouts, and a deleted one."""

    api: ApiClient
    campaign: dict[str, Any]
    deleted: dict[str, Any]

    @property
    def path(self) -> str:
        """The campaign's address."""
        return f"campaigns/{self.campaign['id']}/"

    def payout(self, country: str | None) -> str:
        """Return the address of the payout for a country."""
        ids = {payout["country"]: payout["id"] for payout in self.campaign["payouts"]}
        return f"{self.path}payouts/{ids[country]}/"

    def bulk(self, action: str) -> Answer:
        """Do one thing to both campaigns."""
        ids = [self.campaign["id"], self.deleted["id"]]
        return self.api.post("campaigns/bulk/", {"action": action, "ids": ids})


@pytest.fixture
def world(api: ApiClient) -> World:
    card = [payout(), payout("FI", "2.5"), payout("EE", "120", "JPY")]
    deleted = api.create("Deleted", payouts=card)
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    return World(api, api.create("Live", payouts=card), deleted)


def patch_the_country(world: World) -> Answer:
    """Let one payout take the place of the worldwide one, which goes first."""
    assert world.api.delete(world.payout(None)).status == 204
    return world.api.patch(world.payout("EE"), {"country": None})


REPLACED = payload("New", payouts=[payout("FI", "2.50"), payout("EE", "7", "KWD"), payout("AT")])

# Those that answer with a campaign, then those that do not.
SHOWING: dict[str, Callable[[World], Answer]] = {
    "create": lambda world: world.api.post(
        "campaigns/", payload("Created", payouts=[payout("SE", "0.0005"), payout("AX"), payout()])
    ),
    "duplicate": lambda world: world.api.post(world.path + "duplicate/"),
    "replace": lambda world: world.api.put(world.path, REPLACED),
    "replace by the same": lambda world: world.api.put(
        world.path,
        {"title": "Live", "landing_page_url": LANDING_PAGE, "payouts": world.campaign["payouts"]},
    ),
    "replace the title": lambda world: world.api.put(
        world.path,
        {"title": "New", "landing_page_url": LANDING_PAGE, "payouts": world.campaign["payouts"]},
    ),
    "patch the title": lambda world: world.api.patch(world.path, {"title": "New"}),
    "patch the payouts": lambda world: world.api.patch(
        world.path, {"payouts": REPLACED["payouts"]}
    ),
    "patch nothing": lambda world: world.api.patch(world.path, {}),
    "start": lambda world: world.api.post(world.path + "start/"),
    "stop what is stopped": lambda world: world.api.post(world.path + "stop/"),
    "restore": lambda world: world.api.post(f"campaigns/{world.deleted['id']}/restore/"),
    "restore a live one": lambda world: world.api.post(world.path + "restore/"),
}
OTHERS: dict[str, Callable[[World], Answer]] = {
    "delete": lambda world: world.api.delete(world.path),
    "add a payout": lambda world: world.api.post(world.path + "payouts/", payout("AT", "0.0005")),
    "replace a payout": lambda world: world.api.put(world.payout("EE"), payout("AT", "9", "KWD")),
    "patch a payout": lambda world: world.api.patch(world.payout("EE"), {"amount": "9"}),
    "patch a payout's country": patch_the_country,
    "patch nothing of a payout": lambda world: world.api.patch(world.payout("EE"), {}),
    "remove a payout": lambda world: world.api.delete(world.payout(None)),
    "bulk start": lambda world: world.bulk("start"),
    "bulk delete": lambda world: world.bulk("delete"),
    "bulk restore": lambda world: world.bulk("restore"),
}
CHANGING_NOTHING = {
    "replace by the same",
    "patch nothing",
    "stop what is stopped",
    "restore a live one",
    "patch nothing of a payout",
}
CHANGING_THE_STATE = {"start", "delete", "bulk start", "bulk delete", "bulk restore"}


def make_old(stored_form: str, **which: Any) -> None:
    """Let what is stored be of another form, so that it cannot be shown, nor what was answered."""
    Campaign.objects.filter(**which).update(rendered_payouts="", rendered_form=stored_form)
    Account.objects.update(campaigns_version=F("campaigns_version") + 1)


@pytest.mark.parametrize("kind", [*SHOWING, *OTHERS])
def test_what_is_stored_is_right_after_every_write(world: World, kind: str) -> None:
    answer = (SHOWING | OTHERS)[kind](world)
    assert answer.status < 300, answer
    if kind in SHOWING:
        assert answer.content == campaign_bytes(answer.json["id"])
    for campaign in fresh():
        assert campaign.is_rendered
        assert campaign.rendered_payouts == rate_card_json(campaign.rate_card)
    assert_all_answers(world.api)


# Rows of another form.


@pytest.mark.parametrize("stored_form", ["", "0123456789abcdef"])
@pytest.mark.parametrize("kind", [*SHOWING, *OTHERS])
def test_a_write_to_a_row_of_an_old_form_is_answered_right_and_heals_it(
    world: World, kind: str, stored_form: str
) -> None:
    """But for changes of state, which leave rate cards as they are stored."""
    make_old(stored_form)
    versions = dict(Campaign.objects.values_list("pk", "version"))
    answer = (SHOWING | OTHERS)[kind](world)
    assert answer.status < 300, answer
    if kind in SHOWING:
        assert answer.content == campaign_bytes(answer.json["id"])
    written = [row for row in fresh() if row.version != versions.get(row.pk)]
    assert bool(written) is (kind not in CHANGING_NOTHING)
    for campaign in written:
        assert campaign.is_rendered is not (kind in CHANGING_THE_STATE)
        if campaign.is_rendered:
            assert campaign.rendered_payouts == rate_card_json(campaign.rate_card)
    assert_all_answers(world.api)


@pytest.mark.parametrize("stored_form", ["", "0123456789abcdef"])
def test_every_route_shows_rows_of_an_old_form(world: World, stored_form: str) -> None:
    make_old(stored_form)
    assert_all_answers(world.api)
    assert set(Campaign.objects.values_list("rendered_form", flat=True)) == {stored_form}


@pytest.mark.parametrize("path", ["campaigns/", "campaigns/?deleted=true", "campaigns/?cursor="])
def test_a_list_with_rows_of_an_old_form_takes_one_query_more(api: ApiClient, path: str) -> None:
    card = [payout(), payout("EE")]
    ids = [api.create(f"Campaign {number}", payouts=card)["id"] for number in range(8)]
    for campaign_id in ids[4:]:
        api.delete(f"campaigns/{campaign_id}/")
    taken = []
    for old in ([], [ids[1], ids[5]], ids):
        make_old("", pk__in=old)
        with counted_queries() as statements:
            answer = api.get(path)
        live = fresh(deleted_at__isnull="deleted" not in path)
        expected = {**answer.json, "results": CampaignSerializer(live, many=True).data}
        assert answer.content == declared(expected)
        taken.append(len(statements))
    assert taken == [taken[0], taken[0] + 1, taken[0] + 1]


# Names and digits that change with a package's release.


@contextmanager
def other_reference_data(monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> Iterator[None]:
    """Let countries() or currencies() return something else."""
    for module in ("core.reference", "campaigns.rules", "campaigns.rendering"):
        monkeypatch.setattr(f"{module}.{name}", lambda: value)
    form.cache_clear()
    try:
        yield
    finally:
        monkeypatch.undo()
        form.cache_clear()


def test_another_name_of_a_country_is_shown_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.api.get(world.path).content
    renamed = MappingProxyType({**countries(), "EE": "Eesti"})
    assert b"Estonia" in before
    with other_reference_data(monkeypatch, "countries", renamed):
        assert world.api.get(world.path).content == before.replace(b"Estonia", b"Eesti")
        assert b"Estonia" not in world.api.get("campaigns/").content
        assert b"Estonia" not in world.api.get("campaigns/?deleted=true").content
        assert_all_answers(world.api)
        changed = world.api.patch(world.path, {"title": "Renamed"})
        assert changed.content == campaign_bytes(world.campaign["id"])
        assert "Eesti" in one(world.campaign["id"]).rendered_payouts
    assert_all_answers(world.api)


def test_other_minor_digits_of_a_currency_are_shown_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    yen = reference.Currency(code="JPY", name="Yen", minor_digits=2)
    with other_reference_data(
        monkeypatch, "currencies", MappingProxyType({**currencies(), "JPY": yen})
    ):
        assert b'"120.00"' in world.api.get(world.path).content
        assert_all_answers(world.api)


def test_the_form_has_a_name_of_its_own_for_each_reference_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {form()}
    yen = reference.Currency(code="JPY", name="Yen", minor_digits=2)
    for name, value in (
        ("countries", {**countries(), "EE": "Eesti"}),
        ("currencies", {**currencies(), "JPY": yen}),
    ):
        with other_reference_data(monkeypatch, name, MappingProxyType(value)):
            names.add(form())
    monkeypatch.setattr("campaigns.rendering._FORM", 2)
    form.cache_clear()
    names.add(form())
    monkeypatch.undo()
    form.cache_clear()
    assert len(names) == 4
    longest = Campaign._meta.get_field("rendered_form").max_length
    assert {len(name) for name in names} == {longest}


def test_another_accounts_campaigns_are_not_shown(world: World, other: ApiClient) -> None:
    """Whichever form they are stored in."""
    for stored_form in (form(), ""):
        make_old(stored_form)
        payouts = CampaignPayout.objects.filter(campaign_id=world.campaign["id"])
        for path in (
            world.path,
            world.path + "payouts/",
            world.path + f"payouts/{payouts[0].pk}/",
            world.path + "rate/?country=EE",
        ):
            assert other.get(path).code == "not_found"
        assert other.get("campaigns/").json["count"] == 0
