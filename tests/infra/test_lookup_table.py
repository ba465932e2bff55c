from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.aws import prediction_table

Json = dict[str, Any]


@pytest.fixture
def table(resources: Callable[[str], Json]) -> Json:
    (found,) = resources("AWS::DynamoDB::Table").values()
    return dict(found)


def test_an_item_has_the_one_key_that_lookups_name(table: Json) -> None:
    assert table["Properties"]["KeySchema"] == [{"AttributeName": prediction_table.KEY, "KeyType": "HASH"}]
    assert table["Properties"]["AttributeDefinitions"] == [
        {"AttributeName": prediction_table.KEY, "AttributeType": "S"}
    ]


def test_an_item_is_forgotten_at_the_time_that_lookups_write(table: Json) -> None:
    assert table["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": prediction_table.EXPIRES,
        "Enabled": True,
    }


def test_only_requests_and_storage_are_billed(table: Json) -> None:
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert not table["Properties"].keys() & {"ProvisionedThroughput", "PointInTimeRecoverySpecification"}


def test_the_table_outlives_the_stack_unless_the_stage_is_for_trial(
    table: Json, optional_resources: Callable[[str], Json]
) -> None:
    (trial,) = optional_resources("AWS::DynamoDB::Table").values()
    assert (table["DeletionPolicy"], trial["DeletionPolicy"]) == ("RetainExceptOnCreate", "Delete")


def test_the_worker_writes_for_as_long_as_results_are_kept_and_control_reads(
    functions: Json, resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    (name,) = resources("AWS::DynamoDB::Table")
    for function in ("batch", "control"):
        assert functions[function]["Environment"]["Variables"]["DESPLIEGUE_PREDICTIONS"] == {"Ref": name}
        assert functions[function]["Environment"]["Variables"]["DESPLIEGUE_BATCH_DAYS"] == "90"
    memory = functions["control"]["Environment"]["Variables"]["DESPLIEGUE_BATCH_MEMORY_MB"]
    assert memory == str(functions["batch"]["MemorySize"])
    trial = [one["Properties"].get("Environment", {}) for one in optional_resources("AWS::Lambda::Function").values()]
    days = {one["Variables"].get("DESPLIEGUE_BATCH_DAYS") for one in trial if one}
    assert days == {None, "5"}
