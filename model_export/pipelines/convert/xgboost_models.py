"""XGBoost in its own arithmetic: float32 features, thresholds, leaves and sums, in the order of its trees.

The model is read from the JSON of `Booster.save_raw`. A prediction starts from base_score in the space of the margin
and adds one tree after the other. A row goes left where its float32 is less than the threshold. What follows the sum,
as sigmoid, softmax and exp, is rounded to float32 at the steps at which XGBoost rounds; only the last bit of expf,
which differs between machines, may be another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.native_categories import Categories, numbered
from model_export.pipelines.convert.probabilities import highest
from model_export.pipelines.convert.trees import Tree, constant_tree, ensemble

FLOAT, DOUBLE = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE
CATEGORICAL = 1
"""`split_type` of a node that sends a set of categories to the right."""
LEAST_EXPONENT = 88.7
"""XGBoost's bound of -margin in its sigmoid, so that exp stays finite."""
NO_LINEAR = "booster='gblinear' is not supported; use booster='gbtree', or a linear model of scikit-learn"
NOT_ASCII = "XGBoost mixes up categories that are not ASCII; spell them in ASCII, or one-hot encode the column"
NO_CUSTOM = "its objective is a function of your own, whose link is not known; use one that XGBoost names"

Link = Callable[[Graph, str], str]
"""From margins to predictions, [N, K] float32 both."""


@dataclass(frozen=True, slots=True)
class _Model:
    """`start` has a margin for each target, `targets` the target of each tree; `categories` those of each feature."""

    objective: str
    start: NDArray[np.float32]
    trees: Sequence[Tree]
    targets: Sequence[int]
    categorical: NDArray[np.bool_]
    categories: Categories


@dataclass(frozen=True, slots=True)
class _Objective:
    """`margin` maps base_score to the margin; `link` maps margins to predictions."""

    link: Link
    margin: Callable[[Any], Any] = lambda base: base


def xgboost_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    model = _read(estimator)
    objective = _named(model, REGRESSION)
    predicted = objective.link(graph, _margins(graph, estimator, model, inputs))
    return (graph.flat(graph.op("Cast", predicted, to=DOUBLE)),)


def xgboost_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    model = _read(estimator)
    objective = _named(model, CLASSIFICATION)
    predicted = objective.link(graph, _margins(graph, estimator, model, inputs))
    if len(model.start) > 1:
        return highest(graph, predicted), graph.op("Cast", predicted, to=DOUBLE)
    label = graph.op("Cast", graph.op("Greater", graph.flat(predicted), _single(graph, 0.5)), to=onnx.TensorProto.INT64)
    first = graph.op("Sub", _single(graph, 1.0), predicted)
    return label, graph.op("Cast", graph.concat([first, predicted]), to=DOUBLE)


def xgboost_levels(estimator: Any) -> Mapping[str, tuple[str, ...]]:
    """The texts of each column that the estimator was fitted on as dtype category, by name."""
    booster = estimator.get_booster()
    if "c" not in (booster.feature_types or ()) or booster.feature_names is None:
        return {}
    return {booster.feature_names[place]: tuple(texts) for place, texts in _read(estimator).categories.items()}


def _read(estimator: Any) -> _Model:
    """The model of a fitted estimator, up to its best iteration; raises InexactError for one without an exact form."""
    if callable(estimator.objective):
        raise InexactError(NO_CUSTOM)
    learner = json.loads(bytes(estimator.get_booster().save_raw("json")))["learner"]
    parameters, objective = learner["learner_model_param"], learner["objective"]["name"]
    booster = learner["gradient_booster"]
    if booster["name"] == "gblinear":
        raise InexactError(NO_LINEAR)
    weights = booster.get("weight_drop")
    forest = booster.get("gbtree", booster)["model"]
    count = _used(estimator, forest)
    base = np.array(json.loads(parameters["base_score"]), dtype=np.float32).reshape(-1)
    start = OBJECTIVES[objective].margin(base) if objective in OBJECTIVES else base
    start = np.broadcast_to(start, max(int(parameters["num_class"]), len(start)))
    trees, targets = [_tree(tree) for tree in forest["trees"][:count]], forest["tree_info"][:count]
    if weights is not None:
        factors = np.array(weights[:count], dtype=np.float32)
        trees = [_weighted(*of) for of in zip(trees, factors, start[targets], strict=True)]
    return _Model(
        objective=objective,
        start=start,
        trees=trees,
        targets=targets,
        categorical=np.array([kind == "c" for kind in learner["feature_types"]], dtype=bool),
        categories=_categories(forest.get("cats", {}).get("enc", ())),
    )


def _used(estimator: Any, forest: Mapping[str, Any]) -> int:
    """The number of trees up to the best iteration of early stopping, or all."""
    best = getattr(estimator, "best_iteration", None)
    if best is None:
        return len(forest["trees"])
    return int(forest["iteration_indptr"][best + 1])


def _tree(tree: Mapping[str, Any]) -> Tree:
    """XGBoost's tree with its sides exchanged at sets of categories, which it sends to the right."""
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    values = np.array(tree["split_conditions"], dtype=np.float32)
    is_leaf, missing_left = left == -1, np.array(tree["default_left"], dtype=bool)
    by_category = np.array(tree["split_type"]) == CATEGORICAL
    return Tree(
        left=np.where(by_category, right, left),
        right=np.where(by_category, left, right),
        feature=np.array(tree["split_indices"]),
        threshold=np.nextafter(values, np.float32(-np.inf)),
        missing_left=missing_left ^ by_category,
        is_leaf=is_leaf,
        weight=values,
        members=_members(tree),
    )


def _weighted(tree: Tree, factor: np.float32, start: np.float32) -> Tree:
    """A tree of dart: XGBoost predicts with it alone, takes base_score off again, which rounds, and scales the rest."""
    return replace(tree, weight=((start + tree.weight) - start) * factor)


def _members(tree: Mapping[str, Any]) -> dict[int, NDArray[Any]]:
    categories = np.array(tree["categories"], dtype=np.int64)
    pieces = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
    return {node: categories[start : start + size] for node, start, size in pieces}


def _categories(encodings: Sequence[Mapping[str, Any]]) -> Categories:
    return {place: _decoded(found) for place, found in enumerate(encodings) if len(found.get("values", ()))}


def _decoded(encoding: Mapping[str, Any]) -> tuple[str, ...]:
    """Texts of one column: `values` holds their bytes, signed, `offsets` the places between them."""
    if "offsets" not in encoding:
        raise InexactError("its categories are numbers; make the column text, or give it without dtype category")
    body = np.array(encoding["values"], dtype=np.int8).tobytes()
    places = encoding["offsets"]
    # XGBoost counts characters where it should count bytes, and then finds other categories than it was fitted on.
    if places[-1] != len(body) or not body.isascii():
        raise InexactError(NOT_ASCII)
    return tuple(body[start:end].decode() for start, end in pairwise(places))


def _margins(graph: Graph, estimator: Any, model: _Model, inputs: Sequence[Tensor]) -> str:
    x = graph.op("Cast", numbered(graph, inputs, model.categories), to=FLOAT)
    if not np.isnan(estimator.missing):
        is_missing = graph.op("Equal", x, _single(graph, estimator.missing))
        x = graph.op("Where", is_missing, _single(graph, np.nan), x)
    if model.categorical.any():
        x = graph.op("Where", graph.constant(model.categorical), graph.op("Floor", x), x)
    constants = [constant_tree(float(value)) for value in model.start]
    targets = [*range(len(constants)), *model.targets]
    return ensemble(graph, x, [*constants, *model.trees], targets, dtype=np.float32)


def _named(model: _Model, known: Mapping[str, _Objective]) -> _Objective:
    if model.objective not in known:
        raise InexactError(f"objective {model.objective!r} is not supported; use one of {', '.join(known)}")
    return known[model.objective]


def _single(graph: Graph, value: float) -> str:
    return graph.constant(np.array(value, dtype=np.float32))


def _exponential(graph: Graph, x: str) -> str:
    """The float32 nearest to exp(x), which expf nearly always is; ONNX Runtime's own Exp of a float32 is coarser."""
    return graph.op("Cast", graph.op("Exp", graph.op("Cast", x, to=DOUBLE)), to=FLOAT)


def _identity(graph: Graph, margins: str) -> str:
    return margins


def _sigmoid(graph: Graph, margins: str) -> str:
    small = graph.op("Min", graph.op("Neg", margins), _single(graph, LEAST_EXPONENT))
    one = _single(graph, 1.0)
    return graph.op("Div", one, graph.op("Add", _exponential(graph, small), one))


def _softmax(graph: Graph, margins: str) -> str:
    """XGBoost adds the float32 exponentials in double, and divides in float32."""
    axis = graph.integers(1)
    powers = _exponential(graph, graph.op("Sub", margins, graph.op("ReduceMax", margins, axis, keepdims=1)))
    total = graph.op("ReduceSum", graph.op("Cast", powers, to=DOUBLE), axis, keepdims=1)
    return graph.op("Div", powers, graph.op("Cast", total, to=FLOAT))


def _step(graph: Graph, margins: str) -> str:
    return graph.op("Cast", graph.op("Greater", margins, _single(graph, 0.0)), to=FLOAT)


def _logit(base: Any) -> Any:
    return -np.log((np.float32(1) / base - np.float32(1)).astype(np.float64)).astype(np.float32)


def _log(base: Any) -> Any:
    return np.log(base.astype(np.float64)).astype(np.float32)


CLASSIFICATION: Mapping[str, _Objective] = {
    "binary:logistic": _Objective(_sigmoid, _logit),
    "binary:hinge": _Objective(_step),
    "multi:softprob": _Objective(_softmax),
    "multi:softmax": _Objective(_softmax),
}
REGRESSION: Mapping[str, _Objective] = {
    "reg:squarederror": _Objective(_identity),
    "reg:absoluteerror": _Objective(_identity),
    "reg:pseudohubererror": _Objective(_identity),
    "reg:squaredlogerror": _Objective(_identity),
    "reg:quantileerror": _Objective(_identity),
    "reg:logistic": _Objective(_sigmoid, _logit),
    "count:poisson": _Objective(_exponential, _log),
    "reg:gamma": _Objective(_exponential, _log),
    "reg:tweedie": _Objective(_exponential, _log),
    "rank:ndcg": _Objective(_identity),
    "rank:map": _Objective(_identity),
    "rank:pairwise": _Objective(_identity),
    "survival:cox": _Objective(_exponential, _log),
    "survival:aft": _Objective(_exponential, _log),
}
OBJECTIVES: Mapping[str, _Objective] = {**CLASSIFICATION, **REGRESSION}
