"""The predictor that a checkpoint is measured with: the code that will serve it, for texts of any length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from functions.core.definition import Limits
from functions.core.schema import Schema
from functions.core.tasks import Task
from functions.predictors.by_task import Predictor, open_predictor

ANY_LENGTH = Limits(max_tokens=1_000_000_000)
"""A limit of serving protects a server; long texts are measured too."""


def measured_predictor(task: Task, files: Mapping[str, bytes], schema: Schema, labels: Sequence[str] = ()) -> Predictor:
    """The predictor of the artifacts `files`; raises DamagedVersionError."""
    return open_predictor(task, "checkpoint", files, schema, labels, ANY_LENGTH)
