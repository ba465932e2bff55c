"""Loading of checkpoints that label texts: model, tokenizer and labels, as transformers has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

from functions.core.errors import CheckpointError
from functions.predictors.text.labelling import Activation
from model_export.checkpoints.documents import CONFIG
from model_export.checkpoints.loading import Checkpoint, load_any
from model_export.checkpoints.tokenization import TypedToken


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
    """One whose model labels texts; `labels` are in the order of the logits."""

    ends: Ends
    labels: tuple[str, ...]
    activation: Activation


def load_text_checkpoint(folder: Path, *, trust_pickle: bool, max_length: int | None = None) -> TextCheckpoint:
    """The checkpoint in `folder`, as `load_any` reads it; raises CheckpointError."""
    loaded = load_any(
        folder,
        "text-classification",
        AutoModelForSequenceClassification,
        lambda tokenizer: ends_of(tokenizer).count + 1,
        trust_pickle=trust_pickle,
        max_length=max_length,
    )
    config = loaded.model.config
    return loaded.extended(
        TextCheckpoint,
        ends=ends_of(loaded.tokenizer),
        labels=_labels(folder, config),
        activation=_activation(folder, config),
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


def _activation(folder: Path, config: Any) -> Activation:
    """The function that the text-classification pipeline of transformers takes for the scores."""
    if config.problem_type == "regression":
        raise CheckpointError(f"{folder} gives a number for a text (problem_type regression), and no labels")
    is_multiple = config.problem_type == "multi_label_classification" or config.num_labels == 1
    return "sigmoid" if is_multiple else "softmax"
