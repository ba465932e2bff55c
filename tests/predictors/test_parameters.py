"""Parameters of a request: checks and JSON Schema of one dataclass, which agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from functions.core.errors import MAX_FAULTS, DocumentError, Fault, InvalidInputError
from functions.predictors.parameters import parameters_schema, read_parameters


@dataclass(frozen=True, slots=True)
class Asked:
    count: Annotated[int, Meta(ge=1, le=100)] = 1
    overlap: Annotated[int, Meta(ge=0)] | None = None
    most: Annotated[int, Meta(ge=1, description="a whole number from 1")] | None = None
    is_short: bool | None = None
    is_whole: bool = True
    function: Annotated[None, Meta(description="there is only one: leave it out")] = None


def faults(given: dict[str, Any]) -> tuple[Fault, ...]:
    with pytest.raises(InvalidInputError) as caught:
        read_parameters(given, Asked)
    return caught.value.faults


def test_what_is_not_given_or_null_has_its_default() -> None:
    assert read_parameters({}, Asked) == Asked()
    assert read_parameters(dict.fromkeys(("count", "overlap", "is_whole", "function")), Asked) == Asked()


def test_a_whole_number_may_be_written_with_a_point() -> None:
    found = read_parameters({"count": 2.0, "overlap": 0, "is_short": False}, Asked)
    assert found == Asked(2, 0, is_short=False)
    assert type(found.count) is int


def test_no_more_faults_are_made_of_unknown_names_than_an_answer_lists() -> None:
    absent = dict.fromkeys((f"absent {number}" for number in range(2 * MAX_FAULTS)), None)
    unknown = dict.fromkeys((f"unknown {number}" for number in range(2 * MAX_FAULTS)), 1)
    with pytest.raises(InvalidInputError) as caught:
        read_parameters({**absent, **unknown, "count": 0}, Asked)
    places = [fault.loc for fault in caught.value.faults]
    assert (places[0], places[-1]) == (("parameters", "unknown 0"), ("parameters", "count"))
    made = caught.value.__context__
    assert isinstance(made, DocumentError)
    assert len(made.faults) == len(places) == MAX_FAULTS + 1


@pytest.mark.parametrize(
    ("name", "value", "msg", "kind"),
    [
        ("count", "2", "a whole number from 1 is expected", "int_type"),
        ("count", 2.5, "a whole number from 1 is expected", "int_type"),
        ("count", True, "a whole number from 1 is expected", "int_type"),
        ("count", float("nan"), "a whole number from 1 is expected", "int_type"),
        ("count", [2], "a whole number from 1 is expected", "int_type"),
        ("count", 0, "must be at least 1", "greater_than_equal"),
        ("count", 101, "must be at most 100", "less_than_equal"),
        ("overlap", {}, "a whole number from 0 is expected", "int_type"),
        ("overlap", -1, "must be at least 0", "greater_than_equal"),
        ("most", 0, "a whole number from 1 is expected", "int_type"),
        ("is_short", 1, "true or false is expected", "bool_type"),
        ("is_whole", "true", "true or false is expected", "bool_type"),
        ("function", "softmax", "there is only one: leave it out", "not_supported"),
        ("cuont", 1, "unknown; known: count, overlap, most, is_short, is_whole", "extra"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_name(name: str, value: object, msg: str, kind: str) -> None:
    assert faults({name: value}) == (Fault(("parameters", name), msg, kind),)


def test_every_fault_is_reported_at_once_in_the_order_of_the_request() -> None:
    found = faults({"is_whole": 1, "other": 1, "overlap": 3, "count": 0, "function": 1})
    assert [fault.loc[1] for fault in found] == ["is_whole", "other", "count", "function"]


def test_a_value_nested_deeply_is_a_fault_like_any_other() -> None:
    nested: Any = 1
    for _ in range(100_000):
        nested = [nested]
    assert [fault.type for fault in faults({"count": nested})] == ["int_type"]


def test_the_schema_has_the_bounds_of_the_fields() -> None:
    assert parameters_schema(Asked) == {
        "count": {"type": ["integer", "null"], "minimum": 1, "maximum": 100},
        "overlap": {"type": ["integer", "null"], "minimum": 0},
        "most": {"type": ["integer", "null"], "minimum": 1},
        "is_short": {"type": ["boolean", "null"]},
        "is_whole": {"type": ["boolean", "null"]},
        "function": {"type": "null"},
    }


@given(
    name=st.sampled_from(["count", "overlap", "most", "is_short", "is_whole", "function"]),
    value=st.none() | st.booleans() | st.integers(-3, 103) | st.floats(-2, 2) | st.text(max_size=2) | st.just([1]),
)
def test_what_the_schema_allows_is_what_is_read(name: str, value: Any) -> None:
    allowed = jsonschema.Draft202012Validator({"properties": parameters_schema(Asked)}).is_valid({name: value})
    try:
        read_parameters({name: value}, Asked)
    except InvalidInputError:
        assert not allowed
    else:
        assert allowed
