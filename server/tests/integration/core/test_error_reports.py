"""What reports of errors and of times hold, and that nothing private is among it.

Sentry's library changes what it reports on for its whole process: each run is in one of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SERVER = Path(__file__).resolve().parents[3]
CANARIES = {
    "password": "canary-password-1",
    "bearer": "canary-bearer-2",
    "key": "rck_canarykey3",
    "cookie": "canary-cookie-4",
    "query": "canary-query-5",
    "path": "canary-path-6",
    "agent": "canary-agent-7",
    "email": "canary8@example.com",
    "local": "canary-local-9",
    "baggage": "canary-baggage-10",
    "trace": "c0ffee" * 5 + "aa",
    "sql": "canary-sql-11",
    "host": "canary-host-12.example",
}
# Serve requests that fail as the server program does, by WSGI, and print what would be sent.
PROGRAM = """
import io, json, os, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
import sentry_sdk
from sentry_sdk.transport import Transport
from core import error_reports

canary = json.loads(os.environ["CANARIES"])
sent = []


class Written(Transport):
    def capture_envelope(self, envelope):
        sent.append({
            "headers": {name: value for name, value in envelope.headers.items()},
            "items": [[item.headers["type"], item.payload.json] for item in envelope.items],
        })


settings.SENTRY_DSN = "https://key@sentry.example/1"
settings.ALLOWED_HOSTS = ["localhost"]
error_reports.start(settings.SENTRY_DSN, traces_sample_rate=1.0, transport=Written)
call_command("migrate", verbosity=0)

from accounts import composition
from core import pages


def failing(*_arguments, **_named):
    secret = {"deep": [{"password": canary["password"], "note": canary["local"]}]}
    with connection.cursor() as cursor:
        cursor.execute("SELECT '" + canary["sql"] + "', %s", [canary["password"]])
    try:
        raise ValueError(f"Bearer {canary['bearer']} {secret} {canary['query']}")
    except ValueError as error:
        raise RuntimeError(f"{canary['key']} {canary['email']}") from error


composition.session_service = failing


class Unreadable(dict):
    def __contains__(self, code):
        raise LookupError(code)


pages.PROBLEMS = Unreadable(pages.PROBLEMS)  # a page fails too, outside the API
from server.wsgi import application


def ask(method, path, query="", body=b"", **headers):
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "203.0.113.77", "HTTP_X_FORWARDED_FOR": "203.0.113.77",
        "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json",
        "HTTP_COOKIE": f"sessionid={canary['cookie']}; other={canary['cookie']}",
        "HTTP_AUTHORIZATION": f"Bearer {canary['bearer']}",
        "HTTP_X_API_KEY": canary["key"], "HTTP_X_OTHER": canary["key"],
        "HTTP_USER_AGENT": canary["agent"], "HTTP_REFERER": f"http://x/?q={canary['query']}",
        "HTTP_BAGGAGE": f"sentry-environment={canary['baggage']},x={canary['baggage']}",
        "HTTP_SENTRY_TRACE": f"{canary['trace']}-b7ad6b7169203331-1",
        "HTTP_X_REQUEST_ID": "request-of-this-test",
        **headers,
    }
    response = application(environ, lambda *_: None)
    b"".join(response)
    response.close()


body = json.dumps({"email": canary["email"], "password": canary["password"]}).encode()
ask("POST", "/api/v1/auth/signin/", body=body)
ask("GET", f"/problems/{canary['path']}", f"search={canary['query']}")
ask("GET", f"/api/v1/{canary['path']}/", f"search={canary['query']}")
ask("GET", f"/{canary['path']}", f"search={canary['query']}")
ask("GET", "/api/v1/currencies/", HTTP_HOST=canary["host"])
ask("GET", "/livez")
sentry_sdk.flush()
print(json.dumps(sent, default=str))
"""


@cache
def sent() -> tuple[str, list[dict[str, Any]]]:
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", PROGRAM],
        cwd=SERVER,
        env={
            **os.environ,
            "DATABASE_URL": "sqlite://:memory:",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "server.settings.testing",
            "CANARIES": json.dumps(CANARIES),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(done.stdout)


def items(kind: str) -> list[dict[str, Any]]:
    return [item for envelope in sent()[1] for (its, item) in envelope["items"] if its == kind]


@pytest.mark.parametrize("canary", CANARIES)
def test_nothing_private_is_reported(canary: str) -> None:
    text, _ = sent()
    assert CANARIES[canary] not in text
    assert "203.0.113.77" not in text


def test_each_error_is_reported_once_with_its_place_and_its_request() -> None:
    api, page = items("event")
    assert (api["transaction"], page["transaction"]) == (
        "/api/v1/auth/signin/",
        "/problems/{code}",
    )
    for event in (api, page):
        assert event["tags"]["request_id"] == "request-of-this-test"
        assert event["request"].keys() == {"method"}
        for error in event["exception"]["values"]:
            assert error["value"] == "(removed)"
            assert all("vars" not in frame for frame in error["stacktrace"]["frames"])
        assert not {"user", "breadcrumbs", "extra", "modules"} & event.keys()
    assert [error["type"] for error in api["exception"]["values"]] == ["ValueError", "RuntimeError"]
    assert api["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "failing"


def test_times_are_reported_by_route() -> None:
    names = [item["transaction"] for item in items("transaction")]
    assert names == [
        "/api/v1/auth/signin/",
        "/problems/{code}",
        "/api/",
        "unmatched",
        "/api/v1/currencies/",
    ]
    statements = [span["description"] for item in items("transaction") for span in item["spans"]]
    assert "SELECT '?', %s" in statements


def test_without_an_address_nothing_is_loaded() -> None:
    program = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    done = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", program],
        cwd=SERVER,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "server.settings.testing"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
