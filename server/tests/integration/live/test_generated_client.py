"""A client that a public generator makes from the document compiles, and does its job."""

from __future__ import annotations

import compileall
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.live import PROJECT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

DOCUMENT = PROJECT / "docs" / "openapi.yaml"
PACKAGE = "generated_ratecard_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Generate the client from the checked-in document, make it importable, and yield its place."""
    directory = tmp_path_factory.mktemp("generated")
    config = directory / "config.yaml"
    # The hooks would only format it; the generator knows no CSV, which it is to send as bytes.
    config.write_text(
        "post_hooks: []\ncontent_type_overrides: {text/csv: application/octet-stream}\n",
        encoding="utf-8",
    )
    done = subprocess.run(  # noqa: S603 -- our own command, without a shell
        [
            str(Path(sys.executable).with_name("openapi-python-client")),
            *("generate", "--path", str(DOCUMENT), "--config", str(config), "--fail-on-warning"),
            *("--meta", "none", "--output-path", str(directory / PACKAGE)),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=directory,
        env=clean_environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(directory))
    yield directory / PACKAGE
    sys.path.remove(str(directory))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


class Generated:
    """The generated client: its models and its operations by name."""

    def __init__(self, server: LiveServer) -> None:
        """Talk to this server, as nobody yet."""
        self._client = self._module("client").Client(base_url=server.url)
        self.models = self._module("models")

    def sign_in(self, server: LiveServer, token: str) -> None:
        """Send a token from now on."""
        self.close()
        self._client = self._module("client").AuthenticatedClient(base_url=server.url, token=token)

    def call(self, operation: str, *arguments: str, expect: int = 200, **named: Any) -> Any:
        """Call an operation, such as ``campaigns.campaigns_list``; return the parsed answer."""
        module = self._module(f"api.{operation}")
        answer = module.sync_detailed(*arguments, client=self._client, **named)
        assert answer.status_code == expect, answer.content
        return answer.parsed

    def close(self) -> None:
        """Close the connections."""
        self._client.get_httpx_client().close()

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def client(generated: Path, server: LiveServer) -> Iterator[Generated]:
    """Yield the client, as nobody."""
    client = Generated(server)
    yield client
    client.close()


def test_every_module_compiles_and_can_be_imported(generated: Path) -> None:
    assert compileall.compile_dir(generated, quiet=1)
    package = importlib.import_module(PACKAGE)
    names = [module.name for module in pkgutil.walk_packages(package.__path__, f"{PACKAGE}.")]
    for name in names:
        importlib.import_module(name)
    assert f"{PACKAGE}.api.campaigns.campaigns_replace" in names


def test_it_drives_a_campaign_from_sign_up_to_deletion(
    client: Generated, server: LiveServer
) -> None:
    models = client.models
    signed_in = client.call(
        "auth.auth_signup",
        body=models.SignUpInputRequest(email="integrator@example.com", password="a horse, 9 times"),
        expect=201,
    )
    client.sign_in(server, signed_in.access)

    created = client.call(
        "campaigns.campaigns_create",
        body=models.CampaignInputRequest(
            title="Autumn sale",
            landing_page_url="https://shop.example.com/?click={click_id}",
            is_running=True,
            payouts=[models.PayoutInputRequest(country="EE", amount="12.50", currency="EUR")],
        ),
        expect=201,
    )
    campaign = str(created.id)
    assert (created.title, created.is_running) == ("Autumn sale", True)
    assert _card(created) == [("EE", "12.50", "EUR")]

    page = client.call("campaigns.campaigns_list", search="AUTUMN")
    assert (page.count, page.results) == (1, [created])

    replaced = client.call(
        "campaigns.campaigns_replace",
        campaign,
        body=models.CampaignInputRequest(
            title="Autumn sale",
            landing_page_url="https://shop.example.com/",
            payouts=[
                models.PayoutInputRequest(country=None, amount="0.0005", currency="EUR"),
                models.PayoutInputRequest(country="EE", amount="13.00", currency="EUR"),
                models.PayoutInputRequest(country="JP", amount=120, currency="JPY"),
            ],
        ),
        if_match='"1-1"',
    )
    assert _card(replaced) == [
        (None, "0.0005", "EUR"),
        ("EE", "13.00", "EUR"),
        ("JP", "120", "JPY"),
    ]
    rate = client.call("campaigns.campaigns_rate", campaign, country="FR")
    assert (rate.reason.value, rate.payout.amount) == ("worldwide", "0.0005")

    assert client.call("campaigns.campaigns_stop", campaign).is_running is False
    client.call("campaigns.campaigns_delete", campaign, expect=204)
    gone = client.call("campaigns.campaigns_retrieve", campaign, expect=404)
    assert gone.code.value == "not_found"


def test_it_shows_what_is_wrong_with_an_input(client: Generated) -> None:
    body = client.models.SignUpInputRequest(email="nobody", password="a horse, 9 times")
    problem = client.call("auth.auth_signup", body=body, expect=400)
    assert problem.code.value == "validation"
    assert [error.pointer for error in problem.errors] == ["/email"]


def _card(campaign: Any) -> list[tuple[str | None, str, str]]:
    return [(payout.country, payout.amount, payout.currency) for payout in campaign.payouts]
