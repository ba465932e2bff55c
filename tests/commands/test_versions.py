"""despliegue versions and promote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from functions.local.home import Home
from tests.disks import Disk

Command = Callable[..., Any]


def test_versions_are_listed_with_their_metrics_and_production_is_marked(command: Command, home: Home) -> None:
    command("train", "car-price")
    done = command("versions", "car-price")
    header, first, second = done.out.splitlines()
    assert done.status == 0
    assert header.split()[:4] == ["VERSION", "IN", "PRODUCTION", "PROMOTED"]
    assert first.split()[:2] == ["1", "no"]
    assert second.split()[:2] == ["2", "yes"]
    assert all("rmse" in line and "r2" in line for line in (first, second))
    assert all("rows that it was not fitted on" in line for line in (first, second))
    assert all(line.endswith("the gate let it pass") for line in (first, second))
    records = json.loads(command("versions", "car-price", "--json").out)
    assert [(one["version"], one["in_production"]) for one in records] == [(1, False), (2, True)]
    assert records[1]["metrics"] == home.registry.manifest("car-price", 2).metrics


@pytest.mark.parametrize("body", [b"{", b'{"format_version": 99}'])
def test_a_damaged_version_is_listed_as_such(command: Command, home: Home, body: bytes) -> None:
    home.registry.storage.write("models/churn/versions/1/manifest.json", body)
    done = command("versions", "churn")
    assert done.status == 0
    header, line = done.out.splitlines()
    assert "DAMAGED" in header.split()
    assert line.split(maxsplit=2)[:2] == ["1", "yes"]
    assert "models/churn/versions/1/manifest.json" in line


def test_a_damaged_production_json_is_mended_by_a_promotion(command: Command, home: Home) -> None:
    home.registry.storage.write("models/churn/production.json", b"")
    assert command("versions", "churn").out.splitlines()[1].split()[:2] == ["1", "yes"]
    assert command("promote", "churn", 1).status == 0
    assert [one.serial for one in home.registry.history("churn")] == [1, 2]


def test_a_registry_that_cannot_be_written_is_reported_in_one_line(
    command: Command, home: Home, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(home.root, disk.path / "home")
    monkeypatch.setenv("DESPLIEGUE_HOME", str(disk.path / "home"))
    disk.make_read_only()
    assert command("versions", "churn").status == 0
    done = command("promote", "churn", 1)
    assert done.status == 1
    (line,) = done.err.splitlines()
    assert f"{disk.path}/home" in line
    assert line.endswith("Read-only file system: make it writable")


def test_a_model_without_versions_says_what_makes_one(command: Command, tmp_path: Any) -> None:
    done = command("versions", "churn", "--registry", tmp_path)
    assert (done.status, done.out) == (0, "")
    assert done.err == "churn has no versions yet: `despliegue train churn` makes one\n"
    done = command("versions", "churn", "--registry", tmp_path, "--json")
    assert (done.status, json.loads(done.out)) == (0, [])


def test_a_promotion_is_a_document_with_json(command: Command) -> None:
    done = command("promote", "churn", 1, "--pin", "--json")
    document = json.loads(done.out)
    assert (document["model"], document["version"], document["pinned"], document["serial"]) == ("churn", 1, True, 2)
    assert done.err.endswith("churn: version 1 is in production, after 1: chosen by hand\n")


def test_a_version_is_promoted_back_and_forth(command: Command, home: Home) -> None:
    command("train", "car-price")
    done = command("promote", "car-price", 1)
    assert (done.status, done.out) == (0, "car-price: version 1 is in production, after 2: chosen by hand\n")
    assert command("promote", "car-price", 2).out == "car-price: version 2 is in production, after 1: chosen by hand\n"
    assert [one.version for one in home.registry.history("car-price")] == [1, 2, 1, 2]


def test_a_pin_is_kept_by_training_and_undone_by_a_promotion(command: Command) -> None:
    command("promote", "car-price", 1, "--pin")
    refused = command("train", "car-price")
    assert refused.status == 1
    assert refused.out.endswith("not promoted: version 1 is pinned in production\n")
    command("promote", "car-price", 1)
    assert command("train", "car-price").status == 0


def test_a_version_that_cannot_serve_is_not_promoted(command: Command, home: Home) -> None:
    command("train", "car-price")
    home.registry.storage.write("models/car-price/versions/1/model.onnx", b"no graph")
    done = command("promote", "car-price", 1)
    assert (done.status, done.out) == (1, "")
    (line,) = done.err.splitlines()
    assert line.startswith("despliegue: car-price version 1 is not promoted, because it cannot serve: ")
    assert "models/car-price/versions/1/model.onnx differs" in line
    assert [one.version for one in home.registry.history("car-price")] == [1, 2]


@pytest.mark.parametrize("version", [7, 0])
def test_an_unknown_version_is_refused_with_the_way_to_known_ones(command: Command, home: Home, version: int) -> None:
    done = command("promote", "churn", version)
    assert done.status == 1
    assert done.err == f"despliegue: no version {version}; list the versions of churn\n"
    assert len(home.registry.history("churn")) == 1
