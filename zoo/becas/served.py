"""python -m zoo.becas.served FOLDER [--squad FILE]: the quality of a version's answers on texts that it never read.

FOLDER holds the version's model.onnx, tokenizer.json and answering.json. The last questions of FILE, which the training
leaves out, are asked as well. With `--thresholds` only those about the written pages that measure are asked, and
counted for each value that `null_score_diff_threshold` might have.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.core.tasks import ANSWERING, GRAPH, TOKENIZER
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from model_export.checkpoints.measuring import ANY_LENGTH
from model_export.question_answering.squad_metrics import normalised, score_answers
from zoo.becas.asked import Asked, invented
from zoo.becas.by_hand import read_pages
from zoo.becas.reading import held_out_of, read_squad
from zoo.becas.written import FILES, measuring_of

SPLITS = ("seen", "unseen", "unseen-values")
SEED = 123
LONGEST_USEFUL = 120
"""Characters of an answer that a reader takes in at a glance."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Percentages over the questions that their text answers; `useful` answers hold one, and are not long.

    `known` of the `unanswerable` questions got the empty answer, and `silent` of the others.
    """

    exact: float
    f1: float
    useful: float
    answerable: int
    silent: int
    known: int
    unanswerable: int

    def __str__(self) -> str:
        return (
            f"exact {self.exact:.1f}  f1 {self.f1:.1f}  useful {self.useful:.1f}  of {self.answerable}, of which "
            f"{self.silent} silent;  known {self.known} of {self.unanswerable}"
        )


def read_predictor(folder: Path) -> QuestionAnsweringPredictor:
    graph, tokenizer, settings = ((folder / name).read_bytes() for name in (GRAPH, TOKENIZER, ANSWERING))
    return QuestionAnsweringPredictor(graph, tokenizer, settings, ANY_LENGTH)


@dataclass(frozen=True, slots=True)
class Found:
    """The best answer that is not empty, and by how much the logarithm of the empty one's score exceeds its own."""

    text: str
    excess: float

    def by(self, threshold: float) -> str:
        """The answer with this `null_score_diff_threshold`."""
        return "" if self.excess > threshold else self.text


def answers(predictor: QuestionAnsweringPredictor, asked: Sequence[Asked]) -> list[Found]:
    """An answer to each question. Thresholds below the version's own cannot be told from what it answers."""
    parameters = AnsweringParameters.from_mapping({"handle_impossible_answer": True, "top_k": 2})
    return [_found(predictor.answer([one.question], [one.page], parameters)[0]) for one in asked]


def _found(best: Sequence[Mapping[str, Any]]) -> Found:
    (told, *_) = (one for one in best if one["answer"])
    empty = next((one["score"] for one in best if not one["answer"]), 0.0)
    return Found(told["answer"], math.log(empty / told["score"]) if empty else -math.inf)


def figures(found: Sequence[str], asked: Sequence[Asked]) -> Figures:
    answerable = [(answer, one) for answer, one in zip(found, asked, strict=True) if one.answers]
    others = [answer for answer, one in zip(found, asked, strict=True) if not one.answers]
    scores = score_answers([answer for answer, _ in answerable], [list(one.answers) for _, one in answerable])
    return Figures(
        exact=scores["exact"],
        f1=scores["f1"],
        useful=100 * sum(is_useful(answer, one) for answer, one in answerable) / len(answerable),
        answerable=len(answerable),
        silent=sum(not answer for answer, _ in answerable),
        known=sum(not answer for answer in others),
        unanswerable=len(others),
    )


def is_useful(answer: str, asked: Asked) -> bool:
    """Whether an answer holds a right one, and is short enough to find it there."""
    held = normalised(answer)
    return len(answer) < LONGEST_USEFUL and any(truth in held for truth in map(normalised, asked.answers) if truth)


def asked_of(squad: Path | None) -> Iterator[tuple[str, list[Asked]]]:
    """The sets of questions that are measured, by name."""
    for split in SPLITS:
        yield split, list(invented(split, SEED))
    yield "written", list(measuring_of(FILES))
    yield "by hand", list(read_pages())
    if squad is not None:
        held_out = held_out_of(read_squad(squad))
        spans = [(one.text[slice(*one.span)],) if one.span else () for one in held_out]
        yield squad.name, [Asked(one.question, one.text, span) for one, span in zip(held_out, spans, strict=True)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--squad", type=Path, metavar="FILE", help="Spanish SQuAD that the model was trained on")
    parser.add_argument("--thresholds", type=float, nargs="+", metavar="NUMBER", help="measure these on written pages")
    given = parser.parse_args(arguments)
    predictor = read_predictor(given.folder)
    if given.thresholds is not None:
        asked = list(measuring_of(FILES))
        found = answers(predictor, asked)
        for threshold in given.thresholds:
            print(f"threshold {threshold:g}:  {figures([one.by(threshold) for one in found], asked)}", flush=True)
        return
    own = AnsweringSettings.from_json((given.folder / ANSWERING).read_bytes()).null_score_diff_threshold
    for name, asked in asked_of(given.squad):
        found = answers(predictor, asked)
        print(f"{name}:  {figures([one.by(own) for one in found], asked)}", flush=True)
        print(f"{name}, never empty:  {figures([one.text for one in found], asked)}", flush=True)


if __name__ == "__main__":
    main()
