"""Steps of other libraries, named with their module and the nearest way, before anything is converted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import FeatureHasher
from sklearn.pipeline import FeatureUnion, Pipeline

from functions.core.errors import ConversionError
from model_export.pipelines.convert import first_step
from model_export.pipelines.convert.inspection import is_passthrough

NEAREST = {
    "category_encoders": "use the encoder of sklearn.preprocessing: OneHotEncoder, OrdinalEncoder or TargetEncoder",
    "feature_engine": "use the transformer of scikit-learn that does the same, in a ColumnTransformer",
    "imblearn": "leave it out: it works in training alone",
}
"""For each library whose steps are often met: the nearest step that is converted."""
LIST = "what is converted is listed in docs/models.md"


def refuse_foreign_steps(pipeline: Any) -> None:
    """Raise ConversionError for a step of a library that has no exact form here, and for one without columns."""
    for step in _steps(pipeline):
        library = type(step).__module__.partition(".")[0]
        if library in NEAREST and not hasattr(step, "to_onnx"):
            raise ConversionError(
                f"{library}.{type(step).__name__} cannot become ONNX: it is no class of scikit-learn, and its rules "
                f"are its own; {NEAREST[library]}; {LIST}"
            )
    first = first_step(pipeline)
    if isinstance(first, FeatureHasher):
        raise ConversionError(
            f"FeatureHasher cannot become ONNX: its hashes keep no names of columns; use a DictVectorizer; {LIST}"
        )


def _steps(step: Any) -> Iterator[Any]:
    """Every step as the user put it together, also where a container is not one that is converted."""
    if isinstance(step, str) or step is None or is_passthrough(step):
        return
    yield step
    if isinstance(step, Pipeline):
        inner = [one for _, one in step.steps]
    elif isinstance(step, FeatureUnion):
        inner = [one for _, one in step.transformer_list]
    elif isinstance(step, ColumnTransformer):
        inner = [one for _, one, _ in getattr(step, "transformers_", step.transformers)]
    else:
        inner = []
    for one in inner:
        yield from _steps(one)
