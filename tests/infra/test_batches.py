from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def test_one_function_of_the_inference_image_serves_all_models(
    functions: Json, optional_resources: Callable[[str], Json]
) -> None:
    assert functions["batch"]["ImageConfig"] == {"Command": ["functions.batch_worker.handler.handler"]}
    assert functions["batch"]["Code"] == functions["control"]["Code"]
    more = [one["Properties"].get("ImageConfig", {}) for one in optional_resources("AWS::Lambda::Function").values()]
    assert more.count(functions["batch"]["ImageConfig"]) == 1


def test_it_has_a_whole_processor_and_the_memory_of_the_largest_model(functions: Json) -> None:
    assert functions["slow-one" if "slow-one" in functions else "predict-slow-one"]["MemorySize"] == 2048
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
