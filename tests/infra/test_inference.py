from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core import environment

PROJECT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]


PREDICT = {"predict-answers", "predict-fast", "predict-slow-one"}
OTHERS = {"control", "trainer", "importer", "authorizer", "batch", "batch-stages"}


def test_each_model_has_a_predict_function_and_the_stack_six_others(functions: Json) -> None:
    assert set(functions) == PREDICT | OTHERS


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


def test_every_handler_is_there(functions: Json) -> None:
    for one in functions.values():
        (command,) = one["ImageConfig"]["Command"]
        module, _, name = command.rpartition(".")
        path = PROJECT.joinpath(*module.split(".")).with_suffix(".py")
        assert f"\ndef {name}(" in path.read_text(encoding="utf-8"), command


def test_functions_read_every_variable_that_they_are_given(functions: Json) -> None:
    read = {value for name, value in vars(environment).items() if name.endswith("_VARIABLE")}
    for one in functions.values():
        assert {name for name in one["Environment"]["Variables"] if not name.startswith("POWERTOOLS_")} <= read


def test_predict_functions_know_their_model_and_others_none(functions: Json) -> None:
    models = {name: one["Environment"]["Variables"].get("DESPLIEGUE_MODEL") for name, one in functions.items()}
    assert models == {
        "predict-answers": "answers",
        "predict-fast": "fast",
        "predict-slow-one": "slow-one",
        **dict.fromkeys(OTHERS),
    }


def test_all_functions_but_the_authorizer_know_the_buckets(functions: Json, buckets: dict[str, str]) -> None:
    for name, one in functions.items():
        variables = one["Environment"]["Variables"]
        if name == "authorizer":
            assert not variables.keys() & {"DESPLIEGUE_REGISTRY", "DESPLIEGUE_UPLOADS"}
            continue
        assert variables["DESPLIEGUE_REGISTRY"] == {"Fn::Join": ["", ["s3://", {"Ref": buckets["registry"]}]]}
        assert variables["DESPLIEGUE_UPLOADS"] == {"Fn::Join": ["", ["s3://", {"Ref": buckets["uploads"]}]]}


def test_control_knows_the_memory_of_the_trainer(functions: Json) -> None:
    memory = str(functions["trainer"]["MemorySize"])
    assert functions["control"]["Environment"]["Variables"]["DESPLIEGUE_TRAINER_MEMORY_MB"] == memory


def test_a_model_gets_what_it_asks_for_and_others_nothing_of_it(
    functions: Json, optional_resources: Callable[[str], Json]
) -> None:
    fast = functions["predict-fast"]
    assert not fast.keys() & {"SnapStart", "ReservedConcurrentExecutions"}
    assert fast["EphemeralStorage"] == {"Size": 512}
    assert fast["Environment"]["Variables"]["DESPLIEGUE_FRESHNESS_SECONDS"] == "0"
    (quick,) = (one["Properties"] for one in optional_resources("AWS::Lambda::Function").values() if is_quick(one))
    assert quick["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert quick["ReservedConcurrentExecutions"] == 3
    assert quick["Environment"]["Variables"]["DESPLIEGUE_FRESHNESS_SECONDS"] == "2.5"


def is_quick(function: Json) -> bool:
    variables: Json = function["Properties"].get("Environment", {}).get("Variables", {})
    return variables.get("DESPLIEGUE_MODEL") == "quick"


def test_serving_functions_know_the_base_path_and_others_do_not(optional_resources: Callable[[str], Json]) -> None:
    functions = [one["Properties"] for one in optional_resources("AWS::Lambda::Function").values()]
    variables = [one["Environment"]["Variables"] for one in functions if "ImageConfig" in one]
    below = {one["POWERTOOLS_SERVICE_NAME"]: one.get("DESPLIEGUE_BASE_PATH") for one in variables}
    serving = {*PREDICT, "predict-quick", "control"}
    assert below == {**dict.fromkeys(serving, "/ml/v1"), **dict.fromkeys({*OTHERS - {"control"}, "pruner", "webhook"})}


def test_without_a_base_path_no_function_has_one(functions: Json) -> None:
    assert not any("DESPLIEGUE_BASE_PATH" in one["Environment"]["Variables"] for one in functions.values())
