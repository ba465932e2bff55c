"""Names of columns: any text, but for what files and bodies could not hold."""

from __future__ import annotations

import pytest

from functions.core.column_names import name_fault, other_name, reserved_fault


@pytest.mark.parametrize(
    "name",
    [
        'a"b',
        "a'b",
        "a\\b",
        "a\nb",
        "a\rb",
        "a\tb",
        "\x1b[2J",
        "a😀",
        "cafe\u0301",
        "x" * 300,
        "a.b",
        "a[0]",
        "{x}",
        "%s",
    ],
)
def test_any_text_is_a_name(name: str) -> None:
    assert name_fault(name) == ""


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "needs a name"),
        (" \t", "needs a name"),
        (" a", "call it 'a'"),
        ("a\n", "call it 'a'"),
        ("a\0b", "NUL"),
        ("\ufeffa", "call it 'a'"),
    ],
)
def test_names_that_files_lose_are_refused_with_a_better_one(name: str, fault: str) -> None:
    assert fault in name_fault(name)


def test_names_of_the_array_of_instances_are_reserved() -> None:
    assert '{"instances": [...]}' in reserved_fault("instances", "tabular-regression")
    assert '{"texts": [...]}' in reserved_fault("texts", "text-classification")
    for name in ("texts", "inputs", "parameters", "label", "Instances"):
        assert reserved_fault(name, "tabular-classification") == ""
    assert reserved_fault(other_name("instances"), "text-classification") == ""
