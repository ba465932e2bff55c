"""Arguments of a training by Simple Transformers that say how it labelled texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from functions.core.errors import CheckpointError
from model_export.checkpoints.documents import TRAINING_ARGUMENTS, known_keys, training_arguments

SEVERAL_LABELS_MODEL = "MultiLabelClassificationModel"


@dataclass(frozen=True, slots=True)
class TrainedLabelling:
    """Keys of model_args.json, as Simple Transformers names them.

    `labels_map` numbers the labels in the order of the logits. `threshold` is the least score of a label that applies
    where a text may have several: one for all labels, or one for each.
    """

    model_class: str | None = None
    max_seq_length: Annotated[int, Meta(ge=1)] | None = None
    labels_map: Mapping[str, int] | None = None
    regression: bool | None = None
    sliding_window: bool | None = None
    threshold: float | tuple[float, ...] | None = None

    @property
    def gives_several(self) -> bool:
        """True if a text could have several labels."""
        return self.model_class == SEVERAL_LABELS_MODEL

    def labels(self, count: int) -> tuple[str, ...]:
        """Names of `count` labels, in the order of the logits; empty if the training named none.

        Raises CheckpointError if other numbers are named.
        """
        if not self.labels_map:
            return ()
        # of two names for one number the last one is the answer of Simple Transformers
        names = {number: name for name, number in self.labels_map.items()}
        if sorted(names) != list(range(count)):
            numbers = ", ".join(map(str, sorted(names)))
            raise CheckpointError(
                f"{TRAINING_ARGUMENTS}: labels_map has names for {numbers}, and the model has {count} labels, from 0 "
                f"to {count - 1}: correct it, or leave it out"
            )
        return tuple(names[number] for number in range(count))


def trained_labelling(folder: Path, *, gives_several: bool) -> TrainedLabelling:
    """What the checkpoint in `folder` was trained with; without a model_args.json every value is None.

    `gives_several` is True for a model of several labels a text. Raises CheckpointError for a training whose answers
    are not those of one run of the model, and for values of a wrong type.
    """
    trained = known_keys(training_arguments(folder), TrainedLabelling, TRAINING_ARGUMENTS)
    source = folder / TRAINING_ARGUMENTS
    # with several labels Simple Transformers leaves it unread
    if trained.regression and not gives_several:
        raise CheckpointError(
            f"{source}: regression is true: the model gives a number for a text, and no labels: train it for "
            "classification, on classes of these numbers"
        )
    if trained.sliding_window:
        raise CheckpointError(
            f"{source}: sliding_window is true: Simple Transformers labels each window of a long text and answers with "
            "the label of most, and a version reads one window: set it to false to have texts labelled by their first"
        )
    return trained
