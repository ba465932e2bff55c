"""Estimators of other libraries are told by the names of their classes."""

from __future__ import annotations

import subprocess
import sys

from sklearn.linear_model import Ridge

from model_export.pipelines.convert.libraries import class_name, library_of


def made_in(module: str, name: str) -> object:
    return type(name, (), {"__module__": module})()


def test_a_class_has_the_name_of_its_module_and_its_own() -> None:
    assert class_name(made_in("xgboost.sklearn", "XGBClassifier")) == "xgboost.sklearn.XGBClassifier"


def test_a_library_is_the_first_part_of_the_module() -> None:
    assert library_of(made_in("lightgbm.sklearn", "LGBMRegressor")) == "lightgbm"
    assert library_of(made_in("xgboost_tools.sklearn", "XGBClassifier")) is None
    assert library_of(Ridge()) is None


def test_converting_imports_none_of_the_libraries() -> None:
    code = (
        "import sys; import model_export.pipelines.convert, model_export.pipelines.user_joblib;"
        "print([name for name in ('xgboost', 'lightgbm', 'catboost') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
