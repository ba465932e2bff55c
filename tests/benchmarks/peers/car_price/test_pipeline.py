"""The pipeline of the car prices in an environment that has scikit-learn and nothing of Despliegue's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
DUMP = """
import sys
from pathlib import Path
import joblib
from model_export.pipelines.pipeline_module import load_pipeline_module
joblib.dump(load_pipeline_module(Path("models/car-price")).build_pipeline(), sys.argv[1] + "/pipeline.joblib")
"""
LOAD = """
import sys
from pathlib import Path
from benchmarks.peers.car_price.pipeline import load_pipeline
print(type(load_pipeline(Path(sys.argv[1])).named_steps["features"].transformers[0][1].named_steps["words"]).__name__)
sys.exit(sorted(name for name in sys.modules if name.split(".")[0] in {"functions", "model_export"}) or 0)
"""


def test_a_pipeline_that_despliegue_trained_is_loaded_without_despliegue(tmp_path: Path) -> None:
    for source in (DUMP, LOAD):
        done = subprocess.run(
            [sys.executable, "-c", source, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout == "FirstWords\n"
