"""Apply limits to requests."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from core.durations import period, wait
from core.exceptions import DomainError
from core.headers import put
from core.limiting.clients import client_network
from core.limiting.windows import Limit, MemoryWindows, RedisWindows, Verdict
from core.metrics import LIMITED
from core.redis import RedisAway, redis_link
from core.settled import settled

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase
    from rest_framework.request import Request

    from core.redis import RedisLink


class RateLimited(DomainError):
    """More requests than a limit allows."""

    code = "rate_limited"

    def __init__(self, verdict: Verdict) -> None:
        """Say what the limit is, and when to come back."""
        limit = verdict.limit
        requests = "request" if limit.most == 1 else "requests"
        # The window slides: what was asked counts less and less, until the one after it ends.
        still = verdict.retry_seconds > limit.seconds
        why = " Earlier requests count in part until the next such span is over." if still else ""
        super().__init__(
            f"The limit for this ({limit.name}) is {limit.most:,} {requests} in "
            f"{period(limit.seconds)}. Try again in {wait(verdict.retry_seconds)}.{why}"
        )
        self.retry_after = verdict.retry_seconds


def require_within(
    request: HttpRequest | Request, name: str, *, account_id: int | None = None
) -> None:
    """Count a request for its account or, where nobody is signed in, for its network.

    :param name: one of ``settings.RATE_LIMITS``.
    :raises RateLimited: the limit is reached.
    """
    # What was counted belongs to the request that the middleware sees, beneath DRF's.
    request = getattr(request, "_request", request)
    who = f"network:{client_network(request)}" if account_id is None else f"account:{account_id}"
    verdict = _hit(named(name), who)
    said: list[Verdict] = request.__dict__.setdefault("rate_verdicts", [])
    said.append(verdict)
    if not verdict.passes:
        LIMITED.labels(name).inc()
        raise RateLimited(verdict)


@settled
def named(name: str) -> Limit:
    """Return a limit of the settings."""
    most, seconds = settings.RATE_LIMITS[name]
    return Limit(name=name, most=most, seconds=seconds)


def say(request: HttpRequest, response: HttpResponseBase) -> None:
    """Write what the limits of a request say into its answer.

    ``RateLimit-Policy`` has each limit that counted the request, ``RateLimit`` what is left of it
    (draft-ietf-httpapi-ratelimit-headers-10).
    """
    said: list[Verdict] = request.__dict__.get("rate_verdicts", [])
    if said:
        policies = ", ".join([_policy(verdict.limit) for verdict in said])
        put(response, "RateLimit-Policy", policies)
        put(response, "RateLimit", ", ".join([_left(verdict) for verdict in said]))


@cache
def _policy(limit: Limit) -> str:
    return f'"{limit.name}";q={limit.most};w={limit.seconds}'


def _left(verdict: Verdict) -> str:
    renewed_in = verdict.reset_seconds if verdict.passes else verdict.retry_seconds
    return f'"{verdict.limit.name}";r={verdict.remaining};t={renewed_in}'


def memory() -> MemoryWindows:
    """Return what this process counts by itself: while Redis is away, or where there is none."""
    return _MEMORY


_MEMORY = MemoryWindows()


def _hit(limit: Limit, key: str) -> Verdict:
    shared = _shared(redis_link())
    if shared is not None and shared.is_up:
        with suppress(RedisAway):
            return shared.hit(limit, key)
    return _MEMORY.hit(limit, key)


@cache
def _shared(link: RedisLink | None) -> RedisWindows | None:
    return None if link is None else RedisWindows(link, namespace="ratecard:limit:")
