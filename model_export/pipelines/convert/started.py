"""Gradient boosting for numbers that starts from the predictions of another estimator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

from model_export.pipelines.convert.boosting import has_constant_start, sum_of_stages
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import StepRefusal
from model_export.pipelines.convert.members import Parse, numbers_of
from model_export.pipelines.convert.operators import Variables, columns, values
from model_export.pipelines.convert.trees import as_float32

STARTS: tuple[type, ...] = (
    DecisionTreeRegressor,
    ExtraTreeRegressor,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    RandomForestRegressor,
)


class Single:
    """Numbers rounded to float32 and back, as the estimator at the start gets them."""


@dataclass(frozen=True, slots=True)
class Started:
    """From rows, and the predictions at the start [N], to the predictions."""

    estimator: Any


def parse_gradient_boosting(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    rows = numbers_of(scope, boosted, inputs)
    if has_constant_start(boosted):
        return values(scope, boosted, rows)
    if type(boosted.init_) not in STARTS:
        names = ", ".join(kind.__name__ for kind in STARTS)
        raise StepRefusal(
            boosted,
            "its init computes in single precision, as gradient boosting gives it such numbers; leave init at None, "
            f"or use one of {names}, which only compare",
        )
    single = columns(scope, Single(), rows, rows[0].type.shape[1])
    return values(scope, Started(boosted), [*rows, *parse(scope, boosted.init_, [single])])


def convert_single(graph: Graph, single: Single, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (as_float32(graph, inputs[0].name),)


def convert_started(graph: Graph, started: Started, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    rows, start = inputs
    return (graph.op("Add", start.name, graph.flat(sum_of_stages(graph, started.estimator, rows.name, [0.0]))),)
