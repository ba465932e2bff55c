"""despliegue train."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.training_memory import MEMORY_OF_A_BYTE, RESERVED_BYTES
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.commands import options
from model_export.commands.main import main

Command = Callable[..., Any]
CUSTOMER = {
    "customerid": "8879-zkjof",
    "gender": "female",
    "seniorcitizen": 0,
    "partner": "no",
    "dependents": "no",
    "tenure": 41,
    "phoneservice": "yes",
    "multiplelines": "no",
    "internetservice": "dsl",
    "onlinesecurity": "yes",
    "onlinebackup": "no",
    "deviceprotection": "yes",
    "techsupport": "yes",
    "streamingtv": "yes",
    "streamingmovies": "yes",
    "contract": "one_year",
    "paperlessbilling": "yes",
    "paymentmethod": "bank_transfer_(automatic)",
    "monthlycharges": 79.85,
    "totalcharges": 3320.75,
}


def test_a_sample_is_trained_on_and_promoted(command: Command, home: Home) -> None:
    done = command("train", "car-price")
    assert done.status == 0
    assert re.search(
        r"^car-price version 2: rmse \S+  mae \S+  r2 \S+ \(2018 training and 482 evaluation rows\)$", done.out, re.M
    )
    assert done.out.endswith("promoted: the gate let it pass\n")
    production = home.registry.pointer("car-price").production
    assert production is not None
    assert production.version == 2


@pytest.mark.usefixtures("damaged_graphs")
def test_a_version_that_cannot_serve_is_kept_and_not_promoted(command: Command, home: Home) -> None:
    done = command("train", "car-price")
    assert done.status == 1
    reason = done.out.splitlines()[-1]
    assert reason.startswith("not promoted: car-price version 2 is not promoted, because it cannot serve: ")
    assert home.registry.versions("car-price") == [1, 2]
    assert [one.version for one in home.registry.history("car-price")] == [1]


def test_progress_goes_to_the_other_stream(command: Command) -> None:
    done = command("train", "churn")
    stages = [line.split()[1] for line in done.err.splitlines()]
    assert stages == ["import", "validate", "fit", "export", "parity", "evaluate", "publish", "promote"]
    assert "%" not in done.out


def test_a_version_that_is_not_promoted_is_status_1_with_the_reason(command: Command, home: Home) -> None:
    done = command("train", "churn", "--arg", "C=0.0000001")
    assert done.status == 1
    assert "not promoted: " in done.out
    assert "roc_auc" in done.out
    assert home.registry.versions("churn") == [1, 2]


@pytest.mark.parametrize("option", ["--data", "--evaluation"])
def test_a_file_beyond_the_memory_is_refused_before_anything_is_imported(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, option: str
) -> None:
    monkeypatch.setattr(options, "trainer_memory_bytes", lambda: RESERVED_BYTES + 1_000_000 * MEMORY_OF_A_BYTE)
    path = tmp_path / "rows.csv"
    path.write_bytes(b"x" * 1_000_001)
    done = command("train", "churn", option, str(path))
    assert done.status == 1
    assert "the file is larger than 1000000 bytes (max_training_bytes): it has 1000001" in done.err
    assert "import" not in done.err


def test_force_promotes_it(command: Command) -> None:
    done = command("train", "churn", "--arg", "C=0.0000001", "--force")
    assert done.status == 0
    assert done.out.endswith("promoted: forced past the gate\n")


def test_arguments_are_numbers_where_they_are_and_recorded(command: Command, home: Home) -> None:
    assert command("train", "churn", "--arg", "C=2", "--arg", "solver=lbfgs", "--arg", "max_iter=5000").status == 0
    assert home.registry.manifest("churn", 2).args == {"C": 2, "solver": "lbfgs", "max_iter": 5000}


@pytest.mark.parametrize("pair", ["C", "=1", ""])
def test_an_argument_without_a_value_is_reported(command: Command, pair: str) -> None:
    done = command("train", "churn", "--arg", pair)
    assert done.status == 1
    assert "NAME=VALUE" in done.err


@pytest.mark.parametrize(("pair", "message"), [("depth=3", "depth"), ("C=much", "'C'")])
def test_an_argument_that_does_not_suit_is_reported(command: Command, pair: str, message: str) -> None:
    done = command("train", "churn", "--arg", pair)
    assert done.status == 1
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("size", ["0", "1", "1.5", "-0.2", "nan"])
def test_a_share_that_is_none_is_reported(command: Command, size: str) -> None:
    done = command("train", "churn", "--test-size", size)
    assert done.status == 1
    assert "despliegue train: test_size: a number greater than 0 and less than 1 is expected" in done.err


@pytest.mark.parametrize("value", ["NaN", "[1, Infinity]", str(2**64)])
def test_an_argument_that_no_manifest_can_hold_is_refused_before_anything_is_trained(
    command: Command, home: Home, value: str
) -> None:
    done = command("train", "churn", "--arg", f"C={value}")
    assert done.status == 1
    assert "despliegue train --arg: C" in done.err
    assert "a finite number of at most 64 bits is expected" in done.err
    assert home.registry.versions("churn") == [1]


def test_a_file_that_is_not_there_is_reported(command: Command, tmp_path: Path) -> None:
    done = command("train", "churn", "--data", tmp_path / "none.csv")
    assert done.status == 1
    assert f"{tmp_path / 'none.csv'}: cannot be read" in done.err


def test_columns_that_are_not_used_are_noted(command: Command, workspace: Path, tmp_path: Path) -> None:
    lines = (workspace / "models/car-price/sample.csv").read_text(encoding="utf-8").splitlines()
    more = tmp_path / "more.csv"
    more.write_text("\n".join([f"{lines[0]},colour", *(f"{line},red" for line in lines[1:])]), encoding="utf-8")
    done = command("train", "car-price", "--data", more)
    assert done.status == 0
    assert done.out.startswith("car-price: columns not used: 'colour'\n")


def test_rows_to_evaluate_on_can_be_named(command: Command, workspace: Path, tmp_path: Path) -> None:
    lines = (workspace / "models/car-price/sample.csv").read_text(encoding="utf-8").splitlines()
    for name, chosen in (("training", lines[1:2001]), ("evaluation", lines[2001:])):
        (tmp_path / f"{name}.csv").write_text("\n".join([lines[0], *chosen]), encoding="utf-8")
    files = ("--data", tmp_path / "training.csv", "--evaluation", tmp_path / "evaluation.csv")
    done = command("train", "car-price", *files)
    assert done.status == 0
    assert "(2000 training and 500 evaluation rows)" in done.out


@pytest.mark.parametrize("data", [(), ("--data", "models/../models/churn/sample.csv")])
def test_the_table_itself_is_no_file_to_evaluate_on(
    command: Command, home: Home, workspace: Path, data: tuple[str, ...]
) -> None:
    done = command("train", "churn", *data, "--evaluation", workspace / "models" / "churn" / "sample.csv")
    assert done.status == 1
    assert "sample.csv: give other rows, or leave out --evaluation" in done.err
    assert "--data" not in done.err
    assert home.registry.versions("churn") == [1]


def test_the_published_figure_of_project_tags_is_passed(
    root: Path, real_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made With ML: weighted F1 0.91 on the holdout by a fine-tuned SciBERT."""
    tables = real_data / "madewithml"
    options = ["--data", tables / "dataset.csv", "--evaluation", tables / "holdout.csv", "--registry", tmp_path]
    assert main(["train", "project-tags", "--models", str(root / "models"), *map(str, options)]) == 0
    assert "(764 training and 191 evaluation rows)" in capsys.readouterr().out
    metrics = Registry(LocalStorage(tmp_path)).manifest("project-tags", 1).metrics
    assert metrics["f1"] == pytest.approx(0.9267, abs=5e-3)
    assert metrics["f1"] >= 0.91


def test_extend_adds_to_productions_rows(command: Command) -> None:
    done = command("train", "car-price", "--mode", "extend")
    found = re.search(r"\((\d+) training and (\d+) evaluation rows\)", done.out)
    assert found
    assert int(found[1]) + int(found[2]) == 5000


def test_another_registry_can_be_named(command: Command, home: Home, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert command("train", "car-price", "--registry", other).status == 0
    assert Registry(Home(tmp_path).registry.storage).versions("car-price") == []
    assert (other / "models/car-price/versions/1/manifest.json").is_file()
    assert home.registry.versions("car-price") == [1]


def test_the_published_figures_of_churn_are_reproduced(command: Command, home: Home, real_data: Path) -> None:
    """ML Bookcamp: AUC 0.858, and 0.0596 for the customer 8879-zkjof."""
    path = real_data / "churn" / "telco_churn.csv"
    options = ("--split", "random", "--test-size", "0.2", "--seed", "1")
    command("train", "churn", "--data", path, *options)
    manifest = home.registry.manifest("churn", 2)
    assert manifest.metrics["roc_auc"] == pytest.approx(0.858, abs=5e-4)
    assert manifest.metrics["accuracy"] == pytest.approx(0.8126, abs=2e-3)
    version = LoadedVersion.load(home.registry, "churn", 2)
    (found,) = version.predict(version.validate([CUSTOMER])).predictions
    assert isinstance(found, dict)
    # liblinear stops at a tolerance, and where that is depends on the processor
    assert found["scores"]["yes"] == pytest.approx(0.0596, abs=5e-3)
