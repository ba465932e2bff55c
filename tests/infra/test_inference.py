from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]


def test_one_predict_function_for_each_model_and_control_and_trainer(functions: Json) -> None:
    assert set(functions) == {"predict-answers", "predict-fast", "predict-slow-one", "control", "trainer"}


def test_memory_and_timeout_are_those_of_the_model(functions: Json) -> None:
    sizes = {name: (one["MemorySize"], one["Timeout"]) for name, one in functions.items()}
    assert sizes["predict-fast"] == (1024, 29)
    assert sizes["predict-slow-one"] == (2048, 12)


def test_control_answers_before_the_gateway_gives_up(functions: Json) -> None:
    assert functions["control"]["Timeout"] == 29


@pytest.mark.parametrize(
    ("name", "handler"),
    [
        ("predict-fast", "functions.inference.predict_handler.handler"),
        ("predict-slow-one", "functions.inference.predict_handler.handler"),
        ("control", "functions.inference.control_handler.handler"),
    ],
)
def test_functions_run_their_handlers(functions: Json, name: str, handler: str) -> None:
    assert functions[name]["ImageConfig"] == {"Command": [handler]}


def test_predict_functions_know_their_model_and_others_none(functions: Json) -> None:
    models = {name: one["Environment"]["Variables"].get("DESPLIEGUE_MODEL") for name, one in functions.items()}
    assert models == {
        "predict-answers": "answers",
        "predict-fast": "fast",
        "predict-slow-one": "slow-one",
        "control": None,
        "trainer": None,
    }


def test_all_functions_know_the_buckets(functions: Json, buckets: dict[str, str]) -> None:
    for one in functions.values():
        variables = one["Environment"]["Variables"]
        assert variables["DESPLIEGUE_REGISTRY"] == {"Fn::Join": ["", ["s3://", {"Ref": buckets["registry"]}]]}
        assert variables["DESPLIEGUE_UPLOADS"] == {"Fn::Join": ["", ["s3://", {"Ref": buckets["uploads"]}]]}
        assert variables["POWERTOOLS_LOG_LEVEL"] == "INFO"


def test_each_function_logs_to_a_group_of_its_own_for_a_month(
    functions: Json, resources: Callable[[str], Json]
) -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert [one["Properties"]["RetentionInDays"] for one in groups.values()] == [30] * len(functions)
    used = [one["LoggingConfig"]["LogGroup"]["Ref"] for one in functions.values()]
    assert sorted(used) == sorted(groups)
