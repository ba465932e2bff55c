"""The daily removal: there only where something is not kept for ever, and with few permissions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.infra.conftest import MODEL, write_model

Json = dict[str, Any]


def pruner(resources: Json) -> tuple[str, Json]:
    """The logical id and the properties of the pruner."""
    (found,) = (
        (key, one["Properties"])
        for key, one in resources.items()
        if one["Type"] == "AWS::Lambda::Function" and _service(one["Properties"]) == "pruner"
    )
    return found


def _service(function: Json) -> str | None:
    name: str | None = function.get("Environment", {}).get("Variables", {}).get("POWERTOOLS_SERVICE_NAME")
    return name


def test_without_a_retention_there_is_no_pruner(functions: Json) -> None:
    assert "pruner" not in functions


def test_the_context_gives_a_retention_to_all_models(optional: Json) -> None:
    _, function = pruner(optional["template"]["Resources"])
    chosen = json.loads(function["Environment"]["Variables"]["DESPLIEGUE_RETENTION"])
    assert chosen == {"versions": 20, "production_days": 60, "job_days": 90, "batch_days": 120, "data_days": 365}


def test_a_models_own_retention_is_enough(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    root = write_project(tmp_path)
    write_model(root, "kept", MODEL.format(name="kept") + "[retention]\nversions = 3\n", '[{"size": 1.5}]')
    _, function = pruner(synth(root)["template"]["Resources"])
    assert "DESPLIEGUE_RETENTION" not in function["Environment"]["Variables"]


def test_it_is_called_once_a_day(optional: Json, optional_resources: Callable[[str], Json]) -> None:
    key, _ = pruner(optional["template"]["Resources"])
    targets = [
        one["Properties"]["ScheduleExpression"]
        for one in optional_resources("AWS::Scheduler::Schedule").values()
        if one["Properties"]["Target"]["Arn"] == {"Fn::GetAtt": [key, "Arn"]}
    ]
    assert targets == ["rate(1 day)"]


def test_it_deletes_no_pointer_and_no_history_and_writes_no_file_of_a_version(optional: Json) -> None:
    resources = optional["template"]["Resources"]
    role = resources[pruner(resources)[1]["Role"]["Fn::GetAtt"][0]]["Properties"]
    allowed = {
        (action, arn["Fn::Join"][1][1])
        for statement in role["Policies"][0]["PolicyDocument"]["Statement"]
        for action in _many(statement["Action"])
        for arn in _many(statement["Resource"])
        if "Fn::Join" in arn
    }
    assert allowed == {
        ("s3:GetObject", "/models/*"),
        ("s3:GetObject", "/data/*.retired.json"),
        ("s3:GetObject", "/data/*.forgotten.json"),
        ("s3:GetObject", "/uploads/*"),
        ("s3:GetObject", "/to-predict/*"),
        ("s3:GetObject", "/batches/*"),
        ("s3:PutObject", "/models/*/versions/*.retired.json"),
        ("s3:PutObject", "/data/*.retired.json"),
        ("s3:PutObject", "/models/*/jobs/*"),
        ("s3:PutObject", "/models/*/published.json"),
        ("s3:DeleteObject", "/models/*/versions/*"),
        ("s3:DeleteObject", "/models/*/jobs/*"),
        ("s3:DeleteObject", "/models/*/batches/*"),
        ("s3:DeleteObject", "/models/*/times/batches*"),
        ("s3:DeleteObject", "/models/*/published.json"),
        ("s3:DeleteObject", "/data/*"),
        ("s3:DeleteObject", "/uploads/*/jobs/*"),
        ("s3:DeleteObject", "/to-predict/*/batches/*"),
        ("s3:DeleteObject", "/batches/*"),
    }


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
