"""The model that a fine-tuning starts from: a checkpoint's weights, or fresh ones of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, PreTrainedTokenizerFast, set_seed
from transformers.utils import logging

from functions.core.errors import CheckpointError
from model_export.question_answering.checkpoints import (
    FAMILIES,
    family_of,
    longest_of,
    refuse_foreign_tokenizer,
    tokenizer_of,
    weights_are_safe,
)
from model_export.question_answering.documents import CONFIG
from model_export.question_answering.hub import PICKLED_WEIGHTS, SAFE_WEIGHTS, Source, fetch
from model_export.question_answering.tokenization import marks_of, served_tokenizer

HEAD = "qa_outputs."


@dataclass(frozen=True, slots=True)
class Start:
    """`max_length` counts the tokens of the longest input; `served_tokenizer` is the tokenizer.json that will serve."""

    model: Any
    tokenizer: PreTrainedTokenizerFast
    served_tokenizer: bytes
    max_length: int
    is_fresh: bool


def start_from(base: str, overrides: Mapping[str, Any], seed: int, *, trust_pickle: bool) -> Start:
    """`base` in float32, `overrides` over its configuration; what has no weights yet gets random ones of `seed`.

    A folder without any weights, or a config.json, starts afresh; pickled weights are read only with `trust_pickle`.
    Raises CheckpointError.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of the new head
    source = _source(base, trust_pickle)
    family = family_of(source.folder)
    tokenizer = tokenizer_of(source.folder)
    config = _config(source.folder, overrides)
    refuse_foreign_tokenizer(family, config, tokenizer)
    marks_of(tokenizer)
    is_fresh = _is_fresh(source, base)
    set_seed(seed)
    kind: Any = FAMILIES[family]
    model = kind(config) if is_fresh else _loaded(kind, source, config, trust_pickle)
    return Start(model, tokenizer, served_tokenizer(tokenizer), longest_of(family, config, tokenizer), is_fresh)


def _source(base: str, trust_pickle: bool) -> Source:
    path = Path(base)
    if path.name == CONFIG and path.is_file():
        return Source(path.parent)
    return fetch(base, trust_pickle=trust_pickle)


def _config(folder: Path, overrides: Mapping[str, Any]) -> Any:
    try:
        config, unknown = AutoConfig.from_pretrained(
            folder, return_unused_kwargs=True, local_files_only=True, trust_remote_code=False, **overrides
        )
    except Exception as error:  # each family checks its own, and raises what it likes
        raise CheckpointError(f"{folder / CONFIG} with {dict(overrides)} is no configuration: {error}") from error
    if unknown:
        raise CheckpointError(f"config: a {config.model_type} has no {', '.join(unknown)}: leave that out")
    return config


def _is_fresh(source: Source, base: str) -> bool:
    """A model of the hub has weights."""
    if Path(base).name == CONFIG:
        return True
    has_weights = any(any(source.folder.glob(kind[0])) for kind in (SAFE_WEIGHTS, PICKLED_WEIGHTS))
    return source.hub_id is None and not has_weights


def _loaded(kind: Any, source: Source, config: Any, trust_pickle: bool) -> Any:
    """All weights must be there but those of the head, which a language model lacks."""
    is_safe = weights_are_safe(source.folder, trust_pickle=trust_pickle)
    try:
        model, report = kind.from_pretrained(
            source.folder,
            config=config,
            use_safetensors=is_safe,
            dtype=torch.float32,
            output_loading_info=True,
            local_files_only=True,
        )
    except Exception as error:  # what damaged files raise has no common base
        raise CheckpointError(f"{source.name}: the weights cannot be loaded: {error}") from error
    absent = sorted(key for key in report["missing_keys"] if not key.startswith(HEAD))
    if absent:
        raise CheckpointError(f"{source.name} lacks weights of its own architecture: {', '.join(absent[:5])}")
    return model
