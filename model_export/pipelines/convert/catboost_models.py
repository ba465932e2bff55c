"""CatBoost in its own arithmetic: float32 features and borders, sums of doubles, then scale and bias.

The model is read from the JSON of `save_model`. A row goes right where its float32 is greater than the border. A
symmetric tree asks the same question of all nodes of a level: question i is bit i of the number of the leaf.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model_export.pipelines.convert.catboost_categories import CatBoostCategories, CatBoostWithTexts
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import highest, of_classes, of_two_classes
from model_export.pipelines.convert.trees import Tree, as_float32, ensemble

USUAL_THRESHOLD = 0.5
OTHER_FEATURES = "text_features and embedding_features are not supported; turn them into numbers in a step before it"
CATEGORIES = (
    "it has cat_features and is a step among others; save it alone, or encode them in a step before it, with a "
    "TargetEncoder, OrdinalEncoder or OneHotEncoder"
)
MOVED_THRESHOLD = "its probability threshold was moved; reset it with set_probability_threshold()"


@dataclass(frozen=True, slots=True)
class _Model:
    """`values` [leaves of all trees, K] are added up along the trees; each leaf of `trees` weighs its place in them."""

    loss: str
    trees: Sequence[Tree]
    values: NDArray[np.float64]
    scale: float
    bias: NDArray[np.float64]
    categories: CatBoostCategories | None

    @property
    def outputs(self) -> int:
        return int(self.values.shape[1])


def catboost_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    model = _read(estimator)
    link = _known(model, REGRESSION)
    return (graph.flat(link(graph, _scores(graph, model, inputs))),)


def catboost_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    model = _read(estimator)
    fitted = estimator.estimator if isinstance(estimator, CatBoostWithTexts) else estimator
    if float(fitted.get_probability_threshold() or USUAL_THRESHOLD) != USUAL_THRESHOLD:
        raise InexactError(MOVED_THRESHOLD)
    label, probabilities = _known(model, CLASSIFICATION)(graph, _scores(graph, model, inputs))
    return label, probabilities


def _read(given: Any) -> _Model:
    """The model of a fitted estimator; raises InexactError for one without an exact form."""
    estimator = given.estimator if isinstance(given, CatBoostWithTexts) else given
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        estimator.save_model(str(path), format="json")
        document = json.loads(path.read_text("utf-8"))
    features = document["features_info"]
    if features.get("categorical_features") and not isinstance(given, CatBoostWithTexts):
        raise InexactError(CATEGORIES)
    if features.keys() - {"float_features", "categorical_features", "ctrs"}:
        raise InexactError(OTHER_FEATURES)
    categories = CatBoostCategories(document, given.texts) if isinstance(given, CatBoostWithTexts) else None
    columns = _Columns(features.get("float_features", ()), categories)
    scale, bias = document["scale_and_bias"]
    built: list[_Symmetric | _Nested] = [_Symmetric(tree, columns) for tree in document.get("oblivious_trees", ())]
    built += [_Nested(tree, columns) for tree in document.get("trees", ())]
    values = [_by_output(tree.values, len(bias)) for tree in built]
    starts = np.cumsum([0, *(len(one) for one in values)])
    return _Model(
        loss=document["model_info"]["params"]["loss_function"]["type"],
        trees=[tree.numbered(int(start)) for tree, start in zip(built, starts, strict=False)],
        values=np.concatenate(values),
        scale=float(scale),
        bias=np.array(bias, dtype=np.float64),
        categories=categories,
    )


def _by_output(values: Sequence[Any], outputs: int) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64).reshape(-1, outputs)


@dataclass(frozen=True, slots=True)
class _Question:
    """A row goes right where its `column` is greater than the border, or is `member` where there is one."""

    column: int = 0
    border: float = 0.0
    missing_left: bool = False
    member: int | None = None


class _Columns:
    """The columns of numbers in their order, then those of categories."""

    def __init__(self, numbers: Sequence[Mapping[str, Any]], categories: CatBoostCategories | None) -> None:
        in_order = sorted(numbers, key=lambda one: one["flat_feature_index"])
        self._place = {one["feature_index"]: place for place, one in enumerate(in_order)}
        self._missing_left = {one["feature_index"]: one["nan_value_treatment"] != "AsTrue" for one in numbers}
        self._categories = categories

    def question(self, split: Mapping[str, Any]) -> _Question:
        if split["split_type"] == "FloatFeature":
            feature = split["float_feature_index"]
            return _Question(self._place[feature], float(split["border"]), self._missing_left[feature])
        if self._categories is None or split["split_type"] not in ("OneHotFeature", "OnlineCtr"):
            raise InexactError(OTHER_FEATURES)
        if split["split_type"] == "OneHotFeature":
            column, member = self._categories.member(split)
            return _Question(len(self._place) + column, member=member)
        return _Question(len(self._place) + self._categories.counted(split), float(split["border"]))


class _Symmetric:
    """A tree of levels; the node above leaf 0 of a level asks the last question first."""

    def __init__(self, tree: Mapping[str, Any], columns: _Columns) -> None:
        self.values: list[Any] = tree["leaf_values"]
        self._questions = [columns.question(split) for split in tree["splits"] or ()]

    def numbered(self, first: int) -> Tree:
        depth = len(self._questions)
        inner = 2**depth - 1
        levels = [self._questions[depth - 1 - level] for level in range(depth) for _ in range(2**level)]
        # Nodes are in the order of a heap, in which the leaves have the order of their numbers.
        nodes = np.arange(2 * inner + 1)
        questions = [*levels, *([_Question()] * (inner + 1))]
        return _tree(questions, 2 * nodes + 1, 2 * nodes + 2, nodes >= inner, first + nodes - inner)


class _Nested:
    """A tree of any shape, as nodes within nodes."""

    def __init__(self, tree: Mapping[str, Any], columns: _Columns) -> None:
        self.values: list[Any] = []
        self._rows: list[tuple[_Question, int, int, bool, int]] = []
        self._add(tree, columns)

    def _add(self, node: Mapping[str, Any], columns: _Columns) -> int:
        place = len(self._rows)
        if "split" not in node:
            self._rows.append((_Question(), 0, 0, True, len(self.values)))
            self.values.append(node["value"])
            return place
        question = columns.question(node["split"])
        self._rows.append((question, 0, 0, False, 0))
        left, right = self._add(node["left"], columns), self._add(node["right"], columns)
        self._rows[place] = (question, left, right, False, 0)
        return place

    def numbered(self, first: int) -> Tree:
        questions, left, right, is_leaf, leaf = zip(*self._rows, strict=True)
        return _tree(questions, np.array(left), np.array(right), np.array(is_leaf), np.array(leaf) + first)


def _tree(
    questions: Sequence[_Question],
    left: NDArray[Any],
    right: NDArray[Any],
    is_leaf: NDArray[np.bool_],
    weight: NDArray[Any],
) -> Tree:
    """The tree with its sides exchanged at members, which it has on the left."""
    is_member = np.array([question.member is not None for question in questions])
    return Tree(
        left=np.where(is_leaf, 0, np.where(is_member, right, left)),
        right=np.where(is_leaf, 0, np.where(is_member, left, right)),
        feature=np.array([question.column for question in questions]),
        threshold=np.array([question.border for question in questions]),
        missing_left=np.array([question.missing_left for question in questions]),
        is_leaf=is_leaf,
        weight=np.where(is_leaf, weight, 0).astype(np.float64),
        members={
            node: np.array([question.member]) for node, question in enumerate(questions) if question.member is not None
        },
    )


def _scores(graph: Graph, model: _Model, inputs: Sequence[Tensor]) -> str:
    """[N, K]: the leaf that each tree reaches is looked up once, however many outputs there are."""
    x = as_float32(graph, graph.concat([tensor.name for tensor in inputs if not tensor.is_string]))
    if model.categories is not None:
        strings = [tensor for tensor in inputs if tensor.is_string]
        x = graph.concat([x, *model.categories.columns(graph, x, strings)])
    if model.outputs == 1:
        weighted = [replace(tree, weight=model.values[tree.weight.astype(np.int64), 0]) for tree in model.trees]
        total = ensemble(graph, x, weighted, [0] * len(weighted))
    else:
        leaves = graph.op("Cast", ensemble(graph, x, model.trees, range(len(model.trees))), to=onnx.TensorProto.INT64)
        found = graph.op("Gather", graph.constant(model.values), leaves, axis=0)
        total = graph.op("ReduceSum", found, graph.integers(1), keepdims=0)
    if model.scale != 1.0:
        total = graph.op("Mul", total, graph.constant(np.array(model.scale)))
    return graph.op("Add", total, graph.constant(model.bias))


def _known(model: _Model, links: Mapping[str, Any]) -> Any:
    if model.loss not in links:
        raise InexactError(f"loss_function {model.loss!r} is not supported; use one of {', '.join(links)}")
    return links[model.loss]


def _as_it_is(graph: Graph, scores: str) -> str:
    return scores


def _exponential(graph: Graph, scores: str) -> str:
    return graph.op("Exp", scores)


def _two(graph: Graph, scores: str) -> tuple[str, str]:
    return of_two_classes(graph, graph.flat(scores))


def _against_the_rest(graph: Graph, scores: str) -> tuple[str, str]:
    """Probabilities of each class against all others, which do not add up to 1."""
    return highest(graph, scores), graph.op("Sigmoid", scores)


CLASSIFICATION: Mapping[str, Callable[[Graph, str], tuple[str, str]]] = {
    "Logloss": _two,
    "CrossEntropy": _two,
    "MultiClass": of_classes,
    "MultiClassOneVsAll": _against_the_rest,
}
REGRESSION: Mapping[str, Callable[[Graph, str], str]] = {
    **dict.fromkeys(("RMSE", "MAE", "Quantile", "Huber", "Expectile", "LogCosh", "Lq", "MAPE"), _as_it_is),
    **dict.fromkeys(("Poisson", "Tweedie"), _exponential),
}
