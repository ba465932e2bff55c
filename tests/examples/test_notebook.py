"""examples/car_price_pipeline.ipynb: built from its source and run, it is the notebook that the project has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.figures import agree
from tools.notebook import SOURCE, build, run, text_of


def test_its_cells_give_the_outputs_that_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    notebook = run(build(SOURCE.read_text("utf-8")), SOURCE.parent)
    shown = SOURCE.with_suffix(".ipynb").read_text("utf-8")
    assert agree(shown, text_of(notebook)), "the notebook is out of date: python -m tools.notebook"
