"""The course of a training as CSV and as a picture."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from model_export.fine_tuning.curve import curve_rows, draw_curve, evaluations, write_curve_picture, write_curve_table

HISTORY = [
    {"step": 10, "epoch": 0.5, "loss": 3.5, "learning_rate": 4e-5, "grad_norm": 1.0},
    {"step": 20, "epoch": 1.0, "loss": 2.5, "learning_rate": 2e-5},
    {"step": 20, "epoch": 1.0, "eval_loss": 2.25, "eval_exact": 40.0, "eval_f1": 55.5, "eval_runtime": 0.3},
    {"step": 20, "epoch": 1.0, "train_runtime": 9.0, "train_loss": 3.0},
]
SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[3]

Point = tuple[float, float]


@pytest.fixture(autouse=True)
def _matplotlib() -> None:
    pytest.importorskip("matplotlib", reason="the curve is drawn by matplotlib, which this environment lacks")


def lines(svg: ET.Element) -> dict[str, list[Point]]:
    """Points in pixels of each drawn column, by its name."""
    found = {}
    for group in svg.iter(f"{SVG}g"):
        path = group.find(f"{SVG}path")
        name = group.get("id", "")
        if path is not None and (name == "loss" or name.startswith("eval_")):
            numbers = [float(part) for part in path.attrib["d"].split() if part not in "ML"]
            found[name] = list(zip(numbers[::2], numbers[1::2], strict=True))
    return found


def texts(svg: ET.Element) -> set[str | None]:
    return {text.text for text in svg.iter(f"{SVG}text")}


def test_a_row_has_everything_of_its_step(tmp_path: Path) -> None:
    write_curve_table(HISTORY, tmp_path)
    assert (tmp_path / "training_curve.csv").read_text().splitlines() == [
        "step,epoch,loss,learning_rate,eval_loss,eval_exact,eval_f1,eval_correct,eval_similar,eval_incorrect",
        "10,0.5,3.5,4e-05,,,,,,",
        "20,1.0,2.5,2e-05,2.25,40.0,55.5,,,",
    ]
    assert evaluations(HISTORY) == [HISTORY[2]]
    assert [row["step"] for row in curve_rows(HISTORY)] == [10, 20]


def test_the_picture_shows_each_line_in_its_place(tmp_path: Path) -> None:
    write_curve_picture(HISTORY, tmp_path)
    svg = ET.fromstring((tmp_path / "training_curve.svg").read_text())  # noqa: S314
    drawn = lines(svg)
    assert {name: len(points) for name, points in drawn.items()} == {
        "loss": 2, "eval_loss": 1, "eval_f1": 1, "eval_exact": 1,
    }  # fmt: skip
    (left, high), (right, low) = drawn["loss"]
    assert left < right
    assert high < low
    assert drawn["eval_loss"][0][0] == drawn["eval_f1"][0][0] == right
    assert drawn["eval_f1"][0][1] < drawn["eval_exact"][0][1]
    assert {"loss", "training", "test", "test answers, %", "F1", "exact match", "step"} <= texts(svg)
    assert "test answers, count" not in texts(svg)


def test_counts_of_answers_have_a_panel_of_their_own() -> None:
    counts = {"eval_loss": 1.0, "eval_correct": 7, "eval_similar": 2, "eval_incorrect": 0}
    svg = ET.fromstring(draw_curve([{"step": 5, **counts}]))  # noqa: S314
    assert lines(svg).keys() == counts.keys()
    assert {"test answers, count", "correct", "similar", "incorrect"} <= texts(svg)


def test_without_an_evaluation_there_is_one_panel(tmp_path: Path) -> None:
    write_curve_picture(HISTORY[:2], tmp_path)
    svg = ET.fromstring((tmp_path / "training_curve.svg").read_text())  # noqa: S314
    assert lines(svg).keys() == {"loss"}
    assert not {"F1", "test"} & texts(svg)


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0, 0.0)],
        [(0, 5e-324)],
        [(1, math.nan), (2, 3.0), (3, math.inf), (4, 2.0)],
        [(7, -math.inf)],
        [(1, 1e6), (10**6, -1e6)],
        [(5, 2.0), (6, 2.0)],
        [(step, math.sin(step)) for step in range(300)],
    ],
)
def test_every_finite_point_is_within_the_picture(points: list[Point]) -> None:
    svg = ET.fromstring(draw_curve([{"step": step, "loss": value} for step, value in points]))  # noqa: S314
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    drawn = lines(svg).get("loss", [])
    assert len(drawn) == sum(math.isfinite(value) for _, value in points)
    for across, down in drawn:
        assert 0 <= across <= width
        assert 0 <= down <= height


def test_the_same_rows_give_the_same_picture_in_any_process_with_any_settings(tmp_path: Path) -> None:
    """Drawn in another process with another hash seed, by a user whose matplotlibrc asks for other colours."""
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: black\nlines.linewidth: 9\nsvg.hashsalt: other\n")
    program = (
        "import sys\n"
        "from tests.model_export.fine_tuning.test_curve import HISTORY\n"
        "from model_export.fine_tuning.curve import curve_rows, draw_curve\n"
        "assert 'matplotlib' not in sys.modules\n"
        "sys.stdout.write(draw_curve(curve_rows(HISTORY)))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
        "MPLBACKEND": "tkagg",
    }
    command = [sys.executable, "-W", "error", "-c", program]
    other = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert other.stdout == draw_curve(curve_rows(HISTORY))
    assert "<dc:date>" not in other.stdout
