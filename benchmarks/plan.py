"""How much is measured: everything, or within five minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The sizes of one run."""

    quick: bool
    campaigns: int
    """In the large store; the small one has 1,000."""
    accounts: int
    big_account: int
    """Campaigns of the one account that has very many."""
    hundreds: int
    """Accounts of the large store with exactly 100 campaigns, as each of the small one has."""
    rounds: int
    seconds: int
    """How long one contestant is loaded in one round."""
    probes: int
    """How often one read is timed where latency counts."""
    write_probes: int
    """How often one write is; there must be as many things to change."""
    memory_requests: int


FULL = Plan(
    quick=False,
    campaigns=1_000_000,
    accounts=10_000,
    big_account=100_000,
    hundreds=300,
    rounds=7,
    seconds=3,
    probes=200,
    write_probes=60,
    memory_requests=100_000,
)
QUICK = Plan(
    quick=True,
    campaigns=100_000,
    accounts=1_001,
    big_account=10_000,
    hundreds=300,
    rounds=2,
    seconds=1,
    probes=30,
    write_probes=10,
    memory_requests=0,
)

CONNECTIONS = 8
PAGE = 50
PAYOUTS = 5
SMALL_ACCOUNTS = 10
HUNDRED = 100
