"""What tests of the front share."""

from __future__ import annotations

import pytest

from tests.fixtures.api import ApiClient, payout
from tests.fixtures.front import COUNTRIES, Sender


@pytest.fixture
def sender(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """Store campaigns, one of them with a long rate card; leave open what the test is in."""
    monkeypatch.setattr("core.api.front.close_old_connection", lambda: None)
    card = [payout(country) for country in (None, *COUNTRIES)]
    campaign = api.create("Loans", payouts=card)
    ids = {
        "campaign": campaign["id"],
        "payout": campaign["payouts"][1]["id"],
        "other": api.create("Games")["id"],
    }
    return Sender(api=api, ids=ids)
