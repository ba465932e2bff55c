"""Errors: every fault with its place, and messages that stay short."""

from __future__ import annotations

import pytest
from despliegue_client.errors import ApiError, BatchError, Fault, TrainingError


def test_a_fault_is_read_with_its_place_and_shown_with_it() -> None:
    fault = Fault.of({"loc": ["body", 3, "year"], "msg": "must be an integer", "type": "integer_type"})
    assert fault == Fault(("body", 3, "year"), "must be an integer", "integer_type")
    assert str(fault) == "body.3.year: must be an integer"
    assert str(Fault((), "no such model", "not_found")) == "no such model"


def test_a_refusal_keeps_all_faults_and_shows_the_first_five() -> None:
    faults = [Fault(("body", number), "wrong", "a_type") for number in range(7)]
    error = ApiError(422, faults, "POST http://x/models/churn/predict")
    assert (error.status, error.faults) == (422, tuple(faults))
    assert str(error).startswith("422 for POST http://x/models/churn/predict: body.0: wrong; ")
    assert str(error).endswith("body.4: wrong; and 2 more (see .faults)")


def test_a_training_error_shows_the_faults_of_the_rows_or_else_the_reason() -> None:
    fault = {"loc": ["line", 12, "price"], "msg": "must be a number", "type": "float_type"}
    refused = TrainingError({"job": "j", "state": "refused", "errors": [fault], "reason": "1 fault"})
    assert str(refused) == 'job j was refused: line 12, column "price": must be a number'
    failed = TrainingError({"job": "j", "state": "failed", "errors": [], "reason": "out of memory"})
    assert (str(failed), failed.faults) == ("job j was failed: out of memory", ())


def test_a_batch_error_has_the_record_of_the_batch() -> None:
    error = BatchError({"batch": "b", "state": "cancelled", "reason": None, "faults": []})
    assert str(error) == "batch b is cancelled: not all rows have a prediction"
    assert error.batch["state"] == "cancelled"


@pytest.mark.parametrize(
    ("loc", "text"),
    [
        (("line", 12, "price"), 'line 12, column "price": wrong'),
        (("line", 12), "line 12: wrong"),
        (("file", "price"), 'column "price": wrong'),
        (("file",), "file: wrong"),
        (("body", 3, "price"), "body.3.price: wrong"),
        ((), "wrong"),
    ],
)
def test_a_fault_is_placed_as_the_server_places_it_for_people(loc: tuple[str | int, ...], text: str) -> None:
    assert str(Fault(loc, "wrong", "t")) == text
