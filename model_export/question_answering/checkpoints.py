"""Loading of fine-tuned question-answering checkpoints: model and tokenizer, both as transformers has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoTokenizer,
    BertForQuestionAnswering,
    DistilBertForQuestionAnswering,
    ElectraForQuestionAnswering,
    LongformerForQuestionAnswering,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaForQuestionAnswering,
)
from transformers.utils import logging

from functions.core.errors import CheckpointError
from model_export.question_answering.documents import (
    CONFIG,
    longest_input,
    read_json_object,
    training_arguments,
    training_results,
)
from model_export.question_answering.hub import PICKLED_WEIGHTS, SAFE_WEIGHTS
from model_export.question_answering.tokenization import Marks, marks_of

FAMILIES: Mapping[str, type[PreTrainedModel]] = {
    "bert": BertForQuestionAnswering,
    "distilbert": DistilBertForQuestionAnswering,
    "electra": ElectraForQuestionAnswering,
    "longformer": LongformerForQuestionAnswering,
    "roberta": RobertaForQuestionAnswering,
}
LARGEST_BYTES = 2_000_000_000
"""An ONNX graph in one file is a protobuf message, which holds less than 2 GiB."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`max_length` counts the tokens of a whole input; `args` and `results` are the arguments and the metrics of the
    training, where they are next to the weights."""

    family: str
    model: Any
    tokenizer: PreTrainedTokenizerFast
    marks: Marks
    max_length: int
    args: Mapping[str, Any]
    results: Mapping[str, float]


def load_checkpoint(folder: Path, *, trust_pickle: bool, max_length: int | None = None) -> Checkpoint:
    """The checkpoint in `folder`, in float32; raises CheckpointError.

    `max_length` lowers the model's own maximum. Code of the checkpoint is never run; pickled weights are read only
    with `trust_pickle`.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its advice is about fine-tuning
    family = family_of(folder)
    tokenizer = tokenizer_of(folder)
    model = _model(folder, FAMILIES[family], trust_pickle=trust_pickle)
    refuse_foreign_tokenizer(family, model.config, tokenizer)
    marks = marks_of(tokenizer)
    return Checkpoint(
        family=family,
        model=model,
        tokenizer=tokenizer,
        marks=marks,
        max_length=_max_length(marks.count + 2, longest_of(family, model.config, tokenizer), max_length),
        args=training_arguments(folder),
        results=training_results(folder),
    )


def family_of(folder: Path) -> str:
    """One of FAMILIES; raises CheckpointError."""
    family = read_json_object(folder / CONFIG).get("model_type")
    if family not in FAMILIES:
        raise CheckpointError(f"{folder}: a {family!r} is not known, only {', '.join(FAMILIES)}")
    return str(family)


def tokenizer_of(folder: Path) -> PreTrainedTokenizerFast:
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(  # type: ignore[no-untyped-call]
            folder, use_fast=True, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # the errors of transformers and tokenizers have no common base
        raise CheckpointError(f"{folder} holds no tokenizer that loads: {error}") from error
    if not tokenizer.is_fast:
        raise CheckpointError(
            f"{folder}: {type(tokenizer).__name__} has no fast form, so there is no tokenizer.json to serve with"
        )
    return tokenizer  # type: ignore[no-any-return]


def _model(folder: Path, kind: type[PreTrainedModel], *, trust_pickle: bool) -> Any:
    is_safe = weights_are_safe(folder, trust_pickle=trust_pickle)
    model: Any
    try:
        model, report = kind.from_pretrained(
            folder, use_safetensors=is_safe, dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
    except Exception as error:  # the errors of damaged files have no common base
        raise CheckpointError(f"{folder}: the weights cannot be loaded: {error}") from error
    # transformers only warns of weights that it lacks, and makes random ones.
    _refuse_incomplete(folder, report)
    if model.qa_outputs.out_features != 2:
        raise CheckpointError(f"{folder}: the head gives {model.qa_outputs.out_features} numbers a token, not 2")
    if sum(weight.numel() for weight in model.parameters()) * 4 > LARGEST_BYTES:
        raise CheckpointError(f"{folder}: a graph of more than {LARGEST_BYTES} bytes cannot be written")
    return model.eval().requires_grad_(False)


def weights_are_safe(folder: Path, *, trust_pickle: bool) -> bool:
    """True for safetensors, False for pickled weights that may be read; raises CheckpointError without either."""
    if any(folder.glob(SAFE_WEIGHTS[0])):
        return True
    pickled = any(folder.glob(PICKLED_WEIGHTS[0]))
    if trust_pickle and pickled:
        return False
    held = "pickled weights, and reading a pickle may run code" if pickled else "no model.safetensors"
    raise CheckpointError(
        f"{folder} holds {held}: save it with save_pretrained (safetensors is its default); pickled weights of "
        "someone you trust are read with --trust-pickle"
    )


def _refuse_incomplete(folder: Path, report: Mapping[str, Any]) -> None:
    absent = sorted([*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])])
    if any(key.startswith("qa_outputs") for key in absent):
        raise CheckpointError(
            f"{folder} has no question-answering head (qa_outputs), so it cannot answer: fine-tune it first"
        )
    if absent:
        raise CheckpointError(f"{folder} lacks weights of its own architecture: {', '.join(absent[:5])}")


def refuse_foreign_tokenizer(family: str, config: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    """Raises CheckpointError for a tokenizer that was not made for the model."""
    if len(tokenizer) > config.vocab_size:
        raise CheckpointError(
            f"the tokenizer knows {len(tokenizer)} tokens and the model {config.vocab_size}: they do not fit"
        )
    for token in ("pad_token_id", "sep_token_id"):
        ours, theirs = getattr(tokenizer, token), getattr(config, token, None)
        if ours is None:
            raise CheckpointError(f"the tokenizer has no {token}")
        # Its global tokens end at the separator of the configuration, so both must be the same.
        if family == "longformer" and ours != theirs:
            raise CheckpointError(f"{token} is {ours} to the tokenizer and {theirs} to the model: correct config.json")


def longest_of(family: str, config: Any, tokenizer: PreTrainedTokenizerFast) -> int:
    """Tokens of the longest input that both the model and its tokenizer allow."""
    positions = longest_input(family, config.max_position_embeddings, config.pad_token_id)
    return int(min(positions, tokenizer.model_max_length))


def _max_length(least: int, largest: int, asked: int | None) -> int:
    if asked is not None and not least <= asked <= largest:
        raise CheckpointError(f"--max-length {asked}: this model takes {least} to {largest} tokens")
    return asked or largest
