"""Surroundings of a fine-tuning: the machine, the files and the model at hand, before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from functions.core.errors import CheckpointError, DespliegueError
from model_export.checkpoints.documents import CONFIG, HUB_ID, TOKENIZER_FILES, read_json_object
from model_export.checkpoints.families import family_of, model_size
from model_export.checkpoints.weight_files import has_weights, weights_are_safe
from model_export.fine_tuning.arguments import FineTuningArguments


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


def refuse_unusable_base(base: str, *, trust_pickle: bool) -> None:
    """Raise CheckpointError for a base that is neither here nor a model of the hub, or that could not be read.

    A model of the hub is not looked for, because a check needs no network, and files are known by their names.
    """
    path = Path(base)
    folder = path.parent if path.name == CONFIG and path.is_file() else path
    if not folder.is_dir():
        if HUB_ID.fullmatch(base):
            _refuse_name_inside_folder(path)
            return
        raise CheckpointError(
            f"--base {base!r} is no folder here, no {CONFIG}, and no id of a hub model, which is written owner/name"
        )
    family_of(folder)
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise CheckpointError(
            f"{folder} has no tokenizer ({', '.join(TOKENIZER_FILES)}): save one there with its save_pretrained, such "
            "as one that AutoTokenizer.from_pretrained(...).train_new_from_iterator(texts, vocab_size) trains"
        )
    if folder == path and has_weights(folder):
        weights_are_safe(folder, trust_pickle=trust_pickle)


def is_of_the_hub(base: str) -> bool:
    """True for a base that nothing here has the name of; it need not be on the hub either."""
    return not Path(base).exists()


def _refuse_name_inside_folder(path: Path) -> None:
    """Raise CheckpointError for owner/name where `owner` is a folder here: more likely a name in it is misspelt."""
    if path.parent.is_dir():
        raise CheckpointError(
            f"--base {str(path)!r} is no folder here, and {path.parent} is one, so no hub model is meant: correct the "
            f"name; for a hub model of that owner work in a folder that holds no {path.parent}"
        )


def refuse_absent_reporters(arguments: FineTuningArguments) -> None:
    """Raises DespliegueError for a Weights & Biases project where wandb is not installed."""
    if arguments.wandb_project is not None and find_spec("wandb") is None:
        raise DespliegueError(
            f"wandb_project is {arguments.wandb_project!r}, and wandb is not installed: `pip install wandb`, or leave "
            "wandb_project out"
        )
