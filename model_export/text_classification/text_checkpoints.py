"""Loading of checkpoints that label texts: model, tokenizer and labels, as transformers has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast
from transformers.utils import logging

from functions.core.errors import CheckpointError
from functions.predictors.text.labelling import Activation
from model_export.question_answering.checkpoints import (
    bounded_length,
    load_model,
    longest_of,
    refuse_foreign_tokenizer,
    tokenizer_of,
)
from model_export.question_answering.documents import training_arguments, training_results
from model_export.question_answering.families import family_of
from model_export.question_answering.tokenization import TypedToken


@dataclass(frozen=True, slots=True)
class Ends:
    """The special tokens before and behind a text, and the type of the text."""

    before: tuple[TypedToken, ...]
    behind: tuple[TypedToken, ...]
    text_type: int

    @property
    def count(self) -> int:
        return len(self.before) + len(self.behind)


@dataclass(frozen=True, slots=True)
class TextCheckpoint:
    """`max_length` counts the tokens of a whole input; `args` and `results` are the arguments and the metrics of the
    training, where they are next to the weights. `labels` are in the order of the logits."""

    family: str
    model: Any
    tokenizer: PreTrainedTokenizerFast
    ends: Ends
    max_length: int
    labels: tuple[str, ...]
    activation: Activation
    args: Mapping[str, Any]
    results: Mapping[str, float]


def load_text_checkpoint(folder: Path, *, trust_pickle: bool, max_length: int | None = None) -> TextCheckpoint:
    """The checkpoint in `folder`, in float32; raises CheckpointError.

    `max_length` lowers the model's own maximum. Code of the checkpoint is never run; pickled weights are read only
    with `trust_pickle`.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its advice is about fine-tuning
    family = family_of(folder)
    tokenizer = tokenizer_of(folder)
    kind = AutoModelForSequenceClassification
    model = load_model(folder, kind, "text-classification head", trust_pickle=trust_pickle)
    refuse_foreign_tokenizer(family, model.config, tokenizer)
    ends = ends_of(tokenizer)
    return TextCheckpoint(
        family=family,
        model=model,
        tokenizer=tokenizer,
        ends=ends,
        max_length=bounded_length(ends.count + 1, longest_of(model.config, tokenizer), max_length),
        labels=_labels(folder, model.config),
        activation=_activation(folder, model.config),
        args=training_arguments(folder),
        results=training_results(folder),
    )


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
    labels = tuple(str(config.id2label[number]) for number in range(config.num_labels))
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    if repeated:
        raise CheckpointError(f"{folder}: id2label has {', '.join(repeated)} more than once: give each label a name")
    return labels


def _activation(folder: Path, config: Any) -> Activation:
    """The function that the text-classification pipeline of transformers takes for the scores."""
    if config.problem_type == "regression":
        raise CheckpointError(f"{folder} gives a number for a text (problem_type regression), and no labels")
    is_multiple = config.problem_type == "multi_label_classification" or config.num_labels == 1
    return "sigmoid" if is_multiple else "softmax"
