"""Loading of fine-tuned checkpoints of any task: model and tokenizer, both as transformers has them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import logging

from functions.core.errors import CheckpointError
from functions.core.tasks import TOKENIZER, Task
from model_export.checkpoints.documents import CONFIG, SENTENCE_PIECES, training_arguments, training_results
from model_export.checkpoints.families import BLOCK_SPARSE, family_of, model_size
from model_export.checkpoints.weight_files import weights_are_safe

LARGEST_BYTES = 2_000_000_000
"""An ONNX graph in one file is a protobuf message, which holds less than 2 GiB."""
C = TypeVar("C", bound="Checkpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """`max_length` counts the tokens of a whole input; `args` and `results` are the arguments and the metrics of the
    training, where they are next to the weights."""

    task: Task
    family: str
    model: Any
    tokenizer: PreTrainedTokenizerFast
    max_length: int
    args: Mapping[str, Any]
    results: Mapping[str, float]

    def extended(self, kind: type[C], **own: Any) -> C:
        """This checkpoint as the kind of a task, whose fields beyond these are `own`."""
        return kind(**{field.name: getattr(self, field.name) for field in fields(Checkpoint)}, **own)


def load_any(
    folder: Path,
    task: Task,
    kind: Any,
    least: Callable[[PreTrainedTokenizerFast], int],
    *,
    trust_pickle: bool,
    max_length: int | None,
) -> Checkpoint:
    """The checkpoint in `folder`, in float32, of the Auto class `kind`; raises CheckpointError.

    `max_length` lowers the model's own maximum, to no fewer tokens than `least` of its tokenizer. Code of the
    checkpoint is never run; pickled weights are read only with `trust_pickle`.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # its advice is about fine-tuning
    family = family_of(folder)
    tokenizer = tokenizer_of(folder)
    model = _load_model(folder, kind, f"{task} head", trust_pickle=trust_pickle)
    refuse_foreign_tokenizer(family, model.config, tokenizer)
    return Checkpoint(
        task=task,
        family=family,
        model=model,
        tokenizer=tokenizer,
        max_length=_bounded_length(least(tokenizer), longest_of(model.config, tokenizer), max_length),
        args=training_arguments(folder),
        results=training_results(folder),
    )


def tokenizer_of(folder: Path) -> PreTrainedTokenizerFast:
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(  # type: ignore[no-untyped-call]
            folder, use_fast=True, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # the errors of transformers and tokenizers have no common base
        raise CheckpointError(f"{folder} holds no tokenizer that loads: {error}{_remedy(folder)}") from error
    if not tokenizer.is_fast:
        raise CheckpointError(
            f"{folder}: {type(tokenizer).__name__} has no fast form, so there is no tokenizer.json to serve with"
        )
    return tokenizer  # type: ignore[no-any-return]


def _remedy(folder: Path) -> str:
    """Advice for a checkpoint as several families are on the hub: with the file of SentencePiece alone."""
    pieces = next((name for name in SENTENCE_PIECES if (folder / name).is_file()), None)
    if pieces is None or (folder / TOKENIZER).is_file() or find_spec("sentencepiece") is not None:
        return ""
    return f"\nIt has {pieces} and no {TOKENIZER}: python -m pip install sentencepiece, which reads it, and try again"


def _load_model(folder: Path, kind: Any, head: str, *, trust_pickle: bool) -> Any:
    """The model in float32, of the Auto class `kind`, whose head is a `head`; raises CheckpointError."""
    model, report = pretrained(folder, kind, str(folder), trust_pickle=trust_pickle)
    # transformers only warns of weights that it lacks, and makes random ones.
    _refuse_incomplete(folder, model, report, head)
    refuse_larger_than_a_graph(model, str(folder))
    if getattr(model.config, "attention_type", None) == BLOCK_SPARSE:
        # it would change by itself, at its first text that is as short as `longest_of` allows
        model.base_model.set_attention_type("original_full")
    return model.eval().requires_grad_(False)


def refuse_larger_than_a_graph(model: Any, name: str) -> None:
    """Raises CheckpointError, with `name`, for a model whose graph could not be written; it costs no export."""
    size = sum(weight.numel() for weight in model.parameters()) * 4
    if size > LARGEST_BYTES:
        raise CheckpointError(
            f"{name}: its weights take {size} bytes in float32, and a graph holds at most {LARGEST_BYTES}: take "
            "a smaller model"
        )


def pretrained(folder: Path, kind: Any, name: str, *, trust_pickle: bool, **settings: Any) -> tuple[Any, Any]:
    """The model in float32, of the Auto class `kind`, and the report of transformers on its weights.

    `name` is for errors, `settings` go to from_pretrained. Raises CheckpointError.
    """
    is_safe = weights_are_safe(folder, trust_pickle=trust_pickle)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # torch, of decorators in the code of some families
            model, report = kind.from_pretrained(
                folder,
                use_safetensors=is_safe,
                dtype=torch.float32,
                output_loading_info=True,
                local_files_only=True,
                trust_remote_code=False,
                **settings,
            )
    except Exception as error:  # the errors of damaged files have no common base
        raise CheckpointError(f"{name}: the weights cannot be loaded: {error}") from error
    return model, report


def head_of(model: Any, keys: Iterable[str]) -> list[str]:
    """The names of weights that are not in a language model of this family."""
    return sorted(key for key in keys if not key.startswith(f"{model.base_model_prefix}."))


def _refuse_incomplete(folder: Path, model: Any, report: Mapping[str, Any], head: str) -> None:
    absent = sorted([*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])])
    if lacking := head_of(model, absent):
        raise CheckpointError(f"{folder} has no {head} ({lacking[0]}): fine-tune it first")
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


def longest_of(config: Any, tokenizer: PreTrainedTokenizerFast) -> int:
    """Tokens of the longest input that both the model and its tokenizer allow."""
    size = model_size(config.to_dict(), CONFIG).longest_input
    return int(min(tokenizer.model_max_length if size is None else size, tokenizer.model_max_length))


def _bounded_length(least: int, largest: int, asked: int | None) -> int:
    """The length that is asked for, else the largest; raises CheckpointError for one that the model does not take."""
    if asked is not None and not least <= asked <= largest:
        raise CheckpointError(f"--max-length {asked}: this model takes {least} to {largest} tokens")
    return asked or largest
