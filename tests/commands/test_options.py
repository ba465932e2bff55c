"""Options that several commands share."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from functions.aws.prediction_table import PredictionTable
from functions.core.definition import Definition, Limits
from functions.core.errors import DefinitionError, DespliegueError, InvalidInputError, NotFoundError
from functions.core.model_folder import SAMPLE
from functions.core.training_memory import MEMORY_OF_A_BYTE, RESERVED_BYTES
from functions.local.home import Home
from functions.local.prediction_database import PredictionDatabase
from model_export.commands import options


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_model(parser)
    options.add_registry(parser)
    return parser.parse_args(arguments)


def test_models_are_in_the_working_directory_unless_named(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert options.definition_of(parsed("churn", "--models", str(workspace / "models"))).name == "churn"
    monkeypatch.chdir(workspace)
    assert list(options.definitions_of(parsed("churn"))) == ["car-price", "churn"]
    with pytest.raises(NotFoundError, match="no model 'boats'; known: car-price, churn"):
        options.definition_of(parsed("boats"))


def test_a_model_of_a_checkpoint_has_no_pipeline_to_train(root: Path) -> None:
    models = ("--models", str(root / "models"))
    assert options.pipeline_definition_of(parsed("churn", *models)).task == "tabular-classification"
    with pytest.raises(DefinitionError, match="becas is made from a checkpoint: publish a version with `despliegue"):
        options.pipeline_definition_of(parsed("becas", *models))


def test_a_registry_is_the_one_at_home_unless_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "home"))
    home = options.registry_of(parsed("churn"))
    named = options.registry_of(parsed("churn", "--registry", str(tmp_path)))
    home.storage.create("at", b"home")
    named.storage.create("at", b"named")
    assert Home.from_environment().registry.storage.read("at").body == b"home"
    assert (tmp_path / "at").read_bytes() == b"named"


def test_the_history_gets_the_user_where_the_system_knows_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ana")
    assert options.user_name() == "ana"

    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert options.user_name() == "command line"


def test_absent_libraries_are_named_with_their_remedy() -> None:
    options.require_libraries("export-hf", ("json",))
    with pytest.raises(DespliegueError, match=r"^no_such, nor_this not installed: export-hf needs torch, then `pip"):
        options.require_libraries("export-hf", ("json", "no_such", "nor_this"))


def test_a_training_file_is_limited_by_its_model(definitions: Mapping[str, Definition]) -> None:
    churn = definitions["churn"]
    sample = churn.folder / SAMPLE
    assert options.labelled_rows(sample, churn).table.keys() == {*churn.schema.feature_names, "churn"}
    limited = replace(churn, limits=Limits(max_training_bytes=1000))
    with pytest.raises(InvalidInputError) as refusal:
        options.labelled_rows(sample, limited)
    (fault,) = refusal.value.faults
    assert (fault.loc, fault.type) == ((str(sample),), "too_large")
    size = sample.stat().st_size
    assert fault.msg.startswith(f"the file is larger than 1000 bytes (max_training_bytes): it has {size}, and ")


def test_a_training_file_is_limited_by_the_memory_here(
    definitions: Mapping[str, Definition], monkeypatch: pytest.MonkeyPatch
) -> None:
    churn = definitions["churn"]
    options.require_size(churn.folder / SAMPLE, churn)
    monkeypatch.setattr(options, "trainer_memory_bytes", lambda: RESERVED_BYTES + 1000 * MEMORY_OF_A_BYTE)
    with pytest.raises(InvalidInputError, match=r"larger than 1000 bytes \(max_training_bytes\)"):
        options.require_size(churn.folder / SAMPLE, churn)


def test_the_table_itself_is_refused_as_rows_to_measure_on_whatever_option_it_came_by(tmp_path: Path) -> None:
    table = tmp_path / "sample.csv"
    options.require_other_rows(None, table)
    options.require_other_rows(tmp_path / "others.csv", table)
    again = tmp_path / "models" / ".." / "sample.csv"
    with pytest.raises(DefinitionError) as refusal:
        options.require_other_rows(again, table)
    assert str(refusal.value) == (
        f"--evaluation {again} is the table to learn from, {table}: give other rows, or leave out --evaluation"
    )


def test_predictions_are_the_laptops_or_those_of_a_named_table(home: Home) -> None:
    def asked(**given: str) -> argparse.Namespace:
        return argparse.Namespace(**{"registry": None, "predictions": None, **given})

    assert isinstance(options.store_of(asked()), PredictionDatabase)
    assert options.store_of(asked(registry="s3://bucket")) is None
    assert isinstance(options.store_of(asked(registry="s3://bucket", predictions="table")), PredictionTable)
