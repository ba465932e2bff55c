"""Scores of classes from classifiers of each pair of them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph


def scores_of_pairs(graph: Graph, second_wins: str, confidences: str, classes: int) -> str:
    """[N, classes]: the votes for each class, and its confidences pressed between -1/3 and 1/3.

    For each pair i < j in order, `second_wins` [N, P] says that j won, and `confidences` [N, P] speak for j. It is
    scikit-learn's _ovr_decision_function.
    """
    of_second = graph.op("Cast", second_wins, to=onnx.TensorProto.DOUBLE)
    of_first = graph.op("Sub", graph.constant(np.array(1.0)), of_second)
    votes: list[str] = [""] * classes
    sums: list[str] = [""] * classes
    for place, (first, second) in enumerate(combinations(range(classes), 2)):
        confidence = graph.gather(confidences, [place])
        against = graph.op("Neg", confidence)
        sums[first] = graph.op("Add", sums[first], against) if sums[first] else against
        sums[second] = graph.op("Add", sums[second], confidence) if sums[second] else confidence
        for one, won in ((first, of_first), (second, of_second)):
            vote = graph.gather(won, [place])
            votes[one] = graph.op("Add", votes[one], vote) if votes[one] else vote
    total = graph.concat(sums)
    bound = graph.op("Add", graph.op("Abs", total), graph.constant(np.array(1.0)))
    pressed = graph.op("Div", total, graph.op("Mul", bound, graph.constant(np.array(3.0))))
    return graph.op("Add", graph.concat(votes), pressed)
