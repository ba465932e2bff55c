from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition, Function
from functions.core.errors import DefinitionError
from functions.core.schema import Feature, Schema
from infra.limits import check_definitions


def define(**function: Any) -> dict[str, Definition]:
    schema = Schema(
        features=(Feature(name="size", type="number"),), target=Feature(name="price", type="number"), id=None
    )
    definition = Definition(
        name="house",
        task="tabular-regression",
        description="",
        schema=schema,
        folder=Path("models/house"),
        digest="",
        function=Function(**function),
    )
    return {"house": definition}


@pytest.mark.parametrize("memory", [128, 10_240])
@pytest.mark.parametrize("timeout", [1, 29])
def test_what_lambda_and_the_gateway_can_run_is_accepted(memory: int, timeout: int) -> None:
    check_definitions(define(memory_mb=memory, timeout_seconds=timeout))


@pytest.mark.parametrize("timeout", [0, 30, 60, 900, 2.5, "29", True])
def test_timeout_beyond_the_gateway_is_refused(timeout: object) -> None:
    with pytest.raises(DefinitionError, match=r"model\.toml: \[function\] timeout_seconds .*gives up after 30"):
        check_definitions(define(timeout_seconds=timeout))


@pytest.mark.parametrize("memory", [0, 127, 10_241, 512.0, "512"])
def test_memory_that_lambda_does_not_sell_is_refused(memory: object) -> None:
    with pytest.raises(DefinitionError, match=r"\[function\] memory_mb .*use 128 to 10240"):
        check_definitions(define(memory_mb=memory))


@pytest.mark.parametrize("storage", [0, 511, 10_241, "512"])
def test_storage_that_lambda_does_not_sell_is_refused(storage: object) -> None:
    with pytest.raises(DefinitionError, match=r"\[function\] storage_mb .*use 512 to 10240"):
        check_definitions(define(storage_mb=storage))


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, True])
def test_concurrency_that_would_switch_the_model_off_is_refused(concurrency: object) -> None:
    with pytest.raises(DefinitionError, match=r"reserved_concurrency is .*use 1 to 100000"):
        check_definitions(define(reserved_concurrency=concurrency))


@pytest.mark.parametrize("freshness", [0, 0.5, 86_400])
def test_freshness_of_up_to_a_day_is_accepted(freshness: float) -> None:
    check_definitions(define(freshness_seconds=freshness, reserved_concurrency=1, storage_mb=10_240))


@pytest.mark.parametrize("freshness", [-1, 86_401, float("nan"), float("inf"), "5", True])
def test_freshness_that_is_no_time_is_refused(freshness: object) -> None:
    with pytest.raises(DefinitionError, match=r"freshness_seconds is .*asks in every request"):
        check_definitions(define(freshness_seconds=freshness))


def test_snap_start_takes_the_least_storage_only() -> None:
    check_definitions(define(snap_start=True))
    with pytest.raises(DefinitionError, match=r"snap_start with storage_mb 1024: .*leave out one of the two"):
        check_definitions(define(snap_start=True, storage_mb=1024))


def test_snap_start_is_on_or_off() -> None:
    with pytest.raises(DefinitionError, match="snap_start is 'PublishedVersions': use true or false"):
        check_definitions(define(snap_start="PublishedVersions"))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(DefinitionError, match=r"timeout_seconds is 31.*memory_mb is 1:"):
        check_definitions(define(memory_mb=1, timeout_seconds=31))


def test_no_models_is_refused() -> None:
    with pytest.raises(DefinitionError, match="no model to deploy"):
        check_definitions({})
