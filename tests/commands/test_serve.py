"""despliegue serve: its options; tests/local/test_end_to_end.py tests the served application."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from functions.core.definition import Limits
from functions.core.tokens import make_token
from functions.core.version_folder import bake
from functions.local.home import Home
from functions.local.token_file import TokenFile
from tests.conftest import Connect
from tests.disks import Disk

Command = Callable[..., Any]
Served = Callable[..., Any]


@pytest.fixture
def served(command: Command, home: Home, monkeypatch: pytest.MonkeyPatch) -> Served:
    """Runs `serve` up to the moment at which it would serve; returns its application, or what it printed instead."""

    def serve(*arguments: object) -> Any:
        applications: list[ASGIApp] = []

        def run(application: ASGIApp, listener: socket.socket, **options: object) -> None:
            listener.close()
            applications.append(application)

        monkeypatch.setattr("functions.local.server.run", run)
        done = command("serve", "--port", 0, *arguments)
        return applications[0] if applications else done

    return serve


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    """A file with a token of the scope predict, whose text is in its name."""
    record, token = make_token("ana", ["predict"], now=datetime.now(UTC))
    file = TokenFile(tmp_path / f"{token}.json")
    file.update(lambda records: records.with_token(record, datetime.now(UTC)))
    return file.path


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "", "::"])  # noqa: S104
def test_other_machines_are_served_with_tokens_or_where_it_is_said_that_there_are_none(
    command: Command, host: str
) -> None:
    done = command("serve", "--host", host, "--port", 0)
    assert done.status == 1
    (line,) = done.err.splitlines()
    assert f"--host {host}:" in line
    assert "--tokens FILE, which `despliegue token create NAME --scope SCOPE --file FILE` makes" in line
    assert "or --no-tokens" in line


def test_a_server_with_tokens_checks_them(served: Served, connect: Connect, tokens: Path) -> None:
    client = connect(served("--host", "0.0.0.0", "--tokens", tokens))  # noqa: S104
    assert client.get("/models/churn/jobs").status_code == 401
    header = {"Authorization": f"Bearer {tokens.stem}"}
    assert client.get("/models/churn/jobs", headers=header).status_code == 200
    assert client.put("/models/churn/production", json={"version": 1}, headers=header).status_code == 403


def test_tokens_may_be_checked_on_loopback_too(served: Served, connect: Connect, tokens: Path) -> None:
    assert connect(served("--tokens", tokens)).get("/models/churn/jobs").status_code == 401


def test_without_tokens_it_warns_that_everybody_may_do_everything(
    served: Served, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    client = connect(served("--host", "0.0.0.0", "--no-tokens"))  # noqa: S104
    assert client.get("/models/churn/jobs").status_code == 200
    assert "no tokens are checked: whoever reaches 0.0.0.0 may predict, train and promote" in caplog.text
    caplog.clear()
    assert connect(served("--no-tokens")).get("/models/churn/jobs").status_code == 200
    assert "no tokens" not in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="SKIPPED: modes are those of POSIX")
def test_tokens_that_cannot_be_read_at_the_start_are_reported_in_one_line_before_anything_is_trained(
    served: Served, tokens: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "new"))
    tokens.chmod(0o644)
    for path, reason in ((tokens, "chmod 600"), (tmp_path / "none.json", "is missing: make the first token")):
        done = served("--tokens", path)
        (line,) = done.err.splitlines()
        assert (done.status, done.out) == (1, "")
        assert reason in line
    assert not (tmp_path / "new").exists()


def test_a_file_without_tokens_is_served_with_a_warning(
    served: Served, connect: Connect, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    file.update(lambda tokens: tokens)
    client = connect(served("--host", "0.0.0.0", "--tokens", file.path))  # noqa: S104
    assert f"{file.path} has no token yet" in caplog.text
    assert client.get("/models/churn/jobs", headers={"Authorization": "Bearer x"}).status_code == 403


def test_tokens_that_can_no_longer_be_read_are_logged_loudly(
    served: Served, connect: Connect, tokens: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("functions.core.tokens.KEPT_SECONDS", 0.0)
    client, header = connect(served("--tokens", tokens)), {"Authorization": f"Bearer {tokens.stem}"}
    assert client.get("/models/churn/jobs", headers=header).status_code == 200
    tokens.write_text("damaged", encoding="utf-8")
    assert client.get("/models/churn/jobs", headers=header).status_code == 200
    (logged,) = caplog.records
    assert logged.levelname == "ERROR"
    assert f"the last good ones live for 300 s: {tokens} cannot be read" in logged.getMessage()


@pytest.mark.parametrize(("host", "status"), [("models.example.org", 200), ("despliegue:8000", 200), ("evil", 421)])
def test_clients_call_by_every_allowed_host(served: Served, connect: Connect, host: str, status: int) -> None:
    client = connect(served("--allow-host", "models.example.org", "--allow-host", "despliegue"))
    assert client.get("/ping", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("host", ["https://a.example", "a.example:8000", "a.example/path", "*", "", "*.a.example"])
def test_an_allowed_host_is_a_name(command: Command, host: str) -> None:
    done = command("serve", "--allow-host", host)
    assert done.status == 2
    assert f"{host!r} is no host" in done.err


@pytest.mark.parametrize(
    "arguments", [["--tokens", "a.json", "--no-tokens"], ["--grace-seconds", "-1"], ["--grace-seconds", "soon"]]
)
def test_wrong_usage_is_status_2(command: Command, arguments: list[str]) -> None:
    assert command("serve", *arguments).status == 2


def test_a_root_model_must_be_known(command: Command) -> None:
    done = command("serve", "--model", "boats", "--port", 0)
    assert done.status == 1
    assert "known: car-price, churn" in done.err


def test_a_port_in_use_is_reported_with_what_to_do(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("serve", "--port", port)
    assert done.status == 1
    assert f"port {port} of 127.0.0.1" in done.err
    assert "--port" in done.err


@pytest.mark.parametrize("is_there", [True, False])
def test_a_home_that_cannot_be_written_is_reported_in_one_line_with_what_to_do(
    command: Command, home: Home, disk: Disk, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    path = disk.path / "home"
    if is_there:
        shutil.copytree(home.root, path)
    disk.make_read_only()
    monkeypatch.setenv("DESPLIEGUE_HOME", str(path))
    assert_one_line(command("serve", "--port", 0), path, "Read-only file system")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="SKIPPED: root may write everywhere")
def test_a_home_of_somebody_else_is_reported(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "theirs"
    path.mkdir(mode=0o555)
    monkeypatch.setenv("DESPLIEGUE_HOME", str(path))
    assert_one_line(command("serve", "--port", 0), path, "Permission denied")


@pytest.mark.parametrize("below", [".", "home"])
def test_a_home_that_is_a_file_is_reported(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / below
    monkeypatch.setenv("DESPLIEGUE_HOME", str(path))
    assert_one_line(command("serve", "--port", 0), path, "a file is in the place of a folder")


def test_a_version_of_the_folder_that_cannot_serve_leaves_the_other_models_served(
    command: Command, home: Home, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    for model in ("car-price", "churn"):
        shutil.copytree(workspace / "models" / model, models / model)
        (models / model / "sample.csv").unlink()
        wrong = replace(home.registry.manifest(model, 1), limits=Limits(max_instances=int(model == "car-price")))
        bake(home.registry, home.registry.manifest(model, 1), models / model)
        (models / model / "baked" / "manifest.json").write_bytes(wrong.to_json())
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "new"))
    monkeypatch.setattr("functions.local.server.run", lambda application, socket, **options: socket.close())
    done = command("serve", "--port", 0, "--models", models)
    assert done.status == 0
    assert "car-price: version 1 is the one that comes with its folder" in done.out
    assert "churn: churn version 1 is not promoted, because it cannot serve: " in done.out
    assert "predict answers 503 until it has one" in done.out
    new = Home(tmp_path / "new").registry
    assert (new.production_manifest("churn"), new.versions("churn")) == (None, [1])
    assert new.production_manifest("car-price") is not None


def assert_one_line(done: Any, path: Path, reason: str) -> None:
    assert done.status == 1
    (line,) = done.err.splitlines()
    assert line.startswith(f"despliegue: {path}")
    assert reason in line
    assert line.endswith("choose another home with DESPLIEGUE_HOME")


@pytest.mark.parametrize("origin", ["*", "null", "localhost:3000", "http://localhost:3000/", "http://a.example/app"])
def test_an_allowed_origin_is_written_as_browsers_do(command: Command, origin: str) -> None:
    done = command("serve", "--allow-origin", "http://a.example", "--allow-origin", origin)
    assert done.status == 2
    assert f"{origin!r} is no origin" in done.err


def test_pages_of_every_allowed_origin_may_call(
    command: Command, connect: Connect, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    origins = ["http://localhost:3000", "https://app.example"]
    read: list[str | None] = []

    def run(application: ASGIApp, listener: socket.socket, **options: object) -> None:
        listener.close()
        client = connect(application)
        read.extend(
            client.get("/models", headers={"Origin": one}).headers.get("access-control-allow-origin")
            for one in (*origins, "https://evil.example")
        )

    monkeypatch.setenv("DESPLIEGUE_HOME", str(home.root))
    monkeypatch.setattr("functions.local.server.run", run)
    asked = [word for origin in origins for word in ("--allow-origin", origin)]
    assert command("serve", "--port", 0, *asked).status == 0
    assert read == [*origins, None]


@pytest.mark.parametrize("path", ["ml", "/ml/", "/", "/models", "http://a.example/ml"])
def test_a_base_path_that_is_none_is_refused_with_what_would_be_right(command: Command, path: str) -> None:
    done = command("serve", "--base-path", path)
    assert done.status == 2
    assert f"{path!r} is no base path: give a path such as /ml" in done.err


def test_a_base_path_is_served_and_printed(
    command: Command, connect: Connect, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[int] = []

    def run(application: ASGIApp, listener: socket.socket, **options: object) -> None:
        listener.close()
        client = connect(application)
        answers.extend(client.get(path).status_code for path in ("/ml/models", "/models", "/mlx/models"))

    monkeypatch.setenv("DESPLIEGUE_HOME", str(home.root))
    monkeypatch.setattr("functions.local.server.run", run)
    done = command("serve", "--port", 0, "--base-path", "/ml")
    assert answers == [200, 200, 404]
    first, second = done.out.splitlines()[-4:-2]
    assert re.fullmatch(r"try the models in a browser: http://127\.0\.0\.1:\d+/ml/playground", first)
    assert "/ml  (documentation: http://127.0.0.1:" in second
    assert "/ml/docs)" in done.out


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_is_none_is_reported(command: Command, port: str) -> None:
    done = command("serve", "--port", port)
    assert done.status == 2
    assert "is no port" in done.err or "expected one argument" in done.err


def test_a_port_of_the_environment_that_is_no_number_stops_serve_alone(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert command("versions", "churn").status == 0
    done = command("serve")
    assert done.status == 2
    assert "eighty" in done.err
