"""The compose file and the manifest of docs/server.md: what they start is there, and their figures fit together."""

from __future__ import annotations

import re
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import blocks

from functions.core.batch_submission import MOST_FILE_BYTES
from functions.core.definition import Definition
from functions.core.tokens import KEPT_SECONDS, LAST_GOOD_SECONDS, RecentTokens, TokenRecords
from functions.local.application import local_application
from functions.local.home import Home
from functions.local.token_file import OTHERS_MAY
from functions.local.upload_links import FORM_BYTES
from model_export.commands.main import argument_parser
from model_export.commands.serve import GRACE_SECONDS
from tests.conftest import Connect

GIB = 1024**3
"""A `g` of nginx."""
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "server.md"
TEXT = PAGE.read_text("utf-8")
DOCUMENTS = [document for block in blocks(PAGE, "yaml") for document in yaml.safe_load_all(block)]
COMPOSE: Any = DOCUMENTS[0]["services"]["despliegue"]
KINDS = {document["kind"]: document for document in DOCUMENTS[1:]}
POD: Any = KINDS["Deployment"]["spec"]["template"]["spec"]
CONTAINER: Any = POD["containers"][0]
DOCKERFILE = (ROOT / "Dockerfile.lambda").read_text("utf-8")
SERVER = DOCKERFILE.partition(" AS server\n")[2]
OWN = re.compile(r"\$ (?:.*despliegue )?despliegue ((?:token|serve|build).*)")


@pytest.fixture(scope="module")
def probed(trained_home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    """The server as it is in a container: behind tokens, of which the probes have none."""
    tokens = RecentTokens(lambda: TokenRecords(()), on_failure=print)
    return connect(local_application(trained_home, definitions, base_url="http://0.0.0.0:8000", tokens=tokens))


def instruction(name: str) -> str:
    (found,) = re.findall(rf"^{name} (.*)$", SERVER, re.MULTILINE)
    return str(found)


def grace_of(command: list[str]) -> int:
    grace: int = argument_parser().parse_args(command).grace_seconds
    return grace


@pytest.mark.parametrize("command", [COMPOSE["command"], CONTAINER["args"], yaml.safe_load(instruction("CMD"))])
def test_what_a_container_starts_is_a_server_for_others_with_tokens(command: list[str]) -> None:
    options = argument_parser().parse_args(command)
    assert (options.run.__module__, options.host) == ("model_export.commands.serve", "0.0.0.0")  # noqa: S104
    assert options.tokens is not None


@pytest.mark.parametrize("line", OWN.findall(TEXT))
def test_every_command_of_the_page_is_one_of_the_command_line(line: str) -> None:
    assert argument_parser().parse_args(shlex.split(line)).run


def test_every_option_of_the_page_exists() -> None:
    known = {*re.findall(r"--[a-z-]+", (ROOT / "model_export/commands/serve.py").read_text("utf-8"))}
    known |= {*re.findall(r"--[a-z-]+", (ROOT / "model_export/commands/token.py").read_text("utf-8"))}
    foreign = {"--build-arg", "--target", "--tag", "--rm", "--detach", "--filename", "--from-file"}
    written = {*re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)}
    assert written - foreign - known == set()


def test_the_image_is_the_target_of_the_dockerfile() -> None:
    build = COMPOSE["build"]
    assert (ROOT / build["dockerfile"]).is_file()
    assert SERVER
    assert (build["target"], COMPOSE["image"]) == ("server", "despliegue-server")
    assert f"--file {build['dockerfile']} --target {build['target']} --tag {COMPOSE['image']} ." in TEXT
    assert "AS server\n" in DOCKERFILE[DOCKERFILE.rindex("FROM ") :]


def test_all_that_is_written_lies_in_the_volume_and_in_tmp() -> None:
    (home,) = re.findall(r"DESPLIEGUE_HOME=(\S+)", SERVER)
    assert instruction("VOLUME") == home
    assert set(re.findall(r"(?:HOME|FOLDER|DIR)=(\S+)", SERVER)) == {home, "/tmp"}  # noqa: S108
    assert COMPOSE["volumes"] == [f"data:{home}"]
    assert (COMPOSE["read_only"], COMPOSE["tmpfs"]) == (True, ["/tmp"])  # noqa: S108
    mounts = {mount["mountPath"]: mount for mount in CONTAINER["volumeMounts"]}
    assert {path for path, mount in mounts.items() if not mount.get("readOnly")} == {home, "/tmp"}  # noqa: S108
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True
    assert {mount["name"] for mount in mounts.values()} == {volume["name"] for volume in POD["volumes"]}


def test_nothing_runs_as_root_or_may_become_it() -> None:
    user, group = map(int, instruction("USER").split(":"))
    security = POD["securityContext"]
    assert security["runAsNonRoot"] is True
    assert (security["runAsUser"], security["runAsGroup"], security["fsGroup"]) == (user, group, group)
    assert user > 0
    assert f"user {user}" in TEXT
    assert CONTAINER["securityContext"]["allowPrivilegeEscalation"] is False
    assert CONTAINER["securityContext"]["capabilities"]["drop"] == COMPOSE["cap_drop"] == ["ALL"]
    assert COMPOSE["security_opt"] == ["no-new-privileges:true"]


def test_the_tokens_are_where_the_server_looks_with_a_mode_that_it_takes() -> None:
    mounts = {mount["name"]: mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    tokens = argument_parser().parse_args(CONTAINER["args"]).tokens
    assert str(tokens.parent) == mounts["tokens"]
    assert f"--from-file={tokens.name}" in TEXT
    (secret,) = [volume["secret"] for volume in POD["volumes"] if "secret" in volume]
    assert f"kubectl create secret generic {secret['secretName']} " in TEXT
    assert stat.S_IMODE(secret["defaultMode"]) & OTHERS_MAY == 0


@pytest.mark.parametrize("page", ["server.md", "base-path.md"])
def test_a_proxy_lets_the_largest_form_through(page: str) -> None:
    (gigabytes,) = re.findall(
        r"^ *client_max_body_size (\d+)g;", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE
    )
    assert int(gigabytes) * GIB >= MOST_FILE_BYTES + FORM_BYTES


def test_the_figures_of_tokens_are_those_of_the_code() -> None:
    assert f"every {KEPT_SECONDS:g} seconds at most" in TEXT
    assert f"good for {LAST_GOOD_SECONDS / 60:g} minutes" in " ".join(TEXT.split())


def test_probes_are_answered_without_a_token_by_the_address_of_a_pod(probed: httpx.Client) -> None:
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = CONTAINER[probe]["httpGet"]
        assert asked["port"] == CONTAINER["ports"][0]["name"]
        assert probed.get(asked["path"], headers={"Host": "10.1.2.3:8000"}).status_code == 200
    (health,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", COMPOSE["healthcheck"]["test"][-1])
    assert probed.get(health, headers={"Host": "127.0.0.1:8000"}).status_code == 200
    for path in re.findall(r"^\| `(/\S+)`", TEXT, re.MULTILINE):
        assert probed.get(path).status_code == 200


def test_nobody_is_killed_before_the_grace_is_over() -> None:
    pause = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    assert POD["terminationGracePeriodSeconds"] > pause + grace_of(CONTAINER["args"])
    assert int(COMPOSE["stop_grace_period"].removesuffix("s")) > grace_of(COMPOSE["command"])
    assert f"({GRACE_SECONDS} by default)" in TEXT


def test_one_container_at_a_time_has_the_volume() -> None:
    spec = KINDS["Deployment"]["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    (claim,) = [volume["persistentVolumeClaim"] for volume in POD["volumes"] if "persistentVolumeClaim" in volume]
    assert claim["claimName"] == KINDS["PersistentVolumeClaim"]["metadata"]["name"]


def test_the_service_leads_to_the_port_of_the_image_by_a_name_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    port = CONTAINER["ports"][0]
    assert str(port["containerPort"]) == instruction("EXPOSE")
    monkeypatch.delenv("PORT", raising=False)
    assert argument_parser().parse_args(["serve"]).port == port["containerPort"]
    service = KINDS["Service"]
    labels = KINDS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == labels == KINDS["Deployment"]["spec"]["selector"]["matchLabels"]
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    assert service["metadata"]["name"] in argument_parser().parse_args(CONTAINER["args"]).allow_host
