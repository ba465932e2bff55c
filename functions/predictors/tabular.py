"""Predictions for tables by the ONNX graph of a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.core.schema import Schema, Table
from functions.core.tasks import Scoring
from functions.predictors.coded_strings import MISSING_STRING, STRINGS, open_coded
from functions.predictors.datetime_cells import packed_datetimes
from functions.predictors.graph_parts import GraphParts
from functions.predictors.graph_width import graph_width
from functions.predictors.predictions import (
    VALUE,
    Prediction,
    classification_outputs,
    named_labels,
    refuse_not_finite,
)
from functions.predictors.row_parts import rows_at_once, run_in_parts

if TYPE_CHECKING:
    import numpy.typing as npt

    # it loads the vectorizers, which most tables do not need
    from functions.predictors.text.columns import TextColumns


class TabularPredictor:
    """A graph and its packed inputs: `strings` [N, string features], `numbers` float64 [N, other features].

    Texts that a vectorizer reads enter as `terms_0` and so on (float64 [N, terms]) too. Missing values enter as "" and
    NaN, as in training. A classification graph answers `label` (int64 [N], an index into `labels`) and `probabilities`
    (float64 [N, labels]), or the `decision` of a classifier that has none; a regression graph answers `variable`
    (float64 [N]). Datetimes are no `numbers`: they enter as `datetimes`, which packed_datetimes makes.
    """

    def __init__(
        self, graph: bytes, schema: Schema, labels: Sequence[object] = (), texts: TextColumns | None = None
    ) -> None:
        """`labels` are in the order of the estimator's `classes_`, or none for a regression.

        Raises DamagedVersionError.
        """
        self._texts = texts
        parts = GraphParts.or_none(graph)
        self._coded, self._session = open_coded(graph, parts, schema)
        self._rows_at_once = rows_at_once(max(_width(parts), texts.width if texts else 0))
        self._labels = [str(label) for label in labels]
        self._string_names = schema.string_names
        self._number_names = schema.number_names
        self._datetime_names = schema.datetime_names
        self.scoring: Scoring | None = None
        self._outputs = VALUE
        if labels:
            self.scoring, self._outputs = classification_outputs(self._session)

    def predict(self, table: Table) -> Sequence[Prediction]:
        """One prediction for each row, in order: a float, or a label with its score and all scores or its decision.

        Raises InvalidInputError for rows whose prediction is not finite.
        """
        outputs = self.run(table)
        if self.scoring:
            return named_labels(outputs, self._labels, self.scoring)
        refuse_not_finite(outputs[0])
        values: list[Prediction] = outputs[0].reshape(-1).tolist()
        return values

    def run(self, table: Table) -> list[npt.NDArray[Any]]:
        """The graph's outputs for a validated table, as arrays; a table of many wide rows is run in parts."""
        return run_in_parts(self._run, table, self._rows_at_once)

    def _run(self, table: Table) -> list[npt.NDArray[Any]]:
        outputs: list[npt.NDArray[Any]] = self._session.run(self._outputs, self._inputs(table))
        return outputs

    def _inputs(self, table: Table) -> dict[str, Any]:
        inputs: dict[str, Any] = dict(self._texts.inputs(table)) if self._texts else {}
        if self._string_names:
            columns = [table[name] for name in self._string_names]
            inputs |= self._coded.inputs(columns) if self._coded else {STRINGS: _pack_strings(columns)}
        if self._number_names:
            # columns become one array at once, and ONNX Runtime reads contiguous rows
            numbers = np.array([table[name] for name in self._number_names], dtype=np.float64)
            inputs["numbers"] = np.ascontiguousarray(numbers.T)
        if self._datetime_names:
            inputs["datetimes"] = packed_datetimes([table[name] for name in self._datetime_names])
        return inputs


def _width(parts: GraphParts | None) -> int:
    try:
        return graph_width(parts) if parts else 1
    except ValueError:  # a constant that ONNX Runtime has read all the same
        return 1


def _pack_strings(columns: Sequence[list[Any]]) -> npt.NDArray[np.object_]:
    filled = [
        [MISSING_STRING if value is None else value for value in column] if None in column else column
        for column in columns
    ]
    return np.ascontiguousarray(np.array(filled, dtype=object).T)
