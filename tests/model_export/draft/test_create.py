"""A new model folder: written once it is proven, complete or not at all."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.core.column_names import name_fault
from functions.core.definition import Limits
from functions.core.errors import DefinitionError, DiskError, InvalidInputError
from functions.core.instances import parse_instances
from functions.core.model_folder import load_definition
from functions.core.row_budget import RowBudget
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.draft.create import Created, NewModel, create
from model_export.pipelines.candidate import fit_candidate
from model_export.publishing import publish_candidate
from model_export.training_files.rows import read_rows
from model_export.transformers.dates import DateParts

ROWS = 60
TOWNS = ["Cork", "Lyon", "Porto"]
Rows = list[dict[str, Any]]


def rows_of(text: str, number: str, target: str = "left") -> Rows:
    rows = range(ROWS)
    return [
        {text: TOWNS[row % 3], number: row % 7 + 0.5, "other": row, target: "yes" if row % 4 < 2 else "no"}
        for row in rows
    ]


def as_csv(rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def new(folder: Path, rows: Rows, **options: Any) -> Created:
    data = folder / "table.json"
    data.write_text(json.dumps(rows), encoding="utf-8")
    stages: list[str] = []
    wanted = NewModel("model", data, **{"target": "left", "models": folder / "models", **options})
    return create(wanted, lambda stage, share: stages.append(stage))


def own_pipeline(folder: Path, rows: Rows, text: str) -> tuple[Path, Any]:
    """The path of a joblib with a pipeline fitted on the rows, and the pipeline."""
    frame = pd.DataFrame(rows)
    encoded = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [text]), remainder="passthrough")
    pipeline = make_pipeline(encoded, LogisticRegression(max_iter=5000))
    pipeline.fit(frame[[name for name in frame if name != "left"]], frame.left)
    path = folder / "own.joblib"
    joblib.dump(pipeline, path)
    return path, pipeline


def answers(folder: Path, created: Created, instances: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    """The scores of the published candidate, the same for one instance and for an array."""
    registry = Home(folder / "home").registry
    version = LoadedVersion.load(
        registry, "model", publish_candidate(registry, created.definition, created.candidate, None).version
    )
    forms = [
        version.validate(parse_instances(json.dumps(body).encode(), RowBudget.of_prediction(Limits())).rows)
        for body in (instances, {"instances": instances})
    ]
    read = version.read(json.dumps(instances).encode())
    found: list[Any] = [list(version.predict(batch).predictions) for batch in [*forms, *([read] if read else [])]]
    assert all(one == found[0] for one in found)
    single = version.predict(
        version.validate(parse_instances(json.dumps(instances[0]).encode(), RowBudget.of_prediction(Limits())).rows)
    ).predictions
    assert single[0]["label"] == found[0][0]["label"]  # type: ignore[index]
    return [[one["scores"][label] for label in ("no", "yes")] for one in found[0]]


def without(rows: Rows, *names: str) -> Rows:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).map(str.strip)
NAMES = TEXT.filter(lambda name: not name_fault(name) and name not in ("instances", "other", "left"))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAMES, min_size=2, max_size=2, unique=True))
@example(names=['a"b', "a'b\\"])
@example(names=["a\nb\rc\td", "\x1b[2J"])
@example(names=["caf\u00e9", "cafe\u0301"])
@example(names=["😀" * 100, "x" * 300])
@example(names=["inputs", "texts"])
@example(names=["feature_1", "feature_0"])
@example(names=["{x} %s $name", "a.b[0]=c:d/e,f;g"])
def test_columns_of_any_names_are_served_as_the_pipeline_answers_and_read_again(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rows = rows_of(*names)
    path, pipeline = own_pipeline(folder, rows, names[0])
    created = new(folder, rows, pipeline=[path])
    assert created.definition == load_definition(folder / "models" / "model")
    assert created.definition.schema.feature_names == (*names, "other")
    instances = without(rows[:5], "left")
    expected = pipeline.predict_proba(pd.DataFrame(instances))
    np.testing.assert_allclose(answers(folder, created, instances), expected, rtol=1e-9)
    sample = (folder / "models" / "model" / "sample.csv").read_bytes()
    files = {"rows.csv": as_csv(rows), "sample.csv": sample, "rows.json": json.dumps(rows).encode()}
    tables = [read_rows(body, name, created.definition).table for name, body in files.items()]
    assert tables[0] == tables[1] == tables[2]


def test_a_proposal_over_odd_names_trains_again_from_its_folder(tmp_path: Path) -> None:
    names = ["a\"'\\\nb", "a\r😀{}%s$x"]
    created = new(tmp_path, rows_of(*names))
    definition = created.definition
    assert definition.schema.string_names == (names[0],)
    table = read_rows((definition.folder / "sample.csv").read_bytes(), "sample.csv", definition).table
    fitted = fit_candidate(definition, table, table, lambda stage, share: None)
    assert fitted.labels == ("no", "yes")


def test_a_renamed_column_is_served_and_read_by_its_new_name(tmp_path: Path) -> None:
    rows = rows_of("instances", "size")
    with pytest.raises(DefinitionError, match="pass --rename instances=instances_column"):
        new(tmp_path, rows)
    assert not (tmp_path / "models").exists()
    created = new(tmp_path, rows, rename={"instances": "units"})
    assert created.definition.examples[0].keys() == {"units", "size", "other"}
    again = read_rows(json.dumps(rows).encode(), "rows.json", created.definition)
    assert again.table["units"][:3] == TOWNS
    assert read_rows((created.definition.folder / "sample.csv").read_bytes(), "sample.csv", created.definition)


def test_the_floors_of_a_proposal_are_half_of_what_it_reached(tmp_path: Path) -> None:
    rows = [{"x": number, "left": "yes" if number % 100 > 40 else "no"} for number in range(1000)]
    created = new(tmp_path, rows)
    assert created.candidate.metrics["roc_auc"] > 0.9
    assert 0.7 <= created.definition.gate.floors["roc_auc"] <= 0.75
    assert created.definition.pipeline.joblib == ""


def test_a_pipeline_is_kept_with_its_code_and_may_start_at_guessing(tmp_path: Path) -> None:
    code = tmp_path / "mine.py"
    code.write_text("VALUE = 1\n")
    rows = rows_of("town", "size") * 10
    path, _ = own_pipeline(tmp_path, rows, "town")
    created = new(tmp_path, rows, pipeline=[path], code=code, with_sample=False)
    folder = created.definition.folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "estimator.joblib",
        "examples.json",
        "mine.py",
        "model.toml",
    ]
    assert created.definition.gate.floors == {"roc_auc": 0.5}
    assert created.notes[-1] == "examples.json holds three of your rows; replace them if they must not be in the folder"


def test_notes_on_the_file_come_first(tmp_path: Path) -> None:
    data = tmp_path / "table.csv"
    data.write_text("x;left\n" + "".join(f"{number};{'yes' if number % 3 else 'no'}\n" for number in range(60)))
    created = create(NewModel("model", data, "left", tmp_path / "models"), lambda stage, share: None)
    assert created.notes[0] == "cells are separated by semicolons"
    assert created.notes[1].startswith("tabular-classification: left is one of 2 texts")


def test_rows_without_a_target_are_left_out_of_the_table_and_of_files(tmp_path: Path) -> None:
    rows = rows_of("town", "size")
    rows[3]["left"] = None
    rows[9]["left"] = None
    created = new(tmp_path, rows, pipeline=[own_pipeline(tmp_path, rows_of("town", "size"), "town")[0]])
    assert "2 rows without left were left out" in created.notes
    assert created.candidate.parity.rows == ROWS - 2
    again = read_rows(json.dumps(rows).encode(), "rows.json", created.definition)
    assert len(again.table["left"]) == ROWS - 2
    assert again.notes == ("2 rows without left were left out",)
    assert len((created.definition.folder / "sample.csv").read_text().splitlines()) == ROWS - 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Model"}, "'Model' cannot name a model"),
        ({"code": Path("mine.py")}, "pass --pipeline too, or leave out --code"),
        ({"code": Path("mine.txt"), "pipeline": [Path("own.joblib")]}, "mine.txt is not a Python file"),
        ({"data": Path("none.csv")}, "none.csv: cannot be read"),
        ({"rename": {"gone": "x"}}, 'column "gone": the file has no such column; it has town, size, other, left'),
    ],
)
def test_options_that_cannot_be_are_refused_and_nothing_is_written(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    data = tmp_path / "table.json"
    data.write_text(json.dumps(rows_of("town", "size")))
    asked = {"name": "model", "data": data, "target": "left", "models": tmp_path / "models", **options}
    with pytest.raises((DefinitionError, InvalidInputError)) as refusal:
        create(NewModel(**asked), lambda stage, share: None)
    assert message in str(refusal.value)
    assert not (tmp_path / "models").exists()


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "models" / "model").mkdir(parents=True)
    with pytest.raises(DefinitionError, match="exists already: choose another name"):
        new(tmp_path, rows_of("town", "size"))
    assert list((tmp_path / "models").iterdir()) == [tmp_path / "models" / "model"]


@pytest.mark.parametrize("others", [(), ("model.toml",)], ids=["empty", "full"])
def test_a_folder_that_appears_while_it_is_fitted_is_left_alone(tmp_path: Path, others: Sequence[str]) -> None:
    data = tmp_path / "table.json"
    data.write_text(json.dumps(rows_of("town", "size")), encoding="utf-8")
    folder = tmp_path / "models" / "model"

    def appear() -> None:
        folder.mkdir(parents=True)
        for name in others:
            (folder / name).write_text("another's", encoding="utf-8")

    with pytest.raises(DefinitionError, match="exists already: choose another name"):
        create(NewModel("model", data, "left", tmp_path / "models"), lambda stage, share: None, appear)
    assert [path.name for path in folder.iterdir()] == list(others)
    assert list((tmp_path / "models").iterdir()) == [folder]


def test_a_place_where_no_folder_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file", encoding="utf-8")
    with pytest.raises(DiskError, match=re.escape(str(tmp_path / "models"))):
        new(tmp_path, rows_of("town", "size"))


def test_a_word_for_missing_that_is_a_value_in_json_is_one_in_the_sample_too(tmp_path: Path) -> None:
    rows = [{**row, "town": "NA" if row["town"] == "Cork" else row["town"]} for row in rows_of("town", "size")]
    rows[1]["town"] = None
    definition = new(tmp_path, rows).definition
    bodies = {"rows.json": json.dumps(rows).encode(), "sample.csv": (definition.folder / "sample.csv").read_bytes()}
    table, sample = (read_rows(body, name, definition).table for name, body in bodies.items())
    assert sample == table
    assert set(table["town"]) == {"NA", "Lyon", "Porto", None}


GOOD, BAD = "the food was very good and cheap today", "we found the room cold dirty and far too dear"


def reviews() -> Rows:
    """Long texts next to a number and a town; one text is missing."""
    rows = [
        {"review": f"{GOOD if row % 2 else BAD} {row * 7919 % 1000}", "price": row % 9 + 0.5, "town": TOWNS[row % 3]}
        for row in range(4 * ROWS)
    ]
    rows[4]["review"] = None
    return [{**row, "left": "no" if place % 2 else "yes"} for place, row in enumerate(rows)]


@pytest.mark.parametrize("is_brought", [True, False], ids=["a pipeline", "the table alone"])
def test_long_texts_next_to_other_columns_are_read_by_their_words(tmp_path: Path, is_brought: bool) -> None:
    rows = reviews()
    options: dict[str, Any] = {}
    if is_brought:
        frame = pd.DataFrame(rows).fillna({"review": ""})
        columns = make_column_transformer(
            (TfidfVectorizer(), "review"), (OneHotEncoder(handle_unknown="ignore"), ["town"]), remainder="passthrough"
        )
        pipeline = make_pipeline(columns, LogisticRegression(max_iter=5000)).fit(frame.drop(columns="left"), frame.left)
        joblib.dump(pipeline, tmp_path / "own.joblib")
        options = {"pipeline": [tmp_path / "own.joblib"]}
    created = new(tmp_path, rows, **options)
    review = next(feature for feature in created.definition.schema.features if feature.name == "review")
    assert (review.categorical, review.nullable) == (False, False)
    assert created.definition.files.fill == {"review": " "}
    assert "text_columns.json" in created.candidate.files
    asked = [{"review": text, "price": 2.5, "town": "Cork"} for text in (GOOD, BAD)]
    scores = answers(tmp_path, created, asked)
    if is_brought:
        expected = pipeline.predict_proba(pd.DataFrame(asked)[["review", "price", "town"]])
        np.testing.assert_allclose(scores, expected, rtol=1e-9)
    assert scores[0][0] > 0.5 > scores[1][0]


def rides() -> pd.DataFrame:
    """Times without time zone and with an offset, days of a spreadsheet, some of them missing, and a target of them."""
    random = np.random.default_rng(0)
    start = pd.Timestamp("2023-12-25") + pd.to_timedelta(random.integers(0, 90 * 86_400, 4 * ROWS), unit="s")
    frame = pd.DataFrame(
        {"start": start, "seen": start.tz_localize("Europe/Madrid"), "town": random.choice(TOWNS, 4 * ROWS)}
    )
    frame["built"] = pd.to_datetime("1960-01-01") + pd.to_timedelta(random.integers(0, 9000, 4 * ROWS), unit="D")
    frame.loc[::7, "built"] = None
    frame["left"] = np.where((start.hour > 11) ^ (start.day_of_week > 4), "yes", "no")
    return frame


def as_sent(frame: pd.DataFrame) -> Rows:
    """The rows as JSON has them."""
    texts = {"start": frame["start"].map(str), "seen": frame["seen"].map(lambda time: time.isoformat())}
    built = [None if pd.isna(day) else day.date().isoformat() for day in frame["built"]]
    return pd.DataFrame({**frame, **texts}).assign(built=pd.Series(built, dtype=object)).to_dict("records")


@pytest.mark.parametrize("is_brought", [True, False], ids=["a pipeline", "the table alone"])
def test_dates_are_served_as_the_pipeline_answers_and_read_again_from_a_spreadsheet(
    tmp_path: Path, is_brought: bool
) -> None:
    frame = rides()
    rows = as_sent(frame)
    for row, day in zip(rows, frame["built"], strict=True):
        row["built"] = None if pd.isna(day) else day.strftime("%d/%m/%Y")
    options: dict[str, Any] = {}
    if is_brought:
        parts = DateParts(["elapsed_days", "weekday", "hour", "hour_cycle", "day_of_year_cycle"])
        columns = make_column_transformer(
            (make_pipeline(parts, SimpleImputer(), StandardScaler()), ["built", "start"]),
            (DateParts(["weekday", "hour"]), ["seen"]),
            (OneHotEncoder(handle_unknown="ignore"), ["town"]),
        )
        fitted_on = frame.assign(seen=frame["seen"].dt.tz_convert("UTC"))
        pipeline = make_pipeline(columns, LogisticRegression(max_iter=5000)).fit(fitted_on, frame["left"])
        joblib.dump(pipeline, tmp_path / "own.joblib")
        options = {"pipeline": [tmp_path / "own.joblib"]}
    created = new(tmp_path, rows, **options)
    kinds = {one.name: (one.type, one.time_zone, one.nullable) for one in created.definition.schema.features}
    assert kinds == {
        "start": ("datetime", "none", is_brought),  # null is taken where the pipeline imputes it
        "seen": ("datetime", "UTC", False),
        "town": ("string", "none", False),
        "built": ("datetime", "none", True),
    }
    assert created.definition.files.date_order == {"built": "day-month-year"}
    sent = without(as_sent(frame), "left")
    asked = [*sent, {**sent[0], "start": "0001-01-01"}, {**sent[1], "built": "9999-12-31T23:59:59.999999"}]
    scores = answers(tmp_path, created, asked)
    if is_brought:
        np.testing.assert_allclose(scores[: len(sent)], pipeline.predict_proba(fitted_on), rtol=1e-9)
    data = tmp_path / "table.json"
    table = read_rows(data.read_bytes(), data.name, created.definition).table
    assert table["built"] == [None if pd.isna(day) else day.to_pydatetime() for day in frame["built"]]
    again = fit_candidate(created.definition, table, table, lambda stage, share: None)
    assert again.metrics["accuracy"] > (0.6 if is_brought else 0.9)


def test_a_date_outside_of_those_of_training_is_predicted_with_a_warning(tmp_path: Path) -> None:
    created = new(tmp_path, as_sent(rides()))
    registry = Home(tmp_path / "home").registry
    manifest = publish_candidate(registry, created.definition, created.candidate, None)
    version = LoadedVersion.load(registry, "model", manifest.version)
    first = manifest.example
    read = version.read(json.dumps([first, {**first, "start": "2030-01-01", "built": None}]).encode())
    usual, unusual = version.predict(read).warnings
    assert usual == []
    assert [fault.type for fault in unusual] == ["out_of_range", "missing_value"]
    assert unusual[0].msg.startswith("2030-01-01 is outside the training range 2023-12-25T")


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_booster_with_numbered_classes_is_served_by_name_and_trained_again(tmp_path: Path, library: str) -> None:
    module = pytest.importorskip(library, reason=f"SKIPPED: needs {library}, which this environment lacks")
    rows = rows_of("town", "rooms")
    frame = pd.DataFrame(without(rows, "left")).astype({"town": "category"})
    labels = np.array([int(row["left"] == "yes") for row in rows])
    few = {"n_estimators": 10, "n_jobs": 1}
    model = (
        module.XGBClassifier(enable_categorical=True, **few)
        if library == "xgboost"
        else module.LGBMClassifier(min_child_samples=2, verbose=-1, **few)
    ).fit(frame, labels)
    joblib.dump(model, tmp_path / "own.joblib")
    created = new(tmp_path, rows, pipeline=[tmp_path / "own.joblib"])
    expected = model.predict_proba(frame[:20]).astype(float)
    np.testing.assert_allclose(answers(tmp_path, created, without(rows[:20], "left")), expected, rtol=1e-6)
    assert created.definition.pipeline.requires[0].partition("==")[0] in ("xgboost-cpu", "lightgbm")
    data = tmp_path / "table.json"
    table = read_rows(data.read_bytes(), data.name, created.definition).table
    again = fit_candidate(created.definition, table, table, lambda stage, share: None)
    assert again.labels == ("no", "yes")


def test_a_model_of_catboost_is_taken_though_it_is_no_estimator_of_scikit_learn(tmp_path: Path) -> None:
    catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
    rows = rows_of("town", "rooms")
    frame = pd.DataFrame(without(rows, "left", "town"))
    few = {"iterations": 10, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    model = catboost.CatBoostClassifier(**few).fit(frame, [int(row["left"] == "yes") for row in rows])
    joblib.dump(model, tmp_path / "own.joblib")
    created = new(tmp_path, rows, pipeline=[tmp_path / "own.joblib"])
    sent = without(rows[:20], "left", "town")
    np.testing.assert_allclose(answers(tmp_path, created, sent), model.predict_proba(frame[:20]), rtol=1e-9)
    data = tmp_path / "table.json"
    table = read_rows(data.read_bytes(), data.name, created.definition).table
    assert fit_candidate(created.definition, table, table, lambda stage, share: None).labels == ("no", "yes")


def test_a_proposal_that_is_no_better_than_guessing_has_a_note(tmp_path: Path) -> None:
    rows = [{"rooms": row % 7, "left": float(row * 7919 % 101)} for row in range(ROWS)]
    assert any("is no better than guessing on" in note for note in new(tmp_path, rows).notes)


def test_a_proposal_that_learned_something_has_none(tmp_path: Path) -> None:
    rows = [{"rooms": row + 0.5, "left": float(row // 4)} for row in range(4 * ROWS)]
    assert not any("no better than guessing" in note for note in new(tmp_path, rows).notes)


def test_numbers_with_a_declared_decimal_mark_are_read_in_the_table_its_sample_and_later_files(tmp_path: Path) -> None:
    data = tmp_path / "rents.csv"
    rents = [f"{m2 // 40 + 1}.{m2 * 7 % 900 + 100} €" if m2 % 3 else f"{m2} €" for m2 in range(40, 240)]
    data.write_text("m2;rent\n" + "".join(f"{m2};{rent}\n" for m2, rent in zip(range(40, 240), rents, strict=True)))
    wanted = NewModel(name="rents", data=data, target="rent", models=tmp_path / "models")
    with pytest.raises(InvalidInputError, match="--decimal of `despliegue new`"):
        create(wanted, lambda stage, share: None)
    created = create(replace(wanted, decimal=","), lambda stage, share: None)
    definition = load_definition(tmp_path / "models" / "rents")
    assert definition.files.decimal == ","
    sample = definition.folder / "sample.csv"
    for path in (data, sample):
        table = read_rows(path.read_bytes(), path.name, definition).table
        assert table["rent"][:3] == [2380, 2387, 42]
    assert "rent: '.' separates thousands" in " ".join(created.notes)
