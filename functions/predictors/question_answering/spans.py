"""The likeliest answers in one window, from the graph's scores of each token."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from functions.predictors.predictions import Floats, Integers


class Spans(NamedTuple):
    """First and last token of each span, and its score, all [spans]; the likeliest first, then the earliest."""

    starts: Integers
    ends: Integers
    scores: Floats


def probabilities(logits: Floats, context: slice) -> tuple[np.float32, Floats]:
    """Softmax over the first token, which means no answer, and the tokens of the context [N].

    `logits` [S] belong to a whole window; its other tokens, special ones and the question, cannot be an answer.
    """
    kept = np.concatenate([logits[:1], logits[context]])
    exponentials = np.exp(kept - kept.max())
    shares: Floats = exponentials / exponentials.sum()
    return shares[0], shares[1:]


def best_spans(start: Floats, end: Floats, count: int, longest: int) -> Spans:
    """The `count` best spans of 1 to `longest` tokens; `start` and `end` are probabilities [N] for each token.

    A span scores start * end. In the table of all spans, with one row for each start, the best `count` spans lie in
    at most `count` rows, and the best of a row takes the greatest end within reach. So only these rows are computed:
    the whole table of a window of 4096 tokens would have 16 million cells.
    """
    reach = min(longest, len(end))
    ends = np.lib.stride_tricks.sliding_window_view(np.append(end, np.full(reach - 1, -1, end.dtype)), reach)
    # stable sorts keep the earlier of equal spans first, as Hugging Face does
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
