"""Notes on answers that are not learned, and on a learning rate that is not reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.question_answering.squad import Question, TrueAnswer
from tests.model_export.checkpoints.tiny import TEXTS
from tests.model_export.fine_tuning.small import train

CONTEXT = " ".join(TEXTS)
ROOM = 40
"""Tokens of the context in a window."""


def dataset(base: Path, questions: list[Question], stride: int) -> Any:
    from model_export.fine_tuning.text_tokenizer import TextTokenizer
    from model_export.fine_tuning.window_dataset import WindowDataset, WindowLengths

    # three special tokens, and one of the question
    return WindowDataset(
        questions, TextTokenizer((base / "tokenizer.json").read_bytes()), WindowLengths(ROOM + 4, stride, 1)
    )


def asked(base: Path, *tokens: tuple[int, int]) -> list[Question]:
    """A question for each pair: its answer has the context's tokens from the first to the last of them."""
    [pair] = dataset(base, [Question("whole", "beca", CONTEXT)], ROOM).pairs
    spans = [(pair.context.offsets[first][0], pair.context.offsets[last][1]) for first, last in tokens]
    return [
        Question(f"q{number}", "beca", CONTEXT, (TrueAnswer(CONTEXT[start:end], int(start)),))
        for number, (start, end) in enumerate(spans)
    ]


def notes(base: Path, questions: list[Question], stride: int) -> list[str]:
    from model_export.fine_tuning.beginning_notes import lost_answers

    return list(lost_answers(questions, dataset(base, questions, stride)))


def test_an_answer_across_a_border_is_named_with_the_stride_that_holds_it(bert: Path) -> None:
    """Windows of the tokens 0 to 39 and 40 to 79."""
    questions = [*asked(bert, (2, 5), (38, 41), (39, 39), (36, 42)), Question("none", "beca", CONTEXT)]
    assert notes(bert, questions, ROOM) == [
        "2 answered questions are learned as if without an answer (q1, q3): no window holds theirs as a whole: set "
        "doc_stride to 34 or less, or a larger max_seq_length"
    ]
    assert notes(bert, questions, 34) == []


def test_an_answer_longer_than_a_window_needs_a_longer_one(bert: Path) -> None:
    assert notes(bert, asked(bert, (0, ROOM)), 1) == [
        "1 answered question is learned as if without an answer (q0): no window holds theirs as a whole: set a larger "
        "max_seq_length"
    ]
    assert notes(bert, asked(bert, (0, ROOM - 1)), 1) == []


def test_of_many_questions_some_are_named(bert: Path) -> None:
    (note,) = notes(bert, asked(bert, *[(39, 40)] * 7), ROOM)
    assert note.startswith("7 answered questions are learned as if without an answer (q0, q1, q2, q3, q4 and 2 more): ")


def test_an_answer_without_tokens_is_named(bert: Path) -> None:
    question = Question("a", "beca", "la beca \u200b paga", (TrueAnswer("\u200b", 8),))
    assert notes(bert, [question], ROOM) == [
        "1 answered question is learned as if without an answer (a): the tokenizer leaves out what theirs consist of: "
        "correct them"
    ]


@pytest.mark.parametrize(
    ("changed", "warmup", "named"),
    [
        ({}, 3, None),
        ({"warmup_steps": 49}, 49, None),
        ({"warmup_steps": 57}, 57, "warmup_steps"),
        ({"warmup_ratio": 1.0}, 50, "warmup_ratio"),
    ],
)
def test_a_warm_up_as_long_as_the_training_is_named(changed: dict[str, Any], warmup: int, named: str | None) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from model_export.fine_tuning.beginning_notes import endless_warmup

    rate = "learning_rate 4e-05 is never reached"
    expected = [f"{rate}: the warm-up takes {warmup} steps, and the training 50: lower {named}"] if named else []
    assert list(endless_warmup(FineTuningArguments(**changed), warmup, 50)) == expected


def test_a_training_begins_with_its_notes(bert: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    changed = {"max_seq_length": ROOM + 4, "doc_stride": ROOM, "warmup_steps": 1000}
    train(bert, tmp_path / "out", questions=tuple(asked(bert, (39, 40))), lines=lines, **changed)
    assert [line.partition(" is ")[0] for line in lines if line.startswith("note: ")] == [
        "note: 1 answered question",
        "note: learning_rate 0.001",
    ]
