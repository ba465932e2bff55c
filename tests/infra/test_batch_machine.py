"""The state machine of batches, as the template has it: emulators of AWS ignore some of what is asserted here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, get_args

import pytest

from functions.core.batch_record import BatchState

Json = dict[str, Any]


def definition(resources: Mapping[str, Json]) -> Json:
    """The definition of the machine; an ARN is the logical id of its function, alias or bucket."""
    (machine,) = (one["Properties"] for key, one in resources.items() if key.startswith("Batches"))
    parts = machine["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else part.get("Ref") or part["Fn::GetAtt"][0] for part in parts)
    found: Json = json.loads(text)
    return found


@pytest.fixture
def states(resources: Callable[[str], Json]) -> Json:
    found: Json = definition(resources("AWS::StepFunctions::StateMachine"))["States"]
    return found


@pytest.fixture
def tasks(states: Json) -> Json:
    """The tasks, that of a shard among them."""
    shard = states["Shards"]["ItemProcessor"]["States"]["Shard"]
    return {"Shard": shard, **{name: one for name, one in states.items() if one["Type"] == "Task"}}


def test_each_step_asks_its_function_by_the_alias(tasks: Json, live: dict[str, str]) -> None:
    assert set(tasks) == {"Plan", "Convert", "Shard", "Complete", "Finish"}
    for name, task in tasks.items():
        assert task["Resource"].endswith(":states:::lambda:invoke")
        function = "batch-stages" if name in ("Convert", "Complete") else "batch"
        assert task["Parameters"]["FunctionName"] == live[function]
        payload = task["Parameters"]["Payload"]
        more = {"shard.$": "$.shard"} if name == "Shard" else {}
        assert payload == {"step": name.lower(), "model.$": "$.model", "batch.$": "$.batch", **more}
        assert task["OutputPath"] == "$.Payload"


def test_a_step_outlives_its_function_a_little(tasks: Json, functions: Json) -> None:
    assert functions["batch"]["Timeout"] == functions["batch-stages"]["Timeout"] == 900
    for task in tasks.values():
        assert 900 < task["TimeoutSeconds"] <= 1000


def test_the_map_reads_the_shards_that_planning_wrote_and_hands_them_out_one_by_one(
    states: Json, buckets: dict[str, str]
) -> None:
    shards = states["Shards"]
    assert shards["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    reader = shards["ItemReader"]
    assert reader["Resource"].endswith(":states:::s3:getObject")
    assert reader["ReaderConfig"] == {"InputType": "JSON"}
    assert reader["Parameters"] == {"Bucket": buckets["registry"], "Key.$": "$.shards"}
    assert shards["ItemSelector"]["shard.$"] == "$$.Map.Item.Value"


def test_as_many_shards_are_at_work_as_the_context_says_and_never_ten_thousand(
    states: Json, optional_resources: Callable[[str], Json]
) -> None:
    assert states["Shards"]["MaxConcurrency"] == 10
    trial = definition(optional_resources("AWS::StepFunctions::StateMachine"))["States"]
    assert trial["Shards"]["MaxConcurrency"] == 4


def test_lost_shards_do_not_fail_the_map_because_the_last_step_judges(states: Json) -> None:
    assert states["Shards"]["ToleratedFailurePercentage"] == 100


def test_nothing_is_asked_of_the_map_that_no_rehearsal_can_try(states: Json) -> None:
    assert not states["Shards"].keys() & {"ItemBatcher", "ResultWriter", "ToleratedFailureCount"}


def test_results_of_shards_are_not_gathered_because_they_have_256_kilobytes(states: Json) -> None:
    assert states["Shards"]["ResultPath"] is None


def test_a_batch_without_shards_to_do_ends_at_once(states: Json) -> None:
    choice, _ = states["IsPlanned"]["Choices"]
    assert choice == {"Variable": "$.shards", "IsPresent": True, "Next": "Shards"}
    assert states["IsPlanned"]["Default"] == "Finish"


def test_a_file_that_is_not_plain_is_converted_and_then_planned(states: Json) -> None:
    _, choice = states["IsPlanned"]["Choices"]
    assert choice == {"Variable": "$.convert", "IsPresent": True, "Next": "Convert"}
    assert states["Convert"]["Next"] == "Plan"


def test_what_is_made_of_all_results_is_made_before_the_end_and_only_if_asked(states: Json) -> None:
    assert states["Shards"]["Next"] == "IsCompleted"
    (choice,) = states["IsCompleted"]["Choices"]
    assert choice == {"Variable": "$.complete", "IsPresent": True, "Next": "Complete"}
    assert (states["IsCompleted"]["Default"], states["Complete"]["Next"]) == ("Finish", "Finish")


@pytest.mark.parametrize("state", ["Plan", "Convert", "Shards", "Complete"])
def test_whatever_fails_the_last_step_writes_the_result(states: Json, state: str) -> None:
    (caught,) = states[state]["Catch"]
    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "Finish")
    assert caught["ResultPath"] == "$.error"  # the names of the batch stay in the input


def test_refused_invocations_are_tried_for_a_quarter_of_an_hour_and_spread(tasks: Json) -> None:
    for task in tasks.values():
        waiting, _ = task["Retry"]
        errors = set(waiting["ErrorEquals"])
        assert {
            "Lambda.TooManyRequestsException",
            "Lambda.ServiceException",
            "Lambda.CodeArtifactUserPendingException",
            "Lambda.SnapStartNotReadyException",
        } <= errors
        assert "States.ALL" not in errors
        assert waiting["JitterStrategy"] == "FULL"
        pauses = [
            min(waiting["IntervalSeconds"] * waiting["BackoffRate"] ** attempt, waiting["MaxDelaySeconds"])
            for attempt in range(waiting["MaxAttempts"])
        ]
        # with full jitter, half of the pause on average: more than a function needs that slept, or a trainer holds
        assert sum(pauses) / 2 > 900


def test_a_step_that_dies_is_tried_three_times(tasks: Json) -> None:
    for task in tasks.values():
        _, dying = task["Retry"]
        assert dying["ErrorEquals"] == ["States.TaskFailed", "States.Timeout"]
        assert dying["MaxAttempts"] == 2
        assert dying["JitterStrategy"] == "FULL"


def test_an_execution_fails_where_rows_have_no_prediction_and_nobody_cancelled(states: Json) -> None:
    choices = {one["StringEquals"]: one["Next"] for one in states["HowItEnded"]["Choices"]}
    assert choices == {"failed": "Unsuccessful", "partial": "Unsuccessful"}
    assert choices.keys() < set(get_args(BatchState))
    assert states["Unsuccessful"]["Type"] == "Fail"
    assert states[states["HowItEnded"]["Default"]]["Type"] == "Succeed"


def test_the_machine_has_the_name_by_which_the_worker_starts_it(
    resources: Callable[[str], Json], machines: dict[str, str], functions: Json
) -> None:
    machine = resources("AWS::StepFunctions::StateMachine")[machines["Batches"]]["Properties"]
    assert machine["StateMachineName"] == "despliegue-prod-batches"
    arn = functions["batch"]["Environment"]["Variables"]["DESPLIEGUE_BATCH_MACHINE"]["Fn::Join"][1]
    assert arn[-1] == ":stateMachine:despliegue-prod-batches"
