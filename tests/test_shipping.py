"""The container's promises, the licence and the citation, read from their files."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.installed import SOURCES
from xray_app import __version__
from xray_app.commands.registry import COMMANDS
from xray_app.engines.catalogue import find_card, list_models

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions(stage: int) -> list[tuple[str, str]]:
    """Name and argument of each instruction of a stage; -1 is what runs."""
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line and line[0] not in "# "]
    stages: list[list[tuple[str, str]]] = []
    for name, argument in pairs:
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, argument))
    return stages[stage]


def test_the_image_does_not_run_as_root() -> None:
    (user,) = [argument for name, argument in instructions(-1) if name == "USER"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)  # numbers: an orchestrator can check them
    names = [name for name, _ in instructions(-1)]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert "RUN" not in names


def test_the_image_starts_a_command_that_is_there() -> None:
    said = dict(instructions(-1))
    assert json.loads(said["ENTRYPOINT"]) == ["xray-app"]
    assert json.loads(said["CMD"])[0] in COMMANDS
    assert "/_stcore/health" in said["HEALTHCHECK"]
    assert said["EXPOSE"] in said["HEALTHCHECK"]


def test_the_image_is_built_from_pinned_packages() -> None:
    said = instructions(0)
    installs = [argument for name, argument in said if name == "RUN" and "pip install" in argument]
    assert any("-r requirements.txt" in argument for argument in installs)
    assert any(n == "ENV" and "PIP_CONSTRAINT=/source/constraints.txt" in a for n, a in said)


def test_both_stages_have_the_same_python_and_one_that_is_supported() -> None:
    images = {instructions(stage)[0][1].split()[0] for stage in (0, -1)}
    assert images <= {"python:3.11-slim", "python:3.12-slim", "python:3.13-slim"}
    assert len(images) == 1


def test_the_build_sees_what_the_wheel_needs_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    seen = {rule.removeprefix("!").split("/")[0] for rule in rules if rule.startswith("!")}
    assert seen == set(SOURCES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"] > 0
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]
    assert not {"volumes", "privileged", "cap_add", "env_file", "user"} & set(service)
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    (network,) = service["networks"]
    options = COMPOSE["networks"][network]["driver_opts"]
    assert options == {"com.docker.network.bridge.enable_ip_masquerade": "false"}


def test_the_service_for_machines_has_a_health_check_of_its_own() -> None:
    service = SERVICES["http"]
    port = service["ports"][0].rpartition(":")[2]
    assert service["command"][0] in COMMANDS
    assert f":{port}/health" in service["healthcheck"]["test"][-1]


def test_the_demo_pacs_gets_a_configuration_that_can_be_read() -> None:
    """Written to the one place that can be written to; its port and path are those of the docs."""
    service = SERVICES["orthanc"]
    settings = json.loads(service["environment"]["CONFIGURATION"])
    assert "> /tmp/orthanc.json && exec Orthanc /tmp/orthanc.json" in service["entrypoint"][-1]
    assert settings["StorageDirectory"].startswith("/tmp/")
    assert settings["IndexDirectory"].startswith("/tmp/")
    address = f"http://orthanc:{settings['HttpPort']}{settings['DicomWeb']['Root'].rstrip('/')}"
    assert f"XRAY_APP_PACS_URL={address} " in (ROOT / "docs" / "pacs.md").read_text()


def test_the_citation_follows_the_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == __version__
    assert citation["license"] == "MIT"
    assert citation["authors"] == [{"name": "The xray-app authors"}]
    assert {"message", "title"} <= set(citation)


def test_the_changelog_knows_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert __version__ in text
    headings = re.findall(r"^## (.*)$", text, flags=re.M)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", h) for h in headings[1:])
    kinds = set(re.findall(r"^### (.*)$", text, flags=re.M))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_whoever_the_models_come_from_is_named() -> None:
    notice = " ".join((ROOT / "NOTICE").read_text().split())
    for name in list_models():
        data = find_card(name).training_data
        assert data.licence in notice
        assert all(part in notice for part in re.findall(r"[A-Z]\w+", data.source))
    assert "MIT License" in (ROOT / "LICENSE").read_text()
