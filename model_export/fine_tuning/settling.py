"""From what was given to the arguments of a fine-tuning: checked, with what had to be adjusted told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.core.errors import Fault, InvalidInputError
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments
from model_export.fine_tuning.contradictions import Surroundings, context_tokens, contradictions
from model_export.fine_tuning.ranges import range_faults

BEST_MODEL = "best_model"
WITHOUT_EFFECT: Mapping[str, tuple[str, ...]] = {
    "evaluate_during_training": (
        "evaluate_during_training_steps",
        "early_stopping_metric",
        "early_stopping_metric_minimize",
        "save_eval_checkpoints",
        "use_cached_eval_features",
    ),
    "use_early_stopping": ("early_stopping_patience",),
}
"""What has an effect only where another argument is true."""


@dataclass(frozen=True, slots=True)
class Settled:
    """`notes` say what is not as it was given, or has no effect."""

    arguments: FineTuningArguments
    notes: tuple[str, ...]


def settle(given: Mapping[str, Any], out: Path | None, surroundings: Surroundings) -> Settled:
    """Every argument, the others by their defaults; raises InvalidInputError with all that is wrong.

    `out` stands for `output_dir`; where that is not the default and nothing is said of it, `best_model_dir` is in it.
    """
    asked = FineTuningArguments(**_placed(given, out))
    faults = list(range_faults(asked)) or list(contradictions(asked, given, surroundings))
    if out is not None and Path(given.get("output_dir", out)) != out:
        faults.append(Fault(("output_dir",), f"is {given['output_dir']}, and --out {out}: give one of them", "folder"))
    if faults:
        raise InvalidInputError(faults)
    adjusted, changes = _adjusted(asked, given, surroundings)
    return Settled(adjusted, (*changes, *_ineffective(adjusted, given), *_unchecked(surroundings, given)))


def _placed(given: Mapping[str, Any], out: Path | None) -> dict[str, Any]:
    folder = given.get("output_dir") if out is None else str(out)
    if not folder:
        return dict(given)
    return {"best_model_dir": str(Path(folder) / BEST_MODEL), **given, "output_dir": folder}


def _adjusted(
    asked: FineTuningArguments, given: Mapping[str, Any], surroundings: Surroundings
) -> tuple[FineTuningArguments, list[str]]:
    changes: dict[str, Any] = {}
    notes = []
    if asked.doc_stride > context_tokens(asked):
        changes["doc_stride"] = max(context_tokens(asked) // 2, 1)
        notes.append(_clamped(asked, changes["doc_stride"]))
    if surroundings.gpus == 0 and asked.n_gpu:
        changes["n_gpu"] = 0
        notes.append("n_gpu is 0: this machine has no GPU, so the CPU trains")
    better = LOWER_IS_BETTER[asked.early_stopping_metric]
    if asked.early_stopping_metric_minimize != better:
        changes["early_stopping_metric_minimize"] = better
        notes.append(f"early_stopping_metric_minimize is {str(better).lower()}, for {asked.early_stopping_metric}")
    return replace(asked, **changes), notes


def _clamped(asked: FineTuningArguments, step: int) -> str:
    return (
        f"doc_stride is {step}, not {asked.doc_stride}: of max_seq_length {asked.max_seq_length} a question of "
        f"max_query_length {asked.max_query_length} leaves {context_tokens(asked)} tokens for the context, and a "
        "longer step would skip some"
    )


def _ineffective(arguments: FineTuningArguments, given: Mapping[str, Any]) -> Iterator[str]:
    for switch, names in WITHOUT_EFFECT.items():
        if not getattr(arguments, switch):
            yield from (f"{name} has no effect: {switch} is false" for name in names if given.get(name))


def _unchecked(surroundings: Surroundings, given: Mapping[str, Any]) -> Iterator[str]:
    if surroundings.longest_input is None:
        yield "the model is not at hand, so whether it takes max_seq_length is not checked yet"
    if surroundings.gpus is None and "n_gpu" in given:
        yield "torch is not installed, so whether there are as many GPUs as n_gpu is not checked"
