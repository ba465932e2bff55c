"""Takes away, from packages that were installed into a folder, what no function ever reads."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

AWS_SERVICES = ("s3", "secretsmanager")
"""Of all that botocore describes, what the functions call."""
UNUSED = (
    "onnx/backend/test",
    "onnxruntime/capi/libonnxruntime.so.*",  # for programs in C: Python's own module holds it all
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
)


def main(folder: Path) -> None:
    """Remove the tests of all packages, what UNUSED names, and the descriptions of other services."""
    found = [path for path in folder.rglob("tests") if path.is_dir()]
    found += [path for pattern in UNUSED for path in folder.glob(pattern)]
    services = [path for path in (folder / "botocore/data").iterdir() if path.is_dir()]
    absent = sorted({*AWS_SERVICES}.difference(path.name for path in services))
    if absent:
        sys.exit(f"botocore describes no {', '.join(absent)}")
    found += [path for path in services if path.name not in AWS_SERVICES]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # gone with a folder above it


if __name__ == "__main__":
    main(Path(sys.argv[1]))
