"""The statements. Each checks the session and writes the whole answer.

Text is put together by hand, since PostgreSQL's own JSON functions take twice as long.
``bench_country`` and ``bench_currency`` hold what Ratecard knows from packages.
"""

from __future__ import annotations

_SESSION = """
    SELECT session.account_id
    FROM accounts_session AS session
    JOIN accounts_account AS account ON account.id = session.account_id
    WHERE session.id = %(session)s::uuid AND session.ended_at IS NULL AND account.is_active
"""


def _moment(column: str) -> str:
    return rf"""to_char({column} AT TIME ZONE 'UTC', '\"YYYY-MM-DD"T"HH24:MI:SS.US"Z"\"')"""


_PAYOUT = f"""
    '{{"id":' || payout.id
    || ',"country":' || coalesce('"' || payout.country || '"', 'null')
    || ',"country_name":' || coalesce(country.name, '"Worldwide"')
    || ',"is_worldwide":' || CASE WHEN payout.country IS NULL THEN 'true' ELSE 'false' END
    || ',"amount":"' || CASE
        WHEN scale(trim_scale(payout.amount)) < currency.digits
        THEN round(payout.amount, currency.digits) ELSE trim_scale(payout.amount) END
    || '","currency":"' || payout.currency
    || '","created_at":' || {_moment("payout.created_at")}
    || ',"updated_at":' || {_moment("payout.updated_at")} || '}}'
"""

_CAMPAIGN = f"""
    '{{"id":' || campaign.id
    || ',"title":' || to_json(campaign.title)
    || ',"landing_page_url":' || to_json(campaign.landing_page_url)
    || ',"is_running":' || campaign.is_running::text
    || ',"payouts":[' || coalesce(card.payouts, '')
    || '],"created_at":' || {_moment("campaign.created_at")}
    || ',"updated_at":' || {_moment("campaign.updated_at")}
    || ',"deleted_at":null,"restorable_until":null,"version":' || campaign.version || '}}'
"""

_CARD = f"""
    CROSS JOIN LATERAL (
        SELECT string_agg({_PAYOUT}, ',' ORDER BY payout.country NULLS FIRST) AS payouts
        FROM campaigns_campaignpayout AS payout
        JOIN bench_currency AS currency ON currency.code = payout.currency
        LEFT JOIN bench_country AS country ON country.code = payout.country
        WHERE payout.campaign_id = campaign.id
    ) AS card
"""


def _list(ordering: str) -> str:
    column = {"title": "title_key"}.get(ordering.lstrip("-"), ordering.lstrip("-"))
    direction = "DESC" if ordering.startswith("-") else "ASC"
    mine = "account_id = (SELECT account_id FROM me) AND deleted_at IS NULL"
    return f"""
        WITH me AS MATERIALIZED ({_SESSION}),
        counted AS MATERIALIZED (
            SELECT count(*) AS n FROM (
                SELECT FROM campaigns_campaign WHERE {mine} LIMIT 10001
            ) AS mine
        ),
        page AS MATERIALIZED (
            SELECT *, row_number() OVER (ORDER BY {column} {direction}, id {direction}) AS place
            FROM campaigns_campaign WHERE {mine}
            ORDER BY {column} {direction}, id {direction}
            LIMIT %(size)s::int OFFSET %(start)s::int
        )
        SELECT '{{"count":' || least(counted.n, 10000)
            || ',"count_exact":' || CASE WHEN counted.n <= 10000 THEN 'true' ELSE 'false' END
            || ',"next":' || CASE WHEN %(start)s::int + %(size)s::int < counted.n
                THEN to_json(%(next)s::text)::text ELSE 'null' END
            || ',"previous":' || coalesce(to_json(%(previous)s::text)::text, 'null')
            || ',"results":[' || coalesce((
                SELECT string_agg({_CAMPAIGN}, ',' ORDER BY campaign.place)
                FROM page AS campaign {_CARD}
            ), '') || ']}}'
        FROM counted, me
    """


LIST = {
    sign + name: _list(sign + name)
    for name in ("title", "created_at", "updated_at")
    for sign in ("", "-")
}

ONE = f"""
    SELECT {_CAMPAIGN}
    FROM campaigns_campaign AS campaign {_CARD}
    WHERE campaign.id = %(campaign)s::bigint AND campaign.deleted_at IS NULL
    AND campaign.account_id = ({_SESSION})
"""

RESULTS = f"""
    SELECT '[' || string_agg({_CAMPAIGN}, ',' ORDER BY campaign.created_at DESC, campaign.id DESC)
        || ']'
    FROM (
        SELECT * FROM campaigns_campaign
        WHERE account_id = %(account)s AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT 50
    ) AS campaign {_CARD}
"""

HELPERS = """
    CREATE TABLE bench_country (code text PRIMARY KEY, name text NOT NULL);
    CREATE TABLE bench_currency (code text PRIMARY KEY, digits int NOT NULL);
"""
