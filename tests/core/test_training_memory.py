"""The largest training file for a memory: a million rows fit into the trainer's, and a refusal says what would."""

from __future__ import annotations

import pytest

from functions.core import training_memory
from functions.core.definition import Limits
from functions.core.errors import InvalidInputError
from functions.core.machine_memory import MIB
from functions.core.training_memory import (
    most_training_bytes,
    most_training_cells,
    require_fitting,
    training_limit,
)

TRAINER = 3008 * MIB
"""The memory of the trainer on AWS, by default."""
MILLION_ROWS_BYTES, MILLION_ROWS_CELLS = 143_000_000, 21_000_000
"""A million rows of the churn table."""


def test_a_million_rows_fit_into_the_memory_of_the_trainer() -> None:
    assert most_training_bytes(TRAINER) > MILLION_ROWS_BYTES
    assert most_training_cells(TRAINER) > MILLION_ROWS_CELLS


def test_a_memory_that_holds_no_libraries_takes_no_rows() -> None:
    assert (most_training_bytes(128 * MIB), most_training_cells(128 * MIB)) == (1, 1)


def test_a_model_takes_what_the_memory_allows_unless_it_wants_less() -> None:
    assert training_limit(Limits(), TRAINER) == most_training_bytes(TRAINER)
    assert training_limit(Limits(max_training_bytes=1000), TRAINER) == 1000


def refusal(monkeypatch: pytest.MonkeyPatch, size_bytes: int, limit: int) -> str:
    monkeypatch.setattr(training_memory, "trainer_memory_bytes", lambda: TRAINER)
    require_fitting(limit, limit, "rows.csv")
    with pytest.raises(InvalidInputError) as refused:
        require_fitting(size_bytes, limit, "rows.csv")
    (fault,) = refused.value.faults
    assert (fault.loc, fault.type) == (("rows.csv",), "too_large")
    return fault.msg


def test_a_refusal_names_the_size_and_the_memory_that_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    most = most_training_bytes(TRAINER)
    assert refusal(monkeypatch, 200_000_000, most) == (
        f"the file is larger than {most} bytes (max_training_bytes): it has 200000000, and to train on them takes "
        "about 3.7 GiB of memory; the trainer has 2.9 GiB: give it more (on AWS with -c training_memory_mb), or train "
        "on fewer rows"
    )


def test_a_refusal_by_the_model_says_where_its_limit_is(monkeypatch: pytest.MonkeyPatch) -> None:
    msg = refusal(monkeypatch, 2000, 1000)
    assert msg.endswith("; raise it in [limits] of model.toml, or train on fewer rows")
