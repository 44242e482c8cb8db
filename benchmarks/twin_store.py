"""The twins' own tables, beside Ratecard's, with the same campaigns under the same ids."""

from __future__ import annotations

import psycopg

from benchmarks import servers
from benchmarks.base import run_django
from benchmarks.ceiling.statements import HELPERS
from benchmarks.stores import without_indexes
from core.reference import countries, currencies

_CAMPAIGNS = """
    INSERT INTO twin_campaign (id, account_id, title, landing_page_url, is_running, created_at,
        updated_at, deleted_at, version)
    SELECT id, account_id, title, landing_page_url, is_running, created_at,
        updated_at, deleted_at, version
    FROM campaigns_campaign ORDER BY id
"""
_PAYOUTS = """
    INSERT INTO twin_payout (id, campaign_id, country, amount, currency, created_at, updated_at)
    SELECT id, campaign_id, country, amount, currency, created_at, updated_at
    FROM campaigns_campaignpayout ORDER BY id
"""


def fill(url: str) -> None:
    """Make and fill the tables of the twin and of the ceiling."""
    # Django makes the twin's tables from its models.
    run_django(
        servers.variables("twin_today", url),
        *("-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"),
    )
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE twin_campaign, twin_payout")
        with without_indexes(connection, "twin_%"):
            connection.execute(_CAMPAIGNS)
            connection.execute(_PAYOUTS)
        for table in ("twin_campaign", "twin_payout"):
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
        connection.execute(HELPERS)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO bench_country VALUES (%s, to_json(%s::text)::text)",
                list(countries().items()),
            )
            cursor.executemany(
                "INSERT INTO bench_currency VALUES (%s, %s)",
                [(currency.code, currency.minor_digits) for currency in currencies().values()],
            )
