"""Remove files that no function ever reads from packages that were installed into a folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

AWS_SERVICES = ("dynamodb", "events", "s3", "secretsmanager", "stepfunctions")
"""The services that the functions call, of all that botocore describes."""
UNUSED = (
    "onnx/backend/test",
    "onnxruntime/capi/libonnxruntime.so.*",  # a library for C programs: Python's own module contains all of it
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "pyarrow/include",
    "pyarrow/libarrow_flight.so.*",  # only Parquet files in memory are read and written
    "pyarrow/libarrow_s3.so.*",
    "pyarrow/src",
)


def main(folder: Path) -> None:
    """Remove the tests of all packages, the files of UNUSED, and the descriptions of other AWS services."""
    removed = [path for path in folder.rglob("tests") if path.is_dir()]
    removed += [path for pattern in UNUSED for path in folder.glob(pattern)]
    services = [path for path in (folder / "botocore/data").iterdir() if path.is_dir()]
    absent = sorted({*AWS_SERVICES}.difference(path.name for path in services))
    if absent:
        sys.exit(f"botocore describes no {', '.join(absent)}")
    removed += [path for path in services if path.name not in AWS_SERVICES]
    for path in removed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # removed with a folder above it


if __name__ == "__main__":
    main(Path(sys.argv[1]))
