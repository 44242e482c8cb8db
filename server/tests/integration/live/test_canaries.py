"""Nothing that people send, or are given, is in what operators and their helpers read.

One production server of two processes, with everything on that writes: logs at their most
talkative, metrics, error reports and traces. Secrets go in through every door, also where the
server breaks. Then they are looked for.
"""

from __future__ import annotations

import json
import re
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from tests.fixtures.access import ROWS
from tests.fixtures.collecting import collector
from tests.fixtures.faults import FAULT
from tests.fixtures.live import live_server, manage, wait_until
from tests.fixtures.routes import operations
from tests.fixtures.scraping import TOKEN, scrape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.fixtures.collecting import Collector
    from tests.fixtures.live import LiveServer
    from tests.fixtures.routes import Operation

WORKERS = 2
LAST = "the-last-request"
QUERY = "?search=canary-query&canary=canary-query"
STAFF = "canary-staff@example.com"
PASSWORD = "canary-password correct horse"
SENT = {
    "password": "canary-other-password",
    "email": "canary-email@example.com",
    "display_name": "canary-name",
    "title": "canary-title",
    "landing_page_url": "https://canary-page.example.com/?x=canary-page",
    "note": "canary-member",
}
SENT_HEADERS = {
    "Cookie": "__Host-session=canary-cookie; __Host-csrf=canary-cookie; other=canary-cookie",
    "Idempotency-Key": "canary-idempotency",
    "If-Match": '"canary-tag"',
    "If-None-Match": '"canary-tag"',
    "Referer": "https://canary-referer.example.com/?x=canary-referer",
    "User-Agent": "canary-agent",
    "Origin": "https://canary-origin.example.com",
    "Accept-Language": "canary-language",
    "X-API-Key": "rck_canarykey",
    "X-Canary": "canary-header",
    "X-Forwarded-For": "203.0.113.77, 198.51.100.66",
    "X-HTTP-Method-Override": "CANARY",
    "baggage": "sentry-environment=canary-baggage,x=canary-baggage",
    "sentry-trace": f"{'c0ffee' * 5}aa-b7ad6b7169203331-1",
}
WRITTEN = ("canary", "c0ffee", "203.0.113.77", "198.51.100.66")
"""What is in everything of the above."""
# Ways in which the database breaks that no use case knows, and whose errors quote statements,
# rows and values: a column that is missing, a rule that is broken, a value that is not read.
BREAKAGES = (
    "ALTER TABLE core_event RENAME COLUMN name TO was_name",
    "ALTER TABLE accounts_account RENAME COLUMN display_name TO was_display_name",
    "ALTER TABLE accounts_session ADD CONSTRAINT none CHECK (false) NOT VALID",
    "ALTER TABLE campaigns_campaign ADD CONSTRAINT none CHECK (false) NOT VALID",
    "ALTER TABLE campaigns_campaign ADD CONSTRAINT none CHECK (title::int > 0) NOT VALID",
    "ALTER TABLE core_idempotentanswer ADD CONSTRAINT none CHECK (false) NOT VALID",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A server, who listens to it, and the secrets that it gave out."""

    server: LiveServer
    collector: Collector
    mails: Path
    given: set[str] = field(default_factory=set)

    def ask(
        self, method: str, path: str, *, token: str = "", query: str = "", **options: Any
    ) -> httpx.Response:
        """Send a request over a connection of its own, so that both processes are asked."""
        headers = SENT_HEADERS | options.pop("headers", {})
        headers = {name: value for name, value in headers.items() if value}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        with self.server.client() as client:
            return client.request(method, path + query, headers=headers, **options)

    def person(self, number: int) -> dict[str, str]:
        """Live the life of an account; return the tokens and the key that still work."""
        email = f"canary-{number}@example.com"
        account = {"email": email, "password": PASSWORD, "display_name": "canary-name"}
        known = {"email": email, "password": PASSWORD}
        with self._client() as client:
            first = self._given(client.post("/api/v1/auth/signup/", json=account))
            for guess in ({**known, "password": "canary-guess"}, known):
                client.post("/api/v1/auth/signin/", json=guess)
            tokens = self._given(
                client.post("/api/v1/auth/refresh/", json={"refresh": first["refresh"]})
            )
            client.post("/api/v1/auth/refresh/", json={"refresh": first["refresh"]})
            client.headers["Authorization"] = f"Bearer {tokens['access']}"
            key = self._given(
                client.post("/api/v1/auth/keys/", json={"name": "canary-key", "scope": "write"})
            )
            created = client.post("/api/v1/campaigns/", json=_campaign(f"canary {number}"))
            assert created.status_code == 201, created.text
        return {**tokens, "key": key["key"]}

    def forgotten_password(self, email: str) -> None:
        """Ask for a link, follow it in a browser, and set a password by the API."""
        with self._client() as client:
            client.post("/api/v1/auth/password/reset/", json={"email": email})
            wait_until(lambda: bool(list(self.mails.glob("*.log"))), what="the mail is sent")
            [mail] = self.mails.glob("*.log")
            wait_until(lambda: "/reset/" in mail.read_text(), what="it is written")
            found = re.search(r"/reset/([^/\s]+)/([^/\s]+)/", mail.read_text())
            assert found
            uid, token = found.groups()
            self.given.add(token)
            assert client.get(f"/reset/{uid}/{token}/").status_code == 200
            client.get(f"/reset/{uid}/{token}/", headers=FAULT)
            reset = {"uid": uid, "token": token, "password": PASSWORD + " canary"}
            answer = client.post("/api/v1/auth/password/reset/confirm/", json=reset)
            assert answer.status_code == 204, answer.text

    def staff(self) -> None:
        """Sign in to the admin, look around, and break it."""
        with self._client() as client:
            del client.headers["Cookie"]
            client.headers["Origin"] = self.server.url.replace("http:", "https:")
            client.headers["Referer"] = client.headers["Origin"] + "/admin/?q=canary-referer"
            page = client.get("/admin/login/", params={"next": "/admin/?canary=canary-next"})
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
            assert token
            cookies = f"__Host-csrf={_cookie(page, '__Host-csrf')}"
            form = {"username": STAFF, "csrfmiddlewaretoken": token[1]}
            client.headers["Cookie"] = cookies
            for password in ("canary-guess", PASSWORD):
                answer = client.post("/admin/login/", data={**form, "password": password})
            session = _cookie(answer, "__Host-session")
            self.given.update({session, token[1], _cookie(answer, "__Host-csrf")})
            client.headers["Cookie"] = f"{cookies}; __Host-session={session}"
            for path in ("/admin/", "/admin/campaigns/campaign/?q=canary-search"):
                assert client.get(path).status_code == 200
                assert client.get(path, headers=FAULT).status_code == 500

    def metrics(self) -> str:
        """Return what Prometheus is told."""
        with self.server.client() as client:
            return scrape(client).text

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        with self.server.client() as client:
            client.headers.update(SENT_HEADERS)
            for name in ("If-Match", "If-None-Match"):
                del client.headers[name]
            yield client

    def _given(self, answer: httpx.Response) -> dict[str, str]:
        assert answer.is_success, answer.text
        body: dict[str, str] = answer.json()
        self.given.update({body[name] for name in ("access", "refresh", "key") if name in body})
        return body


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Yield a server that has been through all of it."""
    mails = tmp_path_factory.mktemp("mails")
    with (
        collector() as listening,
        live_server(
            "production",
            workers=WORKERS,
            DJANGO_SETTINGS_MODULE="tests.fixtures.watched",
            LIVE_MAIL_DIRECTORY=str(mails),
            PUBLIC_URL="https://ratecard.example",
            METRICS_TOKEN=TOKEN,
            LOG_LEVEL="DEBUG",
            SENTRY_DSN=listening.dsn,
            SENTRY_TRACES_SAMPLE_RATE="1",
        ) as server,
    ):
        scene = Scene(server=server, collector=listening, mails=mails)
        _superuser(server)
        people = [scene.person(number) for number in range(2)]
        scene.forgotten_password("canary-1@example.com")
        scene.staff()
        for operation in sorted(operations()):
            _knock(scene, operation, people[0])
        _break(scene, people[0])
        _wait_for_all(scene)
        yield scene


def test_everything_that_writes_has_written(scene: Scene) -> None:
    log = scene.server.log_text()
    assert log.count('"unexpected_exception"') > 2 * len(BREAKAGES)
    for error in ("UndefinedColumn", "CheckViolation", "InvalidTextRepresentation", "RuntimeError"):
        assert error in log
    assert len(scene.collector.items("event")) > 2 * len(BREAKAGES)
    assert len(scene.collector.items("transaction")) > len(ROWS)


@pytest.mark.parametrize("output", ["log", "metrics", "reports"])
def test_no_canary_is_found(scene: Scene, output: str) -> None:
    outputs = {
        "log": scene.server.log_text(),
        "metrics": scene.metrics(),
        "reports": scene.collector.text,
    }
    found = outputs[output]
    assert [line for line in found.splitlines() if any(word in line for word in WRITTEN)] == []
    database_password = str(urlsplit(scene.server.database_url).password)
    assert len(scene.given) >= 11
    for secret in (*scene.given, TOKEN, database_password):
        assert secret not in found


def _knock(scene: Scene, operation: Operation, owner: dict[str, str]) -> None:
    """Send to a door what it wants, what it does not, and what breaks the server behind it."""
    method, route = operation
    path = re.sub(r"<(int|path):\w+>", "1", route)
    path = re.sub(r"<uuid:\w+>", "8b382d57-fbdb-4a59-8228-fb57328dfce4", path)
    path = re.sub(r"<\w+(:\w+)?>", "canary-path", path)
    if path == "/api/v1/auth/sessions/" and method == "DELETE":
        return  # it would sign us out
    if path.startswith("/api/v1/auth/signout/"):
        return
    bodies: list[dict[str, Any]] = [
        {"json": SENT},
        {"content": '{"canary": "canary-unread'},
        {"data": SENT},
    ]
    for token in ("", owner["key"], "rck_canarykey", "eyJcanary.eyJcanary.canary"):
        for body in bodies if method != "GET" else [{}]:
            for fault, query in (({}, ""), (FAULT, QUERY)):
                scene.ask(method, path, token=token, query=query, headers=fault, **body)
    scene.ask("POST" if method == "GET" else "GET", path, token=owner["access"], query=QUERY)
    scene.ask(method, path + "canary-path/", token=owner["refresh"], query=QUERY)


def _break(scene: Scene, owner: dict[str, str]) -> None:
    """Break the database in each way, and use what is broken."""
    none = {"If-Match": "", "If-None-Match": ""}
    for breakage in BREAKAGES:
        with _broken(scene.server.database_url, breakage):
            statuses = [
                scene.ask("POST", path, token=token, headers=headers, json=body).status_code
                for path, token, body in (
                    ("/api/v1/auth/signin/", "", {"email": STAFF, "password": PASSWORD}),
                    ("/api/v1/campaigns/", owner["key"], _campaign("canary-broken")),
                )
                for headers in (
                    none | {"Idempotency-Key": ""},
                    none | {"Idempotency-Key": secrets.token_hex(8)},
                )
            ]
            assert 500 in statuses, breakage


@contextmanager
def _broken(database_url: str, breakage: str) -> Iterator[None]:
    table, name = re.findall(r"TABLE (\w+)|(?:TO|CONSTRAINT) (\w+)", breakage)
    mended = (
        f"ALTER TABLE {table[0]} DROP CONSTRAINT none"
        if "CONSTRAINT" in breakage
        else f"ALTER TABLE {table[0]} RENAME COLUMN {name[1]} TO {name[1].removeprefix('was_')}"
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL(breakage))
        try:
            yield
        finally:
            connection.execute(sql.SQL(mended))


def _campaign(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "landing_page_url": SENT["landing_page_url"],
        "payouts": [{"country": None, "amount": "1.50", "currency": "EUR"}],
    }


def _superuser(server: LiveServer) -> None:
    variables = {
        "DJANGO_SETTINGS_MODULE": "server.settings.development",
        "DATABASE_URL": server.database_url,
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    manage(variables, "createsuperuser", "--noinput", "--email", STAFF)


def _cookie(answer: httpx.Response, name: str) -> str:
    found = [
        header.partition("=")[2].partition(";")[0]
        for header in answer.headers.get_list("Set-Cookie")
        if header.startswith(f"{name}=")
    ]
    return found[0] if found else ""


def _wait_for_all(scene: Scene) -> None:
    """Wait for the line of the last request, and for the reports of each process."""
    scene.ask("GET", "/api/v1/currencies/", headers={"X-Request-ID": LAST})
    wait_until(lambda: LAST in scene.server.log_text(), what="its line is written")
    logged = [json.loads(line) for line in scene.server.log_text().splitlines() if line[:1] == "{"]
    broken = {line["request_id"] for line in logged if line["event"] == "unexpected_exception"}
    wait_until(
        lambda: all(request_id in scene.collector.text for request_id in broken),
        what="each error is reported",
    )
