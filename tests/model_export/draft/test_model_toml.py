"""model.toml as it is written: what is read again is what was inferred."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.definition import Gate, SavedPipeline
from functions.core.model_folder import load_definition
from model_export.draft.columns import MISSING
from model_export.draft.infer import Draft, infer
from model_export.draft.model_toml import model_toml

TABLE: dict[str, list[Any]] = {
    "customer id": [f"c{number}" for number in range(40)],
    'the "town"': ["Córdoba", "a\\b", "", "x" * 60] * 10,
    "größe": ["1", "2", "NULL", "4"] * 10,
    "flag": ["0", "1"] * 20,
    "left": ["no", "yes"] * 20,
}


def written(draft: Draft, **others: Any) -> str:
    options: dict[str, Any] = {"args": {"C": 0.5, "depth": 3}, "gate": Gate({"roc_auc": 0.5}), "saved": SavedPipeline()}
    return model_toml(draft, source="table.csv", **{**options, **others})


def test_a_definition_is_the_draft(tmp_path: Path) -> None:
    draft = infer("model-1", TABLE, target="left")
    folder = tmp_path / "model-1"
    folder.mkdir()
    (folder / "model.toml").write_text(written(draft), encoding="utf-8")
    (folder / "examples.json").write_text("[{}]")
    definition = load_definition(folder)
    assert definition.schema == draft.schema
    assert definition.task == draft.task
    assert definition.files == draft.files
    assert definition.gate.floors == {"roc_auc": 0.5}
    assert definition.args == {"C": 0.5, "depth": 3}


def test_what_was_seen_stands_beside_it() -> None:
    text = written(infer("model", TABLE, target="left"))
    assert "# Inferred by `despliegue new` from table.csv, 40 rows." in text
    assert '# seen: "Córdoba", "a\\\\b", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"; 10 missing' in text
    assert "# seen: 1 to 4; 10 missing" in text


def test_a_saved_pipeline_stands_with_its_digest() -> None:
    saved = SavedPipeline("estimator.joblib", "00ff", ("mine.py",))
    document = tomllib.loads(written(infer("model", TABLE, target="left"), saved=saved, args={}))
    assert document["pipeline"] == {"joblib": "estimator.joblib", "sha256": "00ff", "code": ["mine.py"]}
    assert "args" not in document


@pytest.mark.parametrize("name", ["a.b", "a b", "", "ä", 'q"', "a]"])
def test_any_name_of_a_column_is_a_key(name: str) -> None:
    table = {f"x{name}": ["1", "2"] * 10, "left": TABLE["left"][:20]}
    assert list(tomllib.loads(written(infer("model", table, target="left")))["features"]) == [f"x{name}".strip()]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(levels=st.lists(TEXT, min_size=2, max_size=6), name=TEXT)
def test_any_text_survives(levels: list[str], name: str) -> None:
    stripped = [level.strip() for level in levels]
    if len(set(stripped) - set(MISSING)) < 2 or set(stripped) & set(MISSING) or not name.strip():
        return
    rows = [f"t {level}" for level in levels * 30]
    table = {f"c {name}": ["1", "2", "3"] * (len(rows) // 3), "left": rows}
    if len(table[f"c {name}"]) != len(rows):
        return
    draft = infer("model", table, target="left")
    document = tomllib.loads(written(draft))
    assert document["target"].get("allowed", []) == list(draft.schema.target.allowed)
    assert list(document["features"]) == [f"c {name}".strip()]
