"""A handful of questions in the words that the tiny tokenizers know, and trainings on them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.run import FineTuningRequest
from model_export.question_answering.squad import Question, TrueAnswer
from tests.model_export.checkpoints.tiny import TEXTS

ASKED = (
    ("¿La beca paga?", 0, "el abono mensual del autobús"),
    ("¿A quien?", 0, "a quien estudia lejos de su casa"),
    ("¿Se puede pedir hasta?", 1, "el 15 de octubre"),
    ("¿En la secretaría?", 1, "la secretaría del centro"),
    ("¿El importe?", 2, "1.250,50 €"),
    ("¿cobra enero?", 2, "enero"),
    ("¿no la puede pedir?", 3, "Quien haya recibido otra beca del ministerio"),
    ("What does it pay?", 4, "tuition, books and a laptop"),
    ("¿Cuándo se cobra?", 0, None),
    ("for two?", 4, "two years"),
)


def question(number: int, text: str, context: str, answer: str | None) -> Question:
    answers = () if answer is None else (TrueAnswer(answer, context.index(answer)),)
    return Question(f"q{number}", text, context, answers)


QUESTIONS = tuple(question(number, text, TEXTS[place], answer) for number, (text, place, answer) in enumerate(ASKED))


EASY = tuple(QUESTIONS[number] for number in (0, 2, 4, 6, 7, 8))
"""One answered question for each text, and one without an answer."""


def fine_tuning_request(
    base: Path,
    out: Path,
    *,
    questions: tuple[Question, ...] = QUESTIONS,
    resume: bool = False,
    trust_pickle: bool = False,
    overwrite: bool = False,
    **changed: Any,
) -> FineTuningRequest:
    """Five steps an epoch, and nothing kept on the way."""
    plain: dict[str, Any] = {
        "max_seq_length": 128,
        "doc_stride": 64,
        "max_query_length": 32,
        "train_batch_size": 2,
        "learning_rate": 1e-3,
        "manual_seed": 11,
        "save_model_every_epoch": False,
        "save_eval_checkpoints": False,
        "evaluate_during_training_steps": 0,
        "early_stopping_metric": "f1",
        "output_dir": str(out),
        "best_model_dir": str(out / "best_model"),
        "overwrite_output_dir": overwrite,
    }
    arguments = FineTuningArguments(**{**plain, **changed})
    return FineTuningRequest(questions, questions, str(base), arguments, resume, trust_pickle)


def train(*arguments: Any, lines: list[str] | None = None, **changed: Any) -> Any:
    """Train what `fine_tuning_request` makes of the arguments; `lines` receives the progress."""
    from model_export.fine_tuning.fine_tune import fine_tune

    return fine_tune(fine_tuning_request(*arguments, **changed), (lines if lines is not None else []).append)


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def read_curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "training_curve.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


KILLED: dict[str, Any] = {"num_train_epochs": 6, "evaluate_during_training": True, "gradient_accumulation_steps": 1}
"""Thirty steps, of which every second one is followed by a checkpoint."""
