"""Packages for training are those of the pipeline's libraries, and must be installed."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from functions.core.definition import Definition, SavedPipeline
from functions.core.errors import DefinitionError
from functions.core.schema import Feature, Schema
from model_export.pipelines.requirements import refuse_lacking, requirements_of


def defined(*requires: str) -> Definition:
    return Definition(
        name="rent",
        task="tabular-regression",
        description="",
        schema=Schema((Feature("rooms", "integer"),), Feature("price", "number")),
        folder=Path("models/rent"),
        digest="",
        pipeline=SavedPipeline(requires=requires),
    )


def test_scikit_learn_needs_nothing_more() -> None:
    assert requirements_of(make_pipeline(Ridge())) == ()


@pytest.mark.parametrize(
    ("library", "name", "package"),
    [
        ("xgboost", "XGBRegressor", "xgboost-cpu"),
        ("lightgbm", "LGBMRegressor", "lightgbm"),
        ("catboost", "CatBoostRegressor", "catboost"),
    ],
)
def test_a_library_is_pinned_to_what_is_installed(library: str, name: str, package: str) -> None:
    module = pytest.importorskip(library, reason=f"SKIPPED: needs {library}, which this environment lacks")
    expected = (f"{package}=={version(package)}",)
    assert requirements_of(make_pipeline(getattr(module, name)())) == expected
    refuse_lacking(defined(*expected))


def test_what_is_not_installed_is_told_with_the_command_that_installs_it() -> None:
    with pytest.raises(DefinitionError) as caught:
        refuse_lacking(defined("no-such-thing==1.0", f"joblib=={version('joblib')}", "numpy==1.0.1"))
    assert str(caught.value) == (
        "rent needs no-such-thing==1.0, numpy==1.0.1 for training, and here no-such-thing is not installed, numpy is "
        f"{version('numpy')}: python -m pip install no-such-thing==1.0 numpy==1.0.1"
    )


def test_the_package_for_gpus_counts_as_the_one_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(name: str) -> Any:
        if name != "xgboost":
            from importlib.metadata import PackageNotFoundError

            raise PackageNotFoundError(name)
        return "3.2.0"

    monkeypatch.setattr("model_export.pipelines.requirements.installed", installed)
    refuse_lacking(defined("xgboost-cpu==3.2.0"))
    with pytest.raises(DefinitionError, match=r"xgboost-cpu is 3\.2\.0"):
        refuse_lacking(defined("xgboost-cpu==3.1.0"))


@pytest.mark.parametrize("package", ["narwhals", "six"])
def test_what_the_libraries_need_themselves_is_among_the_packages_for_training(root: Path, package: str) -> None:
    assert f"\n{package}==" in (root / "requirements" / "training.txt").read_text("utf-8")
