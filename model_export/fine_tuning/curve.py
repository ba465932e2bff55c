"""Training curve of one run: loss and metrics by step, as a CSV file and as an SVG picture."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVALUATED = "eval_"
"""Prefix that the Trainer puts before the name of every metric of an evaluation."""
FILE_NAME = "training_curve"
CURVE_COLUMNS = (
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
PANELS: Mapping[str, Mapping[str, str]] = {
    "loss": {"loss": "training", "eval_loss": "test"},
    "test answers, %": {"eval_f1": "F1", "eval_exact": "exact match"},
    "test answers, count": {"eval_correct": "correct", "eval_similar": "similar", "eval_incorrect": "incorrect"},
}
"""Panels of the picture by title: the columns that each one draws, with their labels."""
WIDTH_INCHES, PANEL_HEIGHT_INCHES = 8.0, 2.8
LARGEST_DOTTED = 40
"""A line of more points than this is readable without dots."""

LogHistory = Sequence[dict[str, float]]
"""Log of the Trainer: one mapping for each thing that it logged, with its `step`."""


def evaluations(history: LogHistory) -> list[dict[str, float]]:
    return [entry for entry in history if "eval_loss" in entry]


def curve_rows(history: LogHistory) -> list[dict[str, float]]:
    """One row for each step at which a loss was logged, in order, with whichever CURVE_COLUMNS are known."""
    rows: dict[float, dict[str, float]] = {}
    for entry in history:
        if "loss" in entry or "eval_loss" in entry:
            row = rows.setdefault(entry["step"], {})
            row.update({name: entry[name] for name in CURVE_COLUMNS if name in entry})
    return [rows[step] for step in sorted(rows)]


def write_curve_table(history: LogHistory, folder: Path) -> None:
    """Write training_curve.csv."""
    body = io.StringIO()
    writer = csv.DictWriter(body, CURVE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(curve_rows(history))
    (folder / f"{FILE_NAME}.csv").write_text(body.getvalue(), encoding="utf-8")


def write_curve_picture(history: LogHistory, folder: Path) -> None:
    """Write training_curve.svg, in some tenths of a second."""
    (folder / f"{FILE_NAME}.svg").write_text(draw_curve(curve_rows(history)), encoding="utf-8")


def draw_curve(rows: Sequence[Mapping[str, float]]) -> str:
    """SVG document with one panel for each of PANELS that has a finite value, all over the same steps.

    The same rows give the same document. Each line is a group whose id is the name of its column.
    """
    # Imported here, where alone it is needed; never pyplot, which looks for a screen.
    from matplotlib import rc_context, rcdefaults, rcParams
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    panels = {title: labels for title, labels in PANELS.items() if any(_points(rows, name) for name in labels)}
    document = io.StringIO()
    with rc_context():
        rcdefaults()  # a matplotlibrc of the user changes nothing
        # Text stays text, which can be searched; ids come from the salt, not from a random number.
        rcParams.update({"svg.hashsalt": FILE_NAME, "svg.fonttype": "none", "path.simplify": False})
        figure = Figure(figsize=(WIDTH_INCHES, PANEL_HEIGHT_INCHES * max(len(panels), 1)), layout="constrained")
        if panels:
            axes = figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
            for panel, (title, labels) in zip(axes, panels.items(), strict=True):
                _draw_panel(panel, title, labels, rows)
            axes[-1].set_xlabel("step")
        FigureCanvasSVG(figure)
        figure.savefig(document, format="svg", metadata={"Title": "Training curve", "Creator": None, "Date": None})
    return document.getvalue()


def _draw_panel(axes: Axes, title: str, labels: Mapping[str, str], rows: Sequence[Mapping[str, float]]) -> None:
    """Draw each column of `labels` that has points, from 0 unless a value is below it."""
    from matplotlib.ticker import MaxNLocator

    for name, label in labels.items():
        points = _points(rows, name)
        if points:
            marker = "o" if len(points) <= LARGEST_DOTTED else None
            axes.plot(*zip(*points, strict=True), label=label, gid=name, marker=marker, markersize=4, clip_on=False)
    axes.set_title(title, loc="left", fontsize="medium", fontweight="bold")
    # Above the axes, where it never hides a line.
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(labels), frameon=False, fontsize="small")
    axes.grid(color="#dddddd")
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    axes.update_datalim([(0.0, 0.0)])
    axes.autoscale_view()
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=min(0.0, *axes.dataLim.intervaly))


def _points(rows: Sequence[Mapping[str, float]], name: str) -> list[tuple[float, float]]:
    """Steps and finite values of one column."""
    return [(row["step"], row[name]) for row in rows if name in row and math.isfinite(row[name])]
