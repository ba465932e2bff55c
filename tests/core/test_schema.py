"""Features and schemas: what they refuse, what they learn, and that JSON keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pytest

from functions.core.documents import read_document
from functions.core.errors import DocumentError
from functions.core.schema import Feature, Schema, written

COLOUR = Feature("colour", "string")
SIZE = Feature("size", "integer", minimum=0)
WEIGHT = Feature("weight", "number", nullable=True)
SCHEMA = Schema((COLOUR, SIZE, WEIGHT), Feature("price", "number"), "key")


@pytest.mark.parametrize(
    ("arguments", "refusals"),
    [
        ({"type": "string", "minimum": 0}, ["minimum: no bound of a string is expected, 0 was found"]),
        (
            {"type": "string", "minimum": 0, "maximum": 1},
            [
                "minimum: no bound of a string is expected, 0 was found",
                "maximum: no bound of a string is expected, 1 was found",
            ],
        ),
        ({"type": "boolean", "maximum": 1}, ["maximum: no bound of a boolean is expected, 1 was found"]),
        (
            {"type": "boolean", "allowed": (True,)},
            ["allowed: no closed list of a boolean, which is true or false is expected, [true] was found"],
        ),
        ({"type": "string", "allowed": ("a", 1)}, ["allowed[1]: a string is expected, 1 was found"]),
        ({"type": "integer", "allowed": ("1",)}, ['allowed[0]: an integer is expected, "1" was found']),
        ({"type": "integer", "allowed": (0, True)}, ["allowed[1]: an integer is expected, true was found"]),
        (
            {"type": "number", "minimum": 2, "maximum": 1},
            ["maximum: a number of at least the minimum 2 is expected, 1 was found"],
        ),
        ({"type": "number", "minimum": "2"}, ['minimum: a number is expected, "2" was found']),
        ({"type": "number", "time_zone": "UTC"}, ['time_zone: no time zone of a number is expected, "UTC" was found']),
        (
            {"type": "datetime", "minimum": 2020, "maximum": "31/12/2030"},
            [
                "minimum: a date and time in text is expected, 2020 was found",
                'maximum: a date and time in text is expected, "31/12/2030" was found; '
                "'31/12/2030' is no date and time in ISO 8601, such as 2026-11-29 or 2026-11-29T10:30:00",
            ],
        ),
        (
            {"type": "datetime", "minimum": "2030-01-01", "maximum": "2029-12-31T23:59"},
            ['maximum: a date and time of at least the minimum 2030-01-01 is expected, "2029-12-31T23:59" was found'],
        ),
        (
            {"type": "datetime", "time_zone": "UTC", "minimum": "2030-01-01"},
            [
                "minimum: a date and time in text is expected, "
                "\"2030-01-01\" was found; '2030-01-01' must have a time and an offset: the model reads times in UTC, "
                "such as 2026-11-29T10:30:00Z or 2026-11-29T12:30:00+02:00",
            ],
        ),
        (
            {"type": "datetime", "allowed": ("2030-01-01",)},
            [
                "allowed: no closed list of a datetime: bound it by minimum and maximum is expected, "
                '["2030-01-01"] was found'
            ],
        ),
        (
            {"type": "integer", "allowed": (0, 1), "minimum": 0},
            ["minimum: no bound where allowed lists the values is expected, 0 was found"],
        ),
    ],
)
def test_a_feature_that_cannot_be_is_refused(arguments: dict[str, Any], refusals: list[str]) -> None:
    with pytest.raises(DocumentError) as caught:
        Feature("x", **arguments)
    assert str(caught.value).splitlines() == [f"feature 'x': {refusal}" for refusal in refusals]


def test_bounds_may_be_equal() -> None:
    Feature("x", "datetime", minimum="2030-01-01", maximum="2030-01-01T00:00:00")
    Feature("x", "datetime", time_zone="UTC", minimum="2030-01-01T02:00+02:00", maximum="2030-01-01T00:00Z")
    assert Feature("x", "number", minimum=1, maximum=1).maximum == 1


@pytest.mark.parametrize(
    ("features", "target", "key", "place"),
    [
        ((COLOUR, COLOUR), "price", None, "features[1].name"),
        ((COLOUR, SIZE), "size", None, "target.name"),
        ((COLOUR, SIZE), "price", "colour", "id"),
        ((COLOUR, SIZE), "price", "price", "id"),
    ],
)
def test_a_name_is_used_once_in_a_schema(
    features: tuple[Feature, ...], target: str, key: str | None, place: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        Schema(features, Feature(target, "number"), key)
    assert [fault.path for fault in caught.value.faults] == [place]


@pytest.mark.parametrize(
    ("names", "key", "refusals"),
    [
        (("price", "size"), None, ["target[1].name: a name that no feature has"]),
        (("price", "price"), None, ["target[1].name: a name that no other target has"]),
        (("price", "rent"), "rent", ["id: a name that neither a feature nor the target has"]),
        ((), None, ["target: at least one target"]),
    ],
)
def test_a_name_is_used_once_among_several_targets(names: tuple[str, ...], key: str, refusals: list[str]) -> None:
    with pytest.raises(DocumentError) as caught:
        Schema((COLOUR, SIZE), tuple(Feature(name, "number") for name in names), key)
    assert [f"{fault.path}: {fault.expected}" for fault in caught.value.faults] == refusals


def test_a_tuple_of_one_target_is_that_target() -> None:
    schema = Schema((COLOUR,), (Feature("price", "number"),))
    assert schema == Schema((COLOUR,), Feature("price", "number"))
    assert not schema.has_several_targets
    assert schema.to_dict()["target"]["name"] == "price"


def test_several_targets_keep_their_order_and_are_learned_each() -> None:
    schema = Schema((SIZE,), (Feature("precio €", "number"), Feature("a.b", "string")))
    assert schema.has_several_targets
    assert schema.target_names == ("precio €", "a.b")
    assert [column.name for column in schema.labelled] == ["size", "precio €", "a.b"]
    learned = schema.learn({"size": [1], "precio €": [2.5], "a.b": ["x"]})
    assert (learned.targets[0].observed, learned.targets[1].levels) == ((2.5, 2.5), ("x",))
    document = orjson.loads(orjson.dumps(learned.to_dict()))
    assert read_document(document, Schema, "schema") == learned


def test_names_keep_the_order_of_the_schema() -> None:
    assert SCHEMA.feature_names == ("colour", "size", "weight")
    assert SCHEMA.string_names == ("colour",)
    assert SCHEMA.number_names == ("size", "weight")


def test_training_teaches_levels_and_ranges() -> None:
    learned = SCHEMA.learn(
        {"colour": ["red", "blue", "red"], "size": [3, 1, 2], "weight": [None, 2.5, -1], "price": [9.0, 8.0, 7.0]}
    )
    colour, size, weight = learned.features
    assert colour.levels == ("blue", "red")
    assert size.observed == (1.0, 3.0)
    assert weight.observed == (-1.0, 2.5)
    assert learned.target.observed == (7.0, 9.0)
    assert learned.id == "key"


@pytest.mark.parametrize(
    ("feature", "values"),
    [
        (Feature("x", "string", categorical=False), ["a", "b"]),
        (Feature("x", "string", allowed=("a", "b")), ["a"]),
        (Feature("x", "number", nullable=True), [None, None]),
    ],
)
def test_nothing_is_learned_from_free_text_closed_lists_and_empty_columns(feature: Feature, values: list[Any]) -> None:
    assert feature.learn(values) == feature


def test_levels_leave_out_what_is_missing() -> None:
    assert Feature("x", "string", nullable=True).learn(["b", None, "a"]).levels == ("a", "b")


def test_learning_again_forgets_what_was_learned_before() -> None:
    assert COLOUR.learn(["red"]).learn(["blue"]).levels == ("blue",)


def test_each_feature_has_one_tensor() -> None:
    features = (Feature("a", "datetime"), Feature("b", "boolean"), Feature("c", "string"), Feature("d", "datetime"))
    schema = Schema(features, Feature("y", "number"))
    assert (schema.string_names, schema.number_names, schema.datetime_names) == (("c",), ("b",), ("a", "d"))


def test_training_teaches_the_range_of_dates_as_texts() -> None:
    moments = [datetime(2024, 2, 29, 10, 30), None, datetime(1969, 7, 20), datetime(2024, 2, 29)]
    assert Feature("x", "datetime").learn(moments).observed == ("1969-07-20", "2024-02-29T10:30:00")
    utc = Feature("x", "datetime", time_zone="UTC").learn(moments)
    assert utc.observed == ("1969-07-20T00:00:00Z", "2024-02-29T10:30:00Z")
    assert Feature("x", "datetime").learn([None]).observed is None


def test_a_time_zone_is_written_only_where_there_is_one() -> None:
    """Older readers refuse a schema with a key that they do not know."""
    features = (Feature("a", "datetime", time_zone="UTC"), Feature("b", "datetime"), Feature("c", "number"))
    document = Schema(features, Feature("y", "number")).to_dict()
    assert [feature.get("time_zone") for feature in document["features"]] == ["UTC", None, None]
    assert "time_zone" not in document["target"]


def test_json_keeps_a_schema() -> None:
    schema = Schema(
        (
            Feature("a", "string", "text", nullable=True, levels=("x", "ñ")),
            Feature("b", "integer", allowed=(0, 5)),
            Feature("c", "number", observed=(0.1, 2.0)),
            Feature("d", "string", categorical=False),
            Feature("e", "datetime", minimum="2020-01-01", observed=("2020-01-01", "2026-11-29T10:30:00")),
            Feature("f", "datetime", time_zone="UTC", maximum="2030-01-01T00:00:00Z"),
        ),
        Feature("y", "string", allowed=("no", "yes")),
    )
    for one in (schema, SCHEMA):
        assert read_document(orjson.loads(orjson.dumps(one.to_dict())), Schema, "schema", bounds=False) == one


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1234567, "1234567"),
        (1234567.0, "1234567"),
        (-2.0, "-2"),
        (79.85, "79.85"),
        (0.1 + 0.2, "0.30000000000000004"),
        (2**53, "9007199254740992"),
        (1e300, "1e+300"),
    ],
)
def test_numbers_are_written_in_full(number: float, text: str) -> None:
    assert written(number) == text


def test_a_boolean_has_two_choices_and_learns_nothing() -> None:
    paid = Feature("paid", "boolean", nullable=True)
    assert paid.choices == (False, True)
    assert paid.learn([True, None, False]) == paid
    assert Schema((paid, COLOUR), SIZE).number_names == ("paid",)
    assert read_document(orjson.loads(orjson.dumps(Schema((paid,), SIZE).to_dict())), Schema, "here").features == (
        paid,
    )


def test_labels_are_called_as_predictions_call_them() -> None:
    assert Feature("y", "boolean").labels == {"false": False, "true": True, "False": False, "True": True}
    assert Feature("y", "number", allowed=(0.0, 1.5)).labels == {"0.0": 0.0, "1.5": 1.5}
    assert Feature("y", "integer", allowed=(1, 2)).labels == {"1": 1, "2": 2}


def test_the_columns_of_a_file_are_features_targets_and_the_id() -> None:
    assert SCHEMA.column_names == ("colour", "size", "weight", "price", "key")
    several = Schema((COLOUR,), (SIZE, WEIGHT))
    assert several.column_names == ("colour", "size", "weight")
