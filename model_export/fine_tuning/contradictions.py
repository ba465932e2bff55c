"""Arguments of a fine-tuning that contradict each other, or the machine, the files and the model at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.core.errors import Fault
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments
from model_export.fine_tuning.folders import filled, is_filled

SPECIAL_TOKENS = 4
"""At most, in a window: at its start, two between question and context, at its end."""
CHECKPOINT = "checkpoint-"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the arguments must fit; None is not known.

    `longest_input` counts the tokens that the model takes at most; `inputs` are the files and folders that the
    fine-tuning reads.
    """

    has_test: bool
    gpus: int | None
    longest_input: int | None
    inputs: tuple[Path, ...] = ()
    resume: bool = False


def context_tokens(arguments: FineTuningArguments) -> int:
    """Of one window, beside the longest question."""
    return arguments.max_seq_length - arguments.max_query_length - SPECIAL_TOKENS


def contradictions(
    arguments: FineTuningArguments, given: Mapping[str, Any], surroundings: Surroundings
) -> Iterator[Fault]:
    """`given` holds what was not left to its default."""
    yield from _of_evaluation(arguments, surroundings)
    yield from _of_metric(arguments, given)
    yield from _of_lengths(arguments, surroundings)
    yield from _of_gpus(arguments, given, surroundings)
    yield from _of_folders(arguments, surroundings)
    if arguments.wandb_kwargs and arguments.wandb_project is None:
        yield Fault(("wandb_kwargs",), "nothing is logged without a wandb_project: set it, or leave this out", "wandb")


def _of_evaluation(arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    if arguments.use_early_stopping and not arguments.evaluate_during_training:
        message = "needs evaluations to stop by: set evaluate_during_training, or leave this out"
        yield Fault(("use_early_stopping",), message, "evaluation")
    if arguments.evaluate_during_training and not surroundings.has_test:
        message = "needs questions to evaluate on: give --test FILE, or leave this out"
        yield Fault(("evaluate_during_training",), message, "evaluation")


def _of_metric(arguments: FineTuningArguments, given: Mapping[str, Any]) -> Iterator[Fault]:
    metric = arguments.early_stopping_metric
    minimize = given.get("early_stopping_metric_minimize")
    better = LOWER_IS_BETTER.get(metric)
    if minimize is not None and better is not None and minimize != better:
        message = f"of {metric} a {'smaller' if better else 'larger'} one is better: set {str(better).lower()}"
        yield Fault(("early_stopping_metric_minimize",), message, "metric")


def _of_lengths(arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    length, longest = arguments.max_seq_length, surroundings.longest_input
    if longest is not None and length > longest:
        yield Fault(
            ("max_seq_length",), f"is {length}, and the model takes {longest} tokens: set that or less", "length"
        )
    if context_tokens(arguments) < 1:
        message = (
            f"questions of {arguments.max_query_length} tokens leave none of max_seq_length {length} for the "
            f"context: set max_query_length below {max(length - SPECIAL_TOKENS, 1)}, or a larger max_seq_length"
        )
        yield Fault(("max_query_length",), message, "length")


def _of_gpus(arguments: FineTuningArguments, given: Mapping[str, Any], surroundings: Surroundings) -> Iterator[Fault]:
    gpus = surroundings.gpus
    if gpus is not None and given.get("n_gpu", 0) > gpus:
        message = f"is {arguments.n_gpu}, and this machine has {gpus or 'none'}: set {gpus} or leave it out"
        yield Fault(("n_gpu",), message, "gpus")
    elif gpus and arguments.n_gpu > 1:
        yield from _of_batches(arguments)
    if arguments.fp16 and arguments.bf16:
        yield Fault(("fp16",), "is set beside bf16: set one of them", "precision")
    if arguments.fp16 and (arguments.n_gpu == 0 or gpus == 0):
        yield Fault(("fp16",), "needs a GPU: leave it out to train on the CPU", "precision")


def _of_batches(arguments: FineTuningArguments) -> Iterator[Fault]:
    """Each GPU takes as large a part of a batch as the others."""
    gpus = arguments.n_gpu
    for name in ("train_batch_size", "eval_batch_size"):
        size = getattr(arguments, name)
        if size % gpus:
            message = f"{size} questions cannot be shared by {gpus} GPUs: set {-(-size // gpus) * gpus}"
            yield Fault((name,), message, "gpus")


def _of_folders(arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    out, best = Path(arguments.output_dir).resolve(), Path(arguments.best_model_dir).resolve()
    if out.is_relative_to(best):
        message = f"{best} would hold output_dir {out}: choose another folder, as {out / 'best_model'}"
        yield Fault(("best_model_dir",), message, "folder")
    elif best.is_relative_to(out) and best.relative_to(out).parts[0].startswith(CHECKPOINT):
        yield Fault(("best_model_dir",), f"{best} is a checkpoint's folder: choose another name", "folder")
    if arguments.overwrite_output_dir and surroundings.resume:
        yield Fault(("overwrite_output_dir",), "nothing would be left to resume: choose one of the two", "folder")
    yield from _of_folder("output_dir", out, arguments, surroundings)
    if not best.is_relative_to(out):
        yield from _of_folder("best_model_dir", best, arguments, surroundings)


def _of_folder(name: str, folder: Path, arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    if folder.exists() and not folder.is_dir():
        yield Fault((name,), f"{folder} is no folder: choose another", "folder")
        return
    held = [path for path in surroundings.inputs if path.resolve().is_relative_to(folder)]
    if held:
        yield Fault((name,), f"{folder} holds {held[0]}, which is read: choose another folder", "folder")
    elif not (arguments.overwrite_output_dir or surroundings.resume) and is_filled(folder):
        yield Fault((name,), filled(folder), "folder")
