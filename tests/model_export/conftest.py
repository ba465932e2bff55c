"""The tiny checkpoints of each task, and the exact graphs of those that answer questions; letters; training runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.local.home import Home
from tests.model_export.checkpoints.exported import Exported
from tests.model_export.checkpoints.tiny import write_checkpoint, write_text_checkpoint

if TYPE_CHECKING:
    from model_export.training import TrainingRun
    from tests.model_export.checkpoints.compared import Compared
    from tests.model_export.training_runs import MakeRun, Rows

Checkpoints = Callable[[str], Path]
TextFolders = Callable[..., Path]
FilledOnce = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def checkpoint(filled_once: FilledOnce) -> Checkpoints:
    """The folder of a family's checkpoint. Read only."""
    pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")
    return lambda family: (
        filled_once(f"checkpoint-{family}", lambda folder: write_checkpoint(folder / family, family)) / family
    )


@pytest.fixture(scope="session")
def text_folder(filled_once: FilledOnce) -> TextFolders:
    """The folder of a family's checkpoint that labels texts. Read only."""
    pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

    def make(family: str, problem: str = "single_label_classification") -> Path:
        def write(folder: Path) -> Any:
            write_text_checkpoint(folder / family, family, problem_type=problem)

        return filled_once(f"texts-{family}-{problem}", write) / family

    return make


@pytest.fixture(scope="session")
def exported(checkpoint: Checkpoints, filled_once: FilledOnce) -> Callable[[str], Exported]:
    """A family's checkpoint, loaded, and its exact graph, made once."""
    from model_export.checkpoints.exporting import export_graph
    from model_export.question_answering.checkpoints import load_checkpoint

    made: dict[str, Exported] = {}

    def make(family: str) -> Exported:
        if family not in made:
            loaded = load_checkpoint(checkpoint(family), trust_pickle=False)
            folder = filled_once(
                f"graph-{family}", lambda empty: (empty / "model.onnx").write_bytes(export_graph(loaded))
            )
            made[family] = Exported(loaded, (folder / "model.onnx").read_bytes())
        return made[family]

    return make


@pytest.fixture(scope="session")
def compared(exported: Callable[[str], Exported]) -> Callable[[str], Compared]:
    """A family's checkpoint and a session over its graph."""
    from tests.model_export.checkpoints.compared import Compared

    made: dict[str, Compared] = {}

    def make(family: str) -> Compared:
        if family not in made:
            one = exported(family)
            made[family] = Compared(one.checkpoint, one.graph)
        return made[family]

    return make


LETTERS = """
name = "letters"
task = "tabular-classification"
[target]
name = "letter"
type = "string"
[features.x]
type = "number"
[limits]
minimum_training_rows = 12
[gate]
compare = {{ metric = "{metric}", margin = 0.05 }}
"""
LETTERS_PIPELINE = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

def build_pipeline():
    return make_pipeline(StandardScaler(), {estimator}(C=100.0))
"""


@pytest.fixture
def letters(tmp_path: Path) -> Callable[..., Definition]:
    """The definition of a model that tells letters by a number; the metric is that of the gate's comparison."""

    def make(metric: str = "accuracy", estimator: str = "LogisticRegression") -> Definition:
        folder = tmp_path / "models" / "letters"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.toml").write_text(LETTERS.format(metric=metric), encoding="utf-8")
        (folder / "pipeline.py").write_text(LETTERS_PIPELINE.format(estimator=estimator), encoding="utf-8")
        (folder / "examples.json").write_text('[{"x": 1}]', encoding="utf-8")
        return load_definition(folder)

    return make


@pytest.fixture
def registry(home: Home) -> Registry:
    return home.registry


@pytest.fixture
def run_of(definitions: Mapping[str, Definition], labelled: Rows) -> MakeRun:
    """A training run on the first `rows` of a sample."""
    from model_export.training import TrainingRun
    from tests.model_export.training_runs import table_of

    def make(model: str = "car-price", *, rows: int = 800, **options: Any) -> TrainingRun:
        table = table_of(labelled(model)[:rows])
        return TrainingRun(**{"definition": definitions[model], "table": table, "data_time": now(), **options})

    return make


@pytest.fixture
def bad_run(run_of: MakeRun) -> TrainingRun:
    """A run on customers with random labels, which no gate lets pass."""
    run = run_of("churn", rows=600)
    labels = ["yes" if index % 2 else "no" for index in range(600)]
    return replace(run, table={**run.table, "churn": [*labels]})
