"""What schemathesis has to be told about this API: how to stay signed in, and what exists.

schemathesis loads this in a process of its own. Whatever it sends, it cannot guess a password, a
refresh token or the id of a campaign: some of its calls are completed with true ones here, so
that its checks see success too. What it built in order to be refused stays as it is.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
import schemathesis

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemathesis import AuthContext, Case, CheckContext, HookContext, Response

API = os.environ["FUZZED_API"]
RECORD = Path(os.environ["FUZZING_RECORD"])
PROBLEM_MEMBERS = {"type", "title", "status", "code", "detail", "instance", "request_id"}
ENDS_SESSIONS = {"auth_signout", "auth_sessions_end"}
RENEWED_AFTER_SECONDS = 240  # access tokens live for 300
COMPLETED_EVERY = 4
"""The first positive call of each operation is completed, and every fourth after it."""


class Person:
    """Somebody with an account, who makes what the calls need."""

    def __init__(self) -> None:
        """Sign up.

        ``is_shaken`` is set by whoever may have ended the session that is in use.
        """
        self.http = httpx.Client(base_url=API, timeout=60, trust_env=False)
        self.email = f"{secrets.token_hex(6)}@example.com"
        self.password = secrets.token_urlsafe(16)
        self._keep(self._post("auth/signup/", self.credentials))

    @property
    def credentials(self) -> dict[str, str]:
        """The address and the password."""
        return {"email": self.email, "password": self.password}

    @property
    def token(self) -> str:
        """An access token that works: the fuzzer ends sessions, this one's among them."""
        if self.is_shaken or monotonic() > self._renew_at:
            self._keep(self.sign_in())
        return self._token

    def sign_in(self) -> Any:
        """Start a session, and return the answer."""
        return self._post("auth/signin/", self.credentials)

    def session(self) -> str:
        """Start a session, and return its id."""
        self.sign_in()
        sessions = self.http.get("auth/sessions/").raise_for_status().json()["results"]
        (session, *_) = [row["id"] for row in sessions if not row["is_current"]]
        return str(session)

    def key(self) -> int:
        """Make an API key, and return its id."""
        key: int = self._post("auth/keys/", {"name": "Export", "scope": "read"})["id"]
        return key

    def campaign(self, *, deleted: bool = False) -> Any:
        """Create a campaign, and return it."""
        campaign = self._post("campaigns/", campaign_body())
        if deleted:
            self.http.delete(f"campaigns/{campaign['id']}/").raise_for_status()
        return campaign

    def _post(self, path: str, body: Any) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def _keep(self, answer: Any) -> None:
        self._token: str = answer["access"]
        self._renew_at = monotonic() + RENEWED_AFTER_SECONDS
        self.is_shaken = False
        self.http.headers["Authorization"] = f"Bearer {self._token}"


@cache
def person() -> Person:
    """Return the one person that all calls are made for."""
    return Person()


def campaign_body() -> dict[str, Any]:
    """Return a campaign that can be created or replaced."""
    return {
        "title": f"Title {secrets.token_hex(6)}",
        "landing_page_url": "https://shop.example.com/?click={click_id}",
        "is_running": True,
        "payouts": [payout_body("EE"), payout_body(None)],
    }


def payout_body(country: str | None) -> dict[str, Any]:
    """Return a payout that can be added to any of our campaigns, if it is for Finland."""
    return {"country": country, "amount": "1.50", "currency": "EUR"}


def password_body() -> dict[str, str]:
    """Change the password, and remember the new one for the sign-ins that follow."""
    new = secrets.token_urlsafe(16)
    old, person().password = person().password, new
    return {"current_password": old, "new_password": new}


BODIES: dict[str, Callable[[], Any]] = {
    "auth_signup": lambda: {
        "email": f"{secrets.token_hex(6)}@example.com",
        "password": secrets.token_urlsafe(16),
        "time_zone": "Europe/Tallinn",
    },
    "auth_signin": lambda: person().credentials,
    "auth_refresh": lambda: {"refresh": person().sign_in()["refresh"]},
    "auth_password_change": password_body,
    "auth_profile_update": lambda: {"display_name": "Ada", "default_currency": "JPY"},
    "auth_keys_create": lambda: {"name": "Export", "scope": "write"},
    "campaigns_create": campaign_body,
    "campaigns_replace": campaign_body,
    "campaigns_update": lambda: {"is_running": False, "payouts": [payout_body("LV")]},
    "campaigns_duplicate": dict,
    "campaigns_restore": dict,
    "campaigns_start": dict,
    "campaigns_stop": dict,
    "campaigns_bulk": lambda: {"action": "start", "ids": [person().campaign()["id"]]},
    "payouts_create": lambda: payout_body("FI"),
    "payouts_replace": lambda: payout_body("FI"),
    "payouts_update": lambda: {"amount": 2.5},
}
"""A body for each operation that takes one."""
_seen: Counter[str] = Counter()


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Send a token that works."""

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        """Return the token."""
        return person().token

    def set(self, case: Case[Any], token: str, _context: AuthContext) -> None:
        """Send it."""
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Complete some of the calls that should succeed with what exists."""
    meta = case.meta
    if meta is None or meta.generation.mode.is_negative or meta.phase.name.value == "stateful":
        return
    if case.method.upper() != case.operation.method.upper():
        return
    name = _operation_id(case)
    if _seen[name] % COMPLETED_EVERY == 0:
        _complete(case, name)
    _seen[name] += 1


def _operation_id(case: Case[Any]) -> str:
    return str(case.operation.definition.raw["operationId"])


def _complete(case: Case[Any], name: str) -> None:
    known = case.path_parameters
    if "campaign_id" in known:
        campaign = person().campaign(deleted=name == "campaigns_restore")
        known["campaign_id"] = str(campaign["id"])
        if "payout_id" in known:
            known["payout_id"] = str(campaign["payouts"][0]["id"])
    if "session_id" in known:
        known["session_id"] = person().session()
    if "key_id" in known:
        known["key_id"] = person().key()
    case.query = {"country": "EE"} if name == "campaigns_rate" else {}
    for header in ("If-Match", "If-None-Match", "Idempotency-Key"):
        case.headers.pop(header, None)
    if name in BODIES:
        case.body = BODIES[name]()
        case.media_type = "application/json"


@schemathesis.hook
def after_call(_context: HookContext, case: Case[Any], response: Response) -> None:
    """Record the status that an operation answered, and mind what it may have done to us."""
    if _operation_id(case) in ENDS_SESSIONS and response.status_code == httpx.codes.NO_CONTENT:
        person().is_shaken = True
    line = {"method": case.method.upper(), "path": case.path, "status": response.status_code}
    with RECORD.open("a", encoding="utf-8") as record:
        record.write(json.dumps(line) + "\n")


@schemathesis.check
def errors_are_problems(_ctx: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Every error is a problem as RFC 9457 has it, with all members that we promise."""
    if response.status_code < httpx.codes.BAD_REQUEST or response.request.method == "HEAD":
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    problem = response.json()
    assert set(problem) - {"errors"} == PROBLEM_MEMBERS
    assert problem["status"] == response.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["request_id"] == response.headers["x-request-id"][0]
    assert problem["detail"]
    assert ("errors" in problem) is (problem["code"] == "validation")
    for error in problem.get("errors", []):
        assert set(error) in ({"pointer", "code", "detail"}, {"parameter", "code", "detail"})
