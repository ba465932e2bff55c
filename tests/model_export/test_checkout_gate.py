"""A version of the checkout against the one in production: churn, whose gate has floors and a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from functions.core.clock import now
from functions.core.definition import Definition, Gate
from functions.core.history import Production
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.registry import Pointer, Registry
from functions.core.schema import Table
from functions.core.verdicts import Verdict, read_verdict
from functions.core.version_folder import write_version
from functions.local.home import Home
from functions.serving.promotion import import_and_promote
from model_export.checkout_gate import promote_through_gate
from model_export.training import TrainingRun, train

Rows = Callable[[str], list[dict[str, Any]]]
Import = Callable[[Manifest], Manifest]


@pytest.fixture
def registry(home: Home) -> Registry:
    """A registry with version 1 of churn in production, trained on the whole sample."""
    return home.registry


@pytest.fixture
def churn(definitions: Mapping[str, Definition]) -> Definition:
    return definitions["churn"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(LocalStorage(tmp_path_factory.mktemp("elsewhere")))


@pytest.fixture(scope="module")
def trained(elsewhere: Registry, definitions: Mapping[str, Definition], labelled: Rows) -> Callable[..., Manifest]:
    """trained(C=1e-6) is a version elsewhere, with that argument; C=0.7 is as good as production."""

    @cache
    def run(**args: Any) -> Manifest:
        rows, churn = labelled("churn"), definitions["churn"]
        table = {name: [row[name] for row in rows] for name in rows[0]}
        definition = replace(churn, args={**churn.args, **args}, gate=Gate())
        result = train(elsewhere, TrainingRun(definition, table, data_time=now()))
        return elsewhere.manifest("churn", result.version)

    return run


@pytest.fixture
def brought(registry: Registry, elsewhere: Registry, tmp_path: Path) -> Import:
    """Imports a version from elsewhere, as a deployment does."""

    def run(manifest: Manifest) -> Manifest:
        write_version(elsewhere, manifest, tmp_path / "folder")
        return import_and_promote(registry, manifest.model, tmp_path / "folder")

    return run


def production(registry: Registry, model: str = "churn") -> int:
    found = registry.pointer(model).production
    assert found is not None
    return found.version


def verdict(registry: Registry, version: int = 2, *, model: str = "churn") -> Verdict:
    found = read_verdict(registry.storage, model, version)
    assert found is not None
    return found


def test_a_version_that_passes_comes_into_production_measured_on_the_same_rows(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    manifest = brought(trained(C=0.7))
    assert (verdict(registry).promoted, production(registry)) == (False, 1)
    promote_through_gate(registry, churn, manifest)
    assert production(registry) == 2
    kept = verdict(registry)
    rows = manifest.measured_on.rows
    evidence = f"both measured on the {rows} rows that version 2 was evaluated on"
    assert (kept.promoted, kept.reason) == (True, f"the gate let it pass ({evidence})")
    assert kept.production_metrics == registry.manifest("churn", 1).metrics
    newest = registry.history("churn")[-1]
    assert (newest.actor, newest.reason) == ("baked", kept.reason)


def test_a_worse_version_is_kept_and_the_reason_says_by_how_much(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    promote_through_gate(registry, replace(churn, gate=replace(churn.gate, floors={})), brought(trained(C=1e-6)))
    assert production(registry) == 1
    assert "worse than production's" in verdict(registry).reason
    assert verdict(registry).promoted is False


def test_a_version_is_judged_once_so_that_a_rollback_and_a_retrain_stay(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    manifest = trained(C=0.7)
    promote_through_gate(registry, churn, brought(manifest))
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    promote_through_gate(registry, churn, brought(manifest))
    assert (production(registry), registry.versions("churn")) == (1, [1, 2])


def test_a_version_that_served_before_verdicts_were_kept_is_not_judged(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    manifest = trained(C=0.7)
    brought(manifest)
    for version in (2, 1):
        registry.promote_now("churn", version, actor="ana", pinned=False)
    registry.storage.delete("models/churn/versions/2/verdict.json")
    promote_through_gate(registry, churn, brought(manifest))
    assert production(registry) == 1


def test_a_pinned_version_stays(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    registry.promote_now("churn", 1, actor="ana", pinned=True)
    promote_through_gate(registry, churn, brought(trained(C=0.7)))
    assert production(registry) == 1
    assert verdict(registry).reason.startswith("version 1 is pinned in production")


def test_without_a_gate_nothing_is_replaced(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    promote_through_gate(registry, replace(churn, gate=Gate()), brought(trained(C=0.7)))
    assert production(registry) == 1
    assert verdict(registry).reason.startswith("its model.toml has no [gate] to judge it by")


def test_without_its_rows_it_is_measured_on_those_that_production_was_evaluated_on(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    promote_through_gate(registry, churn, brought(replace(trained(C=0.7), data=None)))
    assert "rows that version 1 was evaluated on" in verdict(registry).reason
    assert production(registry) == 2


@pytest.mark.parametrize("metric", ["accuracy", "f1"])
def test_floors_are_for_the_rows_whose_label_the_version_knows_as_in_a_training(
    registry: Registry, elsewhere: Registry, brought: Import, letters: Callable[..., Definition], metric: str
) -> None:
    """A third of the rows that production was evaluated on have a label that the version lacks."""
    table: Table = {"x": [float(x) for x in range(150)], "letter": ["a"] * 50 + ["b"] * 50 + ["c"] * 50}
    definition = replace(letters(), gate=Gate(floors={metric: 0.9}))
    train(registry, TrainingRun(definition, table, data_time=now()))
    halves = {name: column[:100] for name, column in table.items()}
    version = train(elsewhere, TrainingRun(definition, halves, data_time=now())).version
    manifest = brought(replace(elsewhere.manifest("letters", version), data=None))
    promote_through_gate(registry, definition, manifest)
    kept = verdict(registry, model="letters")
    assert "rows that version 1 was evaluated on" in kept.reason
    assert (kept.promoted, production(registry, "letters")) == (True, 2), kept.reason


@pytest.mark.parametrize(("in_sample", "serves"), [(False, 2), (True, 1)])
def test_where_no_rows_are_left_the_metrics_on_record_decide_unless_they_flatter(
    registry: Registry,
    churn: Definition,
    trained: Callable[..., Manifest],
    brought: Import,
    in_sample: bool,
    serves: int,
) -> None:
    manifest = brought(replace(trained(C=0.7), data=None, metrics_in_sample=in_sample))
    before = registry.manifest("churn", 1)
    assert before.data is not None
    registry.storage.delete(f"data/{before.data.digest}")
    promote_through_gate(registry, churn, manifest)
    assert production(registry) == serves
    assert "(by the metrics on record, each on rows of its own)" in verdict(registry).reason
    assert ("may have been fitted on" in verdict(registry).reason) is in_sample


def test_another_promotion_meanwhile_asks_the_gate_again(
    registry: Registry, churn: Definition, trained: Callable[..., Manifest], brought: Import
) -> None:
    class Interrupted(Registry):
        lost = 0

        def promote(self, model: str, version: int, *, expected: Pointer, **options: Any) -> Production:
            if not self.lost:
                self.lost += 1
                super().promote(model, 1, actor="ana", expected=expected, pinned=True)
            return super().promote(model, version, expected=expected, **options)

    promote_through_gate(Interrupted(registry.storage), churn, brought(trained(C=0.7)))
    assert production(registry) == 1
    assert verdict(registry).reason.startswith("version 1 is pinned in production")
