"""The files under deploy/ are what they claim to be, and name what Ratecard has."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from campaigns.spreadsheet.form import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[4]
DEPLOY = PROJECT / "deploy"
MANIFESTS = sorted([*DEPLOY.rglob("*.yaml"), *DEPLOY.rglob("*.yml")])
UNITS = sorted((DEPLOY / "systemd").iterdir())
# What is read by Django, Python, the images of others, or compose itself.
NOT_OURS = re.compile(r"DJANGO_SETTINGS_MODULE|(PYTHON|PIP_|POSTGRES_|VALKEY_|LC_)\w*")
PURGES = [
    *(path.stem for path in (PROJECT / "server").glob("*/management/commands/purge_*.py")),
    "clearsessions",  # Django's own, for the admin's
]


def name_of(path: Path) -> str:
    return str(path.relative_to(DEPLOY))


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def variables(node: Any) -> Iterator[str]:
    """Yield the names that a manifest gives variables in an environment."""
    if isinstance(node, list):
        for item in node:
            yield from variables(item)
    elif isinstance(node, dict):
        if node.get("kind") in {"ConfigMap", "Secret"}:
            yield from {**node.get("data", {}), **node.get("stringData", {})}
        for key, value in node.items():
            if key == "environment" and isinstance(value, dict):
                yield from value
            elif key == "env" and isinstance(value, list):
                yield from (each["name"] for each in value)
            else:
                yield from variables(value)


def named_variables() -> Iterator[str]:
    """Yield every variable that anything under deploy/ sets or asks for."""
    for path in MANIFESTS:
        yield from variables(documents(path))
        text = path.read_text(encoding="utf-8")
        yield from re.findall(r"\$\{([A-Z_]+)", text)
        yield from re.findall(r"^#\s+(?:.*--from-literal=)?([A-Z_]{4,})=", text, re.MULTILINE)
    for path in UNITS:
        for line in re.findall(
            r"^Environment=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            yield from (each.partition("=")[0] for each in line.split())
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    yield from re.findall(r"\b([A-Z][A-Z_]+)=", container)


@pytest.mark.parametrize("path", MANIFESTS, ids=name_of)
def test_yaml_files_parse(path: Path) -> None:
    assert all(documents(path))


@pytest.mark.parametrize("path", UNITS, ids=name_of)
def test_units_have_sections_and_name_no_missing_file(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False, comment_prefixes="#")
    unit.read_string(path.read_text(encoding="utf-8"))
    assert {"Unit", path.suffix[1:].capitalize()} <= {*unit.sections()}
    for program in re.findall(r"/opt/ratecard/(server/\S+)", path.read_text(encoding="utf-8")):
        assert (PROJECT / program).exists()


def test_every_variable_is_one_of_the_example() -> None:
    example = (PROJECT / ".env.example").read_text(encoding="utf-8")
    known = {*re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)}
    named = {*named_variables()}
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "HOST"} <= named
    assert not {name for name in named if not NOT_OURS.fullmatch(name)} - known


@pytest.mark.parametrize(
    "path", ["systemd/ratecard-purge.service", "kubernetes/purge.yaml", "compose.yaml"]
)
def test_whatever_purges_runs_each_night(path: str) -> None:
    text = (DEPLOY / path).read_text(encoding="utf-8")
    assert [name for name in PURGES if name not in text] == []


def test_the_proxy_lets_through_a_little_more_than_the_server_reads() -> None:
    settings = (PROJECT / "server/server/settings/base.py").read_text(encoding="utf-8")
    assert "DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024\n" in settings
    nginx = (DEPLOY / "nginx" / "ratecard.conf").read_text(encoding="utf-8")
    assert "client_max_body_size 1100k;" in nginx
    assert MOST_BYTES == 50 * 1024 * 1024
    assert "client_max_body_size 52m;" in nginx


def test_containers_are_not_root_and_write_nothing() -> None:
    users = re.findall(
        r"^USER (\S+)$", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert users[-1].isdigit()
    assert users[-1] != "0"
    pods = [pod for path in MANIFESTS for document in documents(path) for pod in pods_of(document)]
    assert pods
    for pod in pods:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert str(pod["securityContext"]["runAsUser"]) == users[-1]
        for container in pod["containers"]:
            limits = container["securityContext"]
            assert limits["readOnlyRootFilesystem"] is True
            assert limits["allowPrivilegeEscalation"] is False


def test_the_server_may_write_to_its_run_directory() -> None:
    """It begins by emptying it, and the code around it is not its own."""
    unit = (DEPLOY / "systemd" / "ratecard.service").read_text(encoding="utf-8")
    [made] = re.findall(r"^RuntimeDirectory=(\S+)$", unit, re.MULTILINE)
    assert f"\nEnvironment=RUN_DIR=/run/{made}\n" in unit
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    assert re.findall(r"\bRUN_DIR=(/tmp/\w+)", container)


def pods_of(node: Any) -> Iterator[Any]:
    """Yield each specification of a pod."""
    if isinstance(node, list):
        for item in node:
            yield from pods_of(item)
    elif isinstance(node, dict):
        if "containers" in node:
            yield node
        for value in node.values():
            yield from pods_of(value)
