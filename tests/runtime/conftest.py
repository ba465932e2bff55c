"""Functions under Lambda's own runtime client, whose S3 is the one of the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.lambda_runtime import TIMEOUT_SECONDS, LambdaFunction


@pytest.fixture
def start(tmp_path: Path, aws_variables: dict[str, str]) -> Iterator[Callable[..., LambdaFunction]]:
    """start(handler, timeout_seconds=60, **variables): a running function, whose S3 is the one of the tests."""
    running: list[LambdaFunction] = []

    def start_function(handler: str, *, timeout_seconds: float = TIMEOUT_SECONDS, **variables: str) -> LambdaFunction:
        log = tmp_path / f"function-{len(running)}.log"
        running.append(LambdaFunction(handler, {**aws_variables, **variables}, log, timeout_seconds))
        return running[-1]

    yield start_function
    for function in running:
        function.stop()
