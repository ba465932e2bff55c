"""despliegue check."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.local.home import Home

Command = Callable[..., Any]


@pytest.fixture
def models(workspace: Path, tmp_path: Path) -> Path:
    """A folder with a copy of churn, to be spoiled."""
    shutil.copytree(workspace / "models" / "churn", tmp_path / "models" / "churn")
    return tmp_path / "models"


@pytest.mark.parametrize("model", ["churn", "car-price"])
def test_a_sound_folder_is_proven_and_nothing_published(command: Command, home: Home, model: str) -> None:
    done = command("check", model)
    assert done.status == 0
    found = re.search(
        rf"^{model}: ONNX equals the pipeline on \d+ rows, \d+ edge rows: (\S+) relative$", done.out, re.M
    )
    assert found
    assert float(found[1]) <= 1e-9
    assert re.search(r"model\.onnx \d+ bytes$", done.out, re.M)
    assert home.registry.versions(model) == [1]


def test_an_example_that_breaks_the_schema_is_reported(command: Command, models: Path) -> None:
    path = models / "churn" / "examples.json"
    examples = json.loads(path.read_text())
    path.write_text(json.dumps([{**examples[0], "tenure": "long"}]))
    done = command("check", "churn", "--models", models)
    assert done.status == 1
    assert "0.tenure: must be an integer, not a string" in done.err


def test_a_missing_sample_is_reported(command: Command, models: Path) -> None:
    (models / "churn" / "sample.csv").unlink()
    done = command("check", "churn", "--models", models)
    assert done.status == 1
    assert "sample.csv: cannot be read" in done.err


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def build(): pass", "does not define build_pipeline"),
        ("import nothing_of_that_name", "cannot be imported"),
    ],
)
def test_a_pipeline_that_cannot_be_built_is_reported(command: Command, models: Path, code: str, message: str) -> None:
    (models / "churn" / "pipeline.py").write_text(code)
    done = command("check", "churn", "--models", models)
    assert done.status == 1
    assert message in done.err
    assert "pipeline" in done.err


def test_a_step_without_an_exact_form_is_reported_by_name(command: Command, models: Path) -> None:
    (models / "churn" / "pipeline.py").write_text(
        "from sklearn.feature_extraction import DictVectorizer\n"
        "from sklearn.neighbors import RadiusNeighborsClassifier\n"
        "from sklearn.pipeline import Pipeline\n"
        "def build_pipeline(**args):\n"
        "    return Pipeline([('vectorizer', DictVectorizer(sparse=False)), ('near', RadiusNeighborsClassifier())])\n"
    )
    done = command("check", "churn", "--models", models)
    assert done.status == 1
    assert "RadiusNeighborsClassifier" in done.err
    assert "near" in done.err
