"""Values of arguments without a counterpart that ask for nothing."""

from __future__ import annotations

import pytest

from model_export.fine_tuning.arguments import TYPES
from model_export.fine_tuning.unsupported_arguments import UNSUPPORTED


@pytest.mark.parametrize(
    ("name", "value", "by_a_program", "by_a_person"),
    [
        ("adafactor_warmup_init", True, True, False),
        ("adafactor_warmup_init", False, True, True),
        ("process_count", 31, True, False),
        ("encoding", "utf-8", True, True),
        ("encoding", "latin-1", False, False),
        ("cache_dir", "cache_dir/", True, False),
        ("cache_dir", "elsewhere", False, False),
        ("loss_args", {}, True, True),
        ("loss_args", {"gamma": 2}, False, False),
    ],
)
def test_a_default_is_harmless_where_a_program_wrote_it(
    name: str, value: object, by_a_program: bool, by_a_person: bool
) -> None:
    argument = UNSUPPORTED[name]
    assert argument.is_harmless(value, is_written=True) is by_a_program
    assert argument.is_harmless(value, is_written=False) is by_a_person


def test_no_argument_is_both_taken_and_refused() -> None:
    assert not UNSUPPORTED.keys() & TYPES.keys()
