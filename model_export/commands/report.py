"""Lines that commands print while they work and at their end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functions.core.measured_on import MeasuredOn
    from model_export.pipelines.parity import ParityReport
    from model_export.progress import Progress


def progress_lines(model: str) -> Progress:
    """A callback that prints a line on standard error for each stage, with the seconds since the start."""
    started = monotonic()

    def progress(stage: str, fraction: float) -> None:
        print(f"{model}: {stage:<9} {fraction:4.0%}  {monotonic() - started:6.1f} s", file=sys.stderr, flush=True)

    return progress


def proof_line(parity: ParityReport) -> str:
    """The rows that were compared, and the largest relative difference."""
    compared = f"{parity.rows} rows, {parity.edge_rows} edge rows"
    precision = ", computed in float32" if parity.arithmetic == "float32" else ""
    return f"ONNX equals the pipeline on {compared}: {parity.max_relative_difference:.1e} relative{precision}"


def metrics_line(metrics: Mapping[str, float | None]) -> str:
    """The metrics on one line."""
    return "  ".join(f"{name} {'undefined' if value is None else f'{value:.6g}'}" for name, value in metrics.items())


def measured_line(metrics: Mapping[str, float | None], measured_on: MeasuredOn) -> str:
    """The metrics on one line, with the rows that they were measured on."""
    return f"{metrics_line(metrics)}  ({measured_on.words})" if metrics else ""
