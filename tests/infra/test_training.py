from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.core.jobs import MAX_ATTEMPTS

Json = dict[str, Any]


@pytest.fixture
def queue(resources: Callable[[str], Json], queues: dict[str, str]) -> tuple[str, Json]:
    return queues["Training"], resources("AWS::SQS::Queue")[queues["Training"]]["Properties"]


def test_a_message_that_comes_in_vain_five_times_is_a_dead_letter(
    resources: Callable[[str], Json], queue: tuple[str, Json]
) -> None:
    redrive = queue[1]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == 5
    # the last attempt that crashes ends its job as well, though Lambda refused a trainer twice
    assert redrive["maxReceiveCount"] >= MAX_ATTEMPTS + 2
    dead_letters = resources("AWS::SQS::Queue")[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
    assert dead_letters["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_queues_are_encrypted(resources: Callable[[str], Json]) -> None:
    assert all(one["Properties"]["SqsManagedSseEnabled"] for one in resources("AWS::SQS::Queue").values())


def test_message_comes_again_soon_after_the_trainer_can_have_ended_and_never_before(
    functions: Json, queue: tuple[str, Json]
) -> None:
    """A message that another trainer's lease refused finds that trainer ended at its second try."""
    assert functions["trainer"]["Timeout"] == 900
    assert 900 < queue[1]["VisibilityTimeout"] <= 1000
    assert queue[1]["RedrivePolicy"]["maxReceiveCount"] > 2


def test_trainer_takes_one_message_at_a_time_from_the_queue_alone(
    resources: Callable[[str], Json], functions: Json, live: dict[str, str], queue: tuple[str, Json]
) -> None:
    (mapping,) = (
        dict(one["Properties"])
        for key, one in resources("AWS::Lambda::EventSourceMapping").items()
        if key.startswith("Training")
    )
    name, alias = mapping.pop("FunctionName")["Fn::Join"][1]
    assert alias == ":live"
    assert name["Fn::Select"][1]["Fn::Split"][1] == {"Ref": live["trainer"]}
    assert mapping == {
        "BatchSize": 1,
        "EventSourceArn": {"Fn::GetAtt": [queue[0], "Arn"]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 5},
    }
    invokers = [one["Properties"]["FunctionName"] for one in resources("AWS::Lambda::Permission").values()]
    assert {"Fn::GetAtt": [functions["trainer"]["LogicalId"], "Arn"]} not in invokers
    assert {"Ref": live["trainer"]} not in invokers


def test_the_mapping_of_the_queue_keeps_the_name_that_stacks_have(resources: Callable[[str], Json]) -> None:
    """With another one, CloudFormation would make a second mapping of the queue before it deletes the first."""
    mappings = [one for one in resources("AWS::Lambda::EventSourceMapping") if one.startswith("Training")]
    assert mappings == ["TrainingtrainerFunctionSqsEventSourcedespliegueprodTrainingQueue043D564F59D7585E"]


def test_trainer_has_room(functions: Json) -> None:
    assert functions["trainer"]["MemorySize"] == 3008
    assert functions["trainer"]["EphemeralStorage"] == {"Size": 2048}


def test_trainer_runs_its_own_handler(functions: Json) -> None:
    assert functions["trainer"]["ImageConfig"] == {"Command": ["functions.trainer.handler.handler"]}
