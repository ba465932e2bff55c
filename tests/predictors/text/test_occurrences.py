"""Occurrences of terms, joined and without unknown ones."""

from __future__ import annotations

import numpy as np

from functions.predictors.text.occurrences import UNKNOWN, Occurrences


def pairs(occurrences: Occurrences) -> list[tuple[int, int]]:
    return list(zip(occurrences.rows.tolist(), occurrences.columns.tolist(), strict=True))


def test_terms_that_the_vocabulary_lacks_are_left_out() -> None:
    known = Occurrences.known(np.array([0, 0, 1, 2]), np.array([3, UNKNOWN, 0, UNKNOWN]))
    assert pairs(known) == [(0, 3), (1, 0)]


def test_a_text_of_unknown_terms_has_no_occurrence() -> None:
    assert pairs(Occurrences.known(np.array([0, 1]), np.array([UNKNOWN, UNKNOWN]))) == []


def test_joined_parts_keep_every_occurrence_of_each() -> None:
    parts = [Occurrences(np.array(rows), np.array(columns)) for rows, columns in (([0, 1], [2, 2]), ([0], [2]))]
    assert pairs(Occurrences.joined(parts)) == [(0, 2), (1, 2), (0, 2)]


def test_cells_count_occurrences_row_by_row() -> None:
    cells, counts = Occurrences(np.array([1, 0, 1, 1]), np.array([2, 3, 2, 0])).cells(4)
    assert (cells.tolist(), counts.tolist()) == ([3, 4, 6], [1, 1, 2])


def test_cells_of_occurrences_with_counts_may_be_zero() -> None:
    signed = Occurrences.joined(
        [Occurrences(np.array([0, 0]), np.array([1, 1]), np.array(signs)) for signs in ([1, -1], [-1, 1])]
    )
    other = Occurrences(np.array([1]), np.array([0]), np.array([-1]))
    cells, counts = Occurrences.joined([signed, other]).cells(2)
    assert (cells.tolist(), counts.tolist()) == ([1, 2], [0, -1])


def test_a_sum_has_each_term_of_a_document_once() -> None:
    once = Occurrences(np.array([1, 0, 1]), np.array([2, 1, 2])).summed(3)
    assert pairs(once) == [(0, 1), (1, 2)]
    assert once.counts is not None
    assert once.counts.tolist() == [1, 2]
    again = Occurrences.joined([once, once]).cells(3)
    assert (again[0].tolist(), again[1].tolist()) == ([1, 5], [2, 4])
