"""Fine-tuning of a question-answering model, from a checked request to a saved model with its results."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from transformers import Trainer

from functions.core.errors import InvalidInputError
from model_export.checkpoints.documents import TRAINING_ARGUMENTS
from model_export.fine_tuning.argument_checks import over_length, without_evaluation
from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.broken_off import break_off_explained
from model_export.fine_tuning.callbacks import WriteLine, plain_metrics
from model_export.fine_tuning.checkpoint_folders import BaseCheckpoint, load_base, save_model
from model_export.fine_tuning.curve import write_curve_picture, write_curve_table
from model_export.fine_tuning.evaluation_results import Evaluation, write_results
from model_export.fine_tuning.run import CACHE, BaseRecord, FineTuningRequest, FineTuningRun, open_run
from model_export.fine_tuning.surroundings import refuse_absent_reporters
from model_export.fine_tuning.text_tokenizer import TextTokenizer
from model_export.fine_tuning.trainer import (
    NO_LOGITS,
    make_trainer,
    open_reporters,
    start_and_end,
)
from model_export.fine_tuning.window_dataset import WindowDataset, WindowLengths


@dataclass(frozen=True, slots=True)
class FineTuned:
    """`metrics` describe the last model, which is in `folder`; they are empty without test questions.

    `best` is the folder of the best model, None where none was kept.
    """

    folder: Path
    best: Path | None
    steps: int
    metrics: Mapping[str, float]


def on_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def without_line(_: str) -> None:
    """Write nothing."""


def fine_tune(request: FineTuningRequest, write_line: WriteLine = on_standard_error) -> FineTuned:
    """Train, evaluate and save; `write_line` receives the progress.

    Raises CheckpointError for a base or an output folder that cannot be used, InvalidInputError for questions, and
    DespliegueError for whatever ends the training before its time.
    """
    arguments = request.arguments
    refuse_absent_reporters(arguments)
    # Cheap refusals first, then the model and the reporters, and last the folder is touched, but for the cache.
    run = open_run(request)
    with break_off_explained(request.out, is_begun=request.resume):
        base = _base(request, run)
        train, evaluation = _datasets(request, base)
        if faults := without_evaluation(arguments, len(train)):
            raise InvalidInputError(faults)
        with open_reporters(arguments) as reporters:
            run.begin(request, _record(base))
            write_line(_beginning(request, run, base, len(train)))
            with break_off_explained(request.out, is_begun=True):
                progress = without_line if arguments.silent else write_line
                trainer = make_trainer(request, run, base, train, evaluation, reporters, progress)
                result = _trained(trainer, request, run, base, evaluation)
    run.end()
    write_line(_end(result, arguments.early_stopping_metric))
    return result


def _base(request: FineTuningRequest, run: FineTuningRun) -> BaseCheckpoint:
    arguments = request.arguments
    base = load_base(
        request.base,
        arguments.config,
        run.seed,
        trust_pickle=request.trust_pickle,
        lower_case=arguments.do_lower_case,
        revision=run.revision_of(request.base),
    )
    run.refuse_another_base(_record(base), request.base)
    if faults := over_length(arguments, base.max_length):
        raise InvalidInputError(faults)
    return base


def _record(base: BaseCheckpoint) -> BaseRecord:
    return BaseRecord(base.digest, base.source.hub_id, base.source.revision)


def _trained(
    trainer: Trainer,
    request: FineTuningRequest,
    run: FineTuningRun,
    base: BaseCheckpoint,
    evaluation: Evaluation | None,
) -> FineTuned:
    """Train, save the model with its curve, and evaluate it."""
    resumed = str(run.checkpoint) if run.checkpoint else None
    trainer.train(resume_from_checkpoint=resumed, ignore_keys_for_eval=NO_LOGITS)
    save_model(request.out, trainer.model, base.tokenizer, request.model_args(is_fresh=base.is_fresh))
    metrics = _evaluate(trainer, evaluation, request.out) if evaluation else {}
    write_curve_table(trainer.state.log_history, request.out)
    write_curve_picture(trainer.state.log_history, request.out)
    # The folder held no model when the run began, so one that is there was kept by it.
    best = request.best if (request.best / TRAINING_ARGUMENTS).is_file() else None
    return FineTuned(request.out, best, trainer.state.global_step, metrics)


def _datasets(request: FineTuningRequest, base: BaseCheckpoint) -> tuple[WindowDataset, Evaluation | None]:
    arguments = request.arguments
    lengths = WindowLengths(arguments.max_seq_length, arguments.doc_stride, arguments.max_query_length)
    is_cached = not arguments.reprocess_input_data and not arguments.no_cache
    train = WindowDataset(request.train, _tokenizer(request, base, is_cached=is_cached), lengths)
    if not request.test:
        return train, None
    tokenizer = _tokenizer(request, base, is_cached=is_cached or _caches_test(arguments))
    return train, Evaluation(
        request.test,
        WindowDataset(request.test, tokenizer, replace(lengths, as_served=True)),
        arguments.max_answer_length,
        arguments.n_best_size,
        has_impossible=request.has_impossible,
        null_threshold=arguments.null_score_diff_threshold,
    )


def _caches_test(arguments: FineTuningArguments) -> bool:
    return arguments.use_cached_eval_features and not arguments.no_cache


def _tokenizer(request: FineTuningRequest, base: BaseCheckpoint, *, is_cached: bool) -> TextTokenizer:
    cache = request.out / CACHE if is_cached else None
    return TextTokenizer(base.served_tokenizer, request.arguments.use_multiprocessing, cache)


def _evaluate(trainer: Trainer, evaluation: Evaluation, out: Path) -> dict[str, float]:
    """Metrics of the model as it is now; they are written together with its answers."""
    output = trainer.predict(evaluation.dataset, ignore_keys=NO_LOGITS, metric_key_prefix="eval")
    metrics = plain_metrics(output.metrics or {})
    write_results(out, metrics)
    evaluation.write(out, start_and_end(output.predictions))
    return metrics


def _beginning(request: FineTuningRequest, run: FineTuningRun, base: BaseCheckpoint, windows: int) -> str:
    weights = sum(weight.numel() for weight in base.model.parameters())
    kind = f"{'fresh' if base.is_fresh else 'trained'} weights ({weights})"
    place = f"from {run.checkpoint.name}" if run.checkpoint else "from the beginning"
    return f"{request.base}: {kind}, {len(request.train)} questions in {windows} windows, seed {run.seed}, {place}"


def _end(result: FineTuned, metric: str) -> str:
    best = f", the best one by {metric} is in {result.best}" if result.best else ""
    return f"{result.folder} holds the model of step {result.steps}{best}: `despliegue export-hf` serves it"
