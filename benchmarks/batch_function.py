"""The rate of the function of batches: python -m benchmarks.batch_function FOLDER

FOLDER has the home of a trained model and rows.csv, as benchmarks.batch prepares them. It prints JSON: the rows for
each second of processor time of this process in the steps of shards, with files alone and with lookups, whose
predictions go to a DynamoDB in another process.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.million_rows import MODEL
from benchmarks.preparation import MODELS, home_of
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.local.home import Home
from tools.object_store import object_store
from tools.predictions_table import create_predictions_table

ROWS = {"files": 400_000, "lookup": 50_000}
CONTEXT = SimpleNamespace(
    function_name="batch", memory_limit_in_mb=1770, invoked_function_arn="arn", aws_request_id="benchmark"
)


def main(folder: str) -> None:
    from functions.aws.client import table_client

    home = home_of(Path(folder))
    definition = load_definition(MODELS / MODEL)
    with object_store() as variables:
        os.environ |= variables | {
            "DESPLIEGUE_REGISTRY": str(home.root / "registry"),
            "DESPLIEGUE_UPLOADS": str(home.root),
            "DESPLIEGUE_MODELS": str(MODELS),
            "DESPLIEGUE_BATCH_MACHINE": "arn",
            "DESPLIEGUE_BATCH_DAYS": "7",
        }
        os.environ["DESPLIEGUE_PREDICTIONS"] = create_predictions_table(table_client(1))
        found = {}
        for what, rows in ROWS.items():
            with Path(folder, "rows.csv").open("rb") as file:
                body = b"".join(itertools.islice(file, rows + 1))
            found[what] = _rate(home, definition, body, has_lookup=what == "lookup")
    print(json.dumps(found))


def _rate(home: Home, definition: Definition, body: bytes, *, has_lookup: bool) -> float:
    """Rows for each second of processor time, without those of the first shard, which loads the version."""
    from functions.batch_worker.handler import handler

    submissions = BatchSubmissions(home.registry.storage, home.uploads)
    request = BatchRequest(output="csv", lookup=has_lookup)
    batch = submissions.await_file(definition, "rows.csv", request)
    home.uploads.write(batch.input, body)
    named = {"model": batch.model, "batch": batch.batch, "attempt": batch.attempt}

    def step(name: str, **more: Any) -> Any:
        return handler({"step": name, **named, **more}, CONTEXT)  # type: ignore[arg-type]

    planned = step("plan")
    first, *others = json.loads(home.registry.storage.read(planned["shards"]).body)
    step("shard", shard=first)
    started = time.process_time()
    for shard in others:
        step("shard", shard=shard)
    seconds = time.process_time() - started
    ended = step("finish")
    if ended["state"] != "succeeded":
        result = Batches(home.registry.storage, home.uploads).read(batch.model, batch.batch).result
        raise RuntimeError(f"the batch ended as {ended['state']}: {result}")
    return float(sum(shard["lines"] for shard in others) / seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
