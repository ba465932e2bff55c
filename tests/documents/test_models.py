"""The pipeline with expressions of docs/models.md, brought, published and trained again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from functions.core.errors import ParityError
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.predictors.by_task import open_predictor
from model_export.draft.create import Created, NewModel, create
from model_export.publishing import publish_and_promote
from model_export.training import TrainingRun, train
from model_export.training_files.rows import read_rows
from model_export.transformers.expressions import Expressions
from tests.documents.transcripts import blocks

ROOT = Path(__file__).parents[2]
ROWS = 300


def _pipeline() -> Any:
    """The pipeline as the page writes it."""
    (block,) = [one for one in blocks(ROOT / "docs" / "models.md", "python") if "Expressions(" in one]
    names = {one.__name__: one for one in (make_pipeline, make_column_transformer, OneHotEncoder, SimpleImputer, Ridge)}
    found: dict[str, Any] = dict(names)
    exec(block, found)  # noqa: S102  a block of this project's own page
    return found["pipeline"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "city": random.choice(["Soria", "Madrid", "Lugo"], ROWS),
            "square_metres": random.integers(25, 200, ROWS),
            "income": random.lognormal(10, 0.4, ROWS).round(2),
        }
    )
    return rows.assign(rent=(rows.income / rows.square_metres).round(2) + 100 * (rows.square_metres > 80))


def _brought(folder: Path, table: pd.DataFrame, pipeline: Any) -> Created:
    table.to_csv(folder / "table.csv", index=False)
    joblib.dump(pipeline.fit(table[["city", "square_metres", "income"]], table["rent"]), folder / "model.joblib")
    wanted = NewModel("rents", folder / "table.csv", "rent", folder / "models", [folder / "model.joblib"])
    return create(wanted, lambda step, done: None)


def test_the_pipeline_of_the_page_is_brought_published_and_trained_again(tmp_path: Path, table: pd.DataFrame) -> None:
    pipeline = _pipeline()
    created = _brought(tmp_path, table, pipeline)
    assert [note for note in created.notes if "square_metres gets minimum 1" in note]
    registry = Registry(LocalStorage(tmp_path / "registry"))
    first = publish_and_promote(registry, created.definition, created.candidate, actor="a test")
    definition = created.definition
    again = train(
        registry, TrainingRun(definition, read_rows((tmp_path / "table.csv").read_bytes(), "t.csv", definition).table)
    )
    assert again.version == first.version + 1
    flats = {"city": ["Soria", "Lugo"], "square_metres": [90, 40], "income": [20_000.0, None]}
    candidate = created.candidate
    served = open_predictor(definition.task, "pipeline", candidate.files, candidate.schema, candidate.labels)
    expected = pipeline.predict(pd.DataFrame(flats).astype({"income": float}))
    np.testing.assert_allclose(np.array(served.predict(flats), dtype=float), expected, rtol=1e-12)


def test_a_division_by_zero_among_the_values_is_refused_with_the_way_out(tmp_path: Path, table: pd.DataFrame) -> None:
    signed = table.assign(square_metres=table.square_metres - 100.5)
    columns = make_column_transformer((SimpleImputer(), ["ratio"]), (OneHotEncoder(handle_unknown="ignore"), ["city"]))
    pipeline = make_pipeline(Expressions({"ratio": "income / square_metres"}), columns, Ridge())
    with pytest.raises(ParityError, match=r'"square_metres": 0\.0.*let the expression say.*where\(b == 0, 0, a / b\)'):
        _brought(tmp_path, signed, pipeline)
    assert not (tmp_path / "models" / "rents").exists()
    decided = Expressions({"ratio": "where(square_metres == 0, 0, income / square_metres)"})
    _brought(tmp_path, signed, make_pipeline(decided, columns, Ridge()))
