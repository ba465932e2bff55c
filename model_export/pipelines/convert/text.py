"""Text pipelines: the vectorizer as data, and the classifier as ONNX over sparse terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import onnx
import skl2onnx
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, Int64TensorType
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import Pipeline

from functions.predictors.text.vectorizer import Vectorizer
from model_export.pipelines.convert.bodies import TensorInput
from model_export.pipelines.convert.graph import TARGET_OPSETS, Graph, InexactError
from model_export.pipelines.convert.inspection import StepRefusal, children, is_passthrough, unwrapped
from model_export.pipelines.convert.linear import document_scores, linear_classifier_of
from model_export.pipelines.convert.operators import Variables, alias_of, classification
from model_export.pipelines.convert.packing import DOUBLE, sign
from model_export.pipelines.convert.pipelines import naming_steps, outputs_of, refuse_unfitted
from model_export.pipelines.convert.vectorizers import vectorizer_of, weighting_of

VECTORIZERS = (TfidfVectorizer, CountVectorizer)
TERMS = "terms"
SPARSE_INPUTS: dict[str, TensorInput] = {
    "rows": (onnx.TensorProto.INT64, [TERMS]),
    "columns": (onnx.TensorProto.INT64, [TERMS]),
    "values": (DOUBLE, [TERMS]),
    "documents": (onnx.TensorProto.INT64, [1]),
}


@dataclass(frozen=True, slots=True)
class SparseClassifier:
    """A fitted classifier over the cells of a matrix that are not 0, as skl2onnx gets it."""

    estimator: Any


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
        with _blaming(classifier):
            return _graph(classifier), written


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
    steps = [step for _, step in children(pipeline) if not is_passthrough(step)]
    vectorizer, transformers, classifier = steps[0], steps[1:-1], steps[-1]
    if type(vectorizer) not in VECTORIZERS:
        names = " or ".join(kind.__name__ for kind in VECTORIZERS)
        raise StepRefusal(vectorizer, f"the first step of a text model is a {names} over the documents")
    for step in transformers:
        if type(step) is not TfidfTransformer:
            raise StepRefusal(step, "between vectorizer and classifier only TfidfTransformer is supported; remove it")
    return vectorizer, transformers, classifier


def _graph(classifier: Any) -> bytes:
    update_registered_converter(
        SparseClassifier, alias_of(SparseClassifier), lambda operator: None, _convert, overwrite=True, parser=_parse
    )
    kinds: dict[int, Any] = {onnx.TensorProto.INT64: Int64TensorType, DOUBLE: DoubleTensorType}
    model = skl2onnx.convert_sklearn(
        SparseClassifier(classifier),
        name="despliegue",
        initial_types=[(name, kinds[kind]([None])) for name, (kind, _) in SPARSE_INPUTS.items()],
        target_opset=dict(TARGET_OPSETS),
    )
    return sign(model, SPARSE_INPUTS, outputs_of(classifier))


def _parse(scope: Any, model: SparseClassifier, inputs: Variables, custom_parsers: Any = None) -> Variables:
    return classification(scope, model, inputs)


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph = Graph(scope, container)
    linear = linear_classifier_of(operator.raw_operator.estimator)
    inputs = {name: variable.full_name for name, variable in zip(SPARSE_INPUTS, operator.inputs, strict=True)}
    answers = linear.decide(graph, document_scores(graph, linear, inputs))
    for name, output in zip(answers, operator.outputs, strict=True):
        container.add_node("Identity", [name], [output.full_name], name=scope.get_unique_operator_name("Out"))
