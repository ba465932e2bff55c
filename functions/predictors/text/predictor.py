"""Labels for documents, by a vectorizer and the ONNX graph of a linear model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import DamagedVersionError
from functions.core.schema import Schema, Table
from functions.predictors.predictions import (
    Prediction,
    classification_outputs,
    named_labels,
)
from functions.predictors.session import open_session
from functions.predictors.text.features import TextFeatures
from functions.predictors.text.vectorizer import Vectorizer


class TextPredictor:
    """A graph that takes documents as a sparse matrix of terms: its cells that are not 0, by row and then by column.

    Inputs are `rows` and `columns` (int64 [nnz]), `values` (float64 [nnz]) and `documents` (int64 [1]), the number of
    documents. Outputs are the same as for tables: `label` (int64 [N]) and `probabilities` (float64 [N, labels]), or the
    `decision` of a classifier that has none.
    """

    def __init__(self, graph: bytes, vectorizer: bytes, schema: Schema, labels: Sequence[object]) -> None:
        """`labels` are in the order of the estimator's `classes_`; raises DamagedVersionError."""
        if len(schema.features) != 1:
            raise DamagedVersionError("a text model has one feature, its text")
        self._session = open_session(graph)
        self._features = TextFeatures(Vectorizer.from_json(vectorizer))
        self._labels = [str(label) for label in labels]
        self._name = schema.feature_names[0]
        self.scoring, self._outputs = classification_outputs(self._session)

    def predict(self, table: Table) -> Sequence[Prediction]:
        """A label with its score and all scores, or its decision, for each row, in order.

        Raises InvalidInputError for rows whose prediction is not finite.
        """
        return named_labels(self.run(table), self._labels, self.scoring)

    def run(self, table: Table) -> list[npt.NDArray[Any]]:
        """The graph's outputs for a validated table, as arrays."""
        texts: list[Any] = table[self._name]
        features = self._features.of(texts)
        outputs: list[npt.NDArray[Any]] = self._session.run(
            self._outputs,
            {
                "rows": features.rows,
                "columns": features.columns,
                "values": features.values,
                "documents": np.array([len(texts)], dtype=np.int64),
            },
        )
        return outputs
