"""python -m tools.becas.by_hand FOLDER: how well a version answers pages that people wrote, and their questions.

The pages are beside this module, a file each: the page, a line of =====, then questions, each with a line of answers
that are as good as one another, " | " between them, or "-" where the page has none. No wording of the corpus was
written with a look at them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from functions.core.definition import Limits
from functions.predictors.answering import AnsweringParameters
from functions.predictors.question_answering import QuestionAnsweringPredictor
from model_export.question_answering.squad_metrics import score

FOLDER = Path(__file__).with_name("by_hand")
LINE = "\n=====\n"
NO_ANSWER = "-"
FILES = ("model.onnx", "tokenizer.json", "answering.json")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a page, and its answers as they stand on it; none where the page does not tell."""

    question: str
    page: str
    answers: tuple[str, ...]


def read_pages(folder: Path = FOLDER) -> Iterator[Asked]:
    """Every question, page after page. Raises ValueError where an answer is not on its page."""
    for path in sorted(folder.glob("*.txt")):
        page, _, questions = path.read_text("utf-8").partition(LINE)
        lines = questions.splitlines()
        for question, answers in zip(lines[::2], lines[1::2], strict=True):
            found = () if answers == NO_ANSWER else tuple(answers.split(" | "))
            if missing := [answer for answer in found if answer not in page]:
                raise ValueError(f"{path.name}: {missing[0]!r}, an answer to {question!r}, is not on the page")
            yield Asked(question, page, found)


def measure(predictor: QuestionAnsweringPredictor, asked: list[Asked], *, may_be_empty: bool) -> dict[str, float]:
    """Exact match and F1 in percent; unless it `may_be_empty`, only of what the page tells."""
    told = [one for one in asked if one.answers or may_be_empty]
    parameters = AnsweringParameters.from_mapping({"handle_impossible_answer": may_be_empty})
    found = [predictor.answer([one.question], [one.page], parameters)[0][0]["answer"] for one in told]
    return score(found, [list(one.answers) for one in told])


def main(folder: Path) -> None:
    predictor = QuestionAnsweringPredictor(*((folder / name).read_bytes() for name in FILES), Limits(max_tokens=10**6))
    asked = list(read_pages())
    for may_be_empty in (True, False):
        figures = measure(predictor, asked, may_be_empty=may_be_empty)
        kind = "may be empty" if may_be_empty else "never empty "
        print(f"{kind}  " + "  ".join(f"{name} {value:.1f}" for name, value in figures.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
