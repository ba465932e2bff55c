"""Results of a model on the questions of a file, decoded by the code that serves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.predictors.predictions import Floats
from functions.predictors.question_answering.answers import FoundAnswers
from functions.predictors.question_answering.parameters import Answering
from model_export.checkpoints.documents import TRAINING_RESULTS
from model_export.fine_tuning.window_dataset import WindowDataset
from model_export.question_answering.squad import Question
from model_export.question_answering.squad_metrics import score_answers

RESULTS_IN_WORDS = "eval_results.txt"
PREDICTIONS = "predictions_test.json"
N_BEST = "nbest_predictions_test.json"
RESULT_FILES = (TRAINING_RESULTS, RESULTS_IN_WORDS, PREDICTIONS, N_BEST)
"""All files about how a model answers the test questions."""

StartAndEndLogits = tuple[Floats, Floats]
"""Scores of each token as start and as end of an answer, each [windows, S]; S is at least the longest window."""
RankedAnswers = list[dict[str, Any]]
"""Answers to one question, the best first: score, start, end and answer."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`dataset` holds the windows of `questions`; with `has_impossible` the empty text is an answer too.

    It is the best one if its score exceeds that of any other by more than `null_threshold`, in logits.
    """

    questions: Sequence[Question]
    dataset: WindowDataset
    longest_answer: int
    n_best: int
    has_impossible: bool
    null_threshold: float = 0.0

    def answers(self, logits: StartAndEndLogits, count: int) -> list[RankedAnswers]:
        """At most `count` answers for each question, as a request for so many gets them.

        More of them are chosen from more spans of a window, whose scores may add up to another best answer.
        """
        # Windows are cut already, so the lengths that serving would cut by are 0.
        asked = Answering(count, 0, self.longest_answer, 0, 0, self.has_impossible, True, self.null_threshold)
        found = [FoundAnswers(question.context) for question in self.questions]
        for number, labelled in enumerate(self.dataset.labelled):
            window, context = self.dataset.window(labelled), self.dataset.pairs[labelled.question].context
            start, end = (scores[number, : len(window.ids)] for scores in logits)
            found[labelled.question].add_window(start, end, window, context, asked)
        return [answers.best(count) for answers in found]

    def best(self, logits: StartAndEndLogits) -> list[str]:
        """The answer to each question: the one that is measured, and that serving gives."""
        return [first["answer"] for first, *_ in self.answers(logits, 1)]

    def metrics(self, logits: StartAndEndLogits) -> dict[str, float]:
        """Exact match and F1 in percent, and how many answers are correct, similar and incorrect."""
        predicted = self.best(logits)
        truths = [[answer.text for answer in question.answers] for question in self.questions]
        return {**score_answers(predicted, truths), **tally(predicted, truths)}

    def write(self, folder: Path, logits: StartAndEndLogits) -> None:
        """Write two files by question id: the best answer, and the `n_best` that a request for so many gets."""
        n_best = map(_plain, self.answers(logits, self.n_best))
        for name, answers in ((PREDICTIONS, self.best(logits)), (N_BEST, n_best)):
            by_id = {question.id: one for question, one in zip(self.questions, answers, strict=True)}
            (folder / name).write_text(_json(by_id), encoding="utf-8")


def tally(predicted: Sequence[str], truths: Sequence[Sequence[str]]) -> dict[str, int]:
    """Counts as in Simple Transformers: correct, similar and incorrect answers.

    An answer equal to the first truth is correct. It is similar if one contains the other, as any text contains the
    empty one.
    """
    counts = {"correct": 0, "similar": 0, "incorrect": 0}
    for answer, accepted in zip(predicted, truths, strict=True):
        counts[_verdict(answer.strip(), accepted[0].strip() if accepted else "")] += 1
    return counts


def write_results(folder: Path, metrics: Mapping[str, float]) -> None:
    """Write eval_results.txt, with a line `name = value` for each metric, and the same as JSON."""
    lines = [f"{name} = {value}\n" for name, value in sorted(metrics.items())]
    (folder / RESULTS_IN_WORDS).write_text("".join(lines), encoding="utf-8")
    (folder / TRAINING_RESULTS).write_text(_json(metrics), encoding="utf-8")


def _verdict(answer: str, truth: str) -> str:
    if answer == truth:
        return "correct"
    return "similar" if answer in truth or truth in answer else "incorrect"


def _plain(answers: RankedAnswers) -> list[dict[str, Any]]:
    return [
        {"text": one["answer"], "probability": one["score"], "start": one["start"], "end": one["end"]}
        for one in answers
    ]


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
