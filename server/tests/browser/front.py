"""What the tests of all pages look at: production behind the documented nginx, and its accounts."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.fixtures.api import PASSWORD, payload, payout
from tests.fixtures.live import manage, prepared
from tests.fixtures.nginx import NAME, nginx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx

    from tests.fixtures.live import LiveServer

FULL, EMPTY, HASTY = "ada@example.com", "eve@example.com", "max@example.com"
"""Accounts: with campaigns, with nothing yet, and one that has asked for more than it may."""
ACCOUNTS = (FULL, EMPTY, HASTY)
HEAVY = 5  # requests that cost much, of one account
CAMPAIGNS = 60  # more than a page of the list
LONG_TITLE = "Solar panels for roofs in the Baltics, spring, second wave " + "very" * 20 + " long"
_HEAD = "title,landing_page_url,is_running,country,amount,currency\n"
_GOOD = _HEAD + "".join(
    f"Campaign {number:02},https://shop.example/{number},{str(number % 3 > 0).lower()},"
    f"{country},{number}.5,EUR\n"
    for number in range(CAMPAIGNS)
    for country in ("EE", "LV", "")
)
_BAD = _HEAD + (
    "Campaign 01,https://shop.example/1,true,Atlantis,1.5,EUR\n"
    "Campaign 02,nonsense,perhaps,EE,a lot,EUR\n"
)
_HALF_WAY = """
from django.utils import timezone
from campaigns.composition import import_service, imports
found = import_service().claim({running}, worker="nobody")
found.rows_done = found.rows_total // 2
imports().beat(found, at=timezone.now())
"""
"""What a worker that is at it has said of an import."""
_READY = _HEAD + "Another,https://shop.example/another,true,EE,1.5,EUR\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A server behind nginx, which Chromium finds under its real name (``resolver_rule``)."""

    server: LiveServer
    port: int
    ids: Mapping[str, int]

    @property
    def resolver_rule(self) -> str:
        """Where the name leads to, for Chromium."""
        return f"MAP {NAME}:443 127.0.0.1:{self.port}"


@contextmanager
def front_server(directory: Path) -> Iterator[Front]:
    """Start both, and fill the accounts. Nobody is sent a mail: who asks for one is nobody."""
    with (
        prepared(
            "production",
            threads=4,
            collect_static=True,
            RATE_LIMIT_HEAVY=f"{HEAVY}/86400",
            EMAIL_URL="smtp://127.0.0.1:25",
            DEFAULT_FROM_EMAIL="ratecard@ratecard.example",
            PUBLIC_URL=f"https://{NAME}",
        ) as site,
        site.serving() as server,
        nginx(directory, server=server.url) as proxy,
    ):
        ids: dict[str, int] = {}
        for email in ACCOUNTS[1:]:
            _signed_up(server, email).close()
        with closing(_signed_up(server, FULL)) as client:
            for name, text, dry_run in (("done", _GOOD, False), ("ready", _READY, True)):
                ids[name] = _sent(client, text, dry_run=dry_run)
            ids["refused"] = _sent(client, _BAD, dry_run=True)
            manage(site.variables, "run_worker", "--once")
            for name in ("waiting", "running"):  # no worker comes for them
                ids[name] = _sent(client, _GOOD, dry_run=True)
            manage(site.variables, "shell", "--command", _HALF_WAY.format(**ids))
            ids |= _campaigns(client)
        yield Front(
            server=replace(server, url=f"https://{NAME}", headers={}), port=proxy.port, ids=ids
        )


def _signed_up(server: LiveServer, email: str) -> httpx.Client:
    client = server.client()
    answer = client.post("/api/v1/auth/signup/", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
    return client


def _sent(client: httpx.Client, text: str, *, dry_run: bool) -> int:
    answer = client.post(
        "/api/v1/campaigns/import/",
        params={"dry_run": str(dry_run).lower()},
        content=text.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 202, answer.text
    return int(answer.json()["id"])


def _campaigns(client: httpx.Client) -> dict[str, int]:
    """Create what an import does not: a long title, a large card, a stopped one, a deleted one."""
    card = [payout(country) for country in ("EE", "LV", "LT", "FI", "SE", "NO", "DE", "PL", "US")]
    card += [payout("JP", amount="1200", currency="JPY"), payout(None, amount="0.35")]
    sent = {
        "campaign": payload(LONG_TITLE, payouts=card, is_running=True),
        "stopped": payload("Stopped", payouts=[payout("EE")]),
        "deleted": payload("Deleted"),
    }
    ids = {}
    for name, body in sent.items():
        answer = client.post("/api/v1/campaigns/", json=body)
        assert answer.status_code == 201, answer.text
        ids[name] = int(answer.json()["id"])
    address = f"/api/v1/campaigns/{ids['campaign']}/"
    for amount in range(25):  # more changes than a page of the history
        changed = client.patch(
            address, json={"payouts": [payout("EE", amount=f"{amount}.25"), *card[1:]]}
        )
        assert changed.status_code == 200, changed.text
    assert client.delete(f"/api/v1/campaigns/{ids['deleted']}/").status_code == 204
    taken = client.post("/api/v1/campaigns/", json=sent["deleted"])
    assert taken.status_code == 201, taken.text
    return ids
