"""A fitted scikit-learn pipeline as one ONNX graph, in double, equal to the pipeline or refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import onnx
import skl2onnx
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType, StringTensorType
from sklearn.base import is_classifier, is_regressor
from sklearn.feature_extraction import DictVectorizer

from functions.core.errors import ConversionError
from functions.core.schema import Schema, TensorName
from functions.predictors.text.columns import TextColumn, terms_input
from model_export.pipelines.convert.bodies import TensorShape
from model_export.pipelines.convert.catboost_categories import CatBoostWithTexts, category_columns, with_category_texts
from model_export.pipelines.convert.closed_encoders import refuse_open_encoders
from model_export.pipelines.convert.converters import is_booster
from model_export.pipelines.convert.custom import converts_itself
from model_export.pipelines.convert.graph import TARGET_OPSETS, InexactError
from model_export.pipelines.convert.inspection import (
    UNFITTED,
    StepRefusal,
    check_steps,
    columns_counted,
    columns_learned,
    columns_read,
    describe,
    first_step,
    has_probabilities,
    is_fitted,
    unwrapped,
    walk,
)
from model_export.pipelines.convert.libraries import library_of
from model_export.pipelines.convert.packing import ROWS, pack
from model_export.pipelines.convert.registration import register
from model_export.pipelines.convert.targets import refuse_other_targets, target_classes, target_count
from model_export.pipelines.convert.text_columns import terms_type, text_columns_of, vectorizers_of

TENSOR_TYPES: Mapping[TensorName, Any] = {
    "strings": StringTensorType,
    "numbers": DoubleTensorType,
    "datetimes": Int64TensorType,
}


def convert(pipeline: Any, schema: Schema) -> bytes:
    """The serialized graph of a fitted pipeline, as `convert_table` makes it."""
    return convert_table(pipeline, schema)[0]


def convert_table(pipeline: Any, schema: Schema) -> tuple[bytes, list[TextColumn]]:
    """The serialized graph of a fitted pipeline, and the vectorizers of the texts that it reads.

    Inputs: `strings` [N, S] in the order of `schema.string_names`, missing = ""; `numbers` [N, M] double in the order
    of `schema.number_names`, missing = NaN; `datetimes` [N, D] int64 in the order of `schema.datetime_names`, missing =
    the least int64; only the kinds that the schema has; `terms_0` and so on [N, terms] double, one for each vectorizer.
    Outputs: `label` [N] int64, the index into `classes(pipeline)`, with `probabilities` [N, K] double, or without them
    `decision` [N, K], [N, 1] for two classes; or `variable` [N] double. Several targets are side by side: `label` and
    `variable` are [N, targets], and the numbers of each follow those of the one before.

    Raises ConversionError naming the step without an exact ONNX form, and what to do.
    """
    pipeline = unwrapped(pipeline)
    with naming_steps(pipeline):
        _check(pipeline)
        refuse_open_encoders(pipeline, schema)
        columns = _columns(pipeline, schema)
        register([type(step) for _, step in walk(pipeline) if converts_itself(step) or is_booster(step)])
        vectorizers = vectorizers_of(pipeline, columns)
        texts = text_columns_of(vectorizers)
        kinds = {feature.name: TENSOR_TYPES[feature.tensor] for feature in schema.features}
        model = skl2onnx.convert_sklearn(
            _with_texts(pipeline, schema),
            name="despliegue",
            initial_types=[
                *((name, kinds.get(name, DoubleTensorType)([None, 1])) for name in columns),
                *(terms_type(step) for step, _ in vectorizers),
            ],
            target_opset=dict(TARGET_OPSETS),
        )
        terms = {terms_input(place): text.vectorizer.width for place, text in enumerate(texts)}
        return pack(model, columns, schema, outputs_of(pipeline), terms), texts


@contextmanager
def naming_steps(pipeline: Any) -> Iterator[None]:
    """Turn every error inside into a ConversionError that names the step of the pipeline."""
    try:
        yield
    except StepRefusal as refusal:
        step = describe(pipeline, refusal.estimator)
        raise ConversionError(f"{step} cannot become ONNX: {refusal}") from refusal
    except InexactError as refusal:
        raise ConversionError(f"the pipeline cannot become ONNX: {refusal}") from refusal
    except onnx.checker.ValidationError as error:
        raise ConversionError(f"the graph is not valid ONNX: {error}; correct the to_onnx that made it") from error
    # The errors of skl2onnx have no common base.
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise ConversionError(f"the pipeline cannot become ONNX: skl2onnx reports {error}") from error


def classes(pipeline: Any) -> list[Any]:
    """The class labels in the order of `probabilities`, as plain Python values; of several targets a list for each."""
    each = target_classes(pipeline)
    return each[0] if len(each) == 1 else each


def _with_texts(pipeline: Any, schema: Schema) -> Any:
    """CatBoost alone with the texts of its categories; any other pipeline as it is."""
    if library_of(pipeline) != "catboost" or not category_columns(pipeline):
        return pipeline
    register([CatBoostWithTexts])
    return with_category_texts(pipeline, schema)


def outputs_of(pipeline: Any) -> dict[str, TensorShape]:
    """The names and shapes of the graph's outputs."""
    targets = target_count(pipeline)
    shape: TensorShape = [ROWS] if targets == 1 else [ROWS, targets]
    if not is_classifier(pipeline):
        return {"variable": shape}
    counts = list(map(len, target_classes(pipeline)))
    if has_probabilities(pipeline):
        return {"label": shape, "probabilities": [ROWS, sum(counts)]}
    return {"label": shape, "decision": [ROWS, sum(count if count > 2 else 1 for count in counts)]}


def _check(pipeline: Any) -> None:
    if not (is_classifier(pipeline) or is_regressor(pipeline)):
        raise StepRefusal(pipeline, "its last step predicts nothing; add a classifier or a regressor")
    refuse_unfitted(pipeline)
    check_steps(pipeline)
    refuse_other_targets(pipeline)


def refuse_unfitted(pipeline: Any) -> None:
    """Raises StepRefusal for a pipeline that is not fitted."""
    if not is_fitted(pipeline):
        raise StepRefusal(pipeline, UNFITTED)


def _columns(pipeline: Any, schema: Schema) -> list[str]:
    """The columns in the order of the training; the schema may lack columns that the pipeline drops."""
    first = first_step(pipeline)
    if type(first) is DictVectorizer:
        return list(schema.feature_names)
    columns = columns_learned(first, schema.feature_names) or list(schema.feature_names)
    unknown = sorted(set(columns_read(first, schema.feature_names) or columns) - set(schema.feature_names))
    if unknown:
        raise StepRefusal(first, f"it was fitted on {', '.join(unknown)}, which the schema lacks; add them to it")
    count = columns_counted(first)
    if count is not None and count != len(columns):
        raise StepRefusal(first, f"it was fitted on {count} columns, the schema has {len(columns)}; fit it on these")
    return columns
