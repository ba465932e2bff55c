"""Definitions that routes ask for, and the name of the token that asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.errors import ConflictError, NotFoundError
from functions.core.submission import Submissions, TrainingRequest
from functions.core.training_memory import MEMORY_OF_A_BYTE, RESERVED_BYTES
from functions.inference.control.context import Control, request_actor
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import local_batching
from tests.inference.handlers import GET


@pytest.fixture
def control(definitions: Mapping[str, Definition], tmp_path: Path) -> Control:
    """Churn takes training rows, car-price takes none."""
    home = Home(tmp_path)
    elsewhere = {**definitions, "car-price": replace(definitions["car-price"], retrainable=False)}
    submissions = Submissions(home.registry, home.uploads)
    return Control(
        elsewhere,
        home.registry,
        submissions,
        LocalUploadLinks(home.uploads),
        local_batching(home.registry, home.uploads),
    )


def test_a_model_that_is_trained_elsewhere_can_be_read_and_not_retrained(control: Control) -> None:
    assert control.definition("car-price").name == "car-price"
    with pytest.raises(ConflictError, match="publish"):
        control.retrainable("car-price")


def test_a_model_that_takes_rows_is_its_definition(control: Control) -> None:
    assert control.retrainable("churn") is control.definition("churn")


@pytest.mark.parametrize("ask", [Control.definition, Control.retrainable])
def test_an_unknown_model_is_refused_with_the_known_ones(control: Control, ask: Any) -> None:
    with pytest.raises(NotFoundError, match="known: car-price, churn"):
        ask(control, "boats")


def test_a_job_of_the_registry_is_found(control: Control, definitions: Mapping[str, Definition]) -> None:
    job = control.submissions.await_upload(definitions["churn"], "rows.csv", TrainingRequest("replace", False, "ana"))
    assert control.jobs.read("churn", job.job) == job


def test_the_token_is_named_by_the_authorizer_of_the_gateway() -> None:
    named = {"requestContext": {"authorizer": {"lambda": {"token": "ana"}}}}
    assert request_actor({"aws.event": named}) == "ana"
    assert request_actor({"aws.event": GET}) == GET["requestContext"]["authorizer"]["lambda"]["token"]


@pytest.mark.parametrize(
    "scope", [{}, {"aws.event": {}}, {"aws.event": {"requestContext": {"authorizer": {"lambda": {}}}}}]
)
def test_without_a_token_the_name_is_local(scope: dict[str, Any]) -> None:
    assert request_actor(scope) == "local"


def test_a_file_may_be_as_large_as_the_trainer_and_the_model_allow(control: Control) -> None:
    churn = control.definition("churn")
    small = replace(control, trainer_memory_bytes=RESERVED_BYTES + 1000 * MEMORY_OF_A_BYTE)
    assert small.training_limit(churn) == 1000
    assert small.training_limit(replace(churn, limits=replace(churn.limits, max_training_bytes=10))) == 10
