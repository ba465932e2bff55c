"""scikit-learn pipelines to ONNX, exactly or not at all."""

from model_export.pipelines.convert.exporting import export
from model_export.pipelines.convert.graph import Graph
from model_export.pipelines.convert.inspection import columns_counted, columns_learned, first_step, unwrapped
from model_export.pipelines.convert.libraries import library_of
from model_export.pipelines.convert.missing import columns_with_nan
from model_export.pipelines.convert.named_classes import with_named_classes
from model_export.pipelines.convert.pipelines import classes, convert
from model_export.pipelines.convert.targets import takes_columns, target_classes, target_count

__all__ = [
    "Graph",
    "classes",
    "columns_counted",
    "columns_learned",
    "columns_with_nan",
    "convert",
    "export",
    "first_step",
    "library_of",
    "takes_columns",
    "target_classes",
    "target_count",
    "unwrapped",
    "with_named_classes",
]
