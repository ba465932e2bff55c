"""Arguments of a fine-tuning checked against each other and the surroundings, and adjusted where one value fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.core.errors import Fault, InvalidInputError
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments
from model_export.fine_tuning.ineffective_arguments import ineffective
from model_export.fine_tuning.run import OWN_FOLDERS, is_filled, not_empty
from model_export.fine_tuning.surroundings import Surroundings

SPECIAL_TOKENS = 4
"""Most special tokens of a window: one at its start, two between question and context, one at its end."""
CHECKPOINT = "checkpoint-"
BEST_MODEL = "best_model"


@dataclass(frozen=True, slots=True)
class CheckedArguments:
    """`notes` name arguments that were adjusted, have no effect, or could not be checked."""

    arguments: FineTuningArguments
    notes: tuple[str, ...]


def check_arguments(given: Mapping[str, Any], out: Path | None, surroundings: Surroundings) -> CheckedArguments:
    """All arguments: the given ones, each valid by itself, and defaults for the others.

    `out` takes the place of `output_dir`. Where the output folder is given and `best_model_dir` is not, the latter is
    inside it. Raises InvalidInputError with every contradiction.
    """
    asked = FineTuningArguments(**_with_folders(given, out))
    faults = list(_contradictions(asked, given, surroundings))
    if out is not None and Path(given.get("output_dir", out)) != out:
        faults.append(Fault(("output_dir",), f"is {given['output_dir']}, and --out {out}: give one of them", "folder"))
    if faults:
        raise InvalidInputError(faults)
    adjusted, changes = _adjusted(asked, given, surroundings)
    return CheckedArguments(adjusted, (*changes, *ineffective(adjusted, given), *_unchecked(surroundings, given)))


def over_length(arguments: FineTuningArguments, longest: int) -> list[Fault]:
    """The fault of windows of more tokens than the model takes, which are `longest`; none where they fit."""
    length = arguments.max_seq_length
    if length <= longest:
        return []
    message = f"is {length}, and the model takes {longest} tokens: set that or less"
    return [Fault(("max_seq_length",), message, "length")]


def without_evaluation(arguments: FineTuningArguments, windows: int) -> list[Fault]:
    """The fault of a training on so many windows that ends before its first evaluation; none where there is one."""
    if not arguments.evaluate_during_training or arguments.evaluate_each_epoch:
        return []
    batches = math.ceil(windows / arguments.train_batch_size)
    steps = math.ceil(batches / arguments.gradient_accumulation_steps) * arguments.num_train_epochs
    every = arguments.evaluate_during_training_steps
    if every <= steps:
        return []
    message = (
        f"is {every}, and the training has {steps} steps, so nothing would be evaluated during it: set {steps} or "
        "less, or evaluate_each_epoch"
    )
    return [Fault(("evaluate_during_training_steps",), message, "evaluation")]


def _with_folders(given: Mapping[str, Any], out: Path | None) -> dict[str, Any]:
    folder = given.get("output_dir") if out is None else str(out)
    if not folder:
        return dict(given)
    return {"best_model_dir": str(Path(folder) / BEST_MODEL), **given, "output_dir": folder}


def _contradictions(
    arguments: FineTuningArguments, given: Mapping[str, Any], surroundings: Surroundings
) -> Iterator[Fault]:
    yield from _evaluation_faults(arguments, surroundings)
    yield from _metric_faults(arguments, given)
    yield from _scheduler_faults(arguments)
    yield from _length_faults(arguments, surroundings)
    yield from _gpu_faults(arguments, given, surroundings)
    yield from _folder_faults(arguments, surroundings)
    if arguments.wandb_kwargs and arguments.wandb_project is None:
        yield Fault(("wandb_kwargs",), "nothing is logged without a wandb_project: set it, or leave this out", "wandb")


def _evaluation_faults(arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    if arguments.use_early_stopping and not arguments.evaluate_during_training:
        message = "needs evaluations to stop by: set evaluate_during_training, or leave this out"
        yield Fault(("use_early_stopping",), message, "evaluation")
    if arguments.evaluate_during_training and not surroundings.has_test:
        message = "needs questions to evaluate on: give --test FILE, or leave this out"
        yield Fault(("evaluate_during_training",), message, "evaluation")
    if arguments.evaluate_during_training and arguments.evaluate_during_training_steps < 1:
        yield from _epoch_faults(arguments)


def _epoch_faults(arguments: FineTuningArguments) -> Iterator[Fault]:
    """Faults where no evaluation follows a number of steps."""
    if not arguments.evaluate_each_epoch:
        message = "leaves nothing to evaluate at: set it, or evaluate_during_training_steps"
        yield Fault(("evaluate_each_epoch",), message, "evaluation")
    elif arguments.use_early_stopping and not arguments.early_stopping_consider_epochs:
        message = (
            "is false, and only epochs are evaluated, so nothing would stop the training: set it, or "
            "evaluate_during_training_steps"
        )
        yield Fault(("early_stopping_consider_epochs",), message, "evaluation")


def _metric_faults(arguments: FineTuningArguments, given: Mapping[str, Any]) -> Iterator[Fault]:
    metric = arguments.early_stopping_metric
    minimize = given.get("early_stopping_metric_minimize")
    lower_is_better = LOWER_IS_BETTER[metric]
    if minimize is not None and minimize != lower_is_better:
        better = "lower" if lower_is_better else "higher"
        message = f"a {better} {metric} is better: set {str(lower_is_better).lower()}"
        yield Fault(("early_stopping_metric_minimize",), message, "metric")


def _scheduler_faults(arguments: FineTuningArguments) -> Iterator[Fault]:
    end, peak = arguments.polynomial_decay_schedule_lr_end, arguments.learning_rate
    if arguments.scheduler == "polynomial_decay_schedule_with_warmup" and end >= peak:
        message = f"is {end}, and learning_rate {peak}, which falls to it: set less"
        yield Fault(("polynomial_decay_schedule_lr_end",), message, "scheduler")


def _length_faults(arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    length = arguments.max_seq_length
    if surroundings.longest_input is not None:
        yield from over_length(arguments, surroundings.longest_input)
    if _context_tokens(arguments) < 1:
        message = (
            f"questions of {arguments.max_query_length} tokens leave none of max_seq_length {length} for the "
            f"context: set max_query_length below {max(length - SPECIAL_TOKENS, 1)}, or a larger max_seq_length"
        )
        yield Fault(("max_query_length",), message, "length")


def _gpu_faults(
    arguments: FineTuningArguments, given: Mapping[str, Any], surroundings: Surroundings
) -> Iterator[Fault]:
    gpus = surroundings.gpus
    if gpus is not None and given.get("n_gpu", 0) > gpus:
        message = f"is {arguments.n_gpu}, and this machine has {gpus or 'none'}: set {gpus} or leave it out"
        yield Fault(("n_gpu",), message, "gpus")
    elif gpus and arguments.n_gpu > 1:
        yield from _batch_faults(arguments)
    if arguments.fp16 and arguments.bf16:
        yield Fault(("fp16",), "is set together with bf16: set one of them", "precision")


def _batch_faults(arguments: FineTuningArguments) -> Iterator[Fault]:
    """The GPUs take equal parts of a batch."""
    gpus = arguments.n_gpu
    for name in ("train_batch_size", "eval_batch_size"):
        size = getattr(arguments, name)
        if size % gpus:
            message = f"{size} questions cannot be shared by {gpus} GPUs: set {-(-size // gpus) * gpus}"
            yield Fault((name,), message, "gpus")


def _folder_faults(arguments: FineTuningArguments, surroundings: Surroundings) -> Iterator[Fault]:
    out, best = Path(arguments.output_dir).resolve(), Path(arguments.best_model_dir).resolve()
    if out.is_relative_to(best):
        message = f"{best} would hold output_dir {out}: choose another folder, as {out / BEST_MODEL}"
        yield Fault(("best_model_dir",), message, "folder")
    elif best.is_relative_to(out) and _is_taken(best.relative_to(out).parts[0]):
        yield Fault(("best_model_dir",), f"{best} is a folder of the run's own: choose another name", "folder")
    yield from _output_faults("output_dir", out, arguments, surroundings)
    if not best.is_relative_to(out):
        yield from _output_faults("best_model_dir", best, arguments, surroundings)


def _is_taken(name: str) -> bool:
    """True for a name in the output folder that the run gives to a folder of its own."""
    return name in OWN_FOLDERS or name.startswith(CHECKPOINT)


def _output_faults(
    name: str, folder: Path, arguments: FineTuningArguments, surroundings: Surroundings
) -> Iterator[Fault]:
    if folder.exists() and not folder.is_dir():
        yield Fault((name,), f"{folder} is not a folder: choose another", "folder")
        return
    held = [path for path in surroundings.inputs if path.resolve().is_relative_to(folder)]
    if held:
        yield Fault((name,), f"{folder} holds {held[0]}, which is read: choose another folder", "folder")
    elif not (arguments.overwrite_output_dir or surroundings.resume) and is_filled(folder, is_out=name == "output_dir"):
        yield Fault((name,), not_empty(folder), "folder")


def _adjusted(
    asked: FineTuningArguments, given: Mapping[str, Any], surroundings: Surroundings
) -> tuple[FineTuningArguments, list[str]]:
    changes: dict[str, Any] = {}
    notes = []
    if asked.doc_stride > _context_tokens(asked):
        # Half of the room: an answer at the end of one window is whole in the next.
        changes["doc_stride"] = max(_context_tokens(asked) // 2, 1)
        notes.append(_shortened_stride(asked, changes["doc_stride"]))
    if surroundings.gpus == 0 and asked.n_gpu:
        changes["n_gpu"] = 0
        notes.append("n_gpu is 0: this machine has no GPU, so the CPU trains")
    if asked.fp16 and (asked.n_gpu == 0 or surroundings.gpus == 0):
        changes["fp16"] = False
        notes.append("fp16 is false: it needs a GPU, and the CPU trains in float32")
    better = LOWER_IS_BETTER[asked.early_stopping_metric]
    if asked.early_stopping_metric_minimize != better:
        changes["early_stopping_metric_minimize"] = better
        notes.append(f"early_stopping_metric_minimize is {str(better).lower()}, for {asked.early_stopping_metric}")
    if asked.overwrite_output_dir and surroundings.resume:
        notes.append("overwrite_output_dir has no effect: --resume goes on with the run that is there")
    return replace(asked, **changes), notes


def _shortened_stride(asked: FineTuningArguments, stride: int) -> str:
    return (
        f"doc_stride is {stride}, not {asked.doc_stride}: with max_seq_length {asked.max_seq_length} a question of "
        f"max_query_length {asked.max_query_length} leaves {_context_tokens(asked)} tokens for the context, and a "
        "longer step would skip some"
    )


def _unchecked(surroundings: Surroundings, given: Mapping[str, Any]) -> Iterator[str]:
    if surroundings.longest_input is None:
        yield "the model is not at hand, so whether it takes max_seq_length is not checked yet"
    if surroundings.gpus is None and "n_gpu" in given:
        yield "torch is not installed, so whether there are as many GPUs as n_gpu is not checked"


def _context_tokens(arguments: FineTuningArguments) -> int:
    """Tokens of the context in a window that also holds the longest question."""
    return arguments.max_seq_length - arguments.max_query_length - SPECIAL_TOKENS
