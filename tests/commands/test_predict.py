"""despliegue predict: the files that it leaves, what it says, and what a second call does."""

from __future__ import annotations

import csv
import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.aws.s3_storage import S3Storage
from functions.local.home import Home
from tests.batches.small_batches import CHURN, SMALL_SHARD_BYTES, documents

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Command = Callable[..., Any]
PATIENCE_SECONDS = 120
SLOW_PREDICT = """
import sys, time
from functions.batches import planning
from functions.serving.version import LoadedVersion
from model_export.commands.main import main
planning.MOST_SHARD_BYTES = int(sys.argv[1])
if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture
def rows(workspace: Path, tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(CHURN)
    return path


def test_a_file_becomes_a_file_of_predictions_in_its_order(command: Command, rows: Path, tmp_path: Path) -> None:
    done = command("predict", "churn", rows, "--out", tmp_path / "out", "--processes", 1)
    assert done.status == 0
    assert done.out == f"300 rows predicted: {tmp_path}/out/predictions.jsonl\n"
    assert "version 1 predicts 300 rows" in done.err
    assert "rows/s" in done.err
    found = documents((tmp_path / "out" / "predictions.jsonl").read_bytes())
    assert [one["line"] for one in found] == list(range(2, 302))
    assert {one["prediction"]["label"] for one in found} == {"no", "yes"}
    assert [one["id"] for one in found] == [row["customerID"] for row in csv.DictReader(CHURN.decode().splitlines())]


def test_bad_rows_are_in_a_file_of_their_own(command: Command, rows: Path, tmp_path: Path) -> None:
    rows.write_bytes(CHURN.replace(b",Male,", b",Other,", 2))
    arguments = ("--out", tmp_path / "out", "--format", "csv", "--keep-columns", "--processes", 1)
    done = command("predict", "churn", rows, *arguments)
    assert done.status == 0
    assert "2 rows refused, each with its line and the reason: " in done.out
    errors = documents((tmp_path / "out" / "errors.jsonl").read_bytes())
    assert [(one["column"], one["type"]) for one in errors] == [("gender", "enum")] * 2
    with (tmp_path / "out" / "predictions.csv").open(newline="") as file:
        header, *found = csv.reader(file)
    assert header[:2] == ["customerID", "gender"]
    assert header[-5:] == ["prediction", "score", "score_no", "score_yes", "warnings"]
    assert len(found) == 298


def test_the_folder_has_the_name_of_the_file_and_ids_may_be_in_any_column(
    command: Command, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(rows.parent)
    models = Path(__file__).parents[2] / "models"
    done = command("predict", "churn", "rows.csv", "--id", "PaymentMethod", "--version", 1, "--models", models)
    assert done.status == 0
    found = documents((rows.parent / "rows-predictions" / "predictions.jsonl").read_bytes())
    assert "Electronic check" in {one["id"] for one in found}


def test_the_version_may_come_from_a_bucket_which_is_only_read(
    command: Command, rows: Path, home: Home, s3: S3Client, bucket: str, aws_environment: None
) -> None:
    registry = S3Storage(bucket)
    for key in home.registry.storage.keys("models/churn"):
        registry.write(key, home.registry.storage.read(key).body)
    before = registry.keys("")
    done = command("predict", "churn", rows, "--out", rows.parent / "out", "--registry", f"s3://{bucket}")
    assert (done.status, done.out.split()[0]) == (0, "300")
    assert registry.keys("") == before


@pytest.mark.parametrize(
    ("body", "name", "words"),
    [
        (b"", "rows.csv", "the file is empty"),
        (CHURN.split(b"\n")[0], "rows.csv", "the file has no row"),
        (b"gender\nMale\n", "rows.csv", "the file has no such column"),
        (b"x", "rows.xlsx", "a training file"),
    ],
)
def test_a_file_that_cannot_be_predicted_says_why(
    command: Command, tmp_path: Path, body: bytes, name: str, words: str
) -> None:
    (tmp_path / name).write_bytes(body)
    done = command("predict", "churn", tmp_path / name, "--out", tmp_path / "out")
    assert (done.status, done.out) == (1, "")
    assert words in done.err


def test_a_file_that_is_not_plain_is_converted_first(command: Command, rows: Path, tmp_path: Path) -> None:
    wanted = command("predict", "churn", rows, "--out", tmp_path / "plain", "--processes", 1)
    other = tmp_path / "rows.csv.gz"
    other.write_bytes(gzip.compress(CHURN.replace(b",", b";")))
    done = command("predict", "churn", other, "--out", tmp_path / "out", "--processes", 1)
    assert (wanted.status, done.status) == (0, 0)
    assert "the file is read by the rules for training files, as a whole" in done.err
    assert "cells are separated by semicolons" in done.err
    plain, converted = (documents((tmp_path / name / "predictions.jsonl").read_bytes()) for name in ("plain", "out"))
    assert converted == plain


def test_predictions_may_be_a_parquet_file(command: Command, rows: Path, tmp_path: Path) -> None:
    import pyarrow.parquet

    done = command("predict", "churn", rows, "--out", tmp_path / "out", "--format", "parquet", "--processes", 1)
    assert done.status == 0
    found = pyarrow.parquet.read_table(tmp_path / "out" / "predictions.parquet")
    assert (found.num_rows, found.column_names[:3]) == (300, ["line", "customerid", "prediction"])


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("none", "rows.csv"), 1, "no model 'none'"),
        (("churn", "none.csv"), 1, "none.csv: cannot be read"),
        (("churn", "rows.csv", "--version", 9), 1, "9"),
        (("churn", "rows.csv", "--id", "other"), 1, "other"),
        (("churn", "rows.csv", "--processes", 0), 2, "from 1 on"),
        (("churn", "rows.csv", "--format", "xml"), 2, "invalid choice"),
    ],
)
def test_wrong_arguments_are_refused_as_by_other_commands(
    command: Command, rows: Path, arguments: tuple[object, ...], status: int, words: str
) -> None:
    given = [rows if one == "rows.csv" else one for one in arguments]
    done = command("predict", *given, "--out", rows.parent / "out")
    assert done.status == status
    assert words in done.err


def _begun(home: Home, rows: Path, out: Path, workspace: Path) -> subprocess.Popen[bytes]:
    """The command in a process, which has some shards behind it and some before it."""
    repeated = b"".join([CHURN, *([CHURN.split(b"\n", 1)[1]] * 60)])
    rows.write_bytes(repeated)
    arguments = ["predict", "churn", str(rows), "--out", str(out), "--processes", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_PREDICT, str(SMALL_SHARD_BYTES), *arguments],
        cwd=workspace,
        env={**os.environ, "DESPLIEGUE_HOME": str(home.root), "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while b"rows/s" not in process.stderr.readline():
        assert process.poll() is None
        assert time.monotonic() < deadline
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="SKIPPED: Windows has no signals to a group of processes")
@pytest.mark.parametrize("end", ["SIGINT", "SIGKILL"])
def test_a_command_that_was_ended_goes_on_from_there(
    command: Command, home: Home, rows: Path, workspace: Path, tmp_path: Path, end: str
) -> None:
    out = tmp_path / "out"
    process = _begun(home, rows, out, workspace)
    if end == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    else:
        process.kill()
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode == 0:
        pytest.fail("the command ended before it could be ended")
    assert process.returncode == (130 if end == "SIGINT" else -signal.Signals[end])
    if end == "SIGINT":
        assert b"the same command goes on from here" in said
    assert not (out / "predictions.jsonl").exists()
    done = command("predict", "churn", rows, "--out", out, "--processes", 1)
    assert done.status == 0
    assert "of them done before" in done.err
    found = documents((out / "predictions.jsonl").read_bytes())
    assert [one["line"] for one in found] == list(range(2, 300 * 61 + 2))
