"""Estimators of other libraries are told by the names of their classes."""

from __future__ import annotations

import ast
from pathlib import Path

from sklearn.linear_model import Ridge

from model_export.pipelines.convert import inspection
from model_export.pipelines.convert.libraries import LIBRARIES, class_name, library_of


def made_in(module: str, name: str) -> object:
    return type(name, (), {"__module__": module})()


def test_a_class_has_the_name_of_its_module_and_its_own() -> None:
    assert class_name(made_in("xgboost.sklearn", "XGBClassifier")) == "xgboost.sklearn.XGBClassifier"


def test_a_library_is_the_first_part_of_the_module() -> None:
    assert library_of(made_in("lightgbm.sklearn", "LGBMRegressor")) == "lightgbm"
    assert library_of(made_in("_catboost", "CatBoostError")) == "catboost"
    assert library_of(made_in("xgboost_tools.sklearn", "XGBClassifier")) is None
    assert library_of(Ridge()) is None


def test_no_module_imports_one_of_the_libraries_before_it_meets_such_an_estimator() -> None:
    package = Path(inspection.__file__).parents[2]
    imported = {
        name
        for path in package.rglob("*.py")
        for statement in ast.parse(path.read_text("utf-8")).body
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for name in [getattr(statement, "module", None), *(alias.name for alias in statement.names)]
    }
    assert "sklearn.pipeline" in imported
    assert imported & set(LIBRARIES) == set()
