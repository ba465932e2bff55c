"""Comparison of a model with guesses that never look at the features.

The guesses are the most frequent label, each class with equal chance, the shares of the classes as probabilities; the
mean and the median of the target. A model beats a guess if its mean advantage, row by row, is larger than two standard
errors of that mean: by chance alone that happens in about one of forty tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model_export.pipelines.metrics import Scored

STANDARD_ERRORS = 2.0
LEAST_PROBABILITY = 1e-15
"""A probability of 0 for the true class would make its logarithm infinite."""

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contest:
    """One metric of the model and of a guess, and whether the model is better by more than chance explains."""

    metric: str
    model: float
    guess: float
    guess_name: str
    is_won: bool

    def __str__(self) -> str:
        return f"{self.metric} {self.model:.4g} ({self.guess_name}: {self.guess:.4g})"


def lost_to_guessing(scored: Scored) -> str:
    """The metrics in words if the model beats none of the guesses; empty if it beats one."""
    if len(np.unique(scored.truth)) < 2:  # a guess is right everywhere, so nothing could be better
        return ""
    contests = list(_of_labels(scored) if scored.labels else _of_numbers(scored))
    if any(contest.is_won for contest in contests):
        return ""
    return f"no better than guessing on {len(scored.truth)} rows: {', '.join(map(str, contests))}"


def _of_labels(scored: Scored) -> Iterator[Contest]:
    truth = scored.truth
    counts = np.bincount(truth, minlength=len(scored.labels))
    shares = counts / len(truth)
    right = (scored.predicted == truth).astype(np.float64)
    frequent = (truth == counts.argmax()).astype(np.float64)
    yield _contest("accuracy", right, frequent, "the most frequent class")
    classes = np.count_nonzero(counts)
    weights = len(truth) / (classes * counts[truth])
    yield _contest("balanced accuracy", right * weights, weights / classes, "chance")
    if scored.probabilities is not None:
        rows = np.arange(len(truth))
        own = scored.probabilities[rows, truth] / scored.probabilities.sum(axis=1)
        yield _contest("log_loss", -_loss(own), -_loss(shares[truth]), "the shares of the classes", sign=-1)


def _of_numbers(scored: Scored) -> Iterator[Contest]:
    truth, errors = scored.truth, np.abs(scored.predicted - scored.truth)
    yield _contest("rmse", -(errors**2), -((truth - truth.mean()) ** 2), "the mean", sign=-1, power=0.5)
    yield _contest("mae", -errors, -np.abs(truth - np.median(truth)), "the median", sign=-1)


def _loss(probabilities: Any) -> Vector:
    return np.asarray(-np.log(np.maximum(probabilities, LEAST_PROBABILITY)), dtype=np.float64)


def _contest(
    metric: str, model: Vector, guess: Vector, guess_name: str, *, sign: int = 1, power: float = 1.0
) -> Contest:
    """The contest of two gains, row by row, of which more is better; the metric is `sign` times their mean."""
    advantage = model - guess
    error = float(advantage.std()) / np.sqrt(len(advantage))
    own, others = (float((sign * gain.mean()) ** power) for gain in (model, guess))
    return Contest(metric, own, others, guess_name, bool(advantage.mean() > STANDARD_ERRORS * error))
