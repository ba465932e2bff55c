"""The model folders: their definitions, examples and sample data agree with one another."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.core.validator import Validator

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
REAL_DATA = ROOT.parent / "shared" / "data"
NAMES = ("car-price", "churn", "project-tags")
REAL_FILES = {
    "car-price": ("cars/car_details_4340.csv", "cars/car_details_v3_8128.csv"),
    "churn": ("churn/telco_churn.csv",),
}
PROJECT_FILES = ("madewithml/dataset.csv", "madewithml/holdout.csv")


@pytest.fixture(params=NAMES)
def definition(request: pytest.FixtureRequest) -> Definition:
    return load_definition(MODELS / request.param)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def public_files(names: Sequence[str]) -> list[Path]:
    files = [REAL_DATA / name for name in names]
    absent = [str(path) for path in files if not path.exists()]
    if absent:
        pytest.skip(f"the public tables are not here: {', '.join(absent)}")
    return files


def sample_of(definition: Definition) -> list[dict[str, str]]:
    return read_csv(definition.folder / "sample.csv")


def examples_of(definition: Definition) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((definition.folder / "examples.json").read_text(encoding="utf-8"))
    return loaded


def snake(text: str) -> str:
    return text.lower().replace(" ", "_")


def columns(definition: Definition) -> dict[str, set[str]]:
    """The distinct cells of the sample, spelled as the definition's [files] section spells them."""
    rows, files = sample_of(definition), definition.files
    return {
        snake(name) if files.snake_case_columns else name: {
            snake(row[name]) if files.snake_case_values else row[name] for row in rows
        }
        for name in rows[0]
    }


def test_every_feature_and_the_target_are_described(definition: Definition) -> None:
    for feature in (*definition.schema.features, definition.schema.target):
        assert feature.description, feature.name


def test_slices_name_features(definition: Definition) -> None:
    assert set(definition.slices) <= set(definition.schema.feature_names)


def test_filled_and_renamed_columns_are_columns_of_the_schema(definition: Definition) -> None:
    known = {*definition.schema.feature_names, definition.schema.target.name}
    assert {*definition.files.fill, *definition.files.rename.values()} <= known


def test_examples_are_valid_instances(definition: Definition) -> None:
    examples = examples_of(definition)
    assert len(examples) >= 2
    Validator(definition.schema).table(examples)


def test_sample_is_small_utf8_with_unix_line_ends(definition: Definition) -> None:
    raw = (definition.folder / "sample.csv").read_bytes()
    assert len(raw) < 400_000
    assert b"\r" not in raw
    assert raw.decode("utf-8").endswith("\n")


def test_sample_has_the_columns_of_the_schema(definition: Definition) -> None:
    schema = definition.schema
    expected = {*schema.feature_names, schema.target.name, *([schema.id] if schema.id else [])}
    assert columns(definition).keys() == expected


def test_sample_covers_every_allowed_level_and_no_other(definition: Definition) -> None:
    found = columns(definition)
    for feature in (*definition.schema.features, definition.schema.target):
        if feature.allowed:
            assert found[feature.name] == set(map(str, feature.allowed)), feature.name


def test_only_nullable_or_filled_columns_have_blank_cells(definition: Definition) -> None:
    blank = {name for name, cells in columns(definition).items() if any(not cell.strip("_ ") for cell in cells)}
    nullable = {feature.name for feature in definition.schema.features if feature.nullable}
    assert blank == nullable | definition.files.fill.keys()


def test_car_sample_has_rare_and_awkward_values() -> None:
    found = columns(load_definition(MODELS / "car-price"))
    assert {"Electric", "LPG", "CNG"} <= found["fuel"]
    assert {"Test Drive Car", "Fourth & Above Owner"} <= found["owner"]
    for part in ("ë", "Š", "&", ","):
        assert any(part in name for name in found["name"]), part


def test_churn_totals_are_blank_exactly_where_the_tenure_is_zero() -> None:
    rows = sample_of(load_definition(MODELS / "churn"))
    assert [row["TotalCharges"] == " " for row in rows] == [row["tenure"] == "0" for row in rows]


def test_customer_ids_are_unique() -> None:
    rows = sample_of(load_definition(MODELS / "churn"))
    assert len({row["customerID"] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", REAL_FILES)
def test_no_sample_row_is_a_row_of_the_public_tables(name: str) -> None:
    files = public_files(REAL_FILES[name])
    ours = sample_of(load_definition(MODELS / name))
    # An invented id alone would make every row differ
    names = [name for name in ours[0] if name != "customerID"]
    theirs = {tuple(row[name] for name in names) for path in files for row in read_csv(path)}
    assert [row for row in ours if tuple(row[name] for name in names) in theirs] == []


def test_no_sample_text_holds_a_title_or_description_of_the_public_projects() -> None:
    rows = [row for path in public_files(PROJECT_FILES) for row in read_csv(path)]
    found = {row[name].strip().casefold() for row in rows for name in ("title", "description")}
    public = {
        one for one in found if len(one.split()) > 3
    }  # a method's name is set by scikit-learn, so it may be equal in two files
    ours = [row["text"].casefold() for row in sample_of(load_definition(MODELS / "project-tags"))]
    assert [text for text in ours if any(one in text for one in public)] == []


def test_projects_are_recognised_in_both_languages() -> None:
    texts = [row["text"] for row in sample_of(load_definition(MODELS / "project-tags"))]
    assert sum(" con " in text for text in texts) > len(texts) / 5
    assert sum(" with " in text for text in texts) > len(texts) / 5
    assert any("\n" in text for text in texts)
