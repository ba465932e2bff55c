"""What all of them answer."""

from __future__ import annotations

from typing import Any


def churn_answers(probabilities: Any) -> list[dict[str, Any]]:
    """From the probabilities [N, 2] of no and yes."""
    return [{"churn_probability": float(one), "churn": bool(one >= 0.5)} for one in probabilities[:, 1]]
