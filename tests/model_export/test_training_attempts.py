"""Promotions that others overtake: races, rows that grew old, and attempts that died."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.core.clock import now
from functions.core.errors import ConflictError
from functions.core.history import Production
from functions.core.registry import PROMOTION_ATTEMPTS, Pointer, Registry
from functions.core.verdicts import read_verdict
from functions.serving.version import LoadedVersion
from model_export import training as training_module
from model_export.training import SupersededError, TrainingRun, train
from tests.model_export.training_runs import MakeRun, production

OLD = "2026-01-01T00:00:00.000000Z"


class Interrupted(Registry):
    """A registry that calls `before` with the version that a promotion expects to replace."""

    def __init__(self, registry: Registry, before: Callable[[int | None], object]) -> None:
        super().__init__(registry.storage)
        self._before = before

    def promote(self, model: str, version: int, *, expected: Pointer, **options: Any) -> Production:
        self._before(expected.production.version if expected.production else None)
        return super().promote(model, version, expected=expected, **options)


def promote_first(registry: Registry, model: str) -> None:
    """Put version 1 in production again, as somebody else."""
    registry.promote(model, 1, actor="a person", expected=registry.pointer(model), data_time=OLD)


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_lost_race_asks_the_gate_again(registry: Registry, bad_run: TrainingRun, run_of: MakeRun) -> None:
    """Weak production, so that the challenger passes; then somebody promotes a good one in between."""
    floorless = replace(bad_run.definition, gate=replace(bad_run.definition.gate, floors={}))
    weak = train(registry, replace(bad_run, force=True)).version
    decided: list[int | None] = []

    def interrupt(expected: int | None) -> None:
        decided.append(expected)
        if len(decided) == 1:
            promote_first(registry, "churn")

    half = replace(run_of("churn", rows=2800).definition, args={"C": 1e-5, "solver": "liblinear", "max_iter": 1000})
    run = replace(run_of("churn", rows=2800), definition=replace(half, gate=floorless.gate))
    result = train(Interrupted(registry, interrupt), run)
    assert decided == [weak]
    assert result.promoted is False
    assert "worse than production's" in result.reason
    assert production(registry, "churn") == 1


def test_a_race_lost_once_is_won_the_second_time(registry: Registry, run_of: MakeRun) -> None:
    lost: list[int | None] = []

    def interrupt(expected: int | None) -> None:
        if not lost:
            promote_first(registry, "car-price")
        lost.append(expected)

    assert train(Interrupted(registry, interrupt), run_of()).promoted is True
    assert [one.version for one in registry.history("car-price")] == [1, 1, 2]


def test_a_race_lost_again_and_again_is_given_up(registry: Registry, run_of: MakeRun) -> None:
    lost: list[int | None] = []

    def interrupt(expected: int | None) -> None:
        promote_first(registry, "car-price")
        lost.append(expected)

    with pytest.raises(ConflictError, match="try again"):
        train(Interrupted(registry, interrupt), run_of())
    assert lost == [1] * PROMOTION_ATTEMPTS


@pytest.mark.parametrize("force", [False, True])
def test_older_rows_than_productions_are_superseded_before_anything_is_fit(
    registry: Registry, run_of: MakeRun, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    monkeypatch.setattr(training_module, "fit_candidate", lambda *_: pytest.fail("it was fitted"))
    with pytest.raises(SupersededError, match=r"newer than these rows .*: send them again by POST .../retrain"):
        train(registry, run_of(data_time="2025-12-31T23:59:59.999999Z", force=force))
    assert registry.versions("car-price") == [1]


def test_rows_that_grew_old_while_they_were_trained_on_are_superseded(registry: Registry, run_of: MakeRun) -> None:
    def newer(stage: str, fraction: float) -> None:
        if stage == "promote":
            pointer = registry.pointer("car-price")
            registry.promote("car-price", 1, actor="x", expected=pointer, data_time=now(plus_seconds=60))

    with pytest.raises(SupersededError):
        train(registry, run_of(progress=newer))
    assert production(registry, "car-price") == 1
    verdict = read_verdict(registry.storage, "car-price", 2)
    assert verdict is not None
    assert (verdict.promoted, "newer than these rows" in verdict.reason) == (False, True)


def test_a_run_that_died_after_it_promoted_has_the_same_verdict(registry: Registry, run_of: MakeRun) -> None:
    claims: list[int] = []
    run = run_of(on_claim=claims.append)
    train(registry, run)
    registry.storage.delete("models/car-price/versions/2/verdict.json")
    assert train(registry, replace(run, claimed=claims[0])).reason == "the gate let it pass"
    verdict = read_verdict(registry.storage, "car-price", 2)
    assert verdict is not None
    assert verdict.promoted


def test_rows_as_old_as_productions_are_not_superseded(registry: Registry, run_of: MakeRun) -> None:
    assert train(registry, run_of(data_time=OLD)).promoted is True


def test_a_published_version_is_resumed_without_a_second_one(registry: Registry, run_of: MakeRun) -> None:
    claims: list[int] = []
    run = run_of(on_claim=claims.append)
    with pytest.raises(KeyboardInterrupt):
        train(Interrupted(registry, die), run)
    assert claims == [2]
    result = train(registry, replace(run, claimed=2, on_claim=lambda version: pytest.fail("claimed again")))
    assert (result.version, result.promoted) == (2, True)
    assert registry.versions("car-price") == [1, 2]


def test_the_version_of_an_attempt_that_died_is_opened_as_well_before_it_is_promoted(
    registry: Registry, run_of: MakeRun
) -> None:
    run = run_of()
    with pytest.raises(KeyboardInterrupt):
        train(Interrupted(registry, die), run)
    registry.storage.write("models/car-price/versions/2/model.onnx", b"no graph")
    result = train(registry, replace(run, claimed=2))
    assert (result.version, result.promoted) == (2, False)
    assert "versions/2/model.onnx differs" in result.reason
    assert (registry.versions("car-price"), production(registry, "car-price")) == ([1, 2], 1)


def test_a_promoted_version_is_resumed_without_a_second_promotion(registry: Registry, run_of: MakeRun) -> None:
    run = run_of()
    first = train(registry, run)
    again = train(registry, replace(run, claimed=first.version))
    assert (again.version, again.promoted, again.metrics) == (first.version, True, first.metrics)
    assert len(registry.history("car-price")) == 2


def test_a_claim_that_was_never_published_is_used_again(registry: Registry, run_of: MakeRun) -> None:
    claimed = registry.claim("car-price")
    result = train(registry, run_of(claimed=claimed))
    assert (claimed, result.version) == (2, 2)
    assert registry.versions("car-price") == [1, 2]


@pytest.mark.parametrize("stage", ["validate", "fit", "export", "parity", "evaluate", "publish", "promote"])
def test_a_death_at_any_stage_leaves_production_and_can_be_repeated(
    registry: Registry, run_of: MakeRun, stage: str
) -> None:
    before = registry.pointer("car-price")

    def die(reached: str, fraction: float) -> None:
        if reached == stage:
            raise KeyboardInterrupt

    run = run_of()
    with pytest.raises(KeyboardInterrupt):
        train(registry, replace(run, progress=die))
    assert registry.pointer("car-price") == before
    assert LoadedVersion.load(registry, "car-price", 1)
    assert train(registry, run).promoted is True
