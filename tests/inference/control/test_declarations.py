"""Declarations of routes: shapes of answers, places of jobs, refusals and bodies."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from functions.inference.control.declarations import JOB_PLACE, answers, refusals, takes
from functions.inference.control.responses import Health, JobDetails, Refusal, Retrained
from functions.inference.openapi import REFUSAL_REASONS


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    count: int = 1


ENVELOPE = {"message": "OK", "method": "GET", "status-code": 200, "timestamp": "now", "url": "/"}


def test_an_answer_is_its_data_in_the_envelope_and_nothing_else() -> None:
    shape = TypeAdapter[Any](answers(Health)[200]["model"])
    data = {"service": "despliegue", "version": "1", "models": []}
    assert shape.validate_python({**ENVELOPE, "data": data}).data == Health("despliegue", "1", [])
    for wrong in ({**ENVELOPE, "data": {**data, "more": 1}}, {**ENVELOPE, "data": data, "more": 1}, ENVELOPE):
        with pytest.raises(ValidationError):
            shape.validate_python(wrong)


@pytest.mark.parametrize(("status", "has_place"), [(200, False), (201, True), (202, True)])
def test_an_answer_that_starts_a_job_says_where_it_is(status: int, has_place: bool) -> None:
    declared = answers(JobDetails, status)[status]
    assert {name: declared.get(name) for name in JOB_PLACE} == (
        JOB_PLACE if has_place else {"headers": None, "links": None}
    )


def test_a_route_may_have_several_answers_and_refuses_as_it_says() -> None:
    declared = answers(Retrained, 200, (202, JobDetails), refused=(409, 422))
    assert list(declared) == [200, 202, 409, 422]


def test_a_refusal_has_its_reason_and_503_says_when_to_try_again() -> None:
    refused = refusals((404, 503))
    assert [(one["model"], one["description"]) for one in refused.values()] == [
        (Refusal, REFUSAL_REASONS[404]),
        (Refusal, REFUSAL_REASONS[503]),
    ]
    assert ["headers" in one for one in refused.values()] == [False, True]


@pytest.mark.parametrize("required", [True, False])
def test_a_body_that_a_route_reads_itself_has_the_schema_of_its_model(required: bool) -> None:
    body = takes(Wanted, required=required)["requestBody"]
    assert body["required"] is required
    schema = body["content"]["application/json"]["schema"]
    assert (schema["properties"]["count"]["default"], schema["additionalProperties"]) == (1, False)
