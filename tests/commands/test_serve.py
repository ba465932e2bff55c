"""despliegue serve: its options; tests/local/test_end_to_end.py tests the served application."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from functions.core.definition import Limits
from functions.core.version_folder import bake
from functions.local.home import Home
from tests.conftest import Connect
from tests.disks import Disk

Command = Callable[..., Any]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", ""])  # noqa: S104
def test_only_loopback_is_served(command: Command, host: str) -> None:
    done = command("serve", "--host", host)
    assert done.status == 2
    assert "--host" in done.err


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
    monkeypatch.setattr("functions.local.server.run", lambda application, socket: socket.close())
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

    def run(application: ASGIApp, listener: socket.socket) -> None:
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

    def run(application: ASGIApp, listener: socket.socket) -> None:
        listener.close()
        client = connect(application)
        answers.extend(client.get(path).status_code for path in ("/ml/models", "/models", "/mlx/models"))

    monkeypatch.setenv("DESPLIEGUE_HOME", str(home.root))
    monkeypatch.setattr("functions.local.server.run", run)
    done = command("serve", "--port", 0, "--base-path", "/ml")
    assert answers == [200, 200, 404]
    assert "/ml  (documentation: http://127.0.0.1:" in done.out
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
