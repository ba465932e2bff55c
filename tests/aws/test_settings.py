from __future__ import annotations

from pathlib import Path

import pytest

from functions.aws.settings import PredictSettings, SettingError, TrainingSettings

PROJECT = Path(__file__).resolve().parents[2]
WHOLE = {"DESPLIEGUE_REGISTRY": "s3://registry", "DESPLIEGUE_UPLOADS": "s3://uploads", "DESPLIEGUE_MODEL": "churn"}


def test_models_lie_beside_the_code_and_every_answer_is_fresh_unless_set() -> None:
    assert PredictSettings.read(WHOLE) == PredictSettings("s3://registry", "churn", PROJECT / "models", 0.0)
    assert TrainingSettings.read(WHOLE) == TrainingSettings("s3://registry", "s3://uploads", PROJECT / "models")


def test_models_and_freshness_can_be_set(tmp_path: Path) -> None:
    also = {"DESPLIEGUE_MODELS": str(tmp_path), "DESPLIEGUE_FRESHNESS_SECONDS": "2.5"}
    settings = PredictSettings.read({**WHOLE, **also})
    assert (settings.models, settings.freshness_seconds) == (tmp_path, 2.5)


@pytest.mark.parametrize("name", ["DESPLIEGUE_REGISTRY", "DESPLIEGUE_MODEL"])
def test_predict_names_the_variable_that_is_missing_or_blank(name: str) -> None:
    for environment in ({key: value for key, value in WHOLE.items() if key != name}, {**WHOLE, name: " "}):
        with pytest.raises(SettingError, match=name):
            PredictSettings.read(environment)


@pytest.mark.parametrize("name", ["DESPLIEGUE_REGISTRY", "DESPLIEGUE_UPLOADS"])
def test_training_names_the_variable_that_is_missing(name: str) -> None:
    with pytest.raises(SettingError, match=name):
        TrainingSettings.read({key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DESPLIEGUE_FRESHNESS_SECONDS", "soon"),
        ("DESPLIEGUE_FRESHNESS_SECONDS", "-1"),
        ("DESPLIEGUE_FRESHNESS_SECONDS", "nan"),
        ("DESPLIEGUE_FRESHNESS_SECONDS", "inf"),
        ("DESPLIEGUE_MODELS", "/no/such/folder"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name}.*{value}"):
        PredictSettings.read({**WHOLE, name: value})
