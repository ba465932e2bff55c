"""Answers of the user's own fitted object, which the others are held against."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tools.conversion.configuration import Configuration
from tools.conversion.outcome import Answers


def answers(configuration: Configuration, predictor: Any, frame: pd.DataFrame) -> Answers:
    """Values are probabilities, else decisions, else predictions; raises what the predictor raises."""
    rows = configuration.rows(frame)
    if not configuration.is_classification:
        return Answers(np.asarray(predictor.predict(rows), dtype=np.float64).reshape(len(frame)))
    classes = {label: place for place, label in enumerate(np.asarray(predictor.classes_).tolist())}
    labels = np.array([classes[label] for label in np.ravel(predictor.predict(rows)).tolist()], dtype=np.int64)
    return Answers(_scores(predictor, rows), labels)


def answered(configuration: Configuration, predictor: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the predictor answers: all, or those that it answers one by one."""
    try:
        answers(configuration, predictor, frame)
    except (ValueError, TypeError):
        kept = [
            place for place in range(len(frame)) if _is_answered(configuration, predictor, frame[place : place + 1])
        ]
        return frame.iloc[kept]
    return frame


def _is_answered(configuration: Configuration, predictor: Any, row: pd.DataFrame) -> bool:
    try:
        answers(configuration, predictor, row)
    except (ValueError, TypeError):
        return False
    return True


def _scores(predictor: Any, rows: Any) -> Any:
    for method in ("predict_proba", "decision_function"):
        if hasattr(predictor, method):
            return np.asarray(getattr(predictor, method)(rows), dtype=np.float64)
    return np.zeros((len(rows), 0))
