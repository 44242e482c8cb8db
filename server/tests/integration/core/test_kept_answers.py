"""Kept answers are those that the database would give: for whom, at which address, and when.

SQLite's run keeps them in the memory of the process, PostgreSQL's in Valkey.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Account
from campaigns import caching
from campaigns.models import Campaign
from core.caching.answers import AnswerCache
from core.caching.stores import MEMORY_BYTES, MemoryStore
from tests.fixtures.api import Answer, ApiClient, payload, payout
from tests.fixtures.queries import counted_queries
from tests.fixtures.routes import Operation, api_operations, kept_operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import Settings

pytestmark = pytest.mark.django_db

CAMPAIGNS = "/api/v1/campaigns/"
CAMPAIGN = "/api/v1/campaigns/<int:campaign_id>/"
PAYOUT = CAMPAIGN + "payouts/<int:payout_id>/"
LIST, ONE = "campaigns/", "campaigns/{live}/"
AUTHENTICATION = 1

# Every route whose answers are kept, with addresses that are answered.
READS: dict[Operation, tuple[str, ...]] = {
    ("GET", CAMPAIGNS): (
        LIST,
        "campaigns/?page_size=1&ordering=title",
        "campaigns/?cursor=&page_size=1",
        "campaigns/?search=LIVE&country=EE&currency=EUR",
        "campaigns/?is_running=true&created_after=2000-01-01",
        "campaigns/?title=New",
    ),
    ("GET", CAMPAIGN): (ONE, "campaigns/{second}/"),
    ("GET", CAMPAIGN + "rate/"): (
        ONE + "rate/?country=EE",
        ONE + "rate/?country=FI",
        "campaigns/{second}/rate/?country=EE",
    ),
    ("GET", CAMPAIGN + "payouts/"): (ONE + "payouts/", ONE + "payouts/?cursor=&page_size=1"),
    ("GET", PAYOUT): (ONE + "payouts/{worldwide}/", ONE + "payouts/{estonia}/"),
}
ADDRESSES = [address for addresses in READS.values() for address in addresses]

# Every route that writes campaigns, with requests that do.
WRITES: dict[Operation, tuple[tuple[str, Any], ...]] = {
    ("POST", CAMPAIGNS): ((LIST, payload("New")),),
    ("POST", CAMPAIGNS + "bulk/"): (
        ("campaigns/bulk/", {"action": "stop", "ids": ["{live}", "{second}"]}),
        ("campaigns/bulk/", {"action": "start", "ids": ["{second}"]}),
        ("campaigns/bulk/", {"action": "delete", "ids": ["{live}"]}),
        ("campaigns/bulk/", {"action": "restore", "ids": ["{deleted}"]}),
    ),
    ("PUT", CAMPAIGN): ((ONE, payload("New", payouts=[payout("FI"), payout("EE", "9")])),),
    ("PATCH", CAMPAIGN): (
        (ONE, {"title": "New"}),
        (ONE, {"landing_page_url": "https://new.example/"}),
        (ONE, {"is_running": False}),
        (ONE, {"payouts": [payout("EE", "9")]}),
    ),
    ("DELETE", CAMPAIGN): ((ONE, None),),
    ("POST", CAMPAIGN + "start/"): (("campaigns/{second}/start/", None),),
    ("POST", CAMPAIGN + "stop/"): ((ONE + "stop/", None),),
    ("POST", CAMPAIGN + "duplicate/"): ((ONE + "duplicate/", None),),
    ("POST", CAMPAIGN + "restore/"): (("campaigns/{deleted}/restore/", None),),
    ("POST", CAMPAIGN + "payouts/"): ((ONE + "payouts/", payout("FI")),),
    ("PUT", PAYOUT): ((ONE + "payouts/{worldwide}/", payout("FI", "9")),),
    ("PATCH", PAYOUT): ((ONE + "payouts/{estonia}/", {"amount": "9"}),),
    ("DELETE", PAYOUT): ((ONE + "payouts/{estonia}/", None),),
}
# Routes that are refused, and how; each must be as often as it is asked.
REFUSED: dict[str, int] = {
    "campaigns/?serach=live": 400,
    "campaigns/?=": 400,
    "campaigns/?page=0": 400,
    "campaigns/?page=1&page=1": 400,
    "campaigns/?cursor=nonsense": 400,
    "campaigns/?country=XX": 400,
    "campaigns/?page=2": 404,
    "campaigns/{deleted}/": 404,
    "campaigns/{foreign}/": 404,
    "campaigns/987654321/": 404,
    ONE + "?page=1": 400,
    ONE + "rate/": 400,
    ONE + "rate/?country=XX": 400,
    "campaigns/{deleted}/rate/?country=EE": 404,
    ONE + "payouts/?page=7": 404,
    "campaigns/{foreign}/payouts/": 404,
    ONE + "payouts/987654321/": 404,
}


@pytest.fixture
def ids(api: ApiClient, other: ApiClient) -> dict[str, Any]:
    """Store a campaign that runs, one that does not, one that is deleted, and somebody else's."""
    deleted = api.create("Deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    live = api.create("Live", payouts=[payout(), payout("EE")], is_running=True)
    payouts = {row["country"]: row["id"] for row in live["payouts"]}
    return {
        "live": live["id"],
        "second": api.create("Second")["id"],
        "deleted": deleted["id"],
        "foreign": other.create("Foreign")["id"],
        "worldwide": payouts[None],
        "estonia": payouts["EE"],
    }


def test_every_route_has_a_row() -> None:
    assert set(READS) == set(kept_operations())
    writing = {operation for operation in api_operations() if operation[0] != "GET"}
    # No answer that is kept shows anything of what these change.
    # What a file changes is written later, by the worker.
    others = {op for op in writing if op[1].startswith("/api/v1/auth/")}
    assert writing - set(WRITES) == others | {("POST", "/api/v1/campaigns/import/")}
    assert set(WRITES) <= writing


@pytest.mark.parametrize("operation", sorted(READS), ids=" ".join)
def test_a_kept_answer_is_byte_for_byte_what_was_built(
    api: ApiClient, ids: dict[str, Any], operation: Operation
) -> None:
    for address in READS[operation]:
        _assert_kept_as_built(api, address.format(**ids))


def _assert_kept_as_built(api: ApiClient, path: str) -> None:
    built, kept = api.get(path), _kept(api, path)
    head = api.send("HEAD", path)
    with _keeping_nothing():
        plain = api.get(path)
    assert built.status == 200
    assert built.headers["ETag"]
    assert (built.headers["Content-Type"], built.headers["Cache-Control"]) == (
        "application/json",
        "private, no-cache",
    )
    assert _parts(built) == _parts(kept)
    assert _parts(head) == (200, _parts(kept)[1], b"")
    # Nor can it be told from one of a route whose answers are not kept, but for a tag.
    assert plain.content == built.content
    assert {"ETag": built.headers["ETag"], **_parts(plain)[1]} == _parts(built)[1]


def test_head_keeps_for_get(api: ApiClient, ids: dict[str, Any]) -> None:
    for address in ADDRESSES:
        path = address.format(**ids)
        head = api.send("HEAD", path)
        got = _kept(api, path)
        assert (head.status, head.content, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
        with _keeping_nothing():
            assert got.content == api.get(path).content


@pytest.mark.parametrize("operation", sorted(WRITES), ids=" ".join)
def test_the_next_read_shows_the_write(
    api: ApiClient, other: ApiClient, ids: dict[str, Any], operation: Operation
) -> None:
    key = api.post("auth/keys/", {"name": "Reports", "scope": "read"}).json["key"]
    reader = ApiClient(key)
    paths = [address.format(**ids) for address in ADDRESSES]
    for path, body in WRITES[operation]:
        before = [_parts(_warm(reader, address)) for address in paths]
        theirs = _warm(other, LIST)
        written = api.send(operation[0], path.format(**ids), _filled(body, ids))
        assert written.status in {200, 201, 204}, written
        after = [reader.get(address) for address in paths]
        with _keeping_nothing():
            truth = [reader.get(address) for address in paths]
        assert [_shown(answer) for answer in after] == [_shown(answer) for answer in truth]
        assert before != [_parts(answer) for answer in after]
        assert _parts(_kept(other, LIST)) == _parts(theirs)


def test_a_tag_that_a_write_made_old_brings_the_new_answer(
    api: ApiClient, ids: dict[str, Any]
) -> None:
    for address in ADDRESSES:
        path = address.format(**ids)
        tag = _warm(api, path).headers["ETag"]
        assert api.get(path, If_None_Match=tag).status == 304
        raised = api.get(f"campaigns/{ids['live']}/").json["version"] % 2 == 0
        assert api.patch(f"campaigns/{ids['live']}/", {"is_running": raised}).status == 200
        answer = api.get(path, If_None_Match=tag)
        with _keeping_nothing():
            truth = api.get(path)
        # A campaign that was not written has kept its own version, and its tag.
        unchanged = answer.status == 304 and str(ids["second"]) in path
        assert unchanged or (answer.status, answer.content) == (200, truth.content)


@pytest.mark.parametrize("operation", sorted(READS), ids=" ".join)
def test_nobody_is_given_what_was_kept_for_another(
    api: ApiClient,
    other: ApiClient,
    anonymous: ApiClient,
    ids: dict[str, Any],
    operation: Operation,
) -> None:
    Account.objects.update(campaigns_version=50)  # only who asks differs
    for address in READS[operation]:
        _assert_not_given(api, other, anonymous, address.format(**ids))


def _assert_not_given(api: ApiClient, other: ApiClient, anonymous: ApiClient, path: str) -> None:
    mine = _warm(api, path)
    with _keeping_nothing():
        truth = other.get(path)
    assert truth.status == (200 if path.partition("?")[0] == LIST else 404)
    for headers in ({}, {"If-None-Match": mine.headers["ETag"]}):
        theirs = other.send("GET", path, headers=headers)
        assert theirs.status == truth.status
        assert theirs.headers.get("ETag") != mine.headers["ETag"]
        if truth.status == 200:
            assert theirs.content == truth.content
        assert anonymous.send("GET", path, headers=headers).status == 401
    assert _parts(_kept(api, path)) == _parts(mine)


def test_a_session_that_has_ended_is_given_nothing(api: ApiClient, ids: dict[str, Any]) -> None:
    second = api.signed_in()
    tag = _warm(second, LIST).headers["ETag"]
    assert second.post("auth/signout/").status == 204
    for headers in ({}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
        assert second.send("GET", LIST, headers=headers).status == 401
    _kept(api, LIST)


def test_links_are_of_the_address_that_was_asked(
    api: ApiClient, ids: dict[str, Any], settings: Settings
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ways = {
        "http://testserver/": {},
        "http://localhost/": {"Host": "localhost"},
        "http://localhost:8000/": {"Host": "localhost:8000"},
        "https://testserver/": {"Host": "testserver", "X-Forwarded-Proto": "https"},
        "https://localhost/": {"Host": "localhost", "X-Forwarded-Proto": "https"},
    }
    tags = set()
    for _ in range(2):
        for origin, headers in ways.items():
            for path in ("campaigns/?page_size=1", "campaigns/?page_size=1&cursor="):
                answer = api.send("GET", path, headers=headers)
                assert answer.json["next"].startswith(origin + "api/v1/campaigns/?")
                tags.add(answer.headers["ETag"])
    assert len(tags) == 2 * len(ways)
    assert api.get(LIST, Host="evil.example").status == 400


def test_what_the_client_accepts_does_not_change_what_is_kept(
    api: ApiClient, ids: dict[str, Any]
) -> None:
    for number in range(5):
        api.create(f"Campaign {number}")
    first = api.get(LIST, Accept_Encoding="gzip")
    assert first.headers["Content-Encoding"] == "gzip"
    plain = _kept(api, LIST)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.json["results"]) == 7
    assert _kept(api, LIST, Accept_Encoding="gzip").content == first.content
    assert _kept(api, LIST, Origin="https://app.example.com").content == plain.content
    assert api.get(LIST, Accept="text/html").status == 406
    assert _kept(api, LIST, Accept="application/json; indent=4").content == plain.content


def test_letters_that_were_not_escaped_are_not_taken_for_others(
    api: ApiClient, ids: dict[str, Any]
) -> None:
    titles = ["\u00e9", "\u00c3\u00a9"]  # the second looks like the first one's bytes
    for title in titles:
        api.create(title)
    for query in (titles[0], "%C3%83%C2%A9", "%C3%A9", titles[1]):
        found = api.get(f"campaigns/?title={query}").json["results"]
        expected = titles[1] if query in {titles[1], "%C3%83%C2%A9"} else titles[0]
        assert [row["title"] for row in found] == [expected]


def test_only_what_is_declared_is_kept(
    api: ApiClient, ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = api.post("auth/keys/", {"name": "Reports", "scope": "read"}).json["id"]
    session = api.get("auth/sessions/").json["results"][0]["id"]
    present = {
        "<int:campaign_id>": ids["live"],
        "<int:payout_id>": ids["worldwide"],
        "<uuid:session_id>": session,
        "<int:key_id>": key,
    }
    asked: list[Operation] = []
    for operation in sorted(api_operations()):
        path = operation[1]
        for name, value in present.items():
            path = path.replace(name, str(value))
        cache = partial(_empty, partial(asked.append, operation))
        monkeypatch.setattr("core.api.views.answer_cache", cache)
        if operation[0] == "GET":
            answer = api.get(path, {"country": "EE"} if path.endswith("/rate/") else None)
            assert answer.status == 200, answer
    assert set(asked) == set(kept_operations())


@pytest.mark.parametrize("query", ["deleted=true", "deleted=false", "deleted=true&cursor="])
def test_the_bin_is_not_kept(api: ApiClient, ids: dict[str, Any], query: str) -> None:
    path = f"campaigns/?{query}"
    first = api.get(path)
    Campaign.objects.filter(pk=ids["deleted" if "true" in query else "live"]).delete()
    second = api.get(path)
    assert first.status == second.status == 200
    assert len(second.json["results"]) == len(first.json["results"]) - 1


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_refused_is_refused_again_at_once(
    api: ApiClient, ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Whatever the client says that it has; and no mark is left on which another would wait."""
    monkeypatch.setattr("core.caching.answers.time.sleep", _never)
    tags = [_warm(api, address.format(**ids)).headers["ETag"] for address in ADDRESSES]
    for header in ("", "*", *tags, ", ".join(tags), f"W/{tags[0]}"):
        answer = api.get(address.format(**ids), If_None_Match=header)
        assert answer.status == REFUSED[address]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_a_write_that_is_refused_leaves_what_is_kept(api: ApiClient, ids: dict[str, Any]) -> None:
    path = f"campaigns/{ids['live']}/"
    kept = _warm(api, path)
    assert api.patch(path, {"title": "New"}, If_Match='"99-1"').status == 412
    assert api.patch(path, {"title": "Second"}).status == 409
    assert api.patch(path, {"title": ""}).status == 400
    assert _parts(_kept(api, path)) == _parts(kept)


@pytest.mark.parametrize("is_warm", [True, False])
@pytest.mark.parametrize("operation", sorted(READS), ids=" ".join)
def test_what_the_client_has_is_not_sent_again(
    api: ApiClient,
    ids: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    operation: Operation,
    *,
    is_warm: bool,
) -> None:
    path = READS[operation][-1].format(**ids)
    tag = api.get(path).headers["ETag"]
    if not is_warm:
        monkeypatch.setattr("core.api.views.answer_cache", _empty)
    for header in (tag, f"W/{tag}", "*", f'"other", {tag}'):
        answer = api.get(path, If_None_Match=header)
        assert (answer.status, answer.content) == (304, b"")
        assert answer.headers["Cache-Control"] == "private, no-cache"
    for header in ("", '"other"', tag.strip('"'), f'"0{tag[1:]}', f'{tag[:-1]}0"'):
        assert api.get(path, If_None_Match=header).status == 200


def test_a_list_that_the_client_has_is_not_even_looked_up(
    api: ApiClient, ids: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (LIST, f"campaigns/{ids['live']}/payouts/"):
        tag = api.get(path).headers["ETag"]
        with monkeypatch.context() as patch, counted_queries() as statements:
            patch.setattr("core.api.views.answer_cache", _never)
            assert api.get(path, If_None_Match=tag).status == 304
        assert len(statements) == AUTHENTICATION


def test_each_address_has_a_tag_of_its_own(api: ApiClient, ids: dict[str, Any]) -> None:
    """That one list has not changed does not say that another is known."""
    lists = [address.format(**ids) for address in ADDRESSES if "payouts/{" not in address]
    lists = [path for path in lists if path.startswith("campaigns/?") or "payouts/" in path]
    tags = {path: api.get(path).headers["ETag"] for path in [LIST, *lists]}
    assert len(set(tags.values())) == len(tags)
    for path, own in tags.items():
        for tag in tags.values():
            assert api.get(path, If_None_Match=tag).status == (304 if tag == own else 200)


def test_sessions_and_keys_of_an_account_share_what_is_kept(
    api: ApiClient, ids: dict[str, Any]
) -> None:
    read, write = (
        ApiClient(api.post("auth/keys/", {"name": scope, "scope": scope}).json["key"])
        for scope in ("read", "write")
    )
    for key in (read, write):
        assert key.get("auth/profile/").status == 200  # notes the use of the key
    first = api.get(LIST)
    for client in (api, api.signed_in(), read, write):
        assert _parts(_kept(client, LIST)) == _parts(first)


@pytest.mark.parametrize("change", ["form", "representation", "secret key"])
def test_another_form_is_another_answer(
    api: ApiClient,
    ids: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    change: str,
) -> None:
    """What a release before this one has kept, or a client has of it, is not shown."""
    path = "campaigns/?cursor=&page_size=1"
    old = _warm(api, path)
    if change == "form":
        monkeypatch.setattr(caching, "form", lambda: "another")
    elif change == "representation":
        monkeypatch.setattr(caching, "REPRESENTATION", 99)
    else:
        settings.SECRET_KEY = "another-secret-key-of-this-test-alone"
    with counted_queries() as statements:
        new = api.get(path, If_None_Match=old.headers["ETag"])
    assert new.status == 200
    assert len(statements) > AUTHENTICATION
    assert new.headers["ETag"] != old.headers["ETag"]
    # Cursors are signed with the secret key: a client must be able to follow what it is given.
    assert api.get(new.json["next"].removeprefix("http://testserver")).status == 200
    _kept(api, path)


def test_a_version_that_is_raised_by_hand_makes_everything_new(
    api: ApiClient, ids: dict[str, Any]
) -> None:
    """As docs/operations.md says for a database that was restored from a backup."""
    kept = _warm(api, LIST)
    Campaign.objects.filter(pk=ids["live"]).update(title="From the backup")
    assert _parts(_kept(api, LIST)) == _parts(kept)
    Account.objects.update(campaigns_version=1_000_000)
    answer = api.get(LIST, If_None_Match=kept.headers["ETag"])
    assert answer.status == 200
    assert "From the backup" in {row["title"] for row in answer.json["results"]}


def _kept(client: ApiClient, path: str, **headers: str) -> Answer:
    """Return an answer that must have been kept: it took no query but authentication's."""
    with counted_queries() as statements:
        answer = client.send("GET", path, headers=headers)
    assert answer.status == 200, answer
    assert len(statements) == AUTHENTICATION, "\n".join(statements)
    return answer


def _warm(client: ApiClient, path: str) -> Answer:
    answer = client.get(path)
    return _kept(client, path) if answer.status == 200 else answer


def _empty(asked: Callable[[], None] = lambda: None) -> AnswerCache:
    """Return a cache in which nothing is kept yet."""
    asked()
    return AnswerCache(near=MemoryStore(most_bytes=MEMORY_BYTES), far=None)


@contextmanager
def _keeping_nothing() -> Iterator[None]:
    """Answer from the database."""
    with pytest.MonkeyPatch.context() as patch:
        for view, _ in kept_operations().values():
            patch.setattr(view, "kept", {})
        yield


def _parts(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return all of an answer but the number of its request, and how many more may follow."""
    own = {"X-Request-ID", "RateLimit"}
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status, headers, answer.content


def _shown(answer: Answer) -> tuple[int, Any]:
    """Return what an answer shows; of a problem, its code."""
    return answer.status, answer.content if answer.status == 200 else answer.code


def _filled(body: Any, ids: dict[str, Any]) -> Any:
    if not isinstance(body, dict) or "ids" not in body:
        return body
    return body | {"ids": [ids[name.strip("{}")] for name in body["ids"]]}


def _never(*_args: object) -> Any:
    raise AssertionError("There was no need to.")
