"""Lines that commands print."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from functions.core.measured_on import MeasuredOn
from model_export.commands.report import measured_line, metrics_line, progress_lines, proof_line
from model_export.pipelines.parity import ParityReport


def test_metrics_have_six_digits_and_undefined_ones_are_called_so() -> None:
    metrics = {"rmse": 490253.6789, "r2": 0.123456789, "roc_auc": None, "accuracy": 1.0}
    assert metrics_line(metrics) == "rmse 490254  r2 0.123457  roc_auc undefined  accuracy 1"
    assert metrics_line({}) == ""


def test_metrics_of_rows_that_were_perhaps_fitted_on_are_marked() -> None:
    marked = measured_line({"r2": 0.5}, MeasuredOn(800, in_sample=True))
    assert marked == "r2 0.5  (on 800 rows that the pipeline may have been fitted on)"
    assert measured_line({}, MeasuredOn(None)) == ""


def test_a_stage_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    progress = progress_lines("churn")
    progress("fit", 0.1)
    progress("evaluate", 1.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"churn: fit +10% +\d+\.\d s\nchurn: evaluate +100% +\d+\.\d s\n", captured.err)


def test_a_proof_names_the_rows_and_the_largest_relative_difference() -> None:
    parity = ParityReport(
        rows=120,
        edge_rows=30,
        single_rows=5,
        max_absolute_difference=0.5,
        max_relative_difference=1.25e-15,
        different_labels=0,
    )
    expected = "ONNX equals the pipeline on 120 rows, 30 edge rows: 1.2e-15 relative"
    assert proof_line(parity) == expected
    assert proof_line(replace(parity, arithmetic="float32")) == f"{expected}, computed in float32"
