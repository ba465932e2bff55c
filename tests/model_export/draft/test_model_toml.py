"""A written model.toml reads back as the inferred definition."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from functions.core.column_names import name_fault
from functions.core.definition import Definition, Gate, SavedPipeline
from functions.core.model_folder import load_definition
from model_export.draft.infer import Draft, infer
from model_export.draft.model_toml import model_toml

TABLE: dict[str, list[Any]] = {
    "customer id": [f"c{number}" for number in range(40)],
    'the "town"': ["Córdoba", "a\\b", "", "x" * 60] * 10,
    "größe": ["1", "2", "NULL", "4"] * 10,
    "flag": ["0", "1"] * 20,
    "left": ["no", "yes"] * 20,
}


def defined(draft: Draft, folder: Path = Path("model"), **others: Any) -> Definition:
    args, gate = {"C": 0.5, "depth": 3}, Gate({"roc_auc": 0.5})
    options: dict[str, Any] = {"examples": [{}], "args": args, "gate": gate, "pipeline": SavedPipeline()}
    return draft.definition(folder, **{**options, **others})


def written(draft: Draft, *, source: str = "table.csv", **others: Any) -> str:
    return model_toml(defined(draft, **others), draft, source=source)


def test_a_definition_equals_its_draft(tmp_path: Path) -> None:
    draft = infer("model-1", TABLE, target="left")
    folder = tmp_path / "model-1"
    folder.mkdir()
    (folder / "model.toml").write_text(written(draft), encoding="utf-8")
    (folder / "examples.json").write_text("[{}]")
    definition = load_definition(folder)
    assert definition == replace(defined(draft, folder), digest=definition.digest)


def test_comments_hold_the_values_of_the_table() -> None:
    text = written(infer("model", TABLE, target="left"))
    assert "# Inferred by `despliegue new` from table.csv, 40 rows." in text
    assert '# seen: "Córdoba", "a\\\\b", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"; 10 missing' in text
    assert "# seen: 1 to 4; 10 missing" in text


def test_the_name_of_a_table_stays_in_its_comment() -> None:
    text = written(infer("model", TABLE, target="left"), source="a\ntask = 'mine'\udcff.csv")
    assert "from a\N{REPLACEMENT CHARACTER}task = 'mine'\N{REPLACEMENT CHARACTER}.csv, 40 rows" in text
    assert tomllib.loads(text)["task"] == "tabular-classification"


def test_the_packages_that_a_saved_pipeline_needs_are_written() -> None:
    saved = SavedPipeline("estimator.joblib", "00ff", requires=("lightgbm==4.7.0", "narwhals==2.1.0"))
    document = tomllib.loads(written(infer("model", TABLE, target="left"), pipeline=saved))
    assert document["pipeline"]["requires"] == ["lightgbm==4.7.0", "narwhals==2.1.0"]


def test_a_saved_pipeline_is_written_with_its_digest() -> None:
    saved = SavedPipeline("estimator.joblib", "00ff", ("mine.py",))
    document = tomllib.loads(written(infer("model", TABLE, target="left"), pipeline=saved, args={}))
    assert document["pipeline"] == {"joblib": "estimator.joblib", "sha256": "00ff", "code": ["mine.py"]}
    assert "args" not in document


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
NAMES = TEXT.map(str.strip).filter(lambda name: not name_fault(name) and name not in ("instances", "left"))


@given(names=st.lists(NAMES, min_size=1, max_size=4, unique=True))
@example(names=["a.b", "a b", "ä", 'q"', "a]", "a\\", "a\nb", "a\rb", "\x1b[2J", "\x7f", "x" * 300, "__class__", "7"])
def test_any_names_of_columns_read_back(names: list[str]) -> None:
    table = {**{name: ["1", "2", "b"] * 10 for name in names}, "left": ["no", "yes", "no"] * 10}
    draft = infer("model", table, target="left")
    assert tomllib.loads(written(draft))["features"].keys() == set(names)


@given(levels=st.lists(TEXT.map(lambda text: f"t {text}".strip()), min_size=2, max_size=6, unique=True))
def test_any_levels_read_back(levels: list[str]) -> None:
    draft = infer("model", {"x": ["1", "2"] * len(levels), "left": levels * 2}, target="left")
    assert tomllib.loads(written(draft))["target"]["allowed"] == sorted(levels)
