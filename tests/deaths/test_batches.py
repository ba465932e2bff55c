"""SIGKILL at random moments of a batch: whoever goes on writes each row once, and the same result as without a death.

DESPLIEGUE_KILLS=300 python -m pytest tests/deaths/test_batches.py -s    the full trial, which prints its counts
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.definition import Definition
from functions.core.lookups import answering_batch
from functions.local.home import Home
from functions.local.prediction_database import PredictionDatabase
from tests.batches.small_batches import CHURN, Workplace, documents
from tests.deaths.processes import start

KILLS = int(os.environ.get("DESPLIEGUE_KILLS", "12"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SKIPPED: this platform has no fork")


def test_a_killed_batch_goes_on_and_every_row_is_there_once(
    trained_home: Home, definitions: Mapping[str, Definition], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", 3000)
    place = Workplace.within(tmp_path, trained_home.registry, definitions)
    chance, killed, ended = random.Random(1), 0, 0
    wanted = place.output(place.run(place.planned(CHURN, id="customerid")))
    duration = 0.5
    while killed < KILLS:
        batch = place.sent(CHURN, id="customerid", lookup=True)

        def work(name: str = batch.batch) -> None:
            with closing(PredictionDatabase(tmp_path / "predictions")) as store:
                own = replace(place, store=store)
                planned = own.planner.plan(own.batches.read("churn", name), definitions["churn"])
                assert planned is not None
                done = own.batches.done_numbers(planned)
                own.run(planned, lambda number: number not in done)

        for _ in range(chance.randint(1, 4)):
            child = start(work)
            time.sleep(chance.uniform(0, duration))
            os.kill(child, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        started = time.monotonic()
        assert os.waitpid(start(work), 0)[1] == 0
        duration, ended = max(0.05, time.monotonic() - started), ended + 1
        found = place.batches.read("churn", batch.batch)
        assert found.result is not None
        assert (found.result.state, found.result.done, found.result.no_lookup) == ("succeeded", 300, None)
        assert place.output(found) == wanted
        answering = answering_batch(place.records, "churn")
        assert answering is not None
        assert answering.batch == found.batch
        with closing(PredictionDatabase(tmp_path / "predictions")) as store:
            rows = documents(wanted)
            stored = store.read("churn", found.batch, [row["id"] for row in rows])
            assert [stored[row["id"]].prediction for row in rows] == [row["prediction"] for row in rows]
    print(f"\n{killed} kills in batches: {ended} batches, each with all rows once")
