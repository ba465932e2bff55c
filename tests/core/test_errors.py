"""Errors: texts that name the place and the remedy, and faults that can be moved."""

from __future__ import annotations

import errno
import os
import pickle
from pathlib import Path

import pytest

from functions.core import errors
from functions.core.errors import (
    DISK_REMEDIES,
    DespliegueError,
    DiskError,
    DocumentError,
    Fault,
    InvalidInputError,
    KeyFault,
    NotFoundError,
    ObjectNotFoundError,
    StorageError,
    as_json,
)


@pytest.mark.parametrize(
    "error",
    [
        DocumentError("model.toml", [KeyFault(("name",), "a text", "7")]),
        NotFoundError("model", "boats", ["churn"]),
        InvalidInputError([Fault(("line", 3), "wrong", "a_type"), Fault((), "wrong", "a_type")]),
        DiskError(Path("/x"), OSError(errno.ENOSPC, "No space left on device")),
        ObjectNotFoundError("models/x"),
        StorageError("table predictions: throttled"),
    ],
)
def test_an_error_goes_to_another_process_as_it_is(error: DespliegueError) -> None:
    found = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(found) is type(error)
    assert (str(found), found.public, vars(found)) == (str(error), error.public, vars(error))


def test_every_error_has_one_base_and_is_in_the_tree_of_the_module() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert all(issubclass(one, DespliegueError) for one in kinds)
    assert [one.__name__ for one in kinds if one.__name__ not in str(errors.__doc__)] == []


@pytest.mark.parametrize(
    ("loc", "place"),
    [
        ((), ""),
        (("body", 0, "year"), "body.0.year"),
        ((3, "year"), "3.year"),
        (("file",), "file"),
        (("file", 'año con "espacio"'), 'column "año con \\"espacio\\""'),
        (("line", 12), "line 12"),
        (("line", 12, "price"), 'line 12, column "price"'),
    ],
)
def test_the_place_of_a_fault_is_that_of_a_spreadsheet_in_a_file(loc: errors.KeyPath, place: str) -> None:
    assert Fault(loc, "wrong", "kind").place == place
    assert str(InvalidInputError([Fault(loc, "wrong", "kind")])) == (f"{place}: wrong" if place else "wrong")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ((), ""),
        (("limits", "max_instances"), "limits.max_instances"),
        (("features", "my age", "allowed", 2), 'features."my age".allowed[2]'),
        ((0, "name"), "[0].name"),
        (("", 'a"b'), '""."a\\"b"'),
    ],
)
def test_the_key_of_a_fault_is_in_the_spelling_of_toml(key: errors.KeyPath, path: str) -> None:
    assert KeyFault(key, "text", "1").path == path


def test_a_fault_in_a_document_says_key_expectation_finding_and_hint() -> None:
    fault = KeyFault(("seed",), "a whole number", '"one"', "leave it out").within(("split",))
    assert str(fault) == 'split.seed: a whole number is expected, "one" was found; leave it out'
    assert str(KeyFault((), "text", "1")) == "text is expected, 1 was found"


def test_a_document_error_has_a_line_for_each_fault_with_its_source() -> None:
    error = DocumentError("model.toml", [KeyFault(("a",), "text", "1"), KeyFault(("b",), "text", "2")])
    assert str(error).splitlines() == [
        "model.toml: a: text is expected, 1 was found",
        "model.toml: b: text is expected, 2 was found",
    ]
    assert error.brief == "a: text is expected, 1 was found; b: text is expected, 2 was found"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    assert str(NotFoundError("filter", "best", ["class", "overall"])) == "no filter 'best'; known: class, overall"
    assert str(NotFoundError("version", 7, remedy="list the versions")) == "no version 7; list the versions"
    assert str(NotFoundError("model", "chrun")) == "no model 'chrun'"


def test_invalid_input_shows_its_first_fault_and_the_number_of_the_others() -> None:
    faults = [Fault(("body", 3, "age"), "must be a number", "number_type"), Fault((), "too few", "too_short")]
    assert str(InvalidInputError(faults)) == "body.3.age: must be a number (and 1 more)"
    assert str(InvalidInputError(faults[1:])) == "too few"


def test_faults_are_moved_one_by_one() -> None:
    error = InvalidInputError([Fault((0, "a"), "m", "t"), Fault((1, "b"), "m", "t")])
    moved = error.relocated(lambda fault: Fault(("body", *fault.loc), fault.msg, fault.type))
    assert [fault.loc for fault in moved.faults] == [("body", 0, "a"), ("body", 1, "b")]


@pytest.mark.parametrize("number", sorted(DISK_REMEDIES))
def test_a_disk_error_names_path_reason_and_remedy(number: int) -> None:
    error = DiskError(Path("/data/x"), OSError(number, os.strerror(number)))
    assert str(error) == f"/data/x: {os.strerror(number)}: {DISK_REMEDIES[number]}"


def test_a_disk_error_without_a_known_remedy_points_at_the_path() -> None:
    assert str(DiskError("x", OSError(errno.EIO, "Input/output error"))).endswith(": look at this path")


@pytest.mark.parametrize(
    ("value", "text"),
    [("año", '"año"'), ("a\x1b[0m", '"a\\u001b[0m"'), ("a\u202eb", '"a\\u202eb"'), ({1, 2}, '"{1, 2}"')],
)
def test_a_value_is_shown_on_one_line_that_a_terminal_prints(value: object, text: str) -> None:
    assert as_json(value) == text


def test_a_value_nested_too_deep_is_not_shown() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    assert as_json(value) == "something nested too deep"
