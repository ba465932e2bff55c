"""Notes at the beginning of a training: what it will not learn, and whether it will reach its learning rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.callbacks import WriteLine
from model_export.fine_tuning.window_dataset import NO_ANSWER, WindowDataset, answer_span
from model_export.question_answering.squad import Question

SHOWN_IDS = 5


class BeginningNotes(TrainerCallback):
    """Writes the notes on a training on `dataset`, which holds the windows of `questions`."""

    def __init__(
        self,
        arguments: FineTuningArguments,
        questions: Sequence[Question],
        dataset: WindowDataset,
        write_line: WriteLine,
    ) -> None:
        self._arguments = arguments
        self._questions = questions
        self._dataset = dataset
        self._write_line = write_line

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        notes = [*lost_answers(self._questions, self._dataset)]
        if self._arguments.scheduler != "constant_schedule":
            notes += endless_warmup(self._arguments, args.get_warmup_steps(state.max_steps), state.max_steps)
        for note in notes:
            self._write_line(f"note: {note}")


def lost_answers(questions: Sequence[Question], dataset: WindowDataset) -> Iterator[str]:
    """A note on the answers that are in no window as a whole, and one on those that the tokenizer leaves out."""
    held = {labelled.question for labelled in dataset.labelled if labelled.answer != NO_ANSWER}
    cut: list[str] = []
    unread: list[str] = []
    strides = []
    for number, (question, pair) in enumerate(zip(questions, dataset.pairs, strict=True)):
        if not question.answers or number in held:
            continue
        span = answer_span(pair.context, question.answers[0])
        if span is None:
            unread.append(question.id)
        else:
            cut.append(question.id)
            # Where windows begin at most so far apart, any answer of this length is whole in one of them.
            strides.append(pair.windows[0].stop - (span[1] - span[0]))
    if cut:
        stride = f"doc_stride to {min(strides)} or less, or " if min(strides) > 0 else ""
        yield f"{_learned_as_none(cut)}: no window holds theirs as a whole: set {stride}a larger max_seq_length"
    if unread:
        yield f"{_learned_as_none(unread)}: the tokenizer leaves out what theirs consist of: correct them"


def endless_warmup(arguments: FineTuningArguments, warmup: int, steps: int) -> Iterator[str]:
    """A note where all `steps` of a training belong to its `warmup`."""
    if warmup >= steps:
        name = "warmup_steps" if arguments.warmup_steps else "warmup_ratio"
        rate = f"learning_rate {arguments.learning_rate:g}"
        yield f"{rate} is never reached: the warm-up takes {warmup} steps, and the training {steps}: lower {name}"


def _learned_as_none(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
    are = "question is" if len(ids) == 1 else "questions are"
    return f"{len(ids)} answered {are} learned as if without an answer ({', '.join(ids[:SHOWN_IDS])}{more})"
