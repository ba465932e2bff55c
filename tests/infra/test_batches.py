from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.infra.conftest import MODEL, write_model

Json = dict[str, Any]


def test_one_function_of_the_inference_image_serves_all_models(
    functions: Json, optional_resources: Callable[[str], Json]
) -> None:
    assert functions["batch"]["ImageConfig"] == {"Command": ["functions.batch_worker.handler.handler"]}
    assert functions["batch"]["Code"] == functions["control"]["Code"]
    more = [one["Properties"].get("ImageConfig", {}) for one in optional_resources("AWS::Lambda::Function").values()]
    assert more.count(functions["batch"]["ImageConfig"]) == 1


def test_one_function_of_the_training_image_does_what_needs_its_libraries(functions: Json) -> None:
    stages, trainer = functions["batch-stages"], functions["trainer"]
    assert stages["ImageConfig"] == {"Command": ["functions.batch_stages.handler.handler"]}
    for key in ("Code", "MemorySize", "EphemeralStorage"):
        assert stages[key] == trainer[key]


def test_it_has_a_whole_processor_and_the_memory_of_the_largest_model(functions: Json) -> None:
    assert functions["predict-slow-one"]["MemorySize"] == 2048
    assert functions["batch"]["MemorySize"] == 2048


def test_it_takes_notices_of_files_from_its_queue_and_few_at_a_time(
    resources: Callable[[str], Json], live: dict[str, str], queues: dict[str, str]
) -> None:
    (mapping,) = (
        dict(one["Properties"])
        for key, one in resources("AWS::Lambda::EventSourceMapping").items()
        if key.startswith("Batches")
    )
    name, alias = mapping.pop("FunctionName")["Fn::Join"][1]
    assert alias == ":live"
    assert name["Fn::Select"][1]["Fn::Split"][1] == {"Ref": live["batch"]}
    assert mapping == {
        "BatchSize": 10,
        "EventSourceArn": {"Fn::GetAtt": [queues["Batches"], "Arn"]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }


def test_a_notice_comes_again_after_the_function_has_ended_and_is_a_dead_letter_after_five_times(
    resources: Callable[[str], Json], queues: dict[str, str], functions: Json
) -> None:
    own, training = (resources("AWS::SQS::Queue")[queues[one]]["Properties"] for one in ("Batches", "Training"))
    assert functions["batch"]["Timeout"] < own["VisibilityTimeout"] <= 1000
    assert own["RedrivePolicy"] == training["RedrivePolicy"]


def test_a_model_with_a_schedule_has_one_that_asks_the_worker_with_the_time(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    root = write_project(tmp_path)
    nightly = '[batch]\nschedule = "cron(0 3 * * ? *)"\nfile = "all.csv"\n'
    write_model(root, "nightly", MODEL.format(name="nightly") + nightly, '[{"size": 1.5}]')
    resources = synth(root)["template"]["Resources"]
    (schedule,) = [
        one["Properties"]
        for key, one in resources.items()
        if one["Type"] == "AWS::Scheduler::Schedule" and key.startswith("Batches")
    ]
    assert schedule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert json.loads(schedule["Target"]["Input"]) == {
        "step": "schedule",
        "model": "nightly",
        "time": "<aws.scheduler.scheduled-time>",
    }
    role = resources[schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]]
    (statement,) = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("lambda:InvokeFunction", schedule["Target"]["Arn"])
