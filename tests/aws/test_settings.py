"""Settings of the functions: read whole, with defaults, and refused by the name of the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.aws.settings import (
    AuthorizerSettings,
    BatchSettings,
    ControlSettings,
    ImportSettings,
    PredictSettings,
    PruningSettings,
    SettingError,
    TrainingSettings,
)
from functions.core.definition import Retention
from functions.core.machine_memory import MIB

PROJECT = Path(__file__).resolve().parents[2]
WHOLE = {
    "DESPLIEGUE_REGISTRY": "s3://registry",
    "DESPLIEGUE_UPLOADS": "s3://uploads",
    "DESPLIEGUE_MODEL": "churn",
    "DESPLIEGUE_PREDICTIONS": "table",
    "DESPLIEGUE_BATCH_MACHINE": "arn:machine",
    "DESPLIEGUE_BATCH_DAYS": "90",
    "DESPLIEGUE_BATCH_MEMORY_MB": "1769",
}


def test_models_are_next_to_the_code_and_every_answer_is_fresh_by_default() -> None:
    built = PROJECT / "build" / "artifacts"
    artifacts = built if built.is_dir() else None
    assert PredictSettings.read(WHOLE) == PredictSettings(
        "s3://registry", "churn", PROJECT / "models", 0.0, artifacts, ""
    )
    assert TrainingSettings.read(WHOLE) == TrainingSettings("s3://registry", "s3://uploads", PROJECT / "models")
    assert ControlSettings.read({**WHOLE, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}) == ControlSettings(
        "s3://registry", "s3://uploads", PROJECT / "models", "", 1024 * MIB, "table", 90, 1769
    )


def test_the_memory_of_the_trainer_can_be_set() -> None:
    own = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}
    settings = ControlSettings.read({**WHOLE, **own, "DESPLIEGUE_TRAINER_MEMORY_MB": "3008"})
    assert settings.trainer_memory_bytes == 3008 * MIB
    with pytest.raises(SettingError, match="DESPLIEGUE_TRAINER_MEMORY_MB '3 GB' is no whole number of MiB"):
        ControlSettings.read({**WHOLE, "DESPLIEGUE_TRAINER_MEMORY_MB": "3 GB"})


def test_models_and_freshness_can_be_set(tmp_path: Path) -> None:
    also = {"DESPLIEGUE_MODELS": str(tmp_path), "DESPLIEGUE_FRESHNESS_SECONDS": "2.5"}
    settings = PredictSettings.read({**WHOLE, **also})
    assert (settings.models, settings.freshness_seconds) == (tmp_path, 2.5)


@pytest.mark.parametrize("kind", [PredictSettings, ControlSettings])
def test_a_base_path_can_be_set(kind: type[PredictSettings | ControlSettings]) -> None:
    assert kind.read({**WHOLE, "DESPLIEGUE_BASE_PATH": "/ml/v1"}).base_path == "/ml/v1"


def test_the_folders_of_a_build_can_be_set(tmp_path: Path) -> None:
    assert PredictSettings.read({**WHOLE, "DESPLIEGUE_ARTIFACTS": str(tmp_path)}).artifacts == tmp_path
    found = ImportSettings.read({**WHOLE, "DESPLIEGUE_VERSIONS": str(tmp_path)})
    assert found == ImportSettings("s3://registry", PROJECT / "models", tmp_path)


@pytest.mark.parametrize("name", ["DESPLIEGUE_ARTIFACTS", "DESPLIEGUE_VERSIONS"])
def test_a_folder_of_a_build_that_is_not_there_is_refused(name: str) -> None:
    kind = PredictSettings if name == "DESPLIEGUE_ARTIFACTS" else ImportSettings
    with pytest.raises(SettingError, match=f"{name}: no folder /no/such/folder"):
        kind.read({**WHOLE, name: "/no/such/folder"})


def test_batches_have_a_table_a_machine_and_days() -> None:
    found = BatchSettings.read(WHOLE)
    assert (found.predictions, found.batch_machine, found.batch_days) == ("table", "arn:machine", 90)


@pytest.mark.parametrize("days", ["", "0", "-1", "1.5", "a week", "\N{SUPERSCRIPT TWO}"])
def test_a_number_of_days_that_is_none_is_refused(days: str) -> None:
    with pytest.raises(SettingError, match=f"DESPLIEGUE_BATCH_DAYS '{days}' is no whole number of days"):
        BatchSettings.read({**WHOLE, "DESPLIEGUE_BATCH_DAYS": days})


@pytest.mark.parametrize("name", ["DESPLIEGUE_PREDICTIONS", "DESPLIEGUE_BATCH_MACHINE"])
def test_batches_name_the_variable_that_is_missing(name: str) -> None:
    with pytest.raises(SettingError, match=f"set {name}"):
        BatchSettings.read({key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize("name", ["DESPLIEGUE_REGISTRY", "DESPLIEGUE_MODEL"])
def test_predict_names_the_variable_that_is_missing_or_blank(name: str) -> None:
    for environment in ({key: value for key, value in WHOLE.items() if key != name}, {**WHOLE, name: " "}):
        with pytest.raises(SettingError, match=name):
            PredictSettings.read(environment)


@pytest.mark.parametrize("name", ["DESPLIEGUE_REGISTRY", "DESPLIEGUE_UPLOADS"])
def test_training_names_the_variable_that_is_missing(name: str) -> None:
    with pytest.raises(SettingError, match=name):
        TrainingSettings.read({key: value for key, value in WHOLE.items() if key != name})


def test_the_authorizer_names_its_secret_where_it_is_missing_or_blank() -> None:
    found = AuthorizerSettings.read({"DESPLIEGUE_TOKENS": "despliegue-prod/tokens"})
    assert found == AuthorizerSettings("despliegue-prod/tokens", PROJECT / "models")
    for environment in ({}, {"DESPLIEGUE_TOKENS": " "}):
        with pytest.raises(SettingError, match="DESPLIEGUE_TOKENS"):
            AuthorizerSettings.read(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESPLIEGUE_FRESHNESS_SECONDS", "soon"),
        ("DESPLIEGUE_FRESHNESS_SECONDS", "-1"),
        ("DESPLIEGUE_FRESHNESS_SECONDS", "nan"),
        ("DESPLIEGUE_FRESHNESS_SECONDS", "inf"),
        ("DESPLIEGUE_MODELS", "/no/such/folder"),
        ("DESPLIEGUE_BASE_PATH", "ml/"),
        ("DESPLIEGUE_BASE_PATH", "/models"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name}.*{value}"):
        PredictSettings.read({**WHOLE, name: value})


def test_the_retention_of_the_deployment_is_read_and_checked() -> None:
    assert PruningSettings.read(WHOLE).retention is None
    chosen = PruningSettings.read({**WHOLE, "DESPLIEGUE_RETENTION": '{"versions": 3, "job_days": null}'}).retention
    assert chosen == Retention(versions=3)
    for wrong in ("{", '{"versions": 0}', '{"version": 3}'):
        with pytest.raises(SettingError, match="DESPLIEGUE_RETENTION"):
            PruningSettings.read({**WHOLE, "DESPLIEGUE_RETENTION": wrong})
