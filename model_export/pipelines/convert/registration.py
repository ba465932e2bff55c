"""Registration of converters and parsers with skl2onnx, in place of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skl2onnx import update_registered_converter, update_registered_parser
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from model_export.pipelines.convert.absent import ZeroAsMissing, convert_zero_as_missing
from model_export.pipelines.convert.adaboost import BoostedVotes, Median, convert_boosted_votes, convert_median
from model_export.pipelines.convert.bagging import BaggedTrees, Placed, convert_bagged_trees, convert_placed
from model_export.pipelines.convert.catboost_categories import CatBoostWithTexts
from model_export.pipelines.convert.combining import (
    Calibrate,
    Column,
    Count,
    Mean,
    Scores,
    convert_calibrate,
    convert_column,
    convert_count,
    convert_mean,
    convert_scores,
)
from model_export.pipelines.convert.converters import RULES, Convert, rule_of
from model_export.pipelines.convert.dict_vectorizer import NamedDictVectorizer
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.inspection import MEMBERS, StepRefusal
from model_export.pipelines.convert.one_against import (
    AgainstEach,
    AgainstRest,
    convert_against_each,
    convert_against_rest,
)
from model_export.pipelines.convert.operators import (
    Merge,
    Select,
    Weigh,
    alias_of,
    convert_merge,
    convert_select,
    convert_weigh,
    tensor_of,
)
from model_export.pipelines.convert.parsing import parse
from model_export.pipelines.convert.side_by_side import (
    ClassOf,
    Indicators,
    LabelsSideBySide,
    OneClass,
    SideBySide,
    Steady,
    convert_class_of,
    convert_indicators,
    convert_labels_side_by_side,
    convert_one_class,
    convert_side_by_side,
    convert_steady,
)
from model_export.pipelines.convert.started import Single, Started, convert_single, convert_started
from model_export.pipelines.convert.text_columns import VECTORIZERS
from model_export.pipelines.convert.thresholds import Bound, convert_bound

PARSED = (Pipeline, ColumnTransformer, FeatureUnion, DictVectorizer, *VECTORIZERS, *MEMBERS)
BETWEEN: Mapping[type, Convert] = {
    Select: convert_select,
    Weigh: convert_weigh,
    Merge: convert_merge,
    Column: convert_column,
    Mean: convert_mean,
    Count: convert_count,
    Scores: convert_scores,
    BoostedVotes: convert_boosted_votes,
    Median: convert_median,
    Placed: convert_placed,
    BaggedTrees: convert_bagged_trees,
    AgainstRest: convert_against_rest,
    AgainstEach: convert_against_each,
    SideBySide: convert_side_by_side,
    LabelsSideBySide: convert_labels_side_by_side,
    Indicators: convert_indicators,
    ClassOf: convert_class_of,
    Steady: convert_steady,
    OneClass: convert_one_class,
    Bound: convert_bound,
    Single: convert_single,
    Started: convert_started,
    Calibrate: convert_calibrate,
    ZeroAsMissing: convert_zero_as_missing,
}
"""Operators between the steps of a pipeline."""


def register(own: Sequence[type] = ()) -> None:
    """Register the table and the classes in `own`, which have a rule too; doing it again changes nothing."""
    for kind in (*RULES, *BETWEEN, *own):
        update_registered_converter(
            kind, alias_of(kind), _keep_declared_types, convert_operator, overwrite=True, parser=parse
        )
    for kind in PARSED:
        update_registered_parser(kind, parse)


def convert_operator(scope: Any, operator: Any, container: Any) -> None:
    """Convert one operator; skl2onnx calls this for each operator of the tables."""
    graph = Graph(scope, container)
    inputs = [tensor_of(variable) for variable in operator.inputs]
    raw = operator.raw_operator
    try:
        names = _names(graph, raw, inputs)
    except InexactError as refusal:
        raise StepRefusal(_step_of(raw), str(refusal)) from refusal
    # skl2onnx has named the outputs already, so they are copies; packing drops these nodes.
    for name, output in zip(names, operator.outputs, strict=True):
        container.add_node("Identity", [name], [output.full_name], name=scope.get_unique_operator_name("Out"))


def _names(graph: Graph, raw: Any, inputs: list[Tensor]) -> tuple[str, ...]:
    if type(raw) in BETWEEN:
        return BETWEEN[type(raw)](graph, raw, inputs)
    rule = rule_of(raw)
    if rule is None:
        raise InexactError("it has no rule")
    return rule.convert(graph, raw, inputs)


def _step_of(raw: Any) -> Any:
    if isinstance(raw, NamedDictVectorizer):
        return raw.vectorizer
    wrappers = Scores | Calibrate | BoostedVotes | Median | BaggedTrees | CatBoostWithTexts
    return raw.estimator if isinstance(raw, wrappers) else raw


def _keep_declared_types(operator: Any) -> None:
    """Do nothing, as the parser has declared the types already."""
