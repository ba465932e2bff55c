"""The shape of every answer, for the OpenAPI document; the routes write answers without pydantic."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from functions.core.jobs import Mode, State

Data = TypeVar("Data")
Metrics = dict[str, float]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Envelope(_Shape):
    message: str = Field(description="the phrase of the HTTP status")
    method: str
    status_code: int = Field(alias="status-code")
    timestamp: str
    url: str


class Envelope(_Envelope, Generic[Data]):
    data: Data


class FaultEntry(_Shape):
    loc: list[str | int]
    msg: str
    type: str


class Refusal(_Envelope):
    errors: list[FaultEntry]


class Health(_Shape):
    service: Literal["despliegue"]
    version: str
    models: list[str]


class ModelSummary(_Shape):
    name: str
    task: str
    description: str
    retrainable: bool
    hub_id: str | None
    version: int | None = Field(description="the version in production")


class ModelDetails(ModelSummary):
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema of an instance")
    prediction_schema: dict[str, Any]
    example: dict[str, Any]
    metrics: Metrics | None
    limits: dict[str, int]


class Models(_Shape):
    models: list[ModelSummary]


class _Page(_Shape):
    page: int
    page_size: int
    total: int


class TrainingData(_Shape):
    digest: str
    time: str
    rows_training: int
    rows_evaluation: int
    mode: Mode


class VersionSummary(_Shape):
    version: int
    task: str
    created: str
    metrics: Metrics
    args: dict[str, Any]
    data: TrainingData | None
    parity: dict[str, Any]


class Artifact(_Shape):
    sha256: str
    size_bytes: int


class VersionDetails(VersionSummary):
    artifacts: dict[str, Artifact]
    libraries: dict[str, str]


class Versions(_Page):
    versions: list[VersionSummary]


class Production(_Shape):
    version: int
    serial: int
    previous: int | None
    actor: str
    time: str
    pinned: bool


class History(_Page):
    history: list[Production]


class Performance(_Shape):
    performance: dict[str, Any]


class Args(_Shape):
    args: dict[str, Any]


class Retrained(_Shape):
    job: str
    version: int
    promoted: bool
    reason: str
    metrics: Metrics
    production_metrics: Metrics | None
    rows: dict[str, int]


class JobDetails(_Shape):
    job: str
    model: str
    state: State
    stage: str
    progress: float = Field(ge=0, le=1)
    mode: Mode
    force: bool
    actor: str
    attempts: int
    created: str
    updated: str
    reason: str | None
    notes: list[str]
    errors: list[FaultEntry]
    version: int | None
    promoted: bool | None
    metrics: Metrics | None
    production_metrics: Metrics | None
    rows: dict[str, int] | None


class JobPage(_Page):
    jobs: list[JobDetails]


class UploadForm(_Shape):
    job: str
    url: str
    fields: dict[str, str]
    expires_seconds: int
