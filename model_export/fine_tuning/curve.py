"""The course of a training: loss and metrics by step, as CSV and as a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from model_export.fine_tuning.picture import Line, Panel, picture

EVALUATED = "eval_"
NAME = "training_curve"
COLUMNS = (
    "step",
    "epoch",
    "loss",
    "learning_rate",
    "eval_loss",
    "eval_exact",
    "eval_f1",
    "eval_correct",
    "eval_similar",
    "eval_incorrect",
)

History = Sequence[dict[str, float]]
"""The Trainer's log: a mapping for each thing that it logged, with its `step`."""


def evaluations(history: History) -> list[dict[str, float]]:
    return [one for one in history if "eval_loss" in one]


def rows(history: History) -> list[dict[str, float]]:
    """One for each step of which anything was logged, in order, with those of COLUMNS that are known."""
    found: dict[float, dict[str, float]] = {}
    for one in history:
        if "loss" in one or "eval_loss" in one:
            row = found.setdefault(one["step"], {})
            row.update({name: one[name] for name in COLUMNS if name in one})
    return [found[step] for step in sorted(found)]


def write_curve(history: History, folder: Path) -> None:
    """training_curve.csv and training_curve.svg."""
    table = rows(history)
    body = io.StringIO()
    writer = csv.DictWriter(body, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    (folder / f"{NAME}.csv").write_text(body.getvalue(), encoding="utf-8")
    loss = Panel("loss", (_line("training", "loss", table), _line("test", "eval_loss", table)))
    answers = Panel("answers, %", (_line("F1", "eval_f1", table), _line("exact match", "eval_exact", table)))
    (folder / f"{NAME}.svg").write_text(picture("Training curve", (loss, answers)), encoding="utf-8")


def _line(label: str, name: str, table: Sequence[dict[str, float]]) -> Line:
    return Line(label, tuple((row["step"], row[name]) for row in table if name in row))
