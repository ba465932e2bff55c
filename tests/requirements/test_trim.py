"""requirements/trim.py, on a folder like one that pip fills."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

KEPT = {
    "botocore/data/endpoints.json",
    "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
    "botocore/data/stepfunctions/2016-11-23/service-2.json.gz",
    "botocore/data/events/2015-10-07/service-2.json.gz",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "botocore/data/secretsmanager/2017-10-17/service-2.json.gz",
    "numpy/testing/__init__.py",
    "onnxruntime/capi/onnxruntime_pybind11_state.so",
    "pyarrow/libarrow.so.2600",
}
TAKEN = {
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "numpy/_core/tests/data/numbers.csv",
    "numpy/_core/tests/test_numbers.py",
    "onnx/backend/test/data/node.pb",
    "onnxruntime/capi/libonnxruntime.so.1.31.1",
    "onnxruntime/transformers/models/tests/test_model.py",
    "pyarrow/include/arrow/api.h",
    "pyarrow/libarrow_flight.so.2600",
    "pyarrow/libarrow_s3.so.2600",
}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for name in KEPT | TAKEN:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def trim(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["trim.py", str(folder)])
    runpy.run_path(str(root / "requirements" / "trim.py"), run_name="__main__")


def test_files_that_no_function_reads_are_removed_and_the_rest_stays(
    root: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trim(root, packages, monkeypatch)
    assert {path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()} == KEPT


def test_a_service_that_the_functions_call_must_be_there(
    root: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (packages / "botocore/data/secretsmanager").rename(packages / "botocore/data/vault")
    with pytest.raises(SystemExit, match="botocore describes no secretsmanager"):
        trim(root, packages, monkeypatch)
