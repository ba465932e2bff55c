"""How well a model answers a file's questions, decoded as it will be when it serves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.predictors.question_answering.answers import FoundAnswers
from functions.predictors.question_answering.decoding import decode
from functions.predictors.question_answering.parameters import Answering
from functions.predictors.question_answering.spans import Floats
from model_export.fine_tuning.features import Features
from model_export.question_answering.documents import TRAINING_RESULTS
from model_export.question_answering.squad import Question
from model_export.question_answering.squad_metrics import score

RESULTS_IN_WORDS = "eval_results.txt"
PREDICTIONS = "predictions_test.json"
N_BEST = "nbest_predictions_test.json"

Logits = tuple[Floats, Floats]
"""Of starts and of ends, each [windows, S], where S is at least the longest window."""
Answers = list[dict[str, Any]]
"""Of one question, the best first: score, start, end and answer."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`features` are the windows of `questions`; with `has_impossible` the empty text is an answer too."""

    questions: Sequence[Question]
    features: Features
    longest_answer: int
    n_best: int
    has_impossible: bool

    def answers(self, logits: Logits, count: int) -> list[Answers]:
        """At most `count` for each question."""
        asked = Answering(count, 0, self.longest_answer, 0, 0, self.has_impossible, align_to_words=True)
        found = [FoundAnswers(one.context) for one in self.questions]
        for number, feature in enumerate(self.features.features):
            window, context = self.features.window(feature), self.features.pairs[feature.question].context
            start, end = (one[number, : len(window.ids)] for one in logits)
            decode(found[feature.question], start, end, window, context, asked)
        return [one.best(count) for one in found]

    def metrics(self, logits: Logits) -> dict[str, float]:
        """Exact match and F1 in percent, and how many answers are correct, similar and incorrect."""
        predicted = [best["answer"] for best, *_ in self.answers(logits, 1)]
        truths = [[answer.text for answer in one.answers] for one in self.questions]
        return {**score(predicted, truths), **tally(predicted, truths)}

    def write(self, folder: Path, logits: Logits) -> None:
        """The answer to each question by its id, and beside it the file of the `n_best` best ones."""
        n_best = {
            one.id: _plain(answers)
            for one, answers in zip(self.questions, self.answers(logits, self.n_best), strict=True)
        }
        best = {id: answers[0]["text"] for id, answers in n_best.items()}
        for name, document in ((PREDICTIONS, best), (N_BEST, n_best)):
            (folder / name).write_text(_json(document), encoding="utf-8")


def tally(predicted: Sequence[str], truths: Sequence[Sequence[str]]) -> dict[str, int]:
    """As Simple Transformers counts: equal to the first truth, one within the other (as the empty text is), neither."""
    counts = {"correct": 0, "similar": 0, "incorrect": 0}
    for answer, accepted in zip(predicted, truths, strict=True):
        counts[_verdict(answer.strip(), accepted[0].strip() if accepted else "")] += 1
    return counts


def write_results(folder: Path, metrics: Mapping[str, float]) -> None:
    """eval_results.txt, a line `name = value` for each, and the same as JSON."""
    lines = [f"{name} = {value}\n" for name, value in sorted(metrics.items())]
    (folder / RESULTS_IN_WORDS).write_text("".join(lines), encoding="utf-8")
    (folder / TRAINING_RESULTS).write_text(_json(metrics), encoding="utf-8")


def _verdict(answer: str, truth: str) -> str:
    if answer == truth:
        return "correct"
    return "similar" if answer in truth or truth in answer else "incorrect"


def _plain(answers: Answers) -> list[dict[str, Any]]:
    return [
        {"text": one["answer"], "probability": one["score"], "start": one["start"], "end": one["end"]}
        for one in answers
    ]


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
