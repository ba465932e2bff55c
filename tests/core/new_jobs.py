"""A job as a request makes it, and the result that one ends with."""

from __future__ import annotations

from functions.core.jobs import Job, Result

MODEL, NAME = "rent", "0" * 32
RESULT = Result(
    version=3,
    promoted=True,
    reason="the gate let it pass",
    metrics={"r2": 0.5},
    production_metrics=None,
    rows={"training": 80, "evaluation": 20},
)


def new_job(name: str = NAME, *, created: str = "2026-01-01T00:00:00.000000Z") -> Job:
    return Job(
        job=name,
        model=MODEL,
        upload=f"uploads/{MODEL}/jobs/{name}/rows.csv",
        mode="replace",
        force=False,
        actor="test",
        data_time=created,
        fingerprint=name,
        created=created,
        updated=created,
    )
