"""Link functions of scikit-learn's losses."""

from __future__ import annotations

from typing import Any

from model_export.pipelines.convert.graph import Graph, InexactError


def inverse_of_link(graph: Graph, link: Any, raw: str) -> str:
    """Predictions from raw ones, of any shape."""
    kind = type(link).__name__
    if kind not in ("IdentityLink", "LogLink"):
        raise InexactError(f"its loss has a {kind}; use a loss such as squared_error or poisson")
    return graph.op("Exp", raw) if kind == "LogLink" else raw
