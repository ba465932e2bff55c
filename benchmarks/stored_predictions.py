"""A million predictions into SQLite, and lookups: python -m benchmarks.stored_predictions FOLDER

It prints JSON: seconds to store them, of CPU time and of the clock, megabytes on the disk, microseconds of lookups.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from benchmarks.million_rows import ROWS
from functions.batches.shard_run import STORED_AT_ONCE
from functions.core.lookups import StoredPrediction
from functions.local.prediction_database import PredictionDatabase

BATCH = "0" * 32
LOOKUPS = 20_000


def main(folder: str) -> None:
    database = PredictionDatabase(Path(folder))
    ids = [f"{number:07d}-{number * 7919 % 100_000:05d}" for number in range(ROWS)]
    started, cpu = time.perf_counter(), time.process_time()
    for start in range(0, ROWS, STORED_AT_ONCE):
        part = ids[start : start + STORED_AT_ONCE]
        database.write("churn", BATCH, [_prediction(line, one) for line, one in enumerate(part, start)])
    database.close()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    chance = random.Random(1)
    took = []
    for one in chance.choices(ids, k=LOOKUPS):
        asked = time.perf_counter()
        found = database.read("churn", BATCH, [one])
        took.append(time.perf_counter() - asked)
        assert found[one].id == one
    database.close()
    took.sort()
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "size_mb": sum(path.stat().st_size for path in Path(folder).rglob("*.sqlite")) / 1e6,
                "median_us": took[LOOKUPS // 2] * 1e6,
                "p99_us": took[LOOKUPS * 99 // 100] * 1e6,
            }
        )
    )


def _prediction(line: int, key: str) -> StoredPrediction:
    leave = line % 997 / 997
    label = {"label": "yes", "score": leave, "scores": {"no": 1 - leave, "yes": leave}}
    return StoredPrediction(key, line, label)


if __name__ == "__main__":
    main(*sys.argv[1:])
