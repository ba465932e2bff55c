"""The answer that all peers give."""

from __future__ import annotations

from typing import Any


def churn_answers(probabilities: Any) -> list[dict[str, Any]]:
    """The answers for the probabilities of no and yes, of shape (rows, 2)."""
    return [{"churn_probability": float(one), "churn": bool(one >= 0.5)} for one in probabilities[:, 1]]
