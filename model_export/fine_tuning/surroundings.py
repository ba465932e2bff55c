"""Surroundings of a fine-tuning: the machine, the files and the model at hand, before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from model_export.question_answering.documents import CONFIG, read_json_object
from model_export.question_answering.families import model_size


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Facts that the arguments must fit; None for what is not known.

    `longest_input` is the largest number of tokens that the model takes; `inputs` are the files and folders that the
    fine-tuning reads.
    """

    has_test: bool
    gpus: int | None
    longest_input: int | None
    inputs: tuple[Path, ...] = ()
    resume: bool = False


def available_gpus() -> int | None:
    """Number of GPUs that torch can use, None where torch is not installed."""
    if find_spec("torch") is None:
        return None
    import torch

    return torch.cuda.device_count()


def longest_input_of(base: str, overrides: Mapping[str, Any]) -> int | None:
    """Largest number of tokens that the model in the folder `base`, or with the configuration `base`, takes.

    `overrides` are applied to the configuration. None where it is not known here, as for a model of the hub.
    Raises CheckpointError for a configuration that cannot be read.
    """
    path = Path(base)
    path = path / CONFIG if path.is_dir() else path
    if path.suffix != ".json":
        return None
    return model_size({**read_json_object(path), **overrides}, str(path)).longest_input
