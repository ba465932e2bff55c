"""Likely causes of a pipeline that is wrong on its own table, each tried on the table.

The pipeline's predictions are computed again with one thing changed: a scaler in front of it, its own scaler left out,
a function of the target undone, columns in another order. A change that halves the error is a cause.
"""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from functions.core.schema import Schema, Table
from model_export.draft.target_function import INVERSES
from model_export.pipelines.assembly import Assembled
from model_export.pipelines.convert import first_step
from model_export.pipelines.pipeline_input import pipeline_input, target_array

HALF = 0.5
"""A change that leaves more of the error may do so by chance."""
STANDARD_ERRORS = 2.0
WIDEST_PERMUTED = 5
MOST_TARGETS_PERMUTED = 4
SCALERS = ("StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler")
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cause:
    """A change that mends the predictions: what it is, what it does to the metric, and how to make it."""

    what: str
    metric: str
    before: float
    after: float
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {self.metric} {self.after:.3g} instead of {self.before:.3g}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class _Case:
    """A pipeline with rows in its form and their true values, and the errors of its own predictions, row by row."""

    assembled: Assembled
    rows: Any
    truth: Any
    is_classification: bool
    names: tuple[str, ...]
    targets: tuple[str, ...]

    def errors(self, predicted: Any) -> Numbers:
        """[N], of several targets the mean of theirs, each in the unit of its own variance."""
        predicted = np.asarray(predicted.toarray() if hasattr(predicted, "toarray") else predicted)
        predicted = predicted.reshape(self.truth.shape)
        if self.is_classification:
            return self._by_row(np.asarray(predicted != self.truth, dtype=np.float64))
        errors = np.asarray((predicted.astype(np.float64) - self.truth) ** 2)
        return errors if errors.ndim == 1 else self._by_row(errors / _positive(self.truth.var(axis=0)))

    def metric(self, errors: Numbers) -> float:
        in_own_unit = self.is_classification or self.truth.ndim > 1
        return float(1 - errors.mean() / (1.0 if in_own_unit else self.truth.var()))

    def _by_row(self, errors: Numbers) -> Numbers:
        return errors if errors.ndim == 1 else np.asarray(errors.mean(axis=1))


_Change = tuple[str, str, Callable[[], Any]]
"""The cause and its remedy in words, and the predictions with the change."""


def likely_causes(assembled: Assembled, schema: Schema, table: Table, *, is_classification: bool) -> list[Cause]:
    """The changes after which the pipeline makes at most half of its errors, the best first."""
    truth = target_array(table, schema)
    rows = pipeline_input(assembled.pipeline, table, schema)
    case = _Case(assembled, rows, truth, is_classification, schema.feature_names, schema.target_names)
    before = _tried(case, lambda: assembled.pipeline.predict(case.rows))
    if before is None or not before.mean():
        return []
    found: dict[str, Cause] = {}
    for what, remedy, predict in _changes(case):
        after = _tried(case, predict)
        if after is None or not _is_halved(before, after):
            continue
        cause = Cause(what, "accuracy" if is_classification else "r2", case.metric(before), case.metric(after), remedy)
        if what not in found or found[what].after < cause.after:
            found[what] = cause
    return sorted(found.values(), key=lambda cause: -cause.after)


def _tried(case: _Case, predict: Callable[[], Any]) -> Numbers | None:
    """The errors of the predictions; None where the pipeline cannot read the changed rows."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            errors = case.errors(predict())
        except Exception:  # any class of the user's, over rows that it was not made for
            return None
    return errors if np.isfinite(errors).all() else None


def _is_halved(before: Numbers, after: Numbers) -> bool:
    gain = before - after
    with np.errstate(over="ignore"):  # the exponential of a prediction may be near the end of doubles
        is_chance = gain.mean() <= STANDARD_ERRORS * gain.std() / np.sqrt(len(gain))
    return not is_chance and bool(after.mean() <= HALF * before.mean())


def _changes(case: _Case) -> Iterator[_Change]:
    yield from _with_scaler(case)
    yield from _without_scaler(case)
    yield from _alone(case)
    if not case.is_classification:
        yield from _with_other_target(case)
    yield from _in_other_order(case)
    yield from _of_other_targets(case)


def _with_scaler(case: _Case) -> Iterator[_Change]:
    """The columns of numbers scaled by their own rows, once for each usual scaler."""
    for name, scale in (("StandardScaler", _standardised), ("MinMaxScaler", _spread_from_0_to_1)):
        scaled = _with_numbers(case.rows, scale)
        if scaled is not None:
            remedy = f"pass the {name} of the script before the model: --pipeline scaler.pkl --pipeline model.pkl"
            yield "a scaler is missing in front of it", remedy, partial(case.assembled.pipeline.predict, scaled)


def _standardised(numbers: Numbers) -> Numbers:
    return _divided(numbers - np.nanmean(numbers, axis=0), np.nanstd(numbers, axis=0))


def _spread_from_0_to_1(numbers: Numbers) -> Numbers:
    least = np.nanmin(numbers, axis=0)
    return _divided(numbers - least, np.nanmax(numbers, axis=0) - least)


def _divided(numbers: Numbers, spread: Numbers) -> Numbers:
    return numbers / np.where(spread > 0, spread, 1.0)


def _with_numbers(rows: Any, change: Callable[[Numbers], Numbers]) -> Any:
    """The rows with their columns of numbers changed; None if they are no table or have no such column."""
    if isinstance(rows, pd.DataFrame):
        names = [str(name) for name in rows if rows[name].dtype.kind == "f"]
        if not names:
            return None
        changed = rows.copy()
        changed[names] = change(rows[names].to_numpy())
        return changed
    numbers = _as_numbers(rows)
    return None if numbers is None else change(numbers)


def _without_scaler(case: _Case) -> Iterator[_Change]:
    """The first step left out, where it is a scaler: the table may be scaled already."""
    pipeline = case.assembled.pipeline
    is_pair = case.assembled.alone is not None or not isinstance(pipeline, Pipeline) or len(pipeline) < 2
    if is_pair or type(pipeline.steps[0][1]).__name__ not in SCALERS:
        return
    remedy = "give the table as it was before scaling, or save the rest: joblib.dump(pipeline[1:], FILE)"
    what = "the columns are scaled already, and it scales them again"
    yield what, remedy, partial(pipeline[1:].predict, np.asarray(case.rows))


def _alone(case: _Case) -> Iterator[_Change]:
    alone = case.assembled.alone
    if alone is not None:
        before = type(first_step(case.assembled.pipeline)).__name__
        remedy = "save it alone, joblib.dump(pipeline, FILE), and pass that file"
        yield (
            f"it prepares the columns itself, and the {before} does so before",
            remedy,
            partial(alone.predict, case.rows),
        )


def _with_other_target(case: _Case) -> Iterator[_Change]:
    predict = partial(case.assembled.pipeline.predict, case.rows)
    for name, (function, inverse) in INVERSES.items():
        yield f"it was fitted on np.{name} of the target", f"add --target-was {name}", partial(_after, inverse, predict)
        yield (
            f"the table has np.{name} of the target, and it was fitted on the target itself",
            "give the table with the target as it was fitted",
            partial(_after, function, predict),
        )


def _after(function: Callable[..., Any], predict: Callable[[], Any]) -> Any:
    return function(predict())


def _in_other_order(case: _Case) -> Iterator[_Change]:
    """The columns of a pipeline without names in other orders: all of few columns, else the likely ones."""
    if not isinstance(case.rows, np.ndarray) or case.rows.ndim != 2 or case.rows.shape[1] < 2:
        return
    for order in _orders(case):
        names = " ".join(shlex.quote(case.names[place]) for place in order)
        rows = case.rows[:, list(order)]
        what = "it was fitted on the columns in another order"
        yield what, f"add --columns {names}", partial(case.assembled.pipeline.predict, rows)


def _of_other_targets(case: _Case) -> Iterator[_Change]:
    """The predictions of several targets as those of the same targets in other orders."""
    count = len(case.targets)
    if not 1 < count <= MOST_TARGETS_PERMUTED:
        return
    for order in permutations(range(count)):
        if order != tuple(range(count)):
            # the target at place i of the table is the one at place order[i] of the pipeline
            names = [shlex.quote(case.targets[order.index(place)]) for place in range(count)]
            remedy = f"name them in its order: {' '.join(f'--target {name}' for name in names)}"
            yield "it was fitted on the targets in another order", remedy, partial(_columns_of, case, order)


def _columns_of(case: _Case, order: Sequence[int]) -> Any:
    return np.asarray(case.assembled.pipeline.predict(case.rows))[:, list(order)]


def _positive(spread: Any) -> Any:
    return np.where(spread > 0, spread, 1.0)


def _orders(case: _Case) -> Iterator[Sequence[int]]:
    width = case.rows.shape[1]
    usual = tuple(range(width))
    if width <= WIDEST_PERMUTED:
        yield from (order for order in permutations(usual) if order != usual)
        return
    yield sorted(usual, key=lambda place: case.names[place])
    yield usual[::-1]
    yield from _by_scaler(case)


def _by_scaler(case: _Case) -> Iterator[Sequence[int]]:
    """The order in which the columns are most like what the scaler in front has learned of them."""
    first, rows = first_step(case.assembled.pipeline), _as_numbers(case.rows)
    centre, spread = getattr(first, "mean_", None), getattr(first, "scale_", None)
    if rows is None or centre is None or spread is None:
        return
    cost = np.abs(centre[:, None] - np.nanmean(rows, axis=0)[None, :]) / spread[:, None]
    order: dict[int, int] = {}
    # The surest pairs first.
    for place, column in zip(*np.unravel_index(np.argsort(cost, axis=None), cost.shape), strict=True):
        if int(place) not in order and int(column) not in order.values():
            order[int(place)] = int(column)
    yield [order[place] for place in range(len(order))]


def _as_numbers(rows: Any) -> Numbers | None:
    """The rows as an array of doubles; None if they are no array, or hold texts."""
    if not isinstance(rows, np.ndarray):
        return None
    try:
        return np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError):
        return None
