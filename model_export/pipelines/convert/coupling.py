"""Probabilities of several classes from those of each pair, as libsvm couples them (Wu, Lin and Weng, 2004)."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import onnx

from model_export.pipelines.convert.bodies import TensorInput, body_of
from model_export.pipelines.convert.graph import Graph

DOUBLE, BOOL, INT64 = onnx.TensorProto.DOUBLE, onnx.TensorProto.BOOL, onnx.TensorProto.INT64
MOST_ITERATIONS = 100
PRECISION = 0.005
"""libsvm stops where no class is further from the optimum than this, divided by the number of classes."""


def coupled(graph: Graph, pairs: str, classes: int) -> str:
    """Probabilities [N, classes] from `pairs` [N, P]: for each pair i < j in order, the probability of i against j.

    libsvm stops long before the sums converge, so its steps are repeated one by one, each row until it stops.
    """
    problem = _problem(graph, pairs, classes)
    rows = graph.op("Shape", pairs, start=0, end=1)
    start = graph.op(
        "Expand",
        graph.doubles(1, classes, of=np.full(classes, 1.0 / classes)),
        graph.op("Concat", rows, graph.integers(classes), axis=0),
    )
    never = graph.op("Less", graph.gather(start, [0]), graph.constant(np.array(0.0)))
    inputs: dict[str, TensorInput] = {
        "iteration": (INT64, []),
        "goes_on": (BOOL, []),
        "problem": (DOUBLE, ["N", classes * classes]),
        "found": (DOUBLE, ["N", classes]),
        "is_done": (BOOL, ["N", 1]),
    }
    body = body_of(graph, inputs, lambda inner, *names: _iteration(inner, *names[2:], classes=classes))
    _, found, _ = graph.op(
        "Loop",
        graph.constant(np.array(max(MOST_ITERATIONS, classes), dtype=np.int64)),
        graph.constant(np.array(True)),
        problem,
        start,
        never,
        outputs=3,
        body=body,
    )
    return found


def _problem(graph: Graph, pairs: str, classes: int) -> str:
    """The quadratic form Q [N, classes * classes], row by row: Q_tt = sum of r_jt², Q_tj = -r_jt r_tj."""
    one = graph.constant(np.array(1.0))
    won: dict[tuple[int, int], str] = {}
    for place, (first, second) in enumerate(combinations(range(classes), 2)):
        won[first, second] = graph.gather(pairs, [place])
        won[second, first] = graph.op("Sub", one, won[first, second])
    cells = []
    for row in range(classes):
        for column in range(classes):
            if row == column:
                squares = [
                    graph.op("Mul", won[other, row], won[other, row]) for other in range(classes) if other != row
                ]
                cells.append(_sum(graph, squares))
            else:
                cells.append(graph.op("Neg", graph.op("Mul", won[column, row], won[row, column])))
    return graph.concat(cells)


def _iteration(graph: Graph, problem: str, found: str, is_done: str, *, classes: int) -> tuple[str, ...]:
    """One step for every row that is not done: each class in turn moves to its optimum."""
    one, two = graph.constant(np.array(1.0)), graph.constant(np.array(2.0))
    rows = [graph.gather(problem, list(range(row * classes, (row + 1) * classes))) for row in range(classes)]
    gradient = graph.concat(
        [graph.op("ReduceSum", graph.op("Mul", row, found), graph.integers(1), keepdims=1) for row in rows]
    )
    value = graph.op("ReduceSum", graph.op("Mul", found, gradient), graph.integers(1), keepdims=1)
    error = graph.op("ReduceMax", graph.op("Abs", graph.op("Sub", gradient, value)), graph.integers(1), keepdims=1)
    stops = graph.op("Less", error, graph.constant(np.array(PRECISION / classes)))
    now_done = graph.op("Or", is_done, stops)
    moved = found
    for place, row in enumerate(rows):
        own, slope = graph.gather(row, [place]), graph.gather(gradient, [place])
        step = graph.op("Div", graph.op("Sub", value, slope), own)
        scale = graph.op("Add", one, step)
        step_of_place = graph.op("Mul", step, graph.doubles(1, classes, of=np.eye(classes)[place]))
        moved = graph.op("Div", graph.op("Add", moved, step_of_place), scale)
        raised = graph.op("Add", graph.op("Mul", step, own), graph.op("Mul", two, slope))
        total = graph.op("Add", value, graph.op("Mul", step, raised))
        value = graph.op("Div", graph.op("Div", total, scale), scale)
        gradient = graph.op("Div", graph.op("Add", gradient, graph.op("Mul", step, row)), scale)
    kept = graph.op("Where", now_done, found, moved)
    working = graph.op("ReduceMax", graph.op("Cast", graph.op("Not", now_done), to=INT64), keepdims=0)
    return graph.op("Cast", working, to=BOOL), graph.op("Identity", problem), kept, now_done


def _sum(graph: Graph, names: list[str]) -> str:
    total = names[0]
    for name in names[1:]:
        total = graph.op("Add", total, name)
    return total
