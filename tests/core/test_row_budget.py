"""Bounds on the instances of a request, before it is parsed and after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.core.definition import Limits
from functions.core.errors import TooLargeError
from functions.core.model_folder import load_definition
from functions.core.row_budget import RowBudget

BUDGET = RowBudget(most=10, remedy="send them in parts")


@pytest.mark.parametrize("element", [b"{}", b'{"a":1}', b'{"\\"":[1]}', b'{"a":"{"}'])
@pytest.mark.parametrize("form", [b"[%b]", b' {"instances":[%b]}'])
def test_far_more_objects_than_instances_are_refused_before_parsing(element: bytes, form: bytes) -> None:
    with pytest.raises(TooLargeError, match=r"^24 instances are more than 10: send them in parts$"):
        BUDGET.check_body(form % b",".join([element] * 24))


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([{"text": "{[" * 100}]).encode(),
        json.dumps([{"text": '"{' * 100}]).encode(),
        json.dumps([{"text": "\\"}, {"text": "\\{" * 100}]).encode(),
        b'{"instances":[%b]}' % b",".join([b"{}"] * 10),
        b'[{"text": "%b' % (b"{" * 100),
    ],
)
def test_brackets_within_texts_are_no_objects(body: bytes) -> None:
    BUDGET.check_body(body)


def test_a_few_rows_too_many_are_counted_exactly_after_parsing() -> None:
    BUDGET.check_body(b"[%b]" % b",".join([b"{}"] * 11))
    BUDGET.check_rows(10)
    with pytest.raises(TooLargeError, match=r"^11 instances are more than 10: send them in parts$"):
        BUDGET.check_rows(11)


def test_a_prediction_has_the_limit_of_its_version() -> None:
    assert RowBudget.of_prediction(Limits(max_instances=7)).most == 7


def test_no_request_of_whole_training_rows_is_over_the_budget_before_it_is_over_the_bytes() -> None:
    definition = load_definition(Path(__file__).parents[2] / "models" / "churn")
    columns = len(definition.schema.features) + 1
    smallest_row = len(json.dumps(dict.fromkeys("abcdefghijklmnopqrstuvwxyz"[:columns], 1), separators=(",", ":"))) + 1
    fitting = definition.limits.max_payload_bytes // smallest_row
    budget = RowBudget.of_training(definition)
    assert fitting <= budget.most
    assert budget.most * columns <= 1_000_000
