"""Columns that expressions of a pipeline divide by: a row with 0 there is one that a table seldom holds."""

from __future__ import annotations

from typing import Any

from model_export.pipelines.convert.inspection import walk
from model_export.transformers.expression_trees import divisors_of
from model_export.transformers.expressions import Expressions


def columns_divided_by(pipeline: Any) -> frozenset[str]:
    """The names in what an expression divides by, columns of the table and other expressions."""
    steps = [step for _, step in walk(pipeline) if isinstance(step, Expressions)]
    return frozenset(name for step in steps for tree in step.trees_.values() for name in divisors_of(tree))


def division_hint(pipeline: Any) -> str:
    """The way out for a pipeline that fails where it divides by 0; "" without such a division."""
    if not columns_divided_by(pipeline):
        return ""
    return ", or let the expression say what a division by 0 is, as in where(b == 0, 0, a / b)"
