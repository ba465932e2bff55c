"""Text pipelines: the vectorizer as data, and the classifier as ONNX over sparse terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnx
import skl2onnx
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import Pipeline

from functions.predictors.text.vectorizer import Vectorizer
from model_export.pipelines.convert.bodies import TensorInput
from model_export.pipelines.convert.graph import TARGET_OPSETS, InexactError
from model_export.pipelines.convert.inspection import (
    StepRefusal,
    check_steps,
    flat_steps,
    unwrapped,
    walk,
)
from model_export.pipelines.convert.operators import DOCUMENTS
from model_export.pipelines.convert.packing import DOUBLE, sign
from model_export.pipelines.convert.parsing import OVER_DOCUMENTS
from model_export.pipelines.convert.pipelines import naming_steps, outputs_of, refuse_unfitted
from model_export.pipelines.convert.registration import register
from model_export.pipelines.convert.targets import target_count
from model_export.pipelines.convert.text_columns import VECTORIZERS
from model_export.pipelines.convert.vectorizers import vectorizer_of, weighting_of

TERMS = "terms"
SPARSE_INPUTS: dict[str, TensorInput] = {
    name: (DOUBLE if name == "values" else onnx.TensorProto.INT64, [1] if name == "documents" else [TERMS])
    for name in DOCUMENTS
}


def convert_text(pipeline: Any) -> tuple[bytes, Vectorizer]:
    """The serialized graph of a fitted text pipeline, and the vectorizer that makes its inputs.

    TextPredictor runs the graph. Raises ConversionError naming the step that cannot be exported exactly, and
    what to do.
    """
    pipeline = unwrapped(pipeline)
    with naming_steps(pipeline):
        vectorizer, transformers, classifier = _steps(pipeline)
        refuse_unfitted(pipeline)
        weightings = []
        for transformer in transformers:
            with _blaming(transformer):
                weightings.append(weighting_of(transformer))
        with _blaming(vectorizer):
            written = vectorizer_of(vectorizer, weightings)
        check_steps(classifier)
        return _graph(classifier), written


def is_sparse(pipeline: Any) -> bool:
    """True for a vectorizer, weightings, and linear classifiers of one target: no other is fast over sparse terms."""
    pipeline = unwrapped(pipeline)
    if type(pipeline) is not Pipeline or target_count(pipeline) > 1:
        return False
    steps = flat_steps(pipeline)
    if len(steps) < 2:
        return False
    first, *between, last = steps
    weights = all(type(step) is TfidfTransformer for step in between)
    is_linear = all(
        type(unwrapped(step)) in OVER_DOCUMENTS and not getattr(step, "passthrough", False) for _, step in walk(last)
    )
    return type(first) in VECTORIZERS and weights and is_linear


@contextmanager
def _blaming(step: Any) -> Iterator[None]:
    try:
        yield
    except InexactError as refusal:
        raise StepRefusal(step, str(refusal)) from refusal


def _steps(pipeline: Any) -> tuple[Any, list[Any], Any]:
    """The vectorizer, the transformers that weight its counts, and the classifier."""
    if type(pipeline) is not Pipeline:
        raise StepRefusal(pipeline, "a text model is a Pipeline of a vectorizer and a classifier")
    vectorizer, *transformers, classifier = flat_steps(pipeline)
    if type(vectorizer) not in VECTORIZERS:
        names = ", ".join(kind.__name__ for kind in VECTORIZERS)
        raise StepRefusal(vectorizer, f"the first step of a text model is one of {names} over the documents")
    for step in transformers:
        if type(step) is not TfidfTransformer:
            raise StepRefusal(step, "between vectorizer and classifier only TfidfTransformer is supported; remove it")
    return vectorizer, transformers, classifier


def _graph(classifier: Any) -> bytes:
    register()
    kinds: dict[int, Any] = {onnx.TensorProto.INT64: Int64TensorType, DOUBLE: DoubleTensorType}
    model = skl2onnx.convert_sklearn(
        classifier,
        name="despliegue",
        initial_types=[(name, kinds[kind]([None])) for name, (kind, _) in SPARSE_INPUTS.items()],
        target_opset=dict(TARGET_OPSETS),
    )
    return sign(model, SPARSE_INPUTS, outputs_of(classifier))
