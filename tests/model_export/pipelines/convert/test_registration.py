"""Converters are registered when they are needed, as often as one likes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from model_export.pipelines.convert import convert
from model_export.pipelines.convert.registration import register


def test_registering_again_changes_nothing(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[["income", "age"]]
    pipeline = Pipeline([("scale", StandardScaler()), ("model", LinearRegression())])
    pipeline.fit(train, target(table(missing=False)))
    register()
    once = convert(pipeline, schema(train))
    register()
    register()
    assert convert(pipeline, schema(train)) == once


def test_importing_the_package_registers_nothing() -> None:
    check = (
        "import skl2onnx, model_export.pipelines.convert.registration\n"
        "from sklearn.impute import SimpleImputer\n"
        "print(skl2onnx.get_model_alias(SimpleImputer))\n"
        "model_export.pipelines.convert.registration.register()\n"
        "print(skl2onnx.get_model_alias(SimpleImputer))"
    )
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["SklearnSimpleImputer", "DespliegueSimpleImputer"]
