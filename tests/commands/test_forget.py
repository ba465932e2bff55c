"""despliegue forget: the rows of a person, from the first file to the last object."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from functions.core import training_data
from functions.core.batch_keys import parquet_key, truths_key
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.definition import Definition
from functions.local.home import Home
from model_export.batch_files.stages import BatchStages
from tests.batching import InlineRunner

Command = Callable[..., Any]
HELD = "these rows from 1 table of training rows, 1 uploaded file and 0 results of batches"
OWN_SIZE = "17.3141592"
"""A value of the person's row that is within the range of the others, so that no manifest shows it."""


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command) -> Home:
    """A laptop without models, whose folder is the current one."""
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "laptop"))
    monkeypatch.chdir(tmp_path)
    return Home(tmp_path / "laptop")


def written(path: Path, first: int, rows: int, *, person: int | None = None) -> Path:
    """A file of flats; `person` has the row of that size."""
    rng = random.Random(first)
    lines = ["customer_id,size,price"]
    for number in range(first, first + rows):
        size = OWN_SIZE if number == person else f"{rng.uniform(10, 90):.3f}"
        lines.append(f"{number},{size},{float(size) * 100 + rng.random():.2f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def holding(home: Home, text: str) -> list[str]:
    """The files of the laptop that have the text."""
    paths = (path for path in home.root.rglob("*") if path.is_file())
    return sorted(path.relative_to(home.root).as_posix() for path in paths if text.encode() in path.read_bytes())


def test_a_person_is_forgotten_and_the_model_goes_on(command: Command, empty_home: Home, tmp_path: Path) -> None:
    first = written(tmp_path / "first.csv", 50_001, 120)
    assert command("new", "flats", "--data", first, "--target", "price").status == 0
    rows = written(tmp_path / "rows.csv", 50_001, 120, person=50_007)
    assert command("train", "flats", "--data", rows, "--force").status == 0
    empty_home.uploads.write("uploads/flats/dropped.csv", rows.read_bytes())
    assert len(holding(empty_home, OWN_SIZE)) == 2

    listed = command("forget", "flats", "--id", 50_007)
    assert listed.status == 3, "the model's own sample has a row of that id"
    assert listed.out.splitlines() == [
        "version 1, which is in production, was trained on 1 such rows",
        "Their models reflect these rows, and a manifest may show values of them (levels, ranges), until they are "
        "removed: train again, then `despliegue prune` or `despliegue remove`.",
        "1 row in uploads/flats/dropped.csv",
        f"nothing was changed: --apply removes {HELD}",
        "models/flats/sample.csv has 1 such rows: remove them there, and build again what was built from it",
    ]
    assert len(holding(empty_home, OWN_SIZE)) == 2

    written(tmp_path / "models" / "flats" / "sample.csv", 60_001, 30)
    done = command("forget", "flats", "--id", "50007", "--apply")
    assert done.status == 0
    assert (
        done.out.splitlines()[-1]
        == "removed these rows from 1 table of training rows, 1 uploaded file and 0 results of batches"
    )
    assert holding(empty_home, OWN_SIZE) == []

    more = written(tmp_path / "more.csv", 70_001, 40)
    assert command("train", "flats", "--data", more, "--mode", "extend", "--force").status == 0
    data = empty_home.registry.manifest("flats", 2).data
    assert data is not None
    assert len(training_data.load(empty_home.registry.storage, data.digest)["size"]) == 119 + 40
    assert holding(empty_home, OWN_SIZE) == []
    again = command("forget", "flats", "--id", 50_007, "--apply")
    assert (again.status, again.out) == (0, "no such rows were found; what an earlier run had begun is done\n")
    assert (
        "version 2, which is in production, was trained on 1 such rows"
        in command("forget", "flats", "--id", 50_008).out
    )


def test_rows_without_ids_are_left_to_a_person(command: Command) -> None:
    done = command("forget", "churn", "--id", "0000-NOBODY")
    assert done.status == 3
    assert "no ids are known of the rows of version 1" in done.out
    assert "train again on a file with the column customerid" in done.out


def test_a_model_without_an_id_and_an_empty_id_are_refused(command: Command) -> None:
    done = command("forget", "car-price", "--id", "1")
    assert (done.status, "car-price has no id in its model.toml" in done.err) == (1, True)
    assert command("forget", "churn", "--id", " ").status == 1
    assert command("forget", "churn").status == 2


def test_another_registry_needs_the_place_of_its_uploads(command: Command, home: Home) -> None:
    done = command("forget", "churn", "--id", "0000-NOBODY", "--registry", home.root / "registry")
    assert done.status == 3
    assert "uploaded files were not searched: name them by --uploads" in done.out


def test_a_parquet_file_of_a_batch_is_written_again_without_the_person(
    command: Command, home: Home, definitions: Mapping[str, Definition], instances: Callable[[str], list[Any]]
) -> None:
    rows = [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances("churn")[:3])]
    submissions = BatchSubmissions(home.registry.storage, home.uploads)
    batch = submissions.submit(definitions["churn"], rows, BatchRequest(output="parquet"))
    runner = InlineRunner(home.registry, home.uploads)
    planned = runner.plan(definitions["churn"], batch.batch)
    runner.predict(planned)
    BatchStages(runner.batches, home.registry, home.uploads).complete(planned)
    assert runner.finish(planned).state(0) == "succeeded"
    truths = truths_key(batch, 0)
    home.uploads.write(truths, b"of a batch that was measured")
    assert f"{truths} may have the true value of such a row" in command("forget", "churn", "--id", "c1").out
    command("forget", "churn", "--id", "c1", "--apply")
    assert truths not in home.uploads.keys("batches")
    table = pyarrow.parquet.read_table(home.root / parquet_key(batch))
    assert table["customerid"].to_pylist() == ["c0", "c2"]
