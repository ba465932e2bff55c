"""despliegue models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functions.local.home import Home

Command = Callable[..., Any]


def test_every_model_is_listed_with_its_version_and_metrics(command: Command, home: Home) -> None:
    header, cars, churn = command("models").out.splitlines()
    assert header.split() == ["MODEL", "TASK", "VERSION", "CREATED", "METRICS"]
    assert cars.split()[:3] == ["car-price", "tabular-regression", "1"]
    assert "rmse" in cars
    assert churn.split()[:3] == ["churn", "tabular-classification", "1"]
    assert "roc_auc" in churn
    records = json.loads(command("models", "--json").out)
    assert records[1]["metrics"] == home.registry.manifest("churn", 1).metrics


def test_a_model_that_never_served_and_a_damaged_one_are_listed_too(command: Command, home: Home) -> None:
    home.registry.storage.delete("models/churn/versions/1/manifest.json")
    home.registry.storage.write("models/car-price/production.json", b"")
    cars, churn = json.loads(command("models", "--json").out)
    assert "production.json" in cars["damaged"]
    assert "roll back to a version that exists" in churn["damaged"]


def test_a_registry_without_versions_lists_the_models_of_the_folder(command: Command, tmp_path: Path) -> None:
    done = command("models", "--registry", tmp_path, "--json")
    assert [(one["model"], one["version"]) for one in json.loads(done.out)] == [("car-price", None), ("churn", None)]
