"""The stages of training's libraries on a laptop: imported when a batch needs them, and not before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from functions.core.batch_keys import metrics_key, parquet_key
from functions.core.definition import Definition
from functions.local.home import Home
from functions.local.late_stages import LateStages
from tests.batches.small_batches import CHURN, Workplace

IMPORTS = """
import sys
import functions.local.batch_worker
from functions.core.batches import Batch
from functions.local.late_stages import LateStages
plain = Batch("a", "churn", "k", "csv", None, False, "me", "", "", "")
LateStages(None, None, None).complete(plain)
print([name for name in ("pandas", "sklearn", "pyarrow", "model_export") if name in sys.modules])
"""


@pytest.fixture
def place(trained_home: Home, definitions: Mapping[str, Definition], tmp_path: Path) -> Workplace:
    return Workplace.within(tmp_path, trained_home.registry, definitions)


def test_a_plain_batch_imports_no_library_of_training() -> None:
    found = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_file_that_is_not_plain_is_converted_and_what_is_asked_for_is_completed(place: Workplace) -> None:
    stages = LateStages(place.batches, place.registry, place.files)
    batch = place.sent(CHURN.replace(b",", b";"), output="parquet", measure=True)
    stages.convert(batch, place.definitions["churn"])
    planned = place.planner.planned(batch, place.definitions["churn"])
    place.run_shards(planned)
    stages.complete(planned)
    assert {metrics_key(batch), parquet_key(batch)} <= set(place.files.keys("batches"))
