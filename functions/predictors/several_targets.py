"""Predictions of several targets: one object for each row, with the prediction of each target under its name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from functions.core.errors import DamagedVersionError
from functions.core.schema import Schema, Table
from functions.core.tasks import Scoring
from functions.predictors.predictions import Doubles, Integers, LabelledRows, Prediction, refuse_not_finite
from functions.predictors.tabular import TabularPredictor

if TYPE_CHECKING:
    from functions.predictors.text.columns import TextColumns

Parts = list[tuple[Integers, Doubles]]


class SeveralTargetsPredictor(TabularPredictor):
    """A graph of several targets, whose outputs have the targets side by side, in the order of the schema.

    They are `variable` float64 [N, targets]; or `label` int64 [N, targets], and the `probabilities` or the `decision`
    of the first target, then those of the next, float64 [N, all of them].
    """

    def __init__(
        self, graph: bytes, schema: Schema, labels: Sequence[Any] = (), texts: TextColumns | None = None
    ) -> None:
        """`labels` has those of each target, or is empty for a regression; raises DamagedVersionError."""
        super().__init__(graph, schema, labels, texts)
        self._names = schema.target_names
        self._labels_of = [[str(label) for label in one] for one in labels]
        if self.scoring and len(self._labels_of) != len(self._names):
            raise DamagedVersionError(
                f"the manifest has labels of {len(labels)} targets, and {len(self._names)} targets"
            )

    def predict(self, table: Table) -> list[Prediction]:
        """One object for each row, in order: by target a float, or a label with its scores or its decision.

        Raises InvalidInputError for rows without a finite prediction of every target.
        """
        outputs = self.run(table)
        refuse_not_finite(outputs[-1])
        if outputs[0].shape[1] != len(self._names):
            raise DamagedVersionError(f"the graph has {outputs[0].shape[1]} targets, the schema {len(self._names)}")
        if self.scoring is None:
            rows: Any = outputs[0].tolist()
        else:
            parts = divided(outputs[0], outputs[1], list(map(len, self._labels_of)), self.scoring)
            pairs = zip(parts, self._labels_of, strict=True)
            rows = zip(*(LabelledRows(*part, labels, self.scoring) for part, labels in pairs), strict=True)
        # chains of map build the dicts in C, as for one target
        return list(map(dict, map(zip, repeat(self._names), rows)))


def divided(label: Integers, numbers: Doubles, classes: Sequence[int], scoring: Scoring) -> Parts:
    """The label [N] and the numbers [N, its own] of each target, for so many classes of each.

    Raises DamagedVersionError for other numbers than these classes have.
    """
    # a decision between two classes is one number
    widths = [1 if scoring == "decision" and count == 2 else count for count in classes]
    if sum(widths) != numbers.shape[1]:
        raise DamagedVersionError(f"the graph has {numbers.shape[1]} {scoring}, and the labels {sum(widths)}")
    starts = [sum(widths[:place]) for place in range(len(widths))]
    return [
        (label[:, place], numbers[:, start : start + width])
        for place, (start, width) in enumerate(zip(starts, widths, strict=True))
    ]
