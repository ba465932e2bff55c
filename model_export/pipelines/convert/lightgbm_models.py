"""LightGBM in its own arithmetic, which is double: `x <= threshold`, the trees added in their order.

The model is read from the text of `Booster.model_to_string`, which holds every double in full and ends at the best
iteration of early stopping.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.native_categories import Categories, numbered
from model_export.pipelines.convert.probabilities import highest
from model_export.pipelines.convert.trees import Tree, constant_tree, ensemble, numbers_in

# The bits of a node's decision_type.
CATEGORICAL, DEFAULT_LEFT, ZERO_IS_MISSING, NAN_IS_MISSING = 1, 2, 4, 8
ZERO = float(np.float32(1e-35))
"""LightGBM takes every number between this and its negative for 0."""
NO_LINEAR_TREES = "linear_tree=True is not supported; leave it at False"
NO_CUSTOM = "its objective is a function of your own, whose link is not known; use one that LightGBM names"
NUMBERS_AS_CATEGORIES = (
    "its categories are numbers; make the columns text, or name them in categorical_feature without dtype category"
)
OTHER_CATEGORIES = (
    "it gets other columns of text than it was fitted on as categories; fit it on the columns of the schema"
)
TWO_WAYS = "one part of its trees takes 0 for missing and another does not; fit it in one go"

Link = Callable[[Graph, str, "_Model"], str]
"""From scores to predictions, [N, K] doubles both."""


@dataclass(frozen=True, slots=True)
class _Model:
    """`settings` are what follows the name of the objective, as sigmoid:1; `texts` those of each column of text."""

    objective: str
    settings: Mapping[str, str]
    trees: Sequence[Tree]
    outputs: int
    averages: bool
    columns: int
    zero_as_missing: frozenset[int]
    categorical: frozenset[int]
    texts: Sequence[tuple[str, ...]]

    @property
    def targets(self) -> list[int]:
        return [place % self.outputs for place in range(len(self.trees))]

    @property
    def sigmoid(self) -> float:
        return float(self.settings.get("sigmoid", 1.0))


def lightgbm_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    model = _read(estimator)
    return (graph.flat(_link(model, REGRESSION_LINKS)(graph, _scores(graph, model, inputs), model)),)


def lightgbm_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    model = _read(estimator)
    predicted = _link(model, CLASSIFICATION_LINKS)(graph, _scores(graph, model, inputs), model)
    if model.outputs == 1:
        predicted = graph.concat([graph.op("Sub", graph.constant(np.array(1.0)), predicted), predicted])
    return highest(graph, predicted), predicted


def lightgbm_levels(estimator: Any) -> Mapping[str, tuple[str, ...]]:
    """The texts of each column that the estimator was fitted on as dtype category, by LightGBM's name of it."""
    sections = _Text(estimator.booster_.model_to_string())
    texts = sections.texts
    places = [place for place in sections.parameter("categorical_feature").split(",") if place]
    if len(texts) != len(places) or not all(isinstance(text, str) for column in texts for text in column):
        return {}
    names = sections.header["feature_names"].split(" ")
    return {names[int(place)]: column for place, column in zip(places, texts, strict=True)}


def _read(estimator: Any) -> _Model:
    """The model of a fitted estimator; raises InexactError for one without an exact form."""
    if callable(estimator.objective_):
        raise InexactError(NO_CUSTOM)
    text = _Text(estimator.booster_.model_to_string())
    name, *settings = text.header.get("objective", "custom").split(" ")
    nodes = [_Nodes(tree) for tree in text.trees]
    zero = frozenset(feature for tree in nodes for feature in tree.numeric(zero_is_missing=True))
    if any(zero & tree.numeric(zero_is_missing=False) for tree in nodes):
        raise InexactError(TWO_WAYS)
    return _Model(
        objective=name,
        settings=dict(setting.partition(":")[::2] for setting in settings),
        trees=[tree.tree() for tree in nodes],
        outputs=int(text.header["num_tree_per_iteration"]),
        averages="average_output" in text.header,
        columns=int(text.header["max_feature_idx"]) + 1,
        zero_as_missing=zero,
        categorical=frozenset(feature for tree in nodes for feature in tree.categorical()),
        texts=text.texts,
    )


class _Text:
    """The sections of the text: lines of name=value, then each tree, then [parameter: value], then the texts."""

    def __init__(self, text: str) -> None:
        head, *trees = text.partition("\nend of trees")[0].split("\nTree=")
        self.header = dict(_pairs(head))
        self.trees = [dict(_pairs(tree)) for tree in trees]
        self._text = text

    @property
    def texts(self) -> list[tuple[Any, ...]]:
        found = json.loads(self._text.rpartition("pandas_categorical:")[2] or "null")
        return [tuple(column) for column in found or ()]

    def parameter(self, name: str) -> str:
        return self._text.partition(f"\n[{name}: ")[2].partition("]\n")[0]


def _pairs(section: str) -> Iterator[tuple[str, str]]:
    for line in section.splitlines():
        name, _, value = line.partition("=")
        yield name, value


@dataclass(frozen=True, slots=True)
class _Nodes:
    """One tree of the text: inner nodes from 0, whose children below 0 are leaves, -1 the first."""

    lines: Mapping[str, str]
    kinds: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        if self.lines.get("is_linear", "0") == "1":
            raise InexactError(NO_LINEAR_TREES)
        object.__setattr__(self, "kinds", self._array("decision_type", np.int64))

    def numeric(self, *, zero_is_missing: bool) -> set[int]:
        """The features that nodes compare with thresholds, where 0 is missing or where it is not."""
        kind = self.kinds & (CATEGORICAL | ZERO_IS_MISSING)
        return self._features(kind == (ZERO_IS_MISSING if zero_is_missing else 0))

    def categorical(self) -> set[int]:
        return self._features((self.kinds & CATEGORICAL) > 0)

    def _features(self, nodes: NDArray[np.bool_]) -> set[int]:
        return set(self._array("split_feature", np.int64)[nodes].tolist())

    def tree(self) -> Tree:
        values = self._array("leaf_value", np.float64)
        inner = len(self.kinds)
        if not inner:
            return constant_tree(float(values[0]))
        thresholds = self._array("threshold", np.float64)
        is_categorical = (self.kinds & CATEGORICAL) > 0
        leaves = np.zeros(len(values), dtype=np.int64)
        return Tree(
            left=np.concatenate([self._children("left_child"), leaves]),
            right=np.concatenate([self._children("right_child"), leaves]),
            feature=np.concatenate([self._array("split_feature", np.int64), leaves]),
            threshold=np.concatenate([np.where(is_categorical, 0.0, _around_zero(thresholds)), leaves]),
            missing_left=np.concatenate([self._missing_left(thresholds), leaves]).astype(bool),
            is_leaf=np.arange(inner + len(values)) >= inner,
            weight=np.concatenate([np.zeros(inner), values]),
            members={int(node): self._members(int(thresholds[node])) for node in np.flatnonzero(is_categorical)},
        )

    def _missing_left(self, thresholds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where nothing is missing in training, LightGBM takes NaN for 0; among categories it goes to the right."""
        knows_missing = (self.kinds & (ZERO_IS_MISSING | NAN_IS_MISSING)) > 0
        is_numeric = (self.kinds & CATEGORICAL) == 0
        missing_left = np.where(knows_missing, (self.kinds & DEFAULT_LEFT) > 0, thresholds >= 0)
        return np.asarray(is_numeric & missing_left)

    def _children(self, name: str) -> NDArray[np.int64]:
        children = self._array(name, np.int64)
        return np.where(children < 0, len(self.kinds) + ~children, children)

    def _members(self, number: int) -> NDArray[Any]:
        words = self._array("cat_threshold", np.uint32)
        start, end = self._array("cat_boundaries", np.int64)[number : number + 2]
        return numbers_in(words[start:end])

    def _array(self, name: str, dtype: Any) -> NDArray[Any]:
        return np.array(self.lines.get(name, "").split(), dtype=dtype)


def _around_zero(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Thresholds that send all numbers that LightGBM takes for 0 to the side of 0."""
    is_near = (thresholds >= -ZERO) & (thresholds < ZERO)
    return np.where(is_near, np.where(thresholds >= 0, ZERO, np.nextafter(-ZERO, -np.inf)), thresholds)


def _scores(graph: Graph, model: _Model, inputs: Sequence[Tensor]) -> str:
    x = numbered(graph, inputs, _categories(model, inputs))
    if model.zero_as_missing:
        is_zero = graph.op("LessOrEqual", graph.op("Abs", x), graph.constant(np.array(ZERO)))
        is_missing = graph.op("And", is_zero, _among(graph, model, model.zero_as_missing))
        x = graph.op("Where", is_missing, graph.constant(np.array(np.nan)), x)
    if model.categorical:
        # LightGBM cuts categories to whole numbers, towards 0.
        below = graph.op("Less", x, graph.constant(np.array(0.0)))
        cut = graph.op("Where", below, graph.op("Ceil", x), graph.op("Floor", x))
        x = graph.op("Where", _among(graph, model, model.categorical), cut, x)
    total = ensemble(graph, x, model.trees, model.targets)
    if model.averages:
        total = graph.op("Div", total, graph.constant(np.array(float(len(model.trees) // model.outputs))))
    return total


def _among(graph: Graph, model: _Model, features: frozenset[int]) -> str:
    return graph.constant(np.isin(np.arange(model.columns), list(features)))


def _categories(model: _Model, inputs: Sequence[Tensor]) -> Categories:
    """LightGBM keeps the texts by their order among the columns of text, without the columns' places."""
    if not all(isinstance(text, str) for column in model.texts for text in column):
        raise InexactError(NUMBERS_AS_CATEGORIES)
    kinds = [tensor.is_string for tensor in inputs for _ in range(tensor.width or 0)]
    places = [place for place, is_string in enumerate(kinds) if is_string]
    if len(places) != len(model.texts):
        raise InexactError(OTHER_CATEGORIES)
    return dict(zip(places, model.texts, strict=True))


def _link(model: _Model, known: Mapping[str, Link]) -> Link:
    if model.objective not in known:
        raise InexactError(f"objective {model.objective!r} is not supported; use one of {', '.join(known)}")
    return known[model.objective]


def _as_it_is(graph: Graph, scores: str, model: _Model) -> str:
    return scores


def _square(graph: Graph, scores: str, model: _Model) -> str:
    """With reg_sqrt the trees learn the root of the target, with its sign."""
    if "sqrt" not in model.settings:
        return scores
    return graph.op("Mul", graph.op("Abs", scores), scores)


def _exponential(graph: Graph, scores: str, model: _Model) -> str:
    return graph.op("Exp", scores)


def _logistic(graph: Graph, scores: str, model: _Model) -> str:
    scaled = graph.op("Mul", scores, graph.constant(np.array(-model.sigmoid)))
    one = graph.constant(np.array(1.0))
    return graph.op("Div", one, graph.op("Add", one, graph.op("Exp", scaled)))


def _log_of_more(graph: Graph, scores: str, model: _Model) -> str:
    """log(1 + exp(score)), without loss for scores far from 0."""
    one, zero = graph.constant(np.array(1.0)), graph.constant(np.array(0.0))
    small = graph.op("Exp", graph.op("Neg", graph.op("Abs", scores)))
    return graph.op("Add", graph.op("Max", scores, zero), graph.op("Log", graph.op("Add", one, small)))


def _softmax(graph: Graph, scores: str, model: _Model) -> str:
    return graph.op("Softmax", scores, axis=1)


CLASSIFICATION_LINKS: Mapping[str, Link] = {
    "binary": _logistic,
    "multiclass": _softmax,
    "multiclassova": _logistic,
}
REGRESSION_LINKS: Mapping[str, Link] = {
    "regression": _square,
    "regression_l1": _as_it_is,
    "huber": _as_it_is,
    "fair": _as_it_is,
    "quantile": _as_it_is,
    "mape": _as_it_is,
    "lambdarank": _as_it_is,
    "rank_xendcg": _as_it_is,
    "poisson": _exponential,
    "gamma": _exponential,
    "tweedie": _exponential,
    "cross_entropy": _logistic,
    "cross_entropy_lambda": _log_of_more,
}
