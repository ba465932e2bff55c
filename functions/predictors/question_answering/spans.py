"""The likeliest answers in one window, from the graph's scores of each token."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


class Spans(NamedTuple):
    """First and last token of each, and the score, all [spans]; the likeliest first, then the one that begins first."""

    starts: Integers
    ends: Integers
    scores: Floats


def probabilities(logits: Floats, context: slice) -> tuple[np.float32, Floats]:
    """The softmax over the first token, which stands for no answer, and the tokens of the context [N].

    `logits` [S] are those of a whole window; all its other tokens are out of the question.
    """
    kept = np.concatenate([logits[:1], logits[context]])
    exponentials = np.exp(kept - kept.max())
    shares: Floats = exponentials / exponentials.sum()
    return shares[0], shares[1:]


def best_spans(start: Floats, end: Floats, count: int, longest: int) -> Spans:
    """The `count` best spans of 1 to `longest` tokens, of the probabilities [N] that one starts and ends at a token.

    A span scores start * end. The best ones lie in as many rows of the table of all spans, one row for each start;
    a row's best takes the greatest end within reach. So the table itself, N * N, is never made.
    """
    reach = min(longest, len(end))
    ends = np.lib.stride_tricks.sliding_window_view(np.append(end, np.full(reach - 1, -1, end.dtype)), reach)
    rows = np.argsort(-(start * ends.max(axis=1)), kind="stable")[:count]
    rows.sort()
    is_span = rows[:, None] + np.arange(reach) < len(end)
    scores = np.where(is_span, start[rows, None] * ends[rows], -1).ravel()
    count = min(count, int(is_span.sum()))
    likely = np.flatnonzero(scores >= np.partition(scores, -count)[-count])
    best = likely[np.argsort(-scores[likely], kind="stable")[:count]]
    row, further = np.divmod(best, reach)
    starts = rows[row]
    return Spans(starts, starts + further, scores[best])
