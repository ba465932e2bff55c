"""Loading of checkpoints that label texts: model, tokenizer and labels, as transformers has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

from functions.core.errors import CheckpointError
from functions.predictors.text.labelling import Activation
from model_export.checkpoints.documents import CONFIG, TRAINING_ARGUMENTS
from model_export.checkpoints.families import SEVERAL_LABELS, architecture_of, family_of
from model_export.checkpoints.loading import Checkpoint, load_any
from model_export.checkpoints.tokenization import TypedToken
from model_export.text_classification.trained_labelling import TrainedLabelling, trained_labelling

APPLIES = 0.5
"""The least score of a label that applies, where a text may have several."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The special tokens before and behind a text, and the type of the text."""

    before: tuple[TypedToken, ...]
    behind: tuple[TypedToken, ...]
    text_type: int

    @property
    def count(self) -> int:
        return len(self.before) + len(self.behind)

    def around(self, text: Sequence[int]) -> list[TypedToken]:
        """The whole input for a text of ids without special tokens."""
        return [*self.before, *((token, self.text_type) for token in text), *self.behind]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCheckpoint(Checkpoint):
    """One whose model labels texts; `labels` are in the order of the logits.

    `taken` are the settings that come from its training, by name.
    """

    ends: Ends
    labels: tuple[str, ...]
    activation: Activation
    trained: TrainedLabelling
    taken: Mapping[str, Any]

    def differences(self, *, truncation: bool) -> Iterator[str]:
        """Sentences on what a version with or without `truncation` does otherwise than the training."""
        if "max_length" in self.taken and not truncation:
            yield (
                f"its training cut texts after {self.max_length} tokens, and the version refuses longer ones: "
                "--truncate cuts them as well"
            )
        threshold = self.trained.threshold
        if self.activation == "sigmoid" and threshold not in (None, APPLIES):
            yield (
                f"the threshold of its training, {json.dumps(threshold)}, is not in the version, which gives every "
                "label its score: take the labels whose score reaches it"
            )


def load_text_checkpoint(folder: Path, *, trust_pickle: bool, max_length: int | None = None) -> TextCheckpoint:
    """The checkpoint in `folder`, as `load_any` reads it, with the labels and the length of its training.

    Raises CheckpointError.
    """
    gives_several = architecture_of(folder).endswith(SEVERAL_LABELS)
    trained = trained_labelling(folder, gives_several=gives_several)
    if gives_several:
        _refuse_other_head(folder)
    loaded = load_any(
        folder,
        "text-classification",
        AutoModelForSequenceClassification,
        lambda tokenizer: ends_of(tokenizer).count + 1,
        trust_pickle=trust_pickle,
        max_length=max_length,
    )
    ends, config = ends_of(loaded.tokenizer), loaded.model.config
    named = _labels(folder, config)
    labels = _trained_labels(folder, named, trained)
    length = _trained_length(folder, loaded.max_length, ends, trained) if max_length is None else None
    taken = {"max_length": length, "labels": labels if labels != named else None}
    return replace(loaded, max_length=length or loaded.max_length).extended(
        TextCheckpoint,
        ends=ends,
        labels=labels,
        activation="sigmoid" if gives_several else _activation(folder, config, trained),
        trained=trained,
        taken={name: value for name, value in taken.items() if value is not None},
    )


def _refuse_other_head(folder: Path) -> None:
    """Raises CheckpointError for the class of several labels whose head transformers does not have."""
    if family_of(folder) == "electra":
        raise CheckpointError(
            f"{folder}: the head of an {architecture_of(folder)} is one of Simple Transformers alone, and transformers "
            "cannot load it: train another family for several labels, such as bert"
        )


def _trained_length(folder: Path, largest: int, ends: Ends, trained: TrainedLabelling) -> int | None:
    """The tokens that the training read of a text, at most `largest`; None where it does not say."""
    length, least = trained.max_seq_length, ends.count + 1
    if length is None:
        return None
    if length < least:
        raise CheckpointError(
            f"{folder / TRAINING_ARGUMENTS}: max_seq_length is {length}, and this model needs at least {least} tokens: "
            "set another one with --max-length"
        )
    return min(length, largest)


def ends_of(tokenizer: PreTrainedTokenizerFast) -> Ends:
    """The special tokens around a single text; raises CheckpointError if there is none before it."""
    encoded = tokenizer("a", return_token_type_ids=True)
    tokens = list(zip(encoded["input_ids"], encoded["token_type_ids"], strict=True))
    text = [place for place, found in enumerate(encoded.sequence_ids()) if found == 0]
    if not text or text[0] == 0:
        raise CheckpointError(
            "the tokenizer puts no special token before a text: save it again with the post-processor of its family"
        )
    return Ends(tuple(tokens[: text[0]]), tuple(tokens[text[-1] + 1 :]), tokens[text[0]][1])


def _labels(folder: Path, config: Any) -> tuple[str, ...]:
    absent = [number for number in range(config.num_labels) if number not in config.id2label]
    if absent:
        raise CheckpointError(
            f"{folder}: id2label has no {absent[0]}: number its {config.num_labels} labels from 0 to "
            f"{config.num_labels - 1} in {CONFIG}, in the order of the logits, and label2id too"
        )
    labels = tuple(str(config.id2label[number]) for number in range(config.num_labels))
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    if repeated:
        raise CheckpointError(f"{folder}: id2label has {', '.join(repeated)} more than once: give each label a name")
    return labels


def _trained_labels(folder: Path, named: tuple[str, ...], trained: TrainedLabelling) -> tuple[str, ...]:
    """The names of the training where the configuration, whose names are `named`, has none.

    Raises CheckpointError where both have some and they differ: a base keeps its own in the configuration.
    """
    numbers = tuple(map(str, range(len(named))))
    names = trained.labels(len(named))
    if not names or named == tuple(f"LABEL_{number}" for number in numbers):
        return names or named
    if names in (named, numbers):
        return named
    number, ours, theirs = next((n, a, b) for n, a, b in zip(numbers, named, names, strict=True) if a != b)
    raise CheckpointError(
        f"{folder}: label {number} is {ours!r} in id2label of {CONFIG} and {theirs!r} in labels_map of "
        f"{TRAINING_ARGUMENTS}, by which Simple Transformers answers: correct one, or leave labels_map out"
    )


def _activation(folder: Path, config: Any, trained: TrainedLabelling) -> Activation:
    """The function that the text-classification pipeline of transformers takes for the scores.

    Where the configuration does not say whether a text may have several labels, the training does.
    """
    if config.problem_type == "regression":
        raise CheckpointError(f"{folder} gives a number for a text (problem_type regression), and no labels")
    is_multiple = config.problem_type == "multi_label_classification" or config.num_labels == 1
    if config.problem_type is None:
        is_multiple |= trained.gives_several
    return "sigmoid" if is_multiple else "softmax"
