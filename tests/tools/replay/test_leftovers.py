"""Records that are left behind, compared one by one for any order of random ids."""

from __future__ import annotations

import json
from pathlib import Path

from tools.replay.leftovers import left_in_home, masked
from tools.replay.masks import Masks, Session

A, B = "a" * 32, "b" * 32
SESSION = Session("2026-03-01T10:00:00+00:00", "2026-03-01T10:05:00+00:00", {})


def left(folder: Path, *, first: str, second: str) -> object:
    """The masked records of a play whose answers named two jobs in that order."""
    (folder / "jobs").mkdir(parents=True)
    for job, state in ((first, "succeeded"), (second, "refused")):
        (folder / "jobs" / f"{job}.json").write_text(json.dumps({"job": job, "state": state}))
    (folder / "model.onnx").write_bytes(b"\xff")
    (folder / ".locks").mkdir()
    (folder / ".locks" / "1.lock").touch()
    masks = Masks(SESSION, frozenset())
    masks.mask(f"{first} {second}")
    return masked(left_in_home(folder).answer, masks.mask).document


def test_records_are_compared_by_the_jobs_that_answers_named(tmp_path: Path) -> None:
    found = left(tmp_path / "1", first=A, second=B)
    assert found == left(tmp_path / "2", first=B, second=A)
    assert found == {
        "jobs/<id 1>.json": {"job": "<id 1>", "state": "succeeded"},
        "jobs/<id 2>.json": {"job": "<id 2>", "state": "refused"},
        "model.onnx": "(present)",
    }
