"""The course of a training as CSV and as a picture."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from model_export.fine_tuning.curve import evaluations, rows, write_curve
from model_export.fine_tuning.picture import Line, Panel, Scale, picture

HISTORY = [
    {"step": 10, "epoch": 0.5, "loss": 3.5, "learning_rate": 4e-5, "grad_norm": 1.0},
    {"step": 20, "epoch": 1.0, "loss": 2.5, "learning_rate": 2e-5},
    {"step": 20, "epoch": 1.0, "eval_loss": 2.25, "eval_exact": 40.0, "eval_f1": 55.5, "eval_runtime": 0.3},
    {"step": 20, "epoch": 1.0, "train_runtime": 9.0, "train_loss": 3.0},
]
SVG = "{http://www.w3.org/2000/svg}"


def test_a_row_has_all_of_its_step(tmp_path: Path) -> None:
    write_curve(HISTORY, tmp_path)
    assert (tmp_path / "training_curve.csv").read_text().splitlines() == [
        "step,epoch,loss,learning_rate,eval_loss,eval_exact,eval_f1,eval_correct,eval_similar,eval_incorrect",
        "10,0.5,3.5,4e-05,,,,,,",
        "20,1.0,2.5,2e-05,2.25,40.0,55.5,,,",
    ]
    assert evaluations(HISTORY) == [HISTORY[2]]
    assert [row["step"] for row in rows(HISTORY)] == [10, 20]


def test_the_picture_shows_each_line_in_its_place(tmp_path: Path) -> None:
    write_curve(HISTORY, tmp_path)
    svg = ET.fromstring((tmp_path / "training_curve.svg").read_text())  # noqa: S314
    lines = [line.attrib["points"].split() for line in svg.iter(f"{SVG}polyline")]
    assert [len(line) for line in lines] == [2, 1, 1, 1]
    (left, high), (right, low) = (tuple(map(float, point.split(","))) for point in lines[0])
    assert left < right
    assert high < low
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert {"loss", "training", "test", "F1", "exact match", "step"} <= set(texts)


def test_without_an_evaluation_there_is_one_panel(tmp_path: Path) -> None:
    write_curve(HISTORY[:2], tmp_path)
    text = (tmp_path / "training_curve.svg").read_text()
    assert text.count("<polyline") == 1
    assert "F1" not in text


numbers = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf])


@example([(0, 0.0)])
@example([(0, 5e-324)])
@given(st.lists(st.tuples(st.integers(0, 10**6), numbers), max_size=60))
def test_every_finite_point_is_within_the_picture(points: list[tuple[float, float]]) -> None:
    svg = ET.fromstring(picture("a < b", [Panel("loss & more", (Line("one", tuple(points)),))]))  # noqa: S314
    width, height = float(svg.attrib["width"]), float(svg.attrib["height"])
    drawn = [point for line in svg.iter(f"{SVG}polyline") for point in line.attrib["points"].split()]
    assert len(drawn) == sum(math.isfinite(value) for _, value in points)
    for point in drawn:
        across, down = map(float, point.split(","))
        assert 0 <= across <= width
        assert 0 <= down <= height


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 100, [0, 20, 40, 60, 80, 100]), (0, 3.5, [0, 1, 2, 3]), (0, 0.04, [0, 0.01, 0.02, 0.03, 0.04])],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert Scale(low, high, 0, 1).ticks() == pytest.approx(expected)
