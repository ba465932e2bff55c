"""despliegue publish."""

from __future__ import annotations

import csv
import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer

from functions.core.definition import Definition
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.pipelines.pipeline_input import pipeline_input, target_array
from model_export.training_files.rows import read_rows

Command = Callable[..., Any]


@pytest.fixture
def sample(workspace: Path) -> Path:
    return workspace / "models" / "churn" / "sample.csv"


@pytest.fixture
def fitted(definitions: Mapping[str, Definition], sample: Path, tmp_path: Path) -> Callable[..., Path]:
    """A joblib of a pipeline over dictionaries, fitted on the sample."""

    def make(model: Any, *, labels: Any = None) -> Path:
        definition = definitions["churn"]
        table = read_rows(sample.read_bytes(), sample.name, definition).table
        pipeline = Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("model", model)])
        target = target_array(table, definition.schema)
        pipeline.fit(pipeline_input(pipeline, table, definition.schema), target if labels is None else labels(target))
        joblib.dump(pipeline, tmp_path / "mine.joblib")
        return tmp_path / "mine.joblib"

    return make


def test_a_pipeline_fitted_elsewhere_becomes_a_version(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path, definitions: Mapping[str, Definition]
) -> None:
    path = fitted(LogisticRegression(C=3, solver="liblinear"))
    done = command("publish", "churn", "--joblib", path, "--data", sample)
    assert done.status == 0
    assert done.out.startswith("churn version 2: accuracy ")
    assert done.out.endswith("not promoted: published without a promotion\n")
    production = home.registry.pointer("churn").production
    assert production is not None
    assert production.version == 1
    example = dict(definitions["churn"].examples[0])
    served = LoadedVersion.load(home.registry, "churn", 2)
    (found,) = served.predict(served.validate([example])).predictions
    assert isinstance(found, dict)
    del example["customerid"]
    expected = joblib.load(path).predict_proba([example])[0, 1]
    assert found["scores"]["yes"] == pytest.approx(expected, rel=1e-9)


def test_it_is_promoted_on_request(command: Command, home: Home, fitted: Callable[..., Path], sample: Path) -> None:
    done = command(
        "publish", "churn", "--joblib", fitted(LogisticRegression(max_iter=5000)), "--data", sample, "--promote"
    )
    assert done.status == 0
    assert done.out.endswith("promoted: put in production by command, without the gate\n")
    production = home.registry.pointer("churn").production
    assert production is not None
    assert production.version == 2


def test_the_original_of_a_version_can_be_published_again(
    command: Command, home: Home, workspace: Path, tmp_path: Path
) -> None:
    """The joblib of car-price has classes of its pipeline.py, which are found."""
    path = tmp_path / "car.joblib"
    path.write_bytes(home.registry.artifact(home.registry.manifest("car-price", 1), "model.joblib"))
    done = command("publish", "car-price", "--joblib", path, "--data", workspace / "models/car-price/sample.csv")
    assert done.status == 0
    assert home.registry.versions("car-price") == [1, 2]


def test_a_step_without_an_exact_form_is_refused_by_name(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path
) -> None:
    done = command("publish", "churn", "--joblib", fitted(RadiusNeighborsClassifier()), "--data", sample)
    assert done.status == 1
    assert "'model'" in done.err
    assert "RadiusNeighborsClassifier" in done.err
    assert home.registry.versions("churn") == [1]


def test_labels_that_the_target_lacks_are_refused(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path
) -> None:
    path = fitted(LogisticRegression(max_iter=5000), labels=lambda target: (target == "yes").astype(int))
    done = command("publish", "churn", "--joblib", path, "--data", sample)
    assert done.status == 1
    assert "labels 0, 1" in done.err
    assert home.registry.versions("churn") == [1]


def test_a_pipeline_of_another_scikit_learn_is_refused(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path
) -> None:
    path = fitted(LogisticRegression(solver="liblinear"))
    here = sklearn.__version__
    body = pickle.dumps(joblib.load(path))
    path.write_bytes(body.replace(here.encode(), f"0.{here[2:]}".encode()))
    done = command("publish", "churn", "--joblib", path, "--data", sample)
    assert done.status == 1
    assert f"this is {sklearn.__version__}" in done.err
    assert home.registry.versions("churn") == [1]


@pytest.mark.usefixtures("damaged_graphs")
def test_a_version_that_cannot_serve_is_kept_and_not_promoted(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path
) -> None:
    path = fitted(LogisticRegression(solver="liblinear"))
    done = command("publish", "churn", "--joblib", path, "--data", sample, "--promote")
    assert (done.status, done.out) == (1, "")
    reason = done.err.splitlines()[-1]
    assert reason.startswith("despliegue: churn version 2 is not promoted, because it cannot serve: ")
    assert home.registry.versions("churn") == [1, 2]
    assert [one.version for one in home.registry.history("churn")] == [1]


@pytest.mark.parametrize("option", ["--joblib", "--data"])
def test_a_file_that_is_not_there_is_reported(
    command: Command, fitted: Callable[..., Path], sample: Path, tmp_path: Path, option: str
) -> None:
    files = {"--joblib": fitted(LogisticRegression(solver="liblinear")), "--data": sample}
    files[option] = tmp_path / "none"
    done = command("publish", "churn", *(part for pair in files.items() for part in pair))
    assert done.status == 1
    assert f"{tmp_path / 'none'}: cannot be read" in done.err


@pytest.mark.parametrize("body", [b"", b"no joblib", pickle.dumps({"not": "a pipeline"})])
def test_a_file_that_is_no_pipeline_is_reported(command: Command, sample: Path, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "mine.joblib"
    path.write_bytes(body)
    done = command("publish", "churn", "--joblib", path, "--data", sample)
    assert done.status == 1
    assert done.err.splitlines()[-1].startswith("despliegue: ")
    assert "pipeline" in done.err


def test_the_table_itself_is_no_file_to_measure_on(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path
) -> None:
    path = fitted(LogisticRegression(solver="liblinear"))
    done = command("publish", "churn", "--joblib", path, "--data", sample, "--evaluation", sample)
    assert done.status == 1
    assert f"{sample} is the table to learn from, {sample}: give other rows" in done.err
    assert home.registry.versions("churn") == [1]


PAIRS = """
name = "pairs"
task = "{task}"
[limits]
minimum_training_rows = 12
[features.a]
type = "number"
[features.b]
type = "number"
"""
TARGET = """
[{section}]
name = "{name}"
type = "{kind}"
"""


def write_pairs(place: Path, task: str, targets: str) -> Path:
    """Write the folder of a model of the features a and b, and the table of its rows, whose path is returned."""
    folder = place / "models" / "pairs"
    folder.mkdir(parents=True)
    (folder / "model.toml").write_text(PAIRS.format(task=task) + targets, encoding="utf-8")
    (folder / "examples.json").write_text('[{"a": 1, "b": 2}]', encoding="utf-8")
    (folder / "pipeline.py").write_text("def build_pipeline():\n    raise NotImplementedError\n", encoding="utf-8")
    lines = [f"{a},{b},{3 * a + b},{int(a > 9)},{int(b > 6)}" for a in range(20) for b in range(13)]
    (place / "pairs.csv").write_text("\n".join(["a,b,price,arts,sport", *lines]), encoding="utf-8")
    return place / "pairs.csv"


def publish_pairs(command: Command, place: Path, saved: Any) -> Any:
    joblib.dump(saved, place / "mine.joblib")
    files = ("--joblib", place / "mine.joblib", "--data", place / "pairs.csv", "--models", place / "models")
    return command("publish", "pairs", *files, "--promote")


def columns_of(table: Path, *names: str) -> np.ndarray[Any, Any]:
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    return np.array([[float(row[name]) for name in names] for row in rows])


@pytest.mark.parametrize(("order", "status"), [(["b", "a"], 1), (["a", "b"], 0)])
def test_columns_in_another_order_than_those_of_the_file_are_refused(
    command: Command, home: Home, tmp_path: Path, order: list[str], status: int
) -> None:
    price = TARGET.format(section="target", name="price", kind="number")
    table = write_pairs(tmp_path, "tabular-regression", price)
    model = LinearRegression().fit(columns_of(table, *order), columns_of(table, "price")[:, 0])
    done = publish_pairs(command, tmp_path, {"model": model, "features": order, "fitted on": "rents"})
    assert done.status == status
    if status:
        assert "has the columns of the pipeline in another order, b, a, than pairs, a, b" in done.err
        assert "fit it again on the columns in the order of the model, or make a folder for it by" in done.err
        assert home.registry.versions("pairs") == []
    else:
        assert "pairs: not used, though it is in " in done.out
        assert "fitted on (str)" in done.out
        assert "r2 1" in done.out


@pytest.mark.parametrize(("order", "status"), [(["sport", "arts"], 1), (["arts", "sport"], 0)])
def test_targets_in_another_order_than_the_labels_of_the_file_are_refused(
    command: Command, home: Home, tmp_path: Path, order: list[str], status: int
) -> None:
    targets = "".join(
        TARGET.format(section="[target]", name=name, kind="integer") + "allowed = [0, 1]\n" for name in order
    )
    table = write_pairs(tmp_path, "tabular-classification", targets)
    binarizer = MultiLabelBinarizer().fit([["arts"], ["sport"]])
    labels = columns_of(table, "arts", "sport").astype(int)
    model = OneVsRestClassifier(LogisticRegression()).fit(columns_of(table, "a", "b"), labels)
    done = publish_pairs(command, tmp_path, (model, binarizer))
    assert (done.status, len(home.registry.versions("pairs"))) == (status, 1 - status)
    assert ("labels in another order than the targets: --target arts --target sport" in done.err) is bool(status)


def test_a_model_that_is_no_better_than_guessing_is_promoted_by_force_alone(
    command: Command, home: Home, fitted: Callable[..., Path], sample: Path, tmp_path: Path
) -> None:
    path = fitted(LogisticRegression(C=1e-12, solver="liblinear", intercept_scaling=1e-9))
    arguments = ("publish", "churn", "--joblib", path, "--data", sample, "--promote")
    done = command(*arguments)
    assert done.status == 1
    assert "no better than guessing on " in done.out
    assert "no likely cause was found: its scaler, its columns, its target and its levels suit the rows" in done.out
    assert re.search(r"not promoted: no better than guessing .*\n--force promotes it as it is\n\Z", done.out)
    assert "rows that the pipeline may have been fitted on)" in done.out
    assert home.registry.manifest("churn", 2).metrics_in_sample
    assert home.registry.pointer("churn").production.version == 1  # type: ignore[union-attr]
    header, *rows = sample.read_text(encoding="utf-8").splitlines(keepends=True)
    others = tmp_path / "others.csv"
    others.write_text("".join([header, *rows[::2]]), encoding="utf-8")
    done = command(*arguments, "--force", "--evaluation", others)
    assert done.status == 0
    assert re.search(r"^promoted: forced past: no better than guessing", done.out, re.M)
    assert not home.registry.manifest("churn", 3).metrics_in_sample
    assert home.registry.pointer("churn").production.version == 3  # type: ignore[union-attr]


def test_the_causes_of_guessing_are_listed_with_what_mends_them(
    command: Command, home: Home, workspace: Path, definitions: Mapping[str, Definition], tmp_path: Path
) -> None:
    """The scaler of the script is in another file."""
    sample = workspace / "models" / "car-price" / "sample.csv"
    definition = definitions["car-price"]
    table = read_rows(sample.read_bytes(), sample.name, definition).table
    names = ["year", "km_driven"]
    columns = make_column_transformer((SimpleImputer(), names))
    pipeline = make_pipeline(columns, LinearRegression())
    frame = pipeline_input(pipeline, table, definition.schema)
    scaled = frame.assign(**((frame[names] - frame[names].mean()) / frame[names].std()))
    joblib.dump(pipeline.fit(scaled, target_array(table, definition.schema)), tmp_path / "mine.joblib")
    done = command("publish", "car-price", "--joblib", tmp_path / "mine.joblib", "--data", sample, "--promote")
    assert done.status == 1
    assert "likely cause: a scaler is missing in front of it: r2" in done.out
    assert "--joblib here is its --pipeline" in done.out
    assert done.out.endswith("--force promotes it as it is\n")
