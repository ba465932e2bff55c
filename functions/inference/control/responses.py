"""Data of the control routes' answers: the routes write these shapes, and the OpenAPI document describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from functions.core.batch_costs import BatchCost
from functions.core.batch_progress import RowCounts, ShardCounts
from functions.core.batch_record import BatchState
from functions.core.definition import Output
from functions.core.jobs import State
from functions.core.manifest import Artifact, Mode, TrainingData
from functions.core.measured_on import MeasuredOn

Data = TypeVar("Data")
MetricValues = Mapping[str, float | None]
"""None is a metric that the evaluation rows leave undefined."""
InSample = Annotated[
    bool, Field(description="true: the metrics are of rows that the pipeline may have been fitted on, so they flatter")
]
Reason = Annotated[
    str | None,
    Field(description="why it was promoted, or why not; null where an older release kept none"),
]
Promoted = Annotated[
    bool | None, Field(description="it serves, or was promoted when it was made; null where no verdict was kept")
]
Measured = Annotated[MeasuredOn | None, Field(description="the rows behind the metrics; rows is null if not known")]
InProduction = Annotated[bool, Field(description="it serves now")]


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="forbid")
    message: str = Field(description="the phrase of the HTTP status")
    method: str
    status_code: int = Field(alias="status-code")
    timestamp: str
    url: str


class Envelope(_Envelope, Generic[Data]):
    data: Data


# Dataclasses and not pydantic models, as orjson writes them directly; pydantic reads them for the OpenAPI document.
# The names of the classes are names of its components, which generated clients use.
@dataclass(frozen=True, slots=True)
class _Shape:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    @classmethod
    def of(cls, source: object, **others: Any) -> Self:
        """Fill the fields from the attributes of `source` with their names, and from `others`, which win."""
        names = (field.name for field in fields(cls))
        return cls(**{name: others[name] if name in others else getattr(source, name) for name in names})


@dataclass(frozen=True, slots=True)
class FaultEntry(_Shape):
    loc: Sequence[str | int]
    msg: str
    type: str


class Refusal(_Envelope):
    errors: list[FaultEntry]


@dataclass(frozen=True, slots=True)
class Health(_Shape):
    service: Literal["despliegue"]
    version: str
    models: list[str]


@dataclass(frozen=True, slots=True)
class ModelSummary(_Shape):
    name: str
    task: str
    description: str
    retrainable: bool
    hub_id: str | None
    version: Annotated[int | None, Field(description="the version in production")]


@dataclass(frozen=True, slots=True)
class FileColumns(_Shape):
    """The part of `[files]` of model.toml that says which column of a file is which of the model."""

    snake_case_columns: bool
    rename: Mapping[str, str]
    join: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ModelDetails(ModelSummary):
    schema: Annotated[dict[str, Any], Field(description="JSON Schema of an instance, without values of training rows")]
    prediction_schema: dict[str, Any]
    targets: Annotated[Sequence[str], Field(description="what is predicted, and what rows to train on have as well")]
    metrics: MetricValues | None
    metrics_in_sample: InSample
    measured_on: Measured
    promoted: Promoted
    reason: Reason
    in_production: InProduction
    limits: Mapping[str, int]
    files: Annotated[FileColumns, Field(description="how columns of files get the names of the model")]


@dataclass(frozen=True, slots=True)
class ModelSchema(_Shape):
    model: str
    version: Annotated[int | None, Field(description="the version in production")]
    schema: Annotated[dict[str, Any], Field(description="JSON Schema of an instance, with x-levels, x-training-range")]
    prediction_schema: dict[str, Any]
    example: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Models(_Shape):
    models: list[ModelSummary]


@dataclass(frozen=True, slots=True)
class VersionSummary(_Shape):
    version: int
    task: str
    created: str
    metrics: MetricValues
    metrics_in_sample: InSample
    args: Mapping[str, Any]
    measured_on: Measured
    promoted: Promoted
    reason: Reason
    in_production: InProduction
    data: TrainingData | None
    parity: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VersionDetails(VersionSummary):
    artifacts: Mapping[str, Artifact]
    libraries: Mapping[str, str]
    batches: Annotated[Sequence[str], Field(description="the batches that it predicted or predicts, newest first")]
    production_metrics: Annotated[
        MetricValues | None,
        Field(
            description="of production, when the version was made: on all rows of the evaluation whose label one of "
            "the two knows, where `metrics` are on those that this version knows"
        ),
    ]


@dataclass(frozen=True, slots=True)
class Versions(_Shape):
    versions: list[VersionSummary]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True, slots=True)
class Production(_Shape):
    version: int
    serial: int
    previous: int | None
    actor: str
    time: str
    pinned: bool
    reason: Reason
    in_production: InProduction


@dataclass(frozen=True, slots=True)
class ProductionDetails(Production):
    """The promotion that serves now, and what is known of its version."""

    model: str
    task: str
    created: str
    metrics: MetricValues
    metrics_in_sample: InSample
    measured_on: Measured
    data: TrainingData | None


@dataclass(frozen=True, slots=True)
class History(_Shape):
    history: list[Production]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True, slots=True)
class Performance(_Shape):
    performance: Mapping[str, Any]
    metrics_in_sample: InSample
    measured_on: Measured


@dataclass(frozen=True, slots=True)
class Args(_Shape):
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Retrained(_Shape):
    job: str
    version: int
    promoted: bool
    reason: str
    metrics: MetricValues
    production_metrics: MetricValues | None
    rows: Mapping[str, int]
    measured_on: Measured
    in_production: InProduction


@dataclass(frozen=True, slots=True)
class JobDetails(_Shape):
    """A job for clients: without its lease and its fingerprint."""

    job: str
    model: str
    state: State
    stage: str
    progress: Annotated[float, Field(ge=0, le=1)]
    mode: Mode
    force: bool
    actor: str
    attempts: int
    created: str
    updated: str
    reason: str | None
    notes: Sequence[str]
    errors: Annotated[
        Sequence[FaultEntry], Field(description="all faults of the data, up to 1000; in a list of jobs the first 5")
    ]
    error_count: Annotated[int, Field(ge=0, description="faults that the job itself lists")]
    version: int | None
    promoted: bool | None
    metrics: MetricValues | None
    production_metrics: MetricValues | None
    rows: Mapping[str, int] | None
    measured_on: Measured
    in_production: InProduction


@dataclass(frozen=True, slots=True)
class JobPage(_Shape):
    jobs: list[JobDetails]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True, slots=True)
class UploadForm(_Shape):
    job: str
    url: str
    fields: Mapping[str, str]
    expires_seconds: int


@dataclass(frozen=True, slots=True)
class BatchForm(_Shape):
    batch: str
    url: str
    fields: Mapping[str, str]
    expires_seconds: int


@dataclass(frozen=True, slots=True)
class BatchSummary(_Shape):
    """A batch for clients: without its fingerprint and its keys."""

    batch: str
    model: str
    state: BatchState
    file_name: str
    output: Output
    id: Annotated[str | None, Field(description="the column of ids")]
    lookup: Annotated[bool, Field(description="true: its predictions are stored by id")]
    answers: Annotated[bool, Field(description="true: lookups are answered from it")]
    keep_columns: bool
    measure: bool
    actor: str
    attempt: int
    created: str
    updated: str
    version: Annotated[int | None, Field(description="the version that predicts, pinned when the batch is planned")]
    rows: RowCounts
    shards: ShardCounts
    seconds_left: float | None
    cost: Annotated[BatchCost | None, Field(description="US dollars; null where a batch costs nothing")]
    reason: str | None
    no_lookup: Annotated[str | None, Field(description="the reason why its predictions cannot be looked up")]
    notes: Sequence[str]
    metrics: MetricValues | None


@dataclass(frozen=True, slots=True)
class BatchPage(_Shape):
    batches: list[BatchSummary]
    page: int
    page_size: int
    total: int


@dataclass(frozen=True, slots=True)
class FileLink(_Shape):
    file: str
    url: str


@dataclass(frozen=True, slots=True)
class FileLinks(_Shape):
    """A page of the files of a kind, in the order of their rows, with links that need no token."""

    links: list[FileLink]
    page: int
    page_size: int
    total: int
    expires_seconds: int


@dataclass(frozen=True, slots=True)
class BatchDetails(BatchSummary):
    faults: Annotated[Sequence[FaultEntry], Field(description="faults of the file as a whole, which end the batch")]
    results: FileLinks
    errors: FileLinks


@dataclass(frozen=True, slots=True)
class LookedUp(_Shape):
    model: str
    id: str
    line: Annotated[int, Field(description="the line of its row in the file")]
    prediction: Any
    warnings: Sequence[FaultEntry]
    version: int
    batch: str
    time: Annotated[str, Field(description="the end of the batch")]


@dataclass(frozen=True, slots=True)
class FoundPrediction(_Shape):
    id: str
    line: int
    prediction: Any
    warnings: Sequence[FaultEntry]


@dataclass(frozen=True, slots=True)
class LookedUpTogether(_Shape):
    model: str
    version: int
    batch: str
    time: str
    predictions: Annotated[
        list[FoundPrediction | None], Field(description="in the order of the ids; null for an id that the batch lacks")
    ]


@dataclass(frozen=True, slots=True)
class LookupSource(_Shape):
    batch: str
    version: int
    created: str
    predicted: str
    time: str
    actor: str
    previous: str | None
