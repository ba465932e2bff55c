"""Errors that end a training, and Ctrl-C, with what is said of how it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import DespliegueError
from model_export.fine_tuning.broken_off import break_off_explained

OUT = Path("out")


@pytest.mark.parametrize(
    ("error", "is_begun", "message"),
    [
        (
            RuntimeError("basic_ios::clear: iostream error\nC++ CapturedTraceback"),
            True,
            "out: the training broke off (RuntimeError: basic_ios::clear: iostream error): where the machine was the "
            "cause, such as a full disk, the same command with --resume goes on from the last checkpoint; other "
            "arguments, such as a smaller train_batch_size, begin anew with overwrite_output_dir",
        ),
        (
            MemoryError(),
            False,
            "out: the training did not begin (MemoryError): correct that, and run the same command again",
        ),
    ],
)
def test_an_error_of_a_library_becomes_one_that_says_how_it_goes_on(
    error: Exception, is_begun: bool, message: str
) -> None:
    with pytest.raises(DespliegueError) as raised, break_off_explained(OUT, is_begun=is_begun):
        raise error
    assert str(raised.value) == message
    assert raised.value.__cause__ is error


def test_an_error_of_ours_has_its_own_advice() -> None:
    error = DespliegueError("lower learning_rate")
    with pytest.raises(DespliegueError) as raised, break_off_explained(OUT, is_begun=True):
        raise error
    assert raised.value is error


@pytest.mark.parametrize(
    ("is_begun", "text"), [(True, "the same command with --resume goes on from the last checkpoint"), (False, "")]
)
def test_an_interrupt_says_how_a_run_that_has_begun_goes_on(is_begun: bool, text: str) -> None:
    with pytest.raises(KeyboardInterrupt) as raised, break_off_explained(OUT, is_begun=is_begun):
        raise KeyboardInterrupt
    assert str(raised.value) == text


def test_a_run_that_begins_on_the_way_goes_on() -> None:
    with (
        pytest.raises(KeyboardInterrupt, match="--resume goes on"),
        break_off_explained(OUT, is_begun=False),
        break_off_explained(OUT, is_begun=True),
    ):
        raise KeyboardInterrupt
