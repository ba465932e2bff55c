"""Checkpoint folders of a fine-tuning: the base that it starts from, and the models that it saves for export-hf."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, PreTrainedTokenizerFast, set_seed
from transformers.utils import logging

from functions.core.errors import CheckpointError
from model_export.checkpoints.documents import CONFIG, TRAINING_ARGUMENTS
from model_export.checkpoints.families import family_of
from model_export.checkpoints.hub import BESIDE_THE_WEIGHTS, Source, fetch
from model_export.checkpoints.loading import (
    head_of,
    longest_of,
    pretrained,
    refuse_foreign_tokenizer,
    refuse_larger_than_a_graph,
    tokenizer_of,
)
from model_export.checkpoints.tokenization import served_tokenizer
from model_export.checkpoints.weight_files import SAFE_WEIGHTS, has_weights
from model_export.fine_tuning.evaluation_results import RESULT_FILES, write_results
from model_export.fine_tuning.lower_case import lower_cased
from model_export.question_answering.marks import marks_of

HALF_WRITTEN = ".partial"
"""Suffix of a folder until it is complete; a killed run may leave one."""


@dataclass(frozen=True, slots=True)
class BaseCheckpoint:
    """`max_length` counts the tokens of the longest input; `served_tokenizer` is the tokenizer.json that will serve.

    `digest` is of all that a resumed run takes from the base again: the tokenizer, the configuration, the longest input
    and whether there are weights, though not the weights themselves, which a checkpoint has.
    """

    source: Source
    model: Any
    tokenizer: PreTrainedTokenizerFast
    served_tokenizer: bytes
    max_length: int
    is_fresh: bool
    digest: str


def load_base(
    base: str,
    overrides: Mapping[str, Any],
    seed: int,
    *,
    trust_pickle: bool,
    lower_case: bool = False,
    revision: str | None = None,
) -> BaseCheckpoint:
    """Load `base` in float32, with `overrides` of its configuration; weights that it lacks are random, from `seed`.

    A folder without any weights, or a config.json, gets random weights throughout; pickled weights are read only with
    `trust_pickle`; with `lower_case` the tokenizer makes texts lower-case; `revision` is the commit of a hub model, by
    default the last one. Raises CheckpointError, also for a model that could not be exported once it is trained.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it warns of the new head
    source = _source(base, trust_pickle, revision)
    family = family_of(source.folder)
    tokenizer = tokenizer_of(source.folder)
    config = _config(source.folder, overrides)
    refuse_foreign_tokenizer(family, config, tokenizer)
    marks_of(tokenizer)
    if lower_case:
        tokenizer = lower_cased(tokenizer)
    is_fresh = _is_fresh(source, base)
    # Directly before the random weights, as every draw between would change them.
    set_seed(seed)
    model = _fresh(source, config, overrides) if is_fresh else _loaded(source, config, trust_pickle)
    refuse_larger_than_a_graph(model, source.name)
    served, longest = served_tokenizer(tokenizer), longest_of(config, tokenizer)
    digest = _digest(served, model.config, longest, is_fresh)
    return BaseCheckpoint(source, model, tokenizer, served, longest, is_fresh, digest)


def save_model(folder: Path, model: Any, tokenizer: PreTrainedTokenizerFast, model_args: Mapping[str, Any]) -> None:
    """Write model, tokenizer and model_args.json into a folder, which may hold other files too."""
    # An earlier model may have had more shards, which would be read together with the new ones; its other files and its
    # results would be taken for those of the new one.
    for pattern in (*SAFE_WEIGHTS, *BESIDE_THE_WEIGHTS, *RESULT_FILES):
        for stale in folder.glob(pattern):
            stale.unlink()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(str(folder))
    document = json.dumps(model_args, ensure_ascii=False, indent=2)
    (folder / TRAINING_ARGUMENTS).write_text(f"{document}\n", encoding="utf-8")


def replace_model(
    folder: Path,
    model: Any,
    tokenizer: PreTrainedTokenizerFast,
    model_args: Mapping[str, Any],
    results: Mapping[str, float],
) -> None:
    """Write a whole folder, which is never seen half written; without `results` it holds none."""
    partial = folder.with_name(folder.name + HALF_WRITTEN)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_model(partial, model, tokenizer, model_args)
    if results:
        write_results(partial, results)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)


def _source(base: str, trust_pickle: bool, revision: str | None) -> Source:
    path = Path(base)
    if path.name == CONFIG and path.is_file():
        return Source(path.parent)
    return fetch(base, trust_pickle=trust_pickle, revision=revision)


def _digest(served: bytes, config: Any, longest: int, is_fresh: bool) -> str:
    settings = config.to_dict()
    # of this machine and its libraries, not of the base
    for name in ("_name_or_path", "transformers_version"):
        settings.pop(name, None)
    rest = json.dumps([settings, longest, is_fresh], sort_keys=True, default=str)
    return hashlib.sha256(served + rest.encode()).hexdigest()


def _config(folder: Path, overrides: Mapping[str, Any]) -> Any:
    try:
        config, unknown = AutoConfig.from_pretrained(
            folder, return_unused_kwargs=True, local_files_only=True, trust_remote_code=False, **overrides
        )
    except Exception as error:  # each family checks its own configuration and raises errors of any kind
        raise CheckpointError(f"{folder / CONFIG} with {dict(overrides)} is not a configuration: {error}") from error
    if unknown:
        raise CheckpointError(f"config: a {config.model_type} has no {', '.join(unknown)}: leave that out")
    _give_head(config)
    return config


def _give_head(config: Any) -> None:
    """Describe the head that is trained, with a number for the start and one for the end, whichever the base had."""
    # of a base that labels texts, whose labels would else decide the size of the new head, and be saved with it
    config.id2label = config.problem_type = None
    config.num_labels = 2


def _is_fresh(source: Source, base: str) -> bool:
    """True if the base has no weights at all; a model of the hub always has some."""
    if Path(base).name == CONFIG:
        return True
    return source.hub_id is None and not has_weights(source.folder)


def _fresh(source: Source, config: Any, overrides: Mapping[str, Any]) -> Any:
    """A model with random weights in float32, whichever precision the configuration names."""
    kind: Any = AutoModelForQuestionAnswering
    try:
        return kind.from_config(config, dtype=torch.float32)
    except Exception as error:  # each family checks its own sizes and raises errors of any kind
        raise CheckpointError(
            f"{source.folder / CONFIG} with {dict(overrides)} makes no model: {error}: correct it"
        ) from error


def _loaded(source: Source, config: Any, trust_pickle: bool) -> Any:
    """The model with the weights of the base; only the head's may be missing, as a language model has none."""
    kind = AutoModelForQuestionAnswering
    model, report = pretrained(source.folder, kind, source.name, trust_pickle=trust_pickle, config=config)
    missing = report["missing_keys"]
    absent = sorted(set(missing) - set(head_of(model, missing)))
    if absent:
        raise CheckpointError(f"{source.name} lacks weights of its own architecture: {', '.join(absent[:5])}")
    return model
