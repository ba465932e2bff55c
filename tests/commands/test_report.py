"""Lines that commands print."""

from __future__ import annotations

import re

import pytest

from model_export.commands.report import metrics_line, progress_lines


def test_metrics_have_six_digits_and_undefined_ones_are_called_so() -> None:
    metrics = {"rmse": 490253.6789, "r2": 0.123456789, "roc_auc": None, "accuracy": 1.0}
    assert metrics_line(metrics) == "rmse 490254  r2 0.123457  roc_auc undefined  accuracy 1"
    assert metrics_line({}) == ""


def test_a_stage_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    progress = progress_lines("churn")
    progress("fit", 0.1)
    progress("evaluate", 1.0)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"churn: fit +10% +\d+\.\d s\nchurn: evaluate +100% +\d+\.\d s\n", captured.err)
