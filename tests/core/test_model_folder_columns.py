"""The columns of a model folder: names, features, targets, and those that the task asks for."""

from __future__ import annotations

import pytest

from functions.core.model_folder import load_definition
from tests.core.model_folders import ANSWERS, MINIMAL, PAIR, SECTION, TEXT, Write, refusals, with_lines

FEATURE_KEYS = "allowed, categorical, description, maximum, minimum, nullable, time_zone, type"
TEXT_HINT = "a text-classification reads free text"
TYPE = "one of string, integer, number, boolean, datetime"
BOUND = 'a number (for a datetime, a text such as "2026-11-29")'
FIRST_PART = MINIMAL.split("[features")[0]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        # names of columns
        (
            MINIMAL.replace("rooms", "instances"),
            'features.instances: another name is expected, "instances" was found; '
            'a body {"instances": [...]} holds several instances; '
            'rename it: [files] rename = { "instances" = "instances_column" }',
        ),
        (
            TEXT.replace("features.text", "features.texts"),
            'features.texts: another name is expected, "texts" was found; '
            'a body {"texts": [...]} holds several instances; '
            'rename it: [files] rename = { "texts" = "texts_column" }',
        ),
        (
            with_lines('id = "instances"'),
            'id: another name is expected, "instances" was found; a body {"instances": [...]} holds several instances; '
            'rename it: [files] rename = { "instances" = "instances_column" }',
        ),
        (
            MINIMAL.replace("rooms", "' rooms'"),
            'features." rooms": the name of a column is expected, " rooms" was found; '
            "it begins or ends with spaces, which reading a file removes: call it 'rooms'",
        ),
        (
            MINIMAL.replace("rooms", '"a\\u0000"'),
            'features."a\\u0000": the name of a column is expected, "a\\u0000" was found; '
            "it holds a NUL character, which no CSV file can hold: rename the column",
        ),
        (
            MINIMAL.replace('"price"', '"price "'),
            'target.name: the name of a column is expected, "price " was found; '
            "it begins or ends with spaces, which reading a file removes: call it 'price'",
        ),
        # [features] and [target]
        (
            MINIMAL.replace('"integer"', '"int"'),
            f'features.rooms.type: {TYPE} is expected, "int" was found',
        ),
        (
            MINIMAL.replace('type = "integer"', ""),
            f"features.rooms.type: {TYPE} is expected, nothing was found",
        ),
        (
            MINIMAL + 'levels = ["a"]',
            f"features.rooms.levels: one of the keys {FEATURE_KEYS} is expected, an unknown one was found",
        ),
        (
            MINIMAL + "observed = [0, 1]",
            f"features.rooms.observed: one of the keys {FEATURE_KEYS} is expected, an unknown one was found",
        ),
        (
            MINIMAL + 'name = "x"',
            f"features.rooms.name: one of the keys {FEATURE_KEYS} is expected, an unknown one was found",
        ),
        (MINIMAL + "description = 1", "features.rooms.description: text is expected, 1 was found"),
        (MINIMAL + "nullable = 1", "features.rooms.nullable: true or false is expected, 1 was found"),
        (MINIMAL + 'categorical = "no"', 'features.rooms.categorical: true or false is expected, "no" was found'),
        (MINIMAL + 'minimum = "0"', f'features.rooms.minimum: {BOUND} is expected, "0" was found'),
        (MINIMAL + "maximum = inf", f"features.rooms.maximum: {BOUND} is expected, inf was found"),
        (MINIMAL + "maximum = nan", f"features.rooms.maximum: {BOUND} is expected, nan was found"),
        (
            MINIMAL + "minimum = 2\nmaximum = 1",
            "features.rooms.maximum: a number of at least the minimum 2 is expected, 1 was found",
        ),
        (
            MINIMAL.replace('"integer"', '"string"\nmaximum = 3'),
            "features.rooms.maximum: no bound of a string is expected, 3 was found",
        ),
        (MINIMAL + "allowed = 1", "features.rooms.allowed: an array of texts or numbers is expected, 1 was found"),
        (MINIMAL + "allowed = [true]", "features.rooms.allowed[0]: text or a number is expected, true was found"),
        (MINIMAL + 'allowed = [1, "2"]', 'features.rooms.allowed[1]: an integer is expected, "2" was found'),
        (MINIMAL + "allowed = [1.5]", "features.rooms.allowed[0]: an integer is expected, 1.5 was found"),
        (
            MINIMAL + "allowed = [1, 2, 1]",
            "features.rooms.allowed[2]: a value that is not listed before is expected, 1 was found",
        ),
        (
            MINIMAL + "allowed = [1]\nminimum = 0",
            "features.rooms.minimum: no bound where allowed lists the values is expected, 0 was found",
        ),
        (
            MINIMAL + '[features.""]\ntype = "integer"',
            'features."": the name of a column is expected, "" was found; a column needs a name',
        ),
        (
            MINIMAL.replace('"price"', '"rooms"'),
            'target.name: a name that no feature has is expected, "rooms" was found',
        ),
        (MINIMAL.replace('name = "price"', ""), "target.name: text that is not empty is expected, nothing was found"),
        (
            MINIMAL.replace('"number"', '"string"'),
            'target.type: integer or number is expected, "string" was found; a tabular-regression predicts a number',
        ),
        (
            MINIMAL.replace('"number"', '"number"\nnullable = true'),
            "target.nullable: false is expected, true was found; every training row has a target",
        ),
        (
            'name = "rent"\ntask = "tabular-regression"\n[features.rooms]\ntype = "integer"',
            "target: a section that names the column to predict and its type is expected, none was found",
        ),
        (
            FIRST_PART,
            "features: a section [features.<name>] for each column that the model reads is expected, none was found",
        ),
        (
            FIRST_PART.replace("[target]", 'features = ["rooms"]\n[target]'),
            f'features: {SECTION} is expected, ["rooms"] was found',
        ),
        (FIRST_PART + "[features]\nrooms = 3", f"features.rooms: {SECTION} is expected, 3 was found"),
        (
            MINIMAL + '[features.sold]\ntype = "datetime"\nminimum = 2020-01-31',
            'features.sold.minimum: a number (for a datetime, a text such as "2026-11-29") is expected, '
            "the date 2020-01-31 was found",
        ),
        (
            MINIMAL + '[features.sold]\ntype = "datetime"\ntime_zone = "Europe/Madrid"',
            'features.sold.time_zone: one of none, UTC is expected, "Europe/Madrid" was found',
        ),
        (
            MINIMAL.replace('type = "number"', 'type = "datetime"'),
            'target.type: string, integer, number or boolean is expected, "datetime" was found; '
            "predict the days until then, as a number",
        ),
        # texts to classify
        (
            TEXT + '[features.title]\ntype = "string"',
            "features: the one text that a text-classification reads is expected, text, title was found; "
            "join them into one, for files with [files] join",
        ),
        (
            TEXT.replace("categorical = false", ""),
            f"features.text.categorical: false is expected, true was found; {TEXT_HINT}",
        ),
        (TEXT + "nullable = true", f"features.text.nullable: false is expected, true was found; {TEXT_HINT}"),
        (TEXT + 'allowed = ["a"]', f'features.text.allowed: no closed list is expected, ["a"] was found; {TEXT_HINT}'),
        (
            TEXT.replace('"string"\ncategorical', '"number"\ncategorical'),
            f'features.text.type: string is expected, "number" was found; {TEXT_HINT}',
        ),
        # questions to answer
        *(
            (
                ANSWERS.replace("Owner/some_name.v2", hub_id),
                f'hub_id: a name written owner/name is expected, "{hub_id}" was found',
            )
            for hub_id in ("name", "a/b/c", "../x", "a/", "/a", "a b/c", "ñ/a", "https://a/b")
        ),
        (
            ANSWERS + '[target]\nname = "answer"\ntype = "string"\n',
            "target: no such section is expected, one was found; "
            "a question-answering model always reads question and context",
        ),
    ],
)
def test_a_wrong_model_file_is_refused_with_key_expectation_and_finding(write: Write, text: str, refusal: str) -> None:
    assert refusals(write(text)) == [refusal]


SEVERAL = """
name = "rent"
task = "tabular-classification"
slices = ["a.b"]
[files]
rename = { Sold = "precio €" }
[gate]
floors = { subset_accuracy = 0.5, f1_micro = 0.5 }
ceilings = { hamming_loss = 0.25 }
[[target]]
name = "precio €"
type = "boolean"
[[target]]
name = "a.b"
type = "integer"
allowed = [0, 1]
[features.rooms]
type = "integer"
"""


def test_several_targets_are_an_array_of_sections(write: Write) -> None:
    definition = load_definition(write(SEVERAL))
    assert definition.schema.target_names == ("precio €", "a.b")
    assert [target.choices for target in definition.schema.targets] == [(False, True), (0, 1)]


def test_one_section_of_an_array_is_one_target(write: Write) -> None:
    one = load_definition(write(MINIMAL.replace("[target]", "[[target]]")))
    assert (one.schema.target_names, one.schema.has_several_targets) == (("price",), False)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (
            SEVERAL.replace('"a.b"\ntype', '"rooms"\ntype').replace('["a.b"]', "[]"),
            'target[1].name: a name that no feature has is expected, "rooms" was found',
        ),
        (
            SEVERAL.replace('"a.b"\ntype', '"precio €"\ntype').replace('["a.b"]', "[]"),
            'target[1].name: a name that no other target has is expected, "precio €" was found',
        ),
        (
            SEVERAL.replace("allowed = [0, 1]", "allowed = [0, 0]"),
            "target[1].allowed[1]: a value that is not listed before is expected, 0 was found",
        ),
        (
            SEVERAL.replace('"boolean"', '"boolean"\nnullable = true'),
            "target[0].nullable: false is expected, true was found; every training row has a target",
        ),
        (
            SEVERAL.replace("allowed = [0, 1]", 'levels = ["x"]'),
            "target[1].levels: one of the keys allowed, categorical, description, maximum, minimum, name, nullable, "
            "time_zone, type is expected, an unknown one was found",
        ),
        (
            SEVERAL.replace("[gate]", '[gate.compare]\nmetric = "f1_macro"\n[gate]'),
            "gate.compare.metric: one of the metrics accuracy, precision, recall, f1, roc_auc, log_loss, "
            'subset_accuracy, hamming_loss, f1_micro is expected, "f1_macro" was found',
        ),
        (
            MINIMAL.replace('[target]\nname = "price"\ntype = "number"', "target = []"),
            "target: a section that names the column to predict and its type is expected, none was found",
        ),
    ],
)
def test_faults_of_several_targets_name_the_one(write: Write, text: str, refusal: str) -> None:
    assert refusal in refusals(write(text))


def test_metrics_of_several_labels_are_no_metrics_of_one(write: Write) -> None:
    text = MINIMAL.replace("regression", "classification") + "[gate]\nfloors = { subset_accuracy = 0.5 }"
    (refusal,) = refusals(write(text))
    assert refusal.startswith(
        "gate.floors.subset_accuracy: one of the metrics accuracy, precision, recall, f1, roc_auc"
    )


def test_a_target_may_be_called_instances(write: Write) -> None:
    assert load_definition(write(MINIMAL.replace('"price"', '"instances"'))).schema.target.name == "instances"


@pytest.mark.parametrize(("name", "bound"), [("maximum", 1e308), ("maximum", 2.0**63), ("minimum", -1e19)])
def test_a_bound_beyond_all_integers_is_refused(write: Write, name: str, bound: float) -> None:
    (refusal,) = refusals(write(f"{MINIMAL}{name} = {bound}\n"))
    expected = "a number of at most 64 bits, as of every integer, is expected"
    assert refusal == f"features.rooms.{name}: {expected}, {bound} was found"


def test_a_number_that_no_manifest_can_hold_is_refused(write: Write) -> None:
    (refusal,) = refusals(write(f"{MINIMAL}minimum = -{10**22}\n"))
    assert refusal == f"features.rooms.minimum: {BOUND} is expected, -{10**22} was found"


def test_question_answering_has_the_one_schema(write: Write) -> None:
    definition = load_definition(write(ANSWERS, examples=PAIR))
    assert definition.schema.feature_names == ("question", "context")
    assert definition.hub_id == "Owner/some_name.v2"
