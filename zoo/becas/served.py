"""python -m zoo.becas.served FOLDER: the quality of a version's answers on invented pages and pages by hand.

FOLDER holds the version's model.onnx, tokenizer.json and answering.json.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from functions.core.definition import Limits
from functions.predictors.question_answering.parameters import AnsweringParameters
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from model_export.question_answering.squad_metrics import score_answers
from zoo.becas.asked import Asked, invented
from zoo.becas.by_hand import read_pages

FILES = ("model.onnx", "tokenizer.json", "answering.json")
MEASURED = ("seen", "unseen", "unseen-values")
SEED = 123


def read_predictor(folder: Path) -> QuestionAnsweringPredictor:
    graph, tokenizer, settings = ((folder / name).read_bytes() for name in FILES)
    return QuestionAnsweringPredictor(graph, tokenizer, settings, Limits(max_tokens=10**6))


def measure(predictor: QuestionAnsweringPredictor, asked: Sequence[Asked], *, may_be_empty: bool) -> dict[str, float]:
    """Exact match and F1 in percent; unless it `may_be_empty`, only of what the page tells."""
    told = [one for one in asked if one.answers or may_be_empty]
    parameters = AnsweringParameters.from_mapping({"handle_impossible_answer": may_be_empty})
    found = [predictor.answer([one.question], [one.page], parameters)[0][0]["answer"] for one in told]
    return score_answers(found, [list(one.answers) for one in told])


def main(folder: Path) -> None:
    predictor = read_predictor(folder)
    sets = {split: list(invented(split, SEED)) for split in MEASURED} | {"by hand": list(read_pages())}
    for (name, asked), may_be_empty in itertools.product(sets.items(), (True, False)):
        figures = measure(predictor, asked, may_be_empty=may_be_empty)
        print(
            f"{name}, {len(asked)} questions, answers {'may be' if may_be_empty else 'are never'} empty:  "
            + "  ".join(f"{metric} {value:.1f}" for metric, value in figures.items()),
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
