"""A registry with any number of versions, jobs and promotions of churn, as objects by their keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.preparation import MODELS
from functions.core.clock import stamp
from functions.core.errors import ObjectNotFoundError, PreconditionFailedError
from functions.core.history import Production, Promotions
from functions.core.jobs import Job, Jobs, job_id
from functions.core.manifest import Artifact, Manifest, TrainingData
from functions.core.model_folder import load_definition
from functions.core.published import note_published
from functions.core.storage import StoredObject, is_listed

MODEL = "churn"
OTHER_FILES = ("model.joblib", "model.onnx", "parity.json", "performance.json")
NOTES = (f"models/{MODEL}/published.json", f"models/{MODEL}/times/jobs/")
FIRST_SECOND = 1_750_000_000


class MemoryObjects:
    """The part of Storage that filling needs, over a mapping."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def read(self, key: str) -> StoredObject:
        if key not in self.bodies:
            raise ObjectNotFoundError(key)
        return StoredObject(self.bodies[key], "")

    def size_bytes(self, key: str) -> int:
        return len(self.read(key).body)

    def create(self, key: str, body: bytes) -> str:
        if key in self.bodies:
            raise PreconditionFailedError(key)
        self.bodies[key] = body
        return ""

    def children(self, prefix: str) -> list[str]:
        start = len(prefix) + 1
        return sorted({key[start:].partition("/")[0] for key in self.keys(prefix)})

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.bodies if key.startswith(f"{prefix}/") and is_listed(key))


def full_registry(count: int, *, has_notes: bool = True) -> dict[str, bytes]:
    """`count` versions of six files each, jobs and promotions; without notes it is one of an older release."""
    storage = MemoryObjects()
    _add_versions(storage, count)
    _add_jobs(storage, count)
    _add_promotions(storage, count)
    return {key: body for key, body in storage.bodies.items() if has_notes or not key.startswith(NOTES)}


def _add_versions(storage: MemoryObjects, count: int) -> None:
    template = _manifest()
    for version in range(1, count + 1):
        folder = f"models/{MODEL}/versions/{version}"
        for name in ("claim.json", *OTHER_FILES):
            storage.create(f"{folder}/{name}", b"{}")
        storage.create(f"{folder}/manifest.json", replace(template, version=version).to_json())
    note_published(storage, MODEL)  # type: ignore[arg-type]


def _add_jobs(storage: MemoryObjects, count: int) -> None:
    jobs = Jobs(storage)  # type: ignore[arg-type]
    for number in range(count):
        name, moment = job_id(number), _moment(number)
        job = Job(
            job=name,
            model=MODEL,
            upload=f"uploads/{MODEL}/jobs/{name}/rows.csv",
            mode="replace",
            force=False,
            actor="somebody",
            data_time=moment,
            fingerprint=name,
            created=moment,
            updated=moment,
            state="failed",
            stage="failed",
            progress=1.0,
            reason="this is a benchmark",
        )
        jobs.create(job)


def _add_promotions(storage: MemoryObjects, count: int) -> None:
    history = Promotions(storage, MODEL)  # type: ignore[arg-type]
    for serial in range(1, count + 1):
        moment = _moment(serial)
        production = Production(serial, serial, serial - 1 or None, "somebody", moment, moment)
        history.record(production)
    storage.create(f"models/{MODEL}/production.json", production.to_json())


def _manifest() -> Manifest:
    churn = load_definition(MODELS / MODEL)
    moment = _moment(0)
    return Manifest(
        model=MODEL,
        version=0,
        task=churn.task,
        created=moment,
        definition_digest=churn.digest,
        schema=churn.schema,
        labels=("no", "yes"),
        limits=churn.limits,
        metrics={"roc_auc": 0.8},
        args=churn.args,
        data=TrainingData("0" * 64, moment, 80, 20, "replace"),
        parity={},
        libraries={},
        example=churn.examples[0],
        artifacts={name: Artifact.of(b"{}") for name in OTHER_FILES},
    )


def _moment(number: int) -> str:
    return stamp(datetime.fromtimestamp(FIRST_SECOND + number, UTC))
