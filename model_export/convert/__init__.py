"""scikit-learn pipelines to ONNX, exactly or not at all."""

from model_export.convert.graph import Graph
from model_export.convert.pipelines import classes, convert

__all__ = ["Graph", "classes", "convert"]
