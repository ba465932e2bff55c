"""Text that a script mapped to numbers: named, with the numbers that fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from functions.core.errors import DefinitionError
from functions.core.schema import Feature, Schema, Table
from model_export.draft.mapped_text import refuse_mapped_text

RANDOM = np.random.default_rng(1)
FRAME = pd.DataFrame({"sex": RANDOM.choice(["male", "female"], 60), "age": RANDOM.integers(1, 80, 60).astype(float)})
SURVIVED = ((FRAME.sex == "female") | (FRAME.age < 10)).astype(int)
SCHEMA = Schema((Feature("sex", "string"), Feature("age", "number")), Feature("survived", "integer"))
TABLE: Table = {**{name: FRAME[name].tolist() for name in FRAME}, "survived": SURVIVED.tolist()}


@pytest.mark.parametrize("codes", [{"male": 0, "female": 1}, {"female": 0, "male": 1}])
@pytest.mark.parametrize("has_names", [True, False])
def test_the_columns_are_named_with_the_numbers_that_fit(codes: dict[str, int], has_names: bool) -> None:
    rows = FRAME.assign(sex=FRAME.sex.map(codes))
    pipeline = DecisionTreeClassifier(random_state=0).fit(rows if has_names else rows.to_numpy(), SURVIVED)
    with pytest.raises(DefinitionError) as refusal:
        refuse_mapped_text(pipeline, SCHEMA, TABLE, {})
    message = str(refusal.value)
    assert "fitted on numbers in sex, and the table has 'female', 'male' there" in message
    for text, code in codes.items():
        assert f"--rename-value sex {text} {code}" in message


def test_a_column_of_many_values_gets_no_proposal() -> None:
    names: list[Any] = [f"name {place}" for place in range(60)]
    pipeline = LinearRegression().fit(np.arange(120.0).reshape(60, 2), SURVIVED)
    with pytest.raises(DefinitionError, match="map them in the table as the script did"):
        refuse_mapped_text(pipeline, SCHEMA, {**TABLE, "sex": names}, {})


def test_a_pipeline_that_reads_the_texts_passes() -> None:
    columns = make_column_transformer((OneHotEncoder(), ["sex"]), remainder="passthrough")
    refuse_mapped_text(
        make_pipeline(columns, LinearRegression()).fit(FRAME, SURVIVED), SCHEMA, TABLE, {"sex": "string"}
    )
    refuse_mapped_text(make_pipeline(columns, LinearRegression()).fit(FRAME, SURVIVED), SCHEMA, TABLE, {})
