"""Documents from outside: read by the annotations of dataclasses, refused with every fault and its key."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from functions.core.documents import Keys, fault, read_document, require_no_faults
from functions.core.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Oven:
    """Hottest and coldest in degrees."""

    maker: str
    hottest: Annotated[float, Meta(gt=0)] = 250
    coldest: float = 30

    def __post_init__(self) -> None:
        if self.coldest > self.hottest:
            require_no_faults("oven", [fault("coldest", "a number of at most hottest", self.coldest)])


@dataclass(frozen=True, slots=True)
class Bread:
    name: str
    grams: Annotated[int, Meta(ge=50, le=5000)]
    is_sour: bool = False
    crust: Literal["thin", "thick"] = "thin"
    price: float | None = None
    slices: Annotated[int, Meta(ge=1)] = 1
    code: Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z", description="a code of three capitals")] = "AAA"
    seeds: tuple[str, ...] = ()
    steps: Annotated[Sequence[str], Meta(min_length=1)] = ("bake",)
    range: tuple[float, float] | None = None
    weights: tuple[float, ...] = ()
    values: tuple[str | int | float, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    oven: Oven | None = None
    ovens: tuple[Oven, ...] = ()
    bakers: Oven | tuple[Oven, ...] | None = None
    marks: tuple[str | int | tuple[str | int | float, ...], ...] = ()
    spare: Annotated[Mapping[str, Annotated[Oven, Keys(named_by_key="maker", unset=("coldest",))]], "by maker"] = field(
        default_factory=dict
    )


RYE = {"name": "rye", "grams": 750}


def read(**more: Any) -> Bread:
    return read_document({**RYE, **more}, Bread, "bread.toml")


def refusals(document: object, *, bounds: bool = True) -> list[str]:
    """The lines of an error without the source, with which each begins."""
    with pytest.raises(DocumentError) as caught:
        read_document(document, Bread, "bread.toml", bounds=bounds)
    assert caught.value.source == "bread.toml"
    lines = str(caught.value).splitlines()
    assert [f"bread.toml: {one}" for one in caught.value.faults] == lines
    return [line.removeprefix("bread.toml: ") for line in lines]


def test_a_document_is_read_with_the_defaults_of_its_dataclass() -> None:
    assert read() == Bread("rye", 750)


def test_arrays_become_tuples_and_sections_dataclasses() -> None:
    found = read(
        seeds=["poppy", "flax"],
        range=[1, 2.5],
        values=["a", 1, 0.5],
        parts={"dough": ["flour", "water"]},
        oven={"maker": "Miele"},
        ovens=[{"maker": "Smeg", "hottest": 300}],
        spare={"Bosch": {"hottest": 280}},
    )
    assert (found.seeds, found.range, found.values) == (("poppy", "flax"), (1.0, 2.5), ("a", 1, 0.5))
    assert list(found.parts["dough"]) == ["flour", "water"]
    assert (found.oven, found.ovens) == (Oven("Miele"), (Oven("Smeg", 300),))
    assert found.spare == {"Bosch": Oven("Bosch", 280)}


def test_values_of_any_kind_are_kept_as_they_are() -> None:
    notes = {"a": [1, 0.5, "x", True, None, {"b": [[]]}], "c": -(2**63)}
    assert read(notes=notes).notes == notes


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"name": 5}, "name: text is expected, 5 was found"),
        ({"grams": "many"}, 'grams: a whole number from 50 to 5000 is expected, "many" was found'),
        ({"grams": 750.0}, "grams: a whole number from 50 to 5000 is expected, 750.0 was found"),
        ({"grams": True}, "grams: a whole number from 50 to 5000 is expected, true was found"),
        ({"grams": None}, "grams: a whole number from 50 to 5000 is expected, null was found"),
        ({"grams": 49}, "grams: a whole number from 50 to 5000 is expected, 49 was found"),
        ({"is_sour": 1}, "is_sour: true or false is expected, 1 was found"),
        ({"is_sour": "yes"}, 'is_sour: true or false is expected, "yes" was found'),
        ({"crust": "burnt"}, 'crust: one of thin, thick is expected, "burnt" was found'),
        ({"crust": ["thin"]}, 'crust: one of thin, thick is expected, ["thin"] was found'),
        ({"price": "1"}, 'price: a number is expected, "1" was found'),
        ({"price": math.nan}, "price: a number is expected, nan was found"),
        ({"price": -math.inf}, "price: a number is expected, -inf was found"),
        ({"price": 10**30}, f"price: a number is expected, {10**30} was found"),
        ({"price": date(2026, 1, 31)}, "price: a number is expected, the date 2026-01-31 was found"),
        ({"code": "abc"}, 'code: a code of three capitals is expected, "abc" was found'),
        ({"code": "ABC\n"}, 'code: a code of three capitals is expected, "ABC\\n" was found'),
        ({"seeds": "poppy"}, 'seeds: an array of texts is expected, "poppy" was found'),
        ({"seeds": ["poppy", 1]}, "seeds[1]: text is expected, 1 was found"),
        ({"steps": []}, "steps: an array of texts, at least 1, is expected, [] was found"),
        ({"range": [1]}, "range: an array of 2 numbers is expected, [1] was found"),
        ({"range": [1, math.nan]}, "range: an array of 2 numbers is expected, [1, NaN] was found"),
        ({"weights": [1, math.inf]}, "weights[1]: a number is expected, inf was found"),
        ({"weights": [0.5, 2**64]}, "weights[1]: a number is expected, 18446744073709551616 was found"),
        ({"slices": 10**30}, f"slices: a whole number of at least 1 is expected, {10**30} was found"),
        ({"values": [1, True]}, "values[1]: text or a number is expected, true was found"),
        ({"values": [2**63]}, "values[0]: text or a number is expected, 9223372036854775808 was found"),
        ({"shares": ["flour"]}, 'shares: a section of keys and values is expected, ["flour"] was found'),
        ({"shares": {"flour": "most"}}, 'shares.flour: a number is expected, "most" was found'),
        ({"shares": {"rye flour": ""}}, 'shares."rye flour": a number is expected, "" was found'),
        ({"shares": {"ñ": {}}}, 'shares."ñ": a number is expected, an empty section was found'),
        ({"parts": {"dough": "flour"}}, 'parts.dough: an array of texts is expected, "flour" was found'),
        ({"parts": {"dough": [1]}}, "parts.dough[0]: text is expected, 1 was found"),
        ({"notes": {"a": [math.nan]}}, "notes.a[0]: a finite number of at most 64 bits is expected, nan was found"),
        ({"notes": {"a": 10**30}}, f"notes.a: a finite number of at most 64 bits is expected, {10**30} was found"),
        (
            {"notes": {"a": datetime(2026, 1, 31, tzinfo=UTC)}},
            "notes.a: text, a number, true, false, an array or a section is expected, "
            "the datetime 2026-01-31 00:00:00+00:00 was found",
        ),
        ({"oven": 3}, "oven: a section of keys and values is expected, 3 was found"),
        ({"oven": {}}, "oven.maker: text is expected, nothing was found"),
        (
            {"oven": {"maker": "Miele", "hotest": 1}},
            "oven.hotest: one of the keys coldest, hottest, maker is expected, an unknown one was found; "
            "did you mean hottest?",
        ),
        ({"oven": {"maker": "Miele", "hottest": 0}}, "oven.hottest: a number greater than 0 is expected, 0 was found"),
        (
            {"oven": {"maker": "Miele", "coldest": 251}},
            "oven.coldest: a number of at most hottest is expected, 251 was found",
        ),
        ({"ovens": [{"maker": "Smeg"}, {"maker": 1}]}, "ovens[1].maker: text is expected, 1 was found"),
        ({"ovens": [1]}, "ovens[0]: a section of keys and values is expected, 1 was found"),
        (
            {"spare": {"Bosch": {"maker": "Bosch"}}},
            "spare.Bosch.maker: one of the keys hottest is expected, an unknown one was found",
        ),
        (
            {"spare": {"Bosch": {"coldest": 1}}},
            "spare.Bosch.coldest: one of the keys hottest is expected, an unknown one was found",
        ),
        ({"grams": "1\u2028g"}, 'grams: a whole number from 50 to 5000 is expected, "1\\u2028g" was found'),
        ({"shares": {"a\nb": ""}}, 'shares."a\\nb": a number is expected, "" was found'),
        ({"seeds": "x" * 100}, f'seeds: an array of texts is expected, "{"x" * 59}... was found'),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_key(more: dict[str, Any], refusal: str) -> None:
    assert refusals({**RYE, **more}) == [refusal]


def test_one_section_or_an_array_of_them_is_read() -> None:
    assert read(bakers={"maker": "A"}).bakers == Oven("A")
    assert read(bakers=[{"maker": "A"}, {"maker": "B"}]).bakers == (Oven("A"), Oven("B"))
    assert read(bakers=[]).bakers == ()
    assert read(bakers=None).bakers is None


def test_arrays_within_arrays_become_tuples_with_numbers_as_they_are_written() -> None:
    found = read(marks=["a", 1, ["b", 2, 2.0]]).marks
    assert found == ("a", 1, ("b", 2, 2.0))
    assert isinstance(found[2], tuple)
    assert list(map(type, found[2])) == [str, int, float]


def test_every_fault_is_reported_at_once_in_the_order_of_the_document() -> None:
    document = {"weight": 1, "oven": {"coldest": "cold", "hottest": "hot"}, "grams": "many", "seeds": [1, "a", 2]}
    assert [one.split(": ")[0] for one in refusals(document)] == [
        "weight",
        "oven.coldest",
        "oven.hottest",
        "oven.maker",
        "grams",
        "seeds[0]",
        "seeds[2]",
        "name",
    ]


def test_a_rule_between_fields_is_reported_with_faults_of_other_sections() -> None:
    document = {"name": "rye", "grams": 1, "ovens": [{"maker": "A", "coldest": 300}, {"maker": "B", "coldest": 400}]}
    assert [one.split(": ")[0] for one in refusals(document)] == ["grams", "ovens[0].coldest", "ovens[1].coldest"]


@pytest.mark.parametrize("document", [None, [], "name", 5, [RYE]])
def test_a_document_that_has_no_keys_is_refused(document: object) -> None:
    (refusal,) = refusals(document)
    assert refusal.startswith("a section of keys and values is expected, ")


def test_without_bounds_the_types_alone_are_judged() -> None:
    found = read_document({"name": "rye", "grams": 1, "code": "abc", "steps": []}, Bread, "old.json", bounds=False)
    assert (found.grams, found.code, found.steps) == (1, "abc", ())
    assert refusals({"name": "rye", "grams": "1"}, bounds=False) == ['grams: a whole number is expected, "1" was found']


def test_a_document_that_is_nested_too_deep_is_refused() -> None:
    nested: Any = []
    for _ in range(10_000):
        nested = [nested]
    assert refusals({**RYE, "notes": {"a": nested}}) == ["a document is expected, one nested too deep was found"]


TYPES: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "grams": (int,),
    "is_sour": (bool,),
    "crust": (str,),
    "price": (int, float, type(None)),
    "seeds": (list,),
    "shares": (dict,),
    "oven": (dict, type(None)),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", TYPES)
@given(value=JSON)
def test_no_value_of_another_type_is_accepted(name: str, value: Any) -> None:
    if type(value) in TYPES[name]:
        return
    (refusal,) = refusals({**RYE, name: value})
    assert refusal.startswith(f"{name}: ")


def test_no_fault_is_no_refusal() -> None:
    require_no_faults("oven", [])
