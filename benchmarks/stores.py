"""The databases that are measured: made by Ratecard's own migrations, filled by COPY."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import redis
from psycopg import sql

from benchmarks import rows
from benchmarks.base import TOKENS_LIVE, memory_gib
from benchmarks.plan import PAYOUTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.layout import Layout

# Of a machine of one's own: PostgreSQL's documentation proposes a quarter of its memory ("Resource
# Consumption"), and the system's cache has most of the rest. What a power cut would cost is the
# last moments, as everywhere where synchronous_commit is off; nothing else is traded for speed.
POSTGRES_SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "off",
    "shared_buffers": f"{memory_gib() * 1024 / 4:.0f}MB",
    "effective_cache_size": f"{memory_gib() * 1024 * 3 / 4:.0f}MB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    # COPY into a table of the same transaction then writes no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A database that is filled."""

    url: str
    layout: Layout


def create(server: str, name: str) -> str:
    """Make an empty database beside the server's own, and return its URL.

    It leads through the server's Unix socket, as docs/deployment.md has it on one machine.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        place = connection.execute("SHOW unix_socket_directories").fetchone()
        port = connection.info.port
    whose = server.partition("://")[2].partition("@")[0]
    return f"postgresql://{whose}@/{name}?host={place[0] if place else ''}&port={port}"


def cache(server: str) -> str:
    """Return the URL of a Valkey that leads through its Unix socket."""
    with redis.Redis.from_url(server) as client:
        path = client.config_get("unixsocket")["unixsocket"]
    password = server.partition("://")[2].partition("@")[0]
    return f"unix://{password}@{path}?db=0"


def load(url: str, layout: Layout) -> None:
    """Fill a migrated database."""
    accounts, campaigns = len(layout.sizes), len(layout.owners)
    until = datetime.now(tz=UTC) + TOKENS_LIVE
    tables: list[tuple[str, rows.Columns, int]] = [
        ("accounts_account", rows.account_columns(), accounts),
        ("accounts_session", rows.session_columns(until=until), accounts),
        ("campaigns_campaign", rows.campaign_columns(layout), campaigns),
    ]
    with psycopg.connect(url) as connection, without_indexes(connection):
        # Rows that we made agree need no look-up of each foreign key.
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE accounts_account, campaigns_campaign CASCADE")
        for table, columns, count in tables:
            present = _columns(connection, table)
            known = {name: value for name, value in columns.items() if name in present}
            _copy(connection, table, tuple(known), rows.lines(known, count))
        payouts = "campaigns_campaignpayout"
        _copy(connection, payouts, rows.PAYOUT_COLUMNS, rows.payout_lines(campaigns))
        for table, last in (
            ("accounts_account", accounts),
            ("campaigns_campaign", campaigns),
            (payouts, campaigns * PAYOUTS),
        ):
            connection.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])


def analyze(url: str) -> None:
    """Let the planner know what is there, and leave vacuum nothing to do while we measure."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


@contextmanager
def without_indexes(connection: psycopg.Connection, tables: str = "campaigns_%") -> Iterator[None]:
    """Take away what indexes can be, and build them again at the end, which is much quicker."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE %s AND schemaname = "
        "'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [tables],
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _, definition in found:
        connection.execute(sql.SQL(definition))


def _columns(connection: psycopg.Connection, table: str) -> set[str]:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
    )
    return {name for (name,) in found}


def _copy(
    connection: psycopg.Connection, table: str, columns: tuple[str, ...], lines: Iterator[str]
) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in rows.blocks(lines):
            copy.write(block)
