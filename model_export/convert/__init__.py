"""scikit-learn pipelines to ONNX, exactly or not at all."""

from model_export.convert.exporting import export
from model_export.convert.graph import Graph
from model_export.convert.missing import has_nan_for_missing_text
from model_export.convert.pipelines import classes, convert
from model_export.convert.steps import first_step, unwrapped

__all__ = ["Graph", "classes", "convert", "export", "first_step", "has_nan_for_missing_text", "unwrapped"]
