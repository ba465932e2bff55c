"""Linear projections: rows times the components that were learned, centred and scaled where scikit-learn does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


def principal(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """PCA and IncrementalPCA: the mean is taken off after the projection."""
    components = _double(estimator.components_)
    projected = _times(graph, inputs[0].name, components)
    centred = graph.op("Sub", projected, graph.doubles(1, -1, of=estimator.mean_.reshape(1, -1) @ components.T))
    if not estimator.whiten:
        return (centred,)
    scale = np.maximum(np.sqrt(estimator.explained_variance_), np.finfo(np.float64).eps)
    return (graph.op("Div", centred, graph.doubles(1, -1, of=scale)),)


def plain(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """TruncatedSVD and random projections."""
    return (_times(graph, inputs[0].name, _double(estimator.components_)),)


def independent(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """FastICA."""
    x = inputs[0].name
    if estimator.whiten:
        x = graph.op("Sub", x, graph.doubles(1, -1, of=estimator.mean_))
    return (_times(graph, x, _double(estimator.components_)),)


def factors(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """FactorAnalysis: the expected latent variables (Barber, Bayesian Reasoning and Machine Learning, 21.2.33)."""
    components = _double(estimator.components_)
    weighted = components / estimator.noise_variance_
    covariance = np.linalg.inv(np.eye(len(components)) + weighted @ components.T)
    centred = graph.op("Sub", inputs[0].name, graph.doubles(1, -1, of=estimator.mean_))
    return (_times(graph, _times(graph, centred, weighted), covariance.T),)


def _times(graph: Graph, x: str, components: Any) -> str:
    return graph.op("Gemm", x, graph.constant(np.ascontiguousarray(components.T)))


def _double(components: Any) -> Any:
    dense = components.toarray() if hasattr(components, "toarray") else components
    if dense.dtype != np.float64:
        raise InexactError(f"it was fitted on {dense.dtype} numbers; fit it on float64")
    return dense
