"""Each kind of address answers with exactly its security headers, whatever the status.

The values are written out here, not read from the table: who changes one says so twice.
"""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from core.headers import Kind
from tests.fixtures.api import PASSWORD
from tests.fixtures.faults import FAULT
from tests.fixtures.live import live_server, manage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

MEBIBYTE = 1024 * 1024
ORIGIN = "https://app.ratecard.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
STAFF = "root@example.com"

COMMON = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
        "fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), picture-in-picture=(), "
        "publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), "
        "xr-spatial-tracking=()"
    ),
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
OUR_OWN = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "connect-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; style-src 'self'"
)
POLICIES = {
    Kind.API: NOTHING,
    Kind.PAGE: OUR_OWN,
    Kind.CONSOLE: OUR_OWN,
    Kind.SWAGGER: (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
        "style-src 'self'"
    ),
    Kind.REDOC: (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "connect-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
        "style-src 'self' 'unsafe-inline'; worker-src blob:"
    ),
    Kind.ADMIN: OUR_OWN,
    Kind.STATIC: NOTHING,
}
EXPECTED = {kind: COMMON | {"Content-Security-Policy": policy} for kind, policy in POLICIES.items()}
# Whatever else is about security: what is not expected may not be there.
SECURITY = re.compile(
    r"content-security-policy.*|cross-origin-.*|.*permissions-policy|feature-policy|referrer-policy"
    r"|strict-transport-security|x-content-type-options|x-frame-options|x-xss-protection"
    r"|x-powered-by|access-control-.*"
)

API, ADMIN, STATIC = "/api/v1/campaigns/", "/admin/campaigns/campaign/", "/static/staticfiles.json"
PAGE, SWAGGER, REDOC = "/problems/", "/api/v1/docs/", "/api/v1/redoc/"
CONSOLE, SIGN_IN = "/profile/", "/sign-in/"
PATHS = {
    Kind.API: API,
    Kind.PAGE: PAGE,
    Kind.CONSOLE: CONSOLE,
    Kind.SWAGGER: SWAGGER,
    Kind.REDOC: REDOC,
    Kind.ADMIN: ADMIN,
    Kind.STATIC: STATIC,  # the one file whose name does not change with its contents
}


def _request(method: str, path: str, **options: Any) -> dict[str, Any]:
    return {"method": method, "url": path, **options}


# How each kind comes to answer each status. What is not here cannot be: only the API asks for a
# token, only the API and files have tags, and a file that takes no POST is 404.
ASKED: dict[tuple[Kind, int], dict[str, Any]] = {
    (Kind.API, 200): _request("GET", "/api/v1/currencies/"),
    (Kind.PAGE, 200): _request("GET", PAGE),
    (Kind.CONSOLE, 200): _request("GET", SIGN_IN),
    (Kind.SWAGGER, 200): _request("GET", SWAGGER),
    (Kind.REDOC, 200): _request("GET", REDOC),
    (Kind.ADMIN, 200): _request("GET", ADMIN),
    (Kind.STATIC, 200): _request("GET", STATIC),
    (Kind.CONSOLE, 302): _request("GET", "/"),
    (Kind.ADMIN, 302): _request("GET", ADMIN, cookies={"__Host-session": "nobody"}),
    (Kind.API, 304): _request("GET", "/api/v1/currencies/", headers={"If-None-Match": "*"}),
    (Kind.STATIC, 304): _request("GET", STATIC, headers={"If-None-Match": "{etag}"}),
    **{(kind, 400): _request("GET", f"{path}?x=%00") for kind, path in PATHS.items()},
    (Kind.API, 401): _request("GET", API),
    (Kind.PAGE, 403): _request("POST", PAGE),
    (Kind.CONSOLE, 403): _request("POST", SIGN_IN),
    (Kind.ADMIN, 403): _request("POST", ADMIN),
    (Kind.API, 404): _request("GET", "/api/v1/nowhere/"),
    (Kind.PAGE, 404): _request("GET", "/nowhere"),
    (Kind.CONSOLE, 404): _request("GET", "/campaigns/nowhere/"),
    (Kind.ADMIN, 404): _request("GET", "/admin/nowhere/"),
    (Kind.STATIC, 404): _request("GET", "/static/nowhere"),
    (Kind.API, 405): _request("GET", "/api/v1/auth/signin/"),
    (Kind.PAGE, 405): _request("OPTIONS", PAGE),
    (Kind.CONSOLE, 405): _request("GET", "/sign-out/"),
    (Kind.SWAGGER, 405): _request("POST", SWAGGER),
    (Kind.REDOC, 405): _request("POST", REDOC),
    (Kind.ADMIN, 405): _request("GET", "/admin/logout/"),
    **{
        (kind, 413): _request("POST", path, content=b"x" * (MEBIBYTE + 1), headers=FORM)
        for kind, path in PATHS.items()
    },
    (Kind.API, 415): _request("POST", "/api/v1/auth/signin/", content=b"x", headers=FORM),
    **{(kind, 500): _request("GET", path, headers=FAULT) for kind, path in PATHS.items()},
}


@pytest.fixture(scope="module")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where static files are collected, once for both servers: it takes its time."""
    return str(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def failing(static_root: str) -> Iterator[LiveServer]:
    """Yield a server with production's settings, and a fault that can be asked for."""
    with live_server(
        "production",
        collect_static=True,
        DJANGO_SETTINGS_MODULE="tests.fixtures.failing",
        LIVE_STATIC_ROOT=static_root,
    ) as server:
        variables = {
            "DJANGO_SETTINGS_MODULE": "server.settings.development",
            "DATABASE_URL": server.database_url,
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        }
        manage(variables, "createsuperuser", "--noinput", "--email", STAFF)
        yield server


@pytest.fixture(scope="module")
def limited(failing: LiveServer, static_root: str) -> Iterator[LiveServer]:
    """Yield a server with production's settings where every limit is reached at once."""
    # The first request of each class is the one that waits for the server, or the one below.
    with live_server(
        "production",
        LIVE_STATIC_ROOT=static_root,
        REDIS_URL="",
        RATE_LIMIT_PAGE="1/1000000",
        RATE_LIMIT_READ="1/1000000",
        RATE_LIMIT_SIGNIN="1/1000000",
    ) as server:
        with server.client() as client:
            client.get(PAGE)
        yield server


@pytest.fixture(scope="module")
def browser(failing: LiveServer) -> Iterator[httpx.Client]:
    """Yield a browser in which staff are signed in: its cookies are given by hand.

    The client would not send cookies that demand TLS to a server without.
    """
    with failing.client() as client:
        client.headers.update(BROWSER)
        form = client.get("/admin/login/")
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)[0]
        csrf = _cookies(form)["__Host-csrf"].value
        answer = client.post(
            "/admin/login/?next=/admin/",
            data={"username": STAFF, "password": PASSWORD, "csrfmiddlewaretoken": token},
            headers={"Cookie": f"__Host-csrf={csrf}", "Origin": _secure(failing)},
        )
        assert answer.status_code == 302, answer.text
        session = _cookies(answer)["__Host-session"].value
        client.headers["Cookie"] = f"__Host-session={session}"
        yield client


@pytest.mark.parametrize(("kind", "status"), ASKED, ids=str)
def test_an_answer_has_exactly_the_headers_of_its_kind(
    browser: httpx.Client, kind: Kind, status: int
) -> None:
    asked = dict(ASKED[kind, status])
    headers = dict(asked.pop("headers", {}))
    if headers.get("If-None-Match") == "{etag}":
        headers["If-None-Match"] = browser.get(asked["url"]).headers["ETag"]
    if cookies := asked.pop("cookies", None):
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    answer = browser.request(**asked, headers=headers)
    assert answer.status_code == status, answer.text
    assert _security(answer) == EXPECTED[kind]
    if status >= 400 or kind is Kind.CONSOLE:
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", Kind)
def test_a_refusal_by_a_limit_has_the_headers_of_its_kind(limited: LiveServer, kind: Kind) -> None:
    path = "/api/v1/currencies/" if kind is Kind.API else PATHS[kind]
    with limited.client() as client:
        for headers in ({}, BROWSER):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 429
            assert _security(answer) == EXPECTED[kind]
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "BREW"])
def test_no_method_answers_without_them(browser: httpx.Client, kind: Kind, method: str) -> None:
    assert _security(browser.request(method, PATHS[kind])) == EXPECTED[kind]


@pytest.mark.parametrize("kind", Kind)
def test_a_forged_host_is_answered_with_them(browser: httpx.Client, kind: Kind) -> None:
    answer = browser.get(PATHS[kind], headers={"Host": "evil.example"})
    # A file is the same under any name, and nothing in it is made from one.
    assert answer.status_code == (200 if kind is Kind.STATIC else 400)
    assert _security(answer) == EXPECTED[kind]


@pytest.mark.parametrize("kind", Kind)
def test_over_plain_http_all_but_the_promise_of_tls_is_there(
    failing: LiveServer, kind: Kind
) -> None:
    answer = httpx.get(f"{failing.url}{PATHS[kind]}", trust_env=False)
    assert answer.status_code == 301
    expected = {**EXPECTED[kind]}
    del expected["Strict-Transport-Security"]
    assert _security(answer) == expected


@pytest.mark.parametrize("path", [API, "/api/v1/nowhere/", "/api/v1/currencies/?x=%00"])
def test_only_the_origins_that_are_allowed_read_the_api(browser: httpx.Client, path: str) -> None:
    for origin, allowed in ((ORIGIN, {"Access-Control-Allow-Origin": ORIGIN}), ("null", {})):
        answer = browser.get(path, headers={"Origin": origin})
        security = _security(answer)
        exposed = security.pop("Access-Control-Expose-Headers", "")
        assert security == EXPECTED[Kind.API] | allowed
        assert bool(exposed) == bool(allowed)
        assert "origin" in answer.headers["Vary"].lower()


@pytest.mark.parametrize("kind", [Kind.PAGE, Kind.CONSOLE, Kind.ADMIN, Kind.STATIC])
def test_no_other_origin_reads_what_is_no_api(browser: httpx.Client, kind: Kind) -> None:
    for headers in ({"Origin": ORIGIN}, {"Origin": "https://evil.example"}):
        assert _security(browser.get(PATHS[kind], headers=headers)) == EXPECTED[kind]


@pytest.mark.parametrize(("path", "name"), [("/admin/login/", "username"), (SIGN_IN, "email")])
def test_cookies_are_bound_to_this_host_and_to_tls(
    browser: httpx.Client, path: str, name: str
) -> None:
    form = browser.get(path, headers={"Cookie": ""})
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)[0]
    csrf = _cookies(form)["__Host-csrf"]
    signed_in = browser.post(
        path,
        data={name: STAFF, "password": PASSWORD, "csrfmiddlewaretoken": token, "next": "/admin/"},
        headers={"Cookie": f"__Host-csrf={csrf.value}", "Referer": "https://127.0.0.1/admin/"}
        | {"Origin": str(browser.base_url).replace("http:", "https:").rstrip("/")},
    )
    assert signed_in.status_code == 302
    cookies = {**_cookies(form), **_cookies(signed_in)}
    assert set(cookies) == {"__Host-csrf", "__Host-session"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httponly"]) == (True, True)
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
    for answer in (form, signed_in):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_server_program_tells_no_version(browser: httpx.Client) -> None:
    assert browser.get(PAGE).headers["Server"] == "granian"


def _security(answer: httpx.Response) -> dict[str, str]:
    """Return every header about security; none may be there twice."""
    found = [
        (name.title().replace("Csp", "CSP"), value)
        for name, value in answer.headers.multi_items()
        if SECURITY.fullmatch(name)
    ]
    assert len(found) == len({name for name, _ in found}), found
    return dict(found)


def _cookies(answer: httpx.Response) -> SimpleCookie:
    cookies = SimpleCookie()
    for text in answer.headers.get_list("Set-Cookie"):
        cookies.load(text.strip())
    return cookies


def _secure(server: LiveServer) -> str:
    return server.url.replace("http:", "https:")
