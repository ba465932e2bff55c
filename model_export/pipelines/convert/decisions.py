"""Table of the classifiers whose decision_function has an exact form, for what is made of it: stacks, calibration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sklearn import discriminant_analysis, ensemble, neighbors, svm

from model_export.pipelines.convert import boosting, discriminants, linear, support_vectors
from model_export.pipelines.convert.graph import Graph, Tensor

Decision = Callable[[Graph, Any, Sequence[Tensor]], str]
"""The scores [N, K], or [N, 1] with two classes."""
DECISIONS: Mapping[type, Decision] = {
    **dict.fromkeys(linear.WITH_DECISION, linear.linear_decision),
    ensemble.GradientBoostingClassifier: boosting.exact_decision,
    ensemble.HistGradientBoostingClassifier: boosting.histogram_decision,
    discriminant_analysis.QuadraticDiscriminantAnalysis: discriminants.quadratic_decision,
    svm.SVC: support_vectors.support_vector_decision,
    svm.NuSVC: support_vectors.support_vector_decision,
    neighbors.NearestCentroid: discriminants.nearest_centroid_decision,
}
