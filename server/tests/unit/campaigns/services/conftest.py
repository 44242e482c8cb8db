"""What the tests of the campaigns' use cases share."""

from __future__ import annotations

import pytest

from tests.fixtures.fakes import CampaignWorld


@pytest.fixture
def world() -> CampaignWorld:
    """Build the services on fakes; nothing is in them yet."""
    return CampaignWorld()
