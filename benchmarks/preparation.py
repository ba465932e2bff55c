"""The files from which every server starts: for each model a folder with registry, pipelines and requests."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.local.home import Home

if TYPE_CHECKING:
    from functions.core.definition import Definition
    from functions.core.schema import Table

PROJECT = Path(__file__).resolve().parents[1]
MODELS = PROJECT / "models"
PUBLIC_TABLES = {"churn": "churn/telco_churn.csv", "car-price": "cars/car_details_4340.csv"}
SIZES = {"one": 1, "thousand": 1000}
BODIES = {"one": 200, "thousand": 4}


def home_of(folder: Path) -> Home:
    return Home(folder / "home")


def read_bodies(folder: Path, size: str) -> list[bytes]:
    """The bodies of requests of one size, all different."""
    return [body.encode() for body in json.loads((folder / f"{size}.json").read_bytes())]


def prepare(model: str, folder: Path) -> str:
    """Train, publish and write everything into `folder`; returns a description of the rows that were used."""
    from functions.core.model_folder import load_definition
    from functions.core.schema import row_count
    from model_export.training import TrainingRun, train
    from model_export.training_files.rows import read_rows

    definition = load_definition(MODELS / model)
    path, described = table_of(model)
    table = read_rows(path.read_bytes(), path.name, definition).table
    train(home_of(folder).registry, TrainingRun(definition=definition, table=table, force=True))
    _write_pipelines(definition, table, folder)
    _write_bodies(definition, table, folder)
    return f"{row_count(table)} rows of {described}"


def labelled_rows(model: str) -> list[dict[str, Any]]:
    """The rows on which the model is trained, in the form that a retrain takes."""
    from functions.core.model_folder import load_definition
    from model_export.training_files.rows import read_rows

    path, _ = table_of(model)
    table = read_rows(path.read_bytes(), path.name, load_definition(MODELS / model)).table
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def table_of(model: str) -> tuple[Path, str]:
    """The table on which a model is trained, and its name in a sentence."""
    public = PROJECT.parent / "shared" / "data" / PUBLIC_TABLES[model]
    return (public, "the public table") if public.is_file() else (MODELS / model / "sample.csv", "sample.csv")


def _write_pipelines(definition: Definition, table: Table, folder: Path) -> None:
    import joblib

    from model_export.pipelines.pipeline_module import load_pipeline_module

    load_pipeline_module(definition.folder)
    registry = home_of(folder).registry
    pickled = registry.artifact(registry.manifest(definition.name, 1), "model.joblib")
    # uncompressed, as joblib.dump writes it for a tutorial: the faster to load
    joblib.dump(joblib.load(io.BytesIO(pickled)), folder / "pipeline.joblib")
    if definition.name == "churn":
        joblib.dump(_frame_pipeline(definition, table), folder / "frame.joblib")


def _frame_pipeline(definition: Definition, table: Table) -> Any:
    """The churn model over a DataFrame: one-hot and numbers, the same regression on the same rows."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    from model_export.split import split_rows, take_rows

    schema = definition.schema
    training = take_rows(table, split_rows(table, schema, definition.split)[0])
    columns = ColumnTransformer(
        [("texts", OneHotEncoder(handle_unknown="ignore"), list(schema.string_names))], remainder="passthrough"
    )
    pipeline = Pipeline([("columns", columns), ("model", LogisticRegression(**definition.args))])
    return pipeline.fit(pd.DataFrame({name: training[name] for name in schema.feature_names}), training["churn"])


def _write_bodies(definition: Definition, table: Table, folder: Path) -> None:
    names = definition.schema.feature_names
    instances = [dict(zip(names, row, strict=True)) for row in zip(*(table[name] for name in names), strict=True)]
    chance = random.Random(1)
    for size, rows in SIZES.items():
        batches = [chance.choices(instances, k=rows) for _ in range(BODIES[size])]
        bodies = [json.dumps(batch if rows > 1 else batch[0]) for batch in batches]
        (folder / f"{size}.json").write_text(json.dumps(bodies))
