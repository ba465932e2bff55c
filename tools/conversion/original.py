"""Answers of the user's own fitted object, which the others are held against."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model_export.pipelines.answers import scores
from model_export.pipelines.convert import target_classes
from tools.conversion.configuration import Configuration
from tools.conversion.outcome import Answers


def answers(configuration: Configuration, predictor: Any, frame: pd.DataFrame) -> Answers:
    """Values are probabilities, else decisions, else predictions; raises what the predictor raises."""
    rows = configuration.rows(frame)
    if not configuration.is_classification:
        shape = (len(frame), configuration.targets) if configuration.targets > 1 else len(frame)
        return Answers(np.asarray(predictor.predict(rows), dtype=np.float64).reshape(shape))
    if configuration.targets > 1:
        return Answers(scores(predictor, rows), labels_of_several(predictor, predictor.predict(rows)))
    classes = {label: place for place, label in enumerate(np.asarray(predictor.classes_).tolist())}
    labels = np.array([classes[label] for label in np.ravel(predictor.predict(rows)).tolist()], dtype=np.int64)
    return Answers(scores(predictor, rows), labels)


def labels_of_several(predictor: Any, predicted: Any) -> npt.NDArray[np.int64]:
    """[N, targets]: the places of labels among the classes of their own target."""
    found = np.asarray(predicted.toarray() if hasattr(predicted, "toarray") else predicted)
    pairs = zip(found.T, target_classes(predictor), strict=True)
    return np.column_stack([[own.index(label) for label in column.tolist()] for column, own in pairs])


def answered(configuration: Configuration, predictor: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the predictor answers."""
    return frame.iloc[_answered(configuration, predictor, frame, range(len(frame)))]


def _answered(configuration: Configuration, predictor: Any, frame: pd.DataFrame, places: range) -> list[int]:
    try:
        answers(configuration, predictor, frame[places.start : places.stop])
    except (ValueError, TypeError):
        # halves, as few rows fail and each question costs the same
        middle = len(places) // 2
        halves = (places[:middle], places[middle:]) if middle else ()
        return [place for half in halves for place in _answered(configuration, predictor, frame, half)]
    return list(places)
